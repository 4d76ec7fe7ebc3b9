/** The account that the page's requests are made with: a device of its own, logged in when it is first needed. */
import { randomHex } from "../random";

const DEVICE = "longhouse-api-device";

interface Session {
  token: string;
  user: string;
  name: string;
  expires: number;
}

export class Visitor {
  private session: Session | undefined;

  constructor(private readonly serverKey: () => string) {}

  get name(): string | undefined {
    return this.session?.name;
  }

  get user(): string | undefined {
    return this.session?.user;
  }

  /** A token with some life left. */
  async token(): Promise<string> {
    const now = Date.now() / 1000;
    if (this.session === undefined || this.session.expires < now + 5) await this.logIn();
    if (this.session === undefined) throw new Error("not logged in");
    return this.session.token;
  }

  private async logIn(): Promise<void> {
    const response = await fetch("/v2/account/authenticate/device?create=true", {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`${this.serverKey()}:`)}` },
      body: JSON.stringify({ id: device() }),
    });
    const answer = (await response.json()) as { token?: string; message?: string };
    if (answer.token === undefined)
      throw new Error(answer.message ?? `the login failed (${response.status})`);
    const claims = JSON.parse(
      atob((answer.token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/")),
    ) as {
      uid: string;
      usn: string;
      exp: number;
    };
    this.session = { token: answer.token, user: claims.uid, name: claims.usn, expires: claims.exp };
  }
}

function device(): string {
  const known = localStorage.getItem(DEVICE);
  if (known !== null) return known;
  const made = randomHex();
  localStorage.setItem(DEVICE, made);
  return made;
}
