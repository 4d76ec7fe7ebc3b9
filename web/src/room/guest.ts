/** A player of this browser before, beside and outside of rooms: one login, and questions under it. */
import { Client, type Session, type Socket } from "@heroiclabs/nakama-js";
import type { WebSocketAdapter } from "@heroiclabs/nakama-js";
import type { Endpoint } from "./endpoint";
import { Login } from "./login";

const HTTP_MS_MAX = 7_000;

export interface GuestOptions {
  endpoint: Endpoint;
  serverKey: string;
  device: string;
}

export class Guest {
  readonly client: Client;
  readonly login: Login;
  private readonly ssl: boolean;

  constructor({ endpoint, serverKey, device }: GuestOptions) {
    const { host, port, ssl } = endpoint;
    this.ssl = ssl;
    this.client = new Client(serverKey, host, port, ssl, HTTP_MS_MAX, false);
    this.login = new Login(this.client, device);
  }

  /** Asks the server something as this player. Rejects when it cannot be asked now. */
  async ask<T>(question: (client: Client, session: Session) => Promise<T>): Promise<T> {
    return question(this.client, await this.login.current());
  }

  /** A function of the server's: what it answers, as an object. */
  async call(name: string, input: object): Promise<Record<string, unknown>> {
    const answer = await this.ask((client, session) => client.rpc(session, name, input));
    return (answer.payload ?? {}) as Record<string, unknown>;
  }

  /** A socket that is not connected yet; the SDK's JSON adapter where none is given. */
  socket(adapter?: WebSocketAdapter): Socket {
    return this.client.createSocket(this.ssl, false, adapter);
  }
}
