/** What a test in a page asks of Node: real servers, which no page can start. Kept by number, each behind its own process. */
import type { BrowserCommand } from "vitest/node";
import { TestServer, type Program } from "../server.ts";

const servers: TestServer[] = [];

function server(number: number): TestServer {
  const found = servers[number];
  if (found === undefined) throw new Error(`no server ${number}`);
  return found;
}

const serverNew: BrowserCommand<[flags: string[], program: Program]> = (_, flags, program) =>
  servers.push(new TestServer(flags, program)) - 1;
const serverStart: BrowserCommand<[number]> = async (_, number) => (await server(number).start()).port;
const serverKill: BrowserCommand<[number]> = (_, number) => server(number).kill();
const serverStop: BrowserCommand<[number]> = (_, number) => server(number).stop();
const serverRemove: BrowserCommand<[number]> = (_, number) => server(number).remove();

export const commands = { serverNew, serverStart, serverKill, serverStop, serverRemove };

declare module "vitest/browser" {
  interface BrowserCommands {
    serverNew(flags: string[], program: Program): Promise<number>;
    serverStart(number: number): Promise<number>;
    serverKill(number: number): Promise<void>;
    serverStop(number: number): Promise<void>;
    serverRemove(number: number): Promise<void>;
  }
}
