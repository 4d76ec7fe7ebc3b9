/** A player on the unmodified SDK, with what it heard written down. */
import { Client, type MatchData, type MatchPresenceEvent, Session, type Socket } from "@heroiclabs/nakama-js";
import { WebSocketAdapterText } from "@heroiclabs/nakama-js";
import { WebSocketAdapterPb } from "@heroiclabs/nakama-js-protobuf";
import { encodeCommandBody } from "../../src/farm/decode";
import type { Command } from "../../src/farm/shapes";
import {
  decodeFromRoom,
  encodeCommand,
  FLAG_MSGPACK,
  KIND,
  newCommandId,
  type Accepted,
  type CommandId,
  type FromRoom,
  type Refused,
  type Updates,
  type View,
} from "../../src/room/payload";
import { randomHex } from "../../src/random";
import type { TestServer } from "../server";
import { until } from "../until";

export const FORMATS = ["json", "protobuf"] as const;
export type Format = (typeof FORMATS)[number];

export class Guest {
  readonly heard: FromRoom[] = [];
  readonly presences: MatchPresenceEvent[] = [];
  readonly socket: Socket;
  closed = false;

  private constructor(
    readonly client: Client,
    readonly session: Session,
    format: Format,
  ) {
    const adapter = format === "json" ? new WebSocketAdapterText() : new WebSocketAdapterPb();
    this.socket = client.createSocket(false, false, adapter);
    this.socket.ondisconnect = () => (this.closed = true);
    this.socket.onmatchpresence = (event) => this.presences.push(event);
    this.socket.onmatchdata = (data: MatchData) => {
      const message = decodeFromRoom(data.data);
      if (KIND[message.kind] !== data.op_code)
        throw new Error(`op code ${data.op_code} around ${message.kind}`);
      this.heard.push(message);
    };
  }

  static http(server: TestServer, serverKey = "defaultkey"): Client {
    return new Client(serverKey, "127.0.0.1", String(server.port), false, 10_000, false);
  }

  static async login(
    server: TestServer,
    format: Format,
    device = randomHex(),
    vars: Record<string, string> = {},
  ): Promise<Guest> {
    const client = Guest.http(server);
    const { token, refresh_token } = await client.authenticateDevice(device, true, undefined, vars);
    // Restored, so that the SDK does not advise on the server's token lifetimes.
    return new Guest(client, Session.restore(token, refresh_token), format);
  }

  static async connected(server: TestServer, format: Format, device?: string): Promise<Guest> {
    const guest = await Guest.login(server, format, device);
    await guest.socket.connect(guest.session, false);
    return guest;
  }

  async rpc(id: string, input: object): Promise<Record<string, unknown>> {
    return (await this.client.rpc(this.session, id, input)).payload as Record<string, unknown>;
  }

  async openLedger(accounts: number, balance: number): Promise<string> {
    return String(
      (await this.rpc("room_open", { rules: "ledger", setup: { accounts, balance } }))["match_id"],
    );
  }

  async farm(): Promise<string> {
    return String((await this.rpc("room_mine", { rules: "farm" }))["match_id"]);
  }

  /** Sends a command of the farm. */
  async command(matchId: string, command: Command, id = newCommandId()): Promise<CommandId> {
    const payload = encodeCommand(id, 0n, encodeCommandBody(command), FLAG_MSGPACK);
    await this.socket.sendMatchState(matchId, KIND.command, payload);
    return id;
  }

  updates(): Updates[] {
    return this.heard.filter((message): message is Updates => message.kind === "updates");
  }

  /** Sends a ledger transfer; answers are read with {@link answer}. */
  async transfer(
    matchId: string,
    from: number,
    to: number,
    amount: bigint,
    id = newCommandId(),
  ): Promise<CommandId> {
    const body = new Uint8Array(17);
    const data = new DataView(body.buffer);
    body[0] = 1;
    data.setUint32(1, from, true);
    data.setUint32(5, to, true);
    data.setBigUint64(9, amount, true);
    await this.socket.sendMatchState(matchId, KIND.command, encodeCommand(id, 0n, body));
    return id;
  }

  answer(id: CommandId): Promise<Accepted | Refused> {
    return until(`the answer to ${id}`, () =>
      this.heard.find(
        (message): message is Accepted | Refused =>
          (message.kind === "accepted" || message.kind === "refused") && message.id === id,
      ),
    );
  }

  view(): Promise<View> {
    return until("a view", () => this.heard.find((message): message is View => message.kind === "view"));
  }

  /** What the newest view says of the ledger's accounts. */
  async balances(): Promise<bigint[]> {
    return balancesOf((await this.view()).body);
  }

  leave(): void {
    this.socket.disconnect(false);
  }
}

/** A ledger's view: the total, how many accounts follow, and their balances. */
export function balancesOf(body: Uint8Array): bigint[] {
  const data = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const count = data.getUint32(8, true);
  const balances = Array.from({ length: count }, (_, i) => data.getBigUint64(12 + i * 8, true));
  const total = data.getBigUint64(0, true);
  const sum = balances.reduce((all, one) => all + one, 0n);
  if (sum !== total) throw new Error(`the ledger holds ${sum}, and says ${total}`);
  return balances;
}
