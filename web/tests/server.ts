/** The real server as a child process: on a folder of its own, on a free port, ended by its process id. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const READY_MS_MAX = 20_000;
const STOP_MS_MAX = 20_000;

/** The house's own server, or the example of a studio's. */
export type Program = "longhouse" | "studio";

function binary(program: Program): string {
  const variable = program === "longhouse" ? "LONGHOUSE_BIN" : "LONGHOUSE_STUDIO_BIN";
  const named = process.env[variable];
  const candidates = named === undefined ? [`../bin/${program}`, `../target/debug/${program}`] : [named];
  const found = candidates.map((path) => resolve(path)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`no server binary: ${candidates.join(", ")} (set ${variable})`);
  return found;
}

/** Whoever runs the tests may have settings of their own in the environment; the server under test has none. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("LONGHOUSE_")));
}

export class TestServer {
  port = 0;
  /** What the server wrote to its log, for when a test fails. */
  readonly log: string[] = [];
  private readonly data = mkdtempSync(join(tmpdir(), "longhouse-web-"));
  private child: ChildProcess | undefined;

  constructor(
    private readonly flags: string[] = [],
    private readonly program: Program = "longhouse",
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts, or starts again on the same data and port. */
  async start(): Promise<this> {
    const listen = `127.0.0.1:${this.port}`;
    const child = spawn(
      binary(this.program),
      ["serve", "--data", this.data, "--listen", listen, ...this.flags],
      {
        stdio: ["ignore", "pipe", "pipe"],
        env: withoutSettings(process.env),
      },
    );
    this.child = child;
    createInterface({ input: child.stderr }).on("line", (line) => this.log.push(line));
    this.port = await new Promise<number>((done, fail) => {
      const told = () => `\n${this.log.slice(-20).join("\n")}`;
      const timer = setTimeout(
        () => fail(new Error(`not ready in ${READY_MS_MAX} ms${told()}`)),
        READY_MS_MAX,
      );
      child.once("exit", (code) =>
        fail(new Error(`the server ended with ${code} before it was ready${told()}`)),
      );
      child.once("error", fail);
      createInterface({ input: child.stdout }).on("line", (line) => {
        const port = /^longhouse ready http:\/\/[^ ]*:(\d+)/.exec(line)?.[1];
        if (port === undefined) return;
        clearTimeout(timer);
        done(Number(port));
      });
    });
    return this;
  }

  /** SIGKILL: nothing is finished, nothing is said. */
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  /** SIGTERM, and waits until it has shut down. */
  async stop(): Promise<void> {
    await this.end("SIGTERM");
  }

  /** Ends the server if it runs and removes its data. */
  async remove(): Promise<void> {
    await this.end("SIGKILL");
    rmSync(this.data, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((done, fail) => {
      const timer = setTimeout(() => {
        child.kill("SIGKILL");
        fail(new Error(`the server did not end in ${STOP_MS_MAX} ms after ${signal}`));
      }, STOP_MS_MAX);
      child.once("exit", () => {
        clearTimeout(timer);
        done();
      });
      child.kill(signal);
    });
  }
}
