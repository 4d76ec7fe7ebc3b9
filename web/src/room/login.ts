/**
 * Keeps a session that is good for the next request: device login, refresh while the refresh token lives, and
 * device login again when it does not. Tokens stay in memory; only the device id is stored.
 */
import { Client, Session } from "@heroiclabs/nakama-js";

/** A token with less than this left is refreshed before it is used. */
export const TOKEN_LEFT_MS_MIN = 10_000;

export class Login {
  private session: Session | undefined;
  private suspect = false;
  /** A login or refresh that is on its way: a refresh token is good once, so all who ask meanwhile wait for this one. */
  private renewing: Promise<Session> | undefined;

  constructor(
    private readonly client: Client,
    private readonly device: string,
    private readonly now: () => number = Date.now,
  ) {}

  /** A session to use now. Rejects when the server cannot be reached or refuses the device. */
  async current(): Promise<Session> {
    const known = this.session;
    if (known !== undefined && !this.suspect && !known.isexpired((this.now() + TOKEN_LEFT_MS_MIN) / 1000)) {
      return known;
    }
    this.renewing ??= this.renew(known).finally(() => (this.renewing = undefined));
    return this.renewing;
  }

  private async renew(known: Session | undefined): Promise<Session> {
    if (known !== undefined && !this.suspect && !known.isrefreshexpired(this.now() / 1000)) {
      try {
        return await this.client.sessionRefresh(known);
      } catch (error) {
        // A refused refresh token means a new login; a server that does not answer means try again later.
        if (!(error instanceof Response)) throw error;
      }
    }
    const fresh = await this.client.authenticateDevice(this.device, true);
    this.session = Session.restore(fresh.token, fresh.refresh_token);
    this.suspect = false;
    return this.session;
  }

  /** The server did not like the session (or the connection died with it): log in afresh next time. */
  doubt(): void {
    this.suspect = true;
  }
}
