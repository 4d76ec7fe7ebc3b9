/**
 * A house of cards: just enough of the protocol, in Node, to try the room client and to look at the page without
 * the real server. Nothing is durable beyond this object; killing it only cuts every connection.
 *
 * It stands in for nothing in the acceptance and browser tests, which run against the real server.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { WebSocketServer, type WebSocket } from "ws";
import type { SyncCall } from "../../src/farm/offline/homecoming";
import { FakeFarm } from "./farm";
import { accepted, closing, commandOf, refused, updates, view } from "./payloads";

const MATCH = "00000000-0000-7000-8000-000000000001.longhouse";
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".webmanifest": "application/manifest+json",
};
/** What the real server sends with its pages; kept here so that a page which breaks it is noticed early. */
const CSP = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

export class FakeHouse {
  readonly farm: FakeFarm;
  /** Commands are executed, but their answers are lost: the moment before a crash. */
  swallowAnswers = false;
  /** Commands are lost on their way here. */
  deaf = false;
  /** How often each id was executed; an id that is here twice is a bug of the room. */
  readonly executed: string[] = [];
  logins = 0;
  refreshes = 0;
  joins: Record<string, string>[] = [];
  /** How long the tokens of a login last. */
  tokenSeconds = 60;
  refuseRefresh = false;
  /** Every call of `farm_sync` that was listened to. */
  readonly syncs: SyncCall[] = [];
  /** Answers `farm_sync` with this status. */
  refuseSync: number | undefined;
  private readonly answers = new Map<string, Uint8Array>();
  private server: Server | undefined;
  private sockets: WebSocketServer | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;
  private seq = 1n;
  private step = 1n;

  constructor(
    private readonly pages?: string,
    now: () => number = Date.now,
  ) {
    this.farm = new FakeFarm(now);
  }

  get port(): number {
    return (this.server?.address() as AddressInfo).port;
  }

  async start(port = 0): Promise<void> {
    const server = createServer((request, response) => void this.http(request, response));
    this.server = server;
    this.sockets = new WebSocketServer({ server, path: "/ws" });
    this.sockets.on("connection", (socket) => {
      socket.on("close", () => this.farm.depart());
      socket.on("message", (text) => this.frame(socket, JSON.parse(String(text)) as Frame));
    });
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    this.timer = setInterval(() => this.advance(), 1000);
  }

  /** Cuts every connection at once, as SIGKILL does. */
  async kill(): Promise<void> {
    clearInterval(this.timer);
    for (const socket of this.sockets?.clients ?? []) socket.terminate();
    const server = this.server;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => server?.close(() => resolve()) ?? resolve());
  }

  /** Tells everyone to come back later. */
  sayGoodbye(): void {
    this.toAll(6, closing(1, "token", "the server is being restarted"));
  }

  sendRaw(opCode: number, bytes: Uint8Array): void {
    this.toAll(opCode, bytes);
  }

  private toAll(opCode: number, bytes: Uint8Array): void {
    for (const socket of this.sockets?.clients ?? []) this.data(socket, opCode, bytes);
  }

  private data(socket: WebSocket, opCode: number, bytes: Uint8Array): void {
    const data = Buffer.from(bytes).toString("base64");
    socket.send(JSON.stringify({ match_data: { match_id: MATCH, op_code: String(opCode), data } }));
  }

  private advance(): void {
    this.step += 20n;
    this.seq += 1n;
    this.farm.settle();
    this.toAll(5, updates(this.step, this.seq, this.farm.atMs, [{ farm: this.farm.farm(), event: null }]));
  }

  private frame(socket: WebSocket, frame: Frame): void {
    const answer = (body: object) => socket.send(JSON.stringify({ cid: frame.cid, ...body }));
    if (frame.ping !== undefined) answer({ pong: {} });
    if (frame.match_join !== undefined) {
      this.joins.push(frame.match_join.metadata ?? {});
      const self = { user_id: "u", session_id: "s", username: "shepherd" };
      answer({
        match: { match_id: MATCH, authoritative: true, label: "farm", size: 1, self, presences: [] },
      });
      this.farm.arrive();
      this.data(socket, 4, view(this.step, this.seq, this.farm.atMs, "token", this.farm.view()));
    }
    if (frame.match_data_send !== undefined) this.command(socket, frame.match_data_send.data);
  }

  private command(socket: WebSocket, base64: string): void {
    if (this.deaf) return;
    const { id, body } = commandOf(Buffer.from(base64, "base64"));
    const known = this.answers.get(id);
    if (known !== undefined) return this.data(socket, 2, known);
    this.farm.settle();
    const outcome = this.farm.execute(body);
    if ("code" in outcome) return this.data(socket, 3, refused(id, outcome.code, outcome.reason));
    this.executed.push(id);
    this.seq += 1n;
    this.step += 1n;
    const reply = accepted(id, this.seq);
    this.answers.set(id, reply);
    if (this.swallowAnswers) return;
    this.data(socket, 2, reply);
    this.toAll(5, updates(this.step, this.seq, this.farm.atMs, [outcome]));
  }

  private async http(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", "http://fake").pathname;
    const json = (status: number, body: object) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    };
    if (path === "/v2/account/authenticate/device") {
      this.logins += 1;
      return json(200, {
        created: true,
        token: this.token(this.tokenSeconds),
        refresh_token: this.token(3600),
      });
    }
    if (path === "/v2/account/session/refresh") {
      if (this.refuseRefresh) return json(401, { code: 16, message: "no" });
      this.refreshes += 1;
      return json(200, { token: this.token(60), refresh_token: this.token(3600) });
    }
    if (path === "/v2/rpc/room_mine") {
      return json(200, { id: "room_mine", payload: JSON.stringify({ match_id: MATCH }) });
    }
    if (path === "/v2/rpc/farm_sync") {
      if (this.refuseSync !== undefined) return json(this.refuseSync, { code: 13, message: "not now" });
      const call = JSON.parse(JSON.parse(await textOf(request)) as string) as SyncCall;
      this.syncs.push(call);
      const answer = this.farm.sync(call);
      if ("code" in answer) return json(400, { code: 3, message: `${answer.code} ${answer.reason}` });
      return json(200, { id: "farm_sync", payload: JSON.stringify(answer) });
    }
    if (path === "/v2/account") {
      return json(200, { user: { id: "u" }, wallet: JSON.stringify({ golden_fleece: 4 }) });
    }
    if (this.pages !== undefined) return this.page(this.pages, path, response);
    json(404, { code: 5, message: "not found" });
  }

  private async page(root: string, path: string, response: ServerResponse): Promise<void> {
    const file = join(root, normalize(path.endsWith("/") ? `${path}index.html` : path));
    try {
      const body = await readFile(file);
      response.writeHead(200, {
        "content-type": TYPES[extname(file)] ?? "application/octet-stream",
        "content-security-policy": CSP,
      });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  }

  private token(seconds: number): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const exp = Math.floor(Date.now() / 1000) + seconds;
    return `${part({ alg: "none" })}.${part({ uid: "u", usn: "shepherd", exp, n: this.logins })}.x`;
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

interface Frame {
  cid?: string;
  ping?: object;
  match_join?: { metadata?: Record<string, string> };
  match_data_send?: { data: string };
}
