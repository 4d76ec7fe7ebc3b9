/** What the tests of wars share: one server for a file, and the players of each test, who go when it ends. */
import { afterAll, afterEach, beforeAll } from "vitest";
import { TestServer } from "../server";
import { Warrior } from "./warrior";

export interface Camp {
  readonly server: TestServer;
  /** A new player in this test. */
  warrior(format?: Parameters<typeof Warrior.connected>[1], device?: string): Promise<Warrior>;
}

/** Sets the hooks of the file that calls it. */
export function camp(flags: string[] = []): Camp {
  const server = new TestServer(flags);
  let players: Warrior[] = [];

  beforeAll(async () => void (await server.start()));
  afterAll(() => server.remove());
  afterEach(() => {
    for (const player of players) player.leave();
    players = [];
  });

  return {
    server,
    async warrior(format, device) {
      const one = await Warrior.connected(server, format, device);
      players.push(one);
      return one;
    },
  };
}
