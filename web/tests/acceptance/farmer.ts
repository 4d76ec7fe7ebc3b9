/** A player of Llama Wool Farm: its devices, what they play offline, and what the farm's functions answer. */
import { decode } from "@msgpack/msgpack";
import { randomHex } from "../../src/random";
import type { TestServer } from "../server";
import { until } from "../until";
import { Guest, type Format } from "./guest";

export interface Wool {
  amount: string;
  rate: string;
  earned: string;
}

/** The parts of `farm` that these tests look at; numbers that can grow are texts. */
export interface FarmState {
  at_ms: number;
  wools: Record<string, Wool>;
  buildings: Record<string, { count: number; rate: string }>;
  upgrades: Record<string, { level: number }>;
  keepsakes: Record<string, string>;
  prestige: { stars: string; count: number; gain: string };
  stats: { shears: number; llamas: number };
  week: { index: number; worth: string };
  events: string[];
  rates_until_ms: number | null;
  imported: boolean;
}

export interface Outcome {
  n: number;
  code?: number;
  reason?: string;
  again?: boolean;
}

export interface Synced {
  upto: number;
  results: Outcome[];
  farm: FarmState;
}

export interface Action {
  n: number;
  at_ms: number;
  do: string;
  [key: string]: unknown;
}

/** An HTTP refusal, as the SDK rejects with it. */
export interface Refusal {
  status: number;
  code: number;
  message: string;
}

export async function refusal(work: Promise<unknown>): Promise<Refusal> {
  try {
    const done = await work;
    throw new Error(`not refused: ${JSON.stringify(done)}`);
  } catch (error) {
    if (!(error instanceof Response)) throw error;
    const said = (await error.json()) as { code: number; message: string };
    return { status: error.status, code: said.code, message: said.message };
  }
}

/** One device of a player, which numbers what it does. */
export class Device {
  readonly id = randomHex(16);
  private n = 0;
  /** The newest number that the farm is known to know. */
  known = 0;

  constructor(readonly guest: Guest) {}

  /** Something done now, or `ago` milliseconds ago. */
  act(act: string, keys: object = {}, ago = 0): Action {
    return { n: ++this.n, at_ms: Date.now() - ago, do: act, ...keys };
  }

  /** After a restore the farm knows no more than it did at the point. */
  restored(): void {
    this.known = 0;
  }

  async sync(actions: Action[], options: { after?: number; clock_ms?: number } = {}): Promise<Synced> {
    const { after = this.known, clock_ms = Date.now() } = options;
    const answer = await this.guest.rpc("farm_sync", { device: this.id, after, clock_ms, actions });
    const synced = answer as unknown as Synced;
    this.known = synced.upto;
    return synced;
  }
}

/** A function of the house, as an operator calls it: by POST, because a content is too long for an address. */
export async function operator(
  server: TestServer,
  id: string,
  input: object,
): Promise<Record<string, unknown>> {
  const answer = await fetch(`${server.url}/v2/rpc/${id}?unwrap&http_key=defaulthttpkey`, {
    method: "POST",
    body: JSON.stringify(input),
  });
  if (!answer.ok) throw answer;
  return (await answer.json()) as Record<string, unknown>;
}

/** A player with a device. */
export async function player(server: TestServer, format: Format = "json"): Promise<Device> {
  return new Device(await Guest.login(server, format));
}

/** The owner's farm as its room shows it to a joined socket. */
export async function joined(guest: Guest): Promise<FarmState> {
  await guest.socket.joinMatch(await guest.farm());
  const view = decode((await guest.view()).body) as { farm: FarmState };
  return view.farm;
}

/** The first event of this kind that the room has told a socket, with the part of the farm that came with it. */
export async function told(guest: Guest, kind: string): Promise<{ farm: Partial<FarmState>; event: object }> {
  return until(`the event ${kind}`, () =>
    guest
      .updates()
      .flatMap((updates) => updates.items.map((item) => decode(item) as { farm: object; event: object }))
      .find(({ event }) => event !== null && "kind" in event && event.kind === kind),
  );
}
