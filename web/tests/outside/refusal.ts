/** What the server says when it says no. */

export interface Refusal {
  status: number;
  code: number;
  message: string;
}

/** The refusal in the protocol's words; the SDK rejects with the response itself. */
export async function refusal(work: Promise<unknown>): Promise<Refusal> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof Response)) throw error;
    const { code, message } = (await error.json()) as { code: number; message: string };
    return { status: error.status, code, message };
  }
  throw new Error("it was not refused");
}
