/**
 * A room as a page sees it: one object that logs in, finds its room, joins it, and stays in it whatever happens
 * to the socket or the server. It runs on the unmodified SDK and knows nothing of any game.
 *
 * Phases: connecting → online → (reconnecting | restarting) → online … → stopped. Every way down leads through
 * `lost`, every way up through `connect`.
 */
import type { Client, MatchData, Session, Socket, WebSocketAdapter } from "@heroiclabs/nakama-js";
import { retryDelayMs } from "./backoff";
import { Guest, type GuestOptions } from "./guest";
import { SeenSeq } from "./order";
import {
  CLOSING,
  decodeFromRoom,
  encodeCommand,
  FLAG_MSGPACK,
  KIND,
  type Accepted,
  type Closing,
  type CommandId,
  type FromRoom,
  type Refused,
  type Updates,
  type View,
} from "./payload";
import { PendingCommands, type Pending } from "./pending";

/** How long login, opening the room, the socket and the join may take together before the attempt is given up. */
export const CONNECT_MS_MAX = 10_000;
/** The SDK pings at this interval and calls a socket dead when the answer takes as long. */
export const HEARTBEAT_MS_MAX = 5_000;

export type Phase =
  /** The first connection is being made. */
  | "connecting"
  | "online"
  /** The connection was lost without a word. */
  | "reconnecting"
  /** The server said that it goes down and comes back. */
  | "restarting"
  /** `stop` was called. */
  | "stopped";

/** What the room tells the page. */
export interface RoomEvents {
  phase(phase: Phase): void;
  view(view: View): void;
  updates(updates: Updates): void;
  accepted(answer: Accepted): void;
  refused(answer: Refused): void;
  /** The room lets this client go; it comes back by itself. */
  closing(closing: Closing): void;
  /** The room speaks in a way that this page does not understand; it is asked again, less and less often. */
  unreadable(error: unknown): void;
  /** The join was refused, with the server's reason; it is tried again until `stop`. */
  turnedAway?(reason: string): void;
}

export type RoomChoice =
  | { rules: string }
  | {
      match: string;
      /** Takes no seat, sends nothing, sees what everybody may see. */
      spectate?: boolean;
      /** Time goes on in this room between inputs: what it says is in order of its steps. */
      runs?: boolean;
    };

export interface RoomOptions extends GuestOptions {
  /** Who plays; when left out, the options say it. */
  guest?: Guest;
  /** The room: this player's own of some rules, or any by its match id, played in or only watched. */
  room: RoomChoice;
  events: RoomEvents;
  /** Runs before every join, with the server at hand; when it rejects, the attempt is given up like any other. */
  beforeJoin?: () => Promise<void>;
  /** The socket's format; the SDK's JSON adapter when left out. */
  adapter?: () => WebSocketAdapter;
}

export class RoomClient {
  private readonly guest: Guest;
  private readonly pending = new PendingCommands();
  private readonly seen: SeenSeq;
  private socket: Socket | undefined;
  private matchId: string | undefined;
  private resumeToken = "";
  private phase: Phase = "connecting";
  private attempt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  /** Counts starts and stops, so that what belongs to an earlier one ends by itself. */
  private life = 0;

  constructor(private readonly options: RoomOptions) {
    this.guest = options.guest ?? new Guest(options);
    this.seen = new SeenSeq("match" in options.room && options.room.runs === true);
  }

  start(): void {
    this.life += 1;
    this.attempt = 0;
    this.setPhase("connecting");
    void this.connect();
  }

  stop(): void {
    this.life += 1;
    this.setPhase("stopped");
    clearTimeout(this.retry);
    this.retry = undefined;
    this.drop();
  }

  /** Tries now instead of at the end of the wait: the network is back, or the player looks at the page. */
  hurry(): void {
    if (this.retry === undefined) return;
    clearTimeout(this.retry);
    this.retry = undefined;
    void this.connect();
  }

  /** The browser says that there is no network: a dead socket would be noticed only after its heartbeats. */
  lineLost(): void {
    if (this.phase === "online") this.lost("reconnecting");
  }

  /**
   * Sends a command, or keeps it until there is a connection. `undefined` when too many wait already; the page
   * then has to tell the player.
   */
  send(body: Uint8Array): CommandId | undefined {
    const pending = this.pending.add(body);
    if (pending === undefined) return undefined;
    if (this.phase === "online") this.transmit(pending);
    return pending.id;
  }

  /** Asks the server something beside the room, as this player. Rejects when it cannot be asked now. */
  ask<T>(question: (client: Client, session: Session) => Promise<T>): Promise<T> {
    return this.guest.ask(question);
  }

  /** What the account's wallet holds, by currency. Rejects when the server cannot be asked now. */
  async wallet(): Promise<Record<string, number>> {
    const account = await this.ask((client, session) => client.getAccount(session));
    return walletOf(account.wallet);
  }

  /** The command is told to the server in another way: it is not sent again, and an answer to it is not news. */
  forget(id: CommandId): void {
    this.pending.answered(id);
  }

  /** What was missed would not be all: the next join asks for a whole view. */
  wholeView(): void {
    this.resumeToken = "";
  }

  /** Something was missed: comes back with a whole view. */
  lookAgain(): void {
    this.wholeView();
    this.lineLost();
  }

  /** Commands without an answer so far. */
  get waiting(): number {
    return this.pending.size;
  }

  private transmit(pending: Pending): void {
    const socket = this.socket;
    if (socket === undefined || this.matchId === undefined) return;
    const payload = encodeCommand(pending.id, this.seen.seq, pending.body, FLAG_MSGPACK);
    // A failed send needs no handling here: the command stays pending and the socket's end is reported by itself.
    socket.sendMatchState(this.matchId, KIND.command, payload).catch(() => undefined);
  }

