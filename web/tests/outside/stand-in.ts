/** A service of somebody else's, on loopback: it answers as recorded, and writes down what it was asked. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  method: string;
  url: URL;
  headers: IncomingMessage["headers"];
  body: string;
}

export interface Answer {
  status?: number;
  json?: unknown;
  bytes?: Buffer;
  headers?: Record<string, string>;
}

export class StandIn {
  readonly asked: Asked[] = [];
  readonly url: string;
  private readonly answers = new Map<string, (asked: Asked) => Answer | undefined>();

  private constructor(private readonly server: Server) {
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("request", (request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        const asked: Asked = {
          method: request.method ?? "",
          url: new URL(request.url ?? "/", this.url),
          headers: request.headers,
          body: Buffer.concat(pieces).toString(),
        };
        this.asked.push(asked);
        const known = [...this.answers].find(([path]) => asked.url.pathname.startsWith(path));
        const { status = 200, json, bytes, headers = {} } = known?.[1](asked) ?? { status: 404, json: {} };
        response.writeHead(status, { "content-type": "application/json", ...headers });
        response.end(bytes ?? JSON.stringify(json ?? {}));
      });
    });
  }

  static async start(): Promise<StandIn> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return new StandIn(server);
  }

  /** Answers every path that begins so. */
  on(path: string, answer: (asked: Asked) => Answer | undefined): this {
    this.answers.set(path, answer);
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((done) => this.server.close(() => done()));
  }
}

/** `--set` flags for a server under test. */
export function set(...pairs: [string, string][]): string[] {
  return pairs.flatMap(([key, text]) => ["--set", `${key}=${text}`]);
}
