/** Connections that break without a goodbye, and who comes back from it. No page can break its own so: Node only. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { randomHex } from "../../src/random";
import { TestServer } from "../server";
import { until } from "../until";
import { FORMATS, type Format } from "./guest";
import { Listener, together, users } from "./listener";

const server = new TestServer(["--set", "socket.grace_ms=3000"]);
let players: Listener[] = [];

beforeAll(async () => void (await server.start()));
afterAll(() => server.remove());
afterEach(() => {
  for (const player of players) player.leave();
  players = [];
});

async function player(format: Format, device?: string): Promise<Listener> {
  const one = await Listener.connected(server, format, device);
  players.push(one);
  return one;
}

describe.each(FORMATS)("%s", (format) => {
  const other = FORMATS.find((one) => one !== format)!;

  test("a leader who was lost comes back and leads on", async () => {
    const [a, b] = [await player(format), await player(other)];
    const party = await together(a, b);
    a.lose();
    await until("a's loss", () => a.guest.closed);
    await a.socket.connect(a.guest.session, false);
    await b.first(b.leaders, "the leader's new session", ({ presence }) => presence.user_id === a.user);
    await b.socket.sendPartyData(party, 1, "there you are");
    await a.first(a.partyData, "data after coming back");
    await a.socket.closeParty(party);
    await b.first(b.closed, "the end");
    // One who does not come back is given up after the grace time.
    const second = await together(b, a);
    b.lose();
    await a.first(a.leaders, "a new leader", ({ party_id, presence }) => {
      return party_id === second && presence.user_id === a.user;
    });
  });

  test("a player who was lost comes back to its place", async () => {
    const device = randomHex();
    const [a, b] = [await player(format), await player(format, device)];
    const { match_id } = await a.socket.createMatch();
    const { self } = await b.socket.joinMatch(match_id);
    b.lose();
    await until("b's loss", () => b.guest.closed);
    // The same login on a new socket.
    await b.socket.connect(b.guest.session, false);
    await a.first(
      a.presences,
      "one presence in place of another",
      (event) => users(event.joins ?? []).includes(b.user) && users(event.leaves ?? []).includes(b.user),
    );
    const left = a.presences.flatMap((event) => event.leaves ?? []).map((presence) => presence.session_id);
    expect(left).toEqual([self.session_id]);
    await a.socket.sendMatchState(match_id, 1, "welcome back");
    await b.first(b.data, "data after coming back");
  });
});