  private async connect(): Promise<void> {
    this.retry = undefined;
    const life = this.life;
    try {
      await this.options.beforeJoin?.();
    } catch {
      this.guest.login.doubt();
      if (this.life === life) this.lost("reconnecting");
      return;
    }
    if (this.life !== life) return;
    const socket = this.newSocket();
    this.socket = socket;
    try {
      const lost = new Promise<never>((_, reject) => {
        socket.ondisconnect = () => reject(new Error("the socket closed during the join"));
      });
      await withDeadline(Promise.race([this.join(socket), lost]), CONNECT_MS_MAX);
    } catch {
      this.guest.login.doubt();
      if (this.socket === socket) this.lost("reconnecting");
      return;
    }
    if (this.socket !== socket) return;
    socket.ondisconnect = () => {
      if (this.socket === socket) this.lost("reconnecting");
    };
    this.setPhase("online");
    for (const pending of this.pending.inOrder()) this.transmit(pending);
  }

  private newSocket(): Socket {
    const socket = this.guest.socket(this.options.adapter?.());
    socket.setHeartbeatTimeoutMs(HEARTBEAT_MS_MAX);
    socket.onerror = () => undefined;
    // Closing needs the other side's answer, which a cut line never brings: the connection is given up here and now.
    socket.onheartbeattimeout = () => {
      if (this.socket === socket) this.lost("reconnecting");
    };
    socket.onmatchdata = (data) => {
      if (this.socket === socket && data.match_id === this.matchId) this.receive(data);
    };
    return socket;
  }

  private async join(socket: Socket): Promise<void> {
    const session = await this.guest.login.current();
    const { room } = this.options;
    if ("match" in room) {
      this.matchId = room.match;
    } else if (this.matchId === undefined) {
      const answer = await this.guest.client.rpc(session, "room_mine", { rules: room.rules });
      this.matchId = matchIdOf(answer.payload);
    }
    await socket.connect(session, false);
    if (this.socket !== socket) {
      // Opened after the attempt was given up; the SDK cannot close a socket before it is open.
      socket.disconnect(false);
      throw new Error("the socket came too late");
    }
    const metadata: Record<string, string> = {};
    if ("match" in room && room.spectate === true) metadata["spectate"] = "1";
    else if (this.resumeToken !== "")
      Object.assign(metadata, this.seen.metadata, { resume: this.resumeToken });
    try {
      await socket.joinMatch(this.matchId, undefined, metadata);
    } catch (error) {
      // A server that knows another room by now (restored from a backup, say) is asked again which one is ours.
      if (isSocketError(error)) {
        this.matchId = undefined;
        this.resumeToken = "";
        this.options.events.turnedAway?.(error.message);
      }
      throw error;
    }
  }

  private receive(data: MatchData): void {
    try {
      this.deliver(decodeFromRoom(data.data));
    } catch (error) {
      // What this page does not understand it cannot merge: start again from a whole view.
      this.resumeToken = "";
      this.options.events.unreadable(error);
      this.lost("reconnecting");
    }
  }

  private deliver(message: FromRoom): void {
    const { events } = this.options;
    switch (message.kind) {
      case "accepted":
        if (this.pending.answered(message.id)) events.accepted(message);
        break;
      case "refused":
        if (this.pending.answered(message.id)) events.refused(message);
        break;
      case "view":
        this.resumeToken = message.resumeToken;
        this.seen.view(message.seq, message.step);
        events.view(message);
        this.understood();
        break;
      case "updates":
        if (this.seen.updates(message.seq, message.step)) events.updates(message);
        this.understood();
        break;
      case "closing":
        if (message.resumeToken !== "") this.resumeToken = message.resumeToken;
        events.closing(message);
        this.lost(message.code === CLOSING.goingDown ? "restarting" : "reconnecting");
        break;
    }
  }

  /** Only now is the connection worth something; before, a room that nobody can read would be asked without pause. */
  private understood(): void {
    this.attempt = 0;
  }

  /** Everything that ends a connection comes here once; the next attempt is planned here and nowhere else. */
  private lost(phase: "reconnecting" | "restarting"): void {
    this.drop();
    if (this.phase === "stopped") return;
    // The first words stay: "restarting" does not turn into "reconnecting" while the server is away.
    if (this.phase === "online") this.setPhase(phase);
    clearTimeout(this.retry);
    this.retry = setTimeout(() => void this.connect(), retryDelayMs(this.attempt));
    this.attempt += 1;
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = undefined;
    if (socket === undefined) return;
    socket.ondisconnect = () => undefined;
    socket.disconnect(false);
  }

  private setPhase(phase: Phase): void {
    if (this.phase === phase) return;
    this.phase = phase;
    this.options.events.phase(phase);
  }
}

function matchIdOf(payload: object | undefined): string {
  const id: unknown = payload !== undefined && "match_id" in payload ? payload.match_id : undefined;
  if (typeof id !== "string" || id === "") throw new Error("the server named no room");
  return id;
}

/** The protocol carries the wallet as JSON text; what is not a number in it is no currency. */
function walletOf(text: string | undefined): Record<string, number> {
  const wallet: unknown = JSON.parse(text ?? "{}");
  if (typeof wallet !== "object" || wallet === null) return {};
  return Object.fromEntries(Object.entries(wallet).filter(([, amount]) => typeof amount === "number"));
}

/** The SDK rejects with the protocol's `{code, message}`, with a text, or with an event. */
function isSocketError(error: unknown): error is { code: number; message: string } {
  return typeof error === "object" && error !== null && "code" in error && "message" in error;
}

function withDeadline<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no connection within ${ms} ms`)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
