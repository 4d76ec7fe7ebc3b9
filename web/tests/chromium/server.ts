/** Stands where `../server.ts` stands when the tests run in a page: the same server, started over there in Node. */
import { commands } from "vitest/browser";
import type { Program, TestServer as Real } from "../server";

export class TestServer implements Omit<Real, "start" | "log"> {
  port = 0;
  private number: number | undefined;

  constructor(
    private readonly flags: string[] = [],
    private readonly program: Program = "longhouse",
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<this> {
    this.number ??= await commands.serverNew(this.flags, this.program);
    this.port = await commands.serverStart(this.number);
    return this;
  }

  async kill(): Promise<void> {
    if (this.number !== undefined) await commands.serverKill(this.number);
  }

  async stop(): Promise<void> {
    if (this.number !== undefined) await commands.serverStop(this.number);
  }

  async remove(): Promise<void> {
    if (this.number !== undefined) await commands.serverRemove(this.number);
  }
}
