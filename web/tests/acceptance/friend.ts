/** A player among others: on the unmodified SDK, with what it heard of people written down. */
import {
  Client,
  Session,
  WebSocketAdapterText,
  type ChannelMessage,
  type ChannelPresenceEvent,
  type Notification,
  type Socket,
  type StatusPresenceEvent,
  type StreamData,
} from "@heroiclabs/nakama-js";
import { WebSocketAdapterPb } from "@heroiclabs/nakama-js-protobuf";
import { randomHex } from "../../src/random";
import type { TestServer } from "../server";
import { until } from "../until";
import { Guest, type Format } from "./guest";

export class Friend {
  readonly messages: ChannelMessage[] = [];
  readonly comings: ChannelPresenceEvent[] = [];
  readonly notifications: Notification[] = [];
  readonly statuses: StatusPresenceEvent[] = [];
  readonly data: StreamData[] = [];
  readonly socket: Socket;

  private constructor(
    readonly client: Client,
    readonly session: Session,
    format: Format,
  ) {
    const adapter = format === "json" ? new WebSocketAdapterText() : new WebSocketAdapterPb();
    this.socket = client.createSocket(false, false, adapter);
    this.socket.ondisconnect = () => {};
    this.socket.onchannelmessage = (message) => this.messages.push(message);
    this.socket.onchannelpresence = (event) => this.comings.push(event);
    this.socket.onnotification = (notification) => this.notifications.push(notification);
    this.socket.onstatuspresence = (event) => this.statuses.push(event);
    this.socket.onstreamdata = (data) => this.data.push(data);
  }

  static async login(server: TestServer, format: Format): Promise<Friend> {
    const client = Guest.http(server);
    const made = await client.authenticateDevice(randomHex(), true);
    // Restored, so that the SDK does not advise on the server's token lifetimes.
    return new Friend(client, Session.restore(made.token, made.refresh_token), format);
  }

  static async connected(server: TestServer, format: Format, appear = false): Promise<Friend> {
    const friend = await Friend.login(server, format);
    await friend.socket.connect(friend.session, appear);
    return friend;
  }

  /** As many as are asked for, each with a socket. */
  static many(server: TestServer, format: Format, count: number): Promise<Friend[]> {
    return Promise.all(Array.from({ length: count }, () => Friend.connected(server, format)));
  }

  get id(): string {
    return this.session.user_id ?? "";
  }

  get name(): string {
    return this.session.username ?? "";
  }

  /** Users in the own list, by state. */
  async friends(state?: number): Promise<Record<string, number>> {
    const { friends } = await this.client.listFriends(this.session, state, 100);
    return Object.fromEntries((friends ?? []).map((friend) => [friend.user?.id ?? "", friend.state ?? 0]));
  }

  /** The next message that is heard with this content. */
  hears(content: object): Promise<ChannelMessage> {
    const wanted = JSON.stringify(content);
    return until(`the message ${wanted}`, () =>
      this.messages.find((message) => JSON.stringify(message.content) === wanted),
    );
  }

  notified(code: number): Promise<Notification> {
    return until(`a notification ${code}`, () => this.notifications.find((one) => one.code === code));
  }

  leave(): void {
    this.socket.disconnect(false);
  }
}

/** The status of an HTTP refusal; the SDK rejects with the response itself. */
export async function status(work: Promise<unknown>): Promise<number> {
  try {
    await work;
    return 200;
  } catch (error) {
    if (error instanceof Response) return error.status;
    throw error;
  }
}

/** What a socket refuses a request with. */
export async function refusal(work: Promise<unknown>): Promise<{ code: number; message: string }> {
  try {
    await work;
  } catch (error) {
    return error as { code: number; message: string };
  }
  throw new Error("the request was not refused");
}
