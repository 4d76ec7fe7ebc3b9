/** The matchmaker as the unmodified SDK sees it: tickets, queries, tokens, rooms, and those who leave while they wait. */
import type { MatchmakerMatched } from "@heroiclabs/nakama-js";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { randomHex } from "../../src/random";
import { TestServer } from "../server";
import { until } from "../until";
import { FORMATS, type Format } from "./guest";
import { Listener, refused, users } from "./listener";

const server = new TestServer([
  ...["--set", "matchmaker.interval_ms=100"],
  // A second, so that all who look for each other have asked before smaller matches will do.
  ...["--set", "matchmaker.intervals_max=10"],
  ...["--set", "matchmaker.widen=rank:50:200"],
]);
let players: Listener[] = [];

beforeAll(async () => void (await server.start()));
afterAll(() => server.remove());
afterEach(async () => {
  for (const player of players) player.leave();
  players = [];
  // Whoever waits in one test is not to be found by the next.
  await until("an empty matchmaker", async () => (await stats())["ticket_count"] === undefined);
});

async function player(format: Format): Promise<Listener> {
  const one = await Listener.connected(server, format);
  players.push(one);
  return one;
}

async function stats(): Promise<Record<string, unknown>> {
  const { client, session } = (players[0] ?? (await Listener.connected(server, "json"))).guest;
  const token = (await client.sessionRefresh(session)).token;
  const answer = await fetch(`${server.url}/v2/matchmaker/stats`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Record<string, unknown>;
}

const matchedUsers = (matched: MatchmakerMatched) => users(matched.users.map((user) => user.presence));

describe.each(FORMATS)("%s", (format) => {
  const other = FORMATS.find((one) => one !== format)!;

  test("those who want each other get tokens for one match, and nobody else does", async () => {
    const [a, b, c] = [await player(format), await player(other), await player(format)];
    const mode = randomHex(4);
    const wants = `+properties.mode:${mode} +properties.rank:>=10`;
    const tickets = [
      await a.socket.addMatchmaker(wants, 2, 2, { mode }, { rank: 10 }),
      await c.socket.addMatchmaker(wants, 2, 2, { mode: "other" }, { rank: 10.5 }),
      await b.socket.addMatchmaker(wants, 2, 2, { mode, region: "eu" }, { rank: 12.5 }),
    ];
    const [ma, mb] = [await a.first(a.matched, "a's match"), await b.first(b.matched, "b's match")];
    expect([ma.ticket, mb.ticket]).toEqual([tickets[0]!.ticket, tickets[2]!.ticket]);
    expect(matchedUsers(ma)).toEqual([a.user, b.user].sort());
    expect(matchedUsers(mb)).toEqual(matchedUsers(ma));
    expect(ma.self.presence.user_id).toBe(a.user);
    expect(mb.self).toMatchObject({
      presence: { user_id: b.user },
      string_properties: { mode, region: "eu" },
      numeric_properties: { rank: 12.5 },
    });
    // A token is for the user that it was made for.
    expect(await refused(c.socket.joinMatch(undefined, ma.token))).toMatchObject({ code: 3 });
    const match = await a.socket.joinMatch(undefined, ma.token);
    const same = await b.socket.joinMatch(undefined, mb.token);
    expect(same.match_id).toBe(match.match_id);
    expect(users(same.presences)).toEqual([a.user]);
    await b.socket.sendMatchState(match.match_id, 3, "well met");
    await a.first(a.data, "data in the match");
    expect(c.matched).toEqual([]);
  });

  test("a full match at once, a smaller one after some intervals", async () => {
    const mode = randomHex(4);
    const wants = `+properties.mode:${mode}`;
    const four = await Promise.all([player(format), player(other), player(format), player(other)]);
    await Promise.all(four.map((one) => one.socket.addMatchmaker(wants, 2, 4, { mode })));
    for (const one of four)
      expect(matchedUsers(await one.first(one.matched, "a match of four"))).toHaveLength(4);

    await Promise.all(four.slice(0, 3).map((one) => one.socket.addMatchmaker(wants, 2, 4, { mode })));
    for (const one of four.slice(0, 3)) {
      await until("a match of three", () => one.matched.length === 2);
      expect(matchedUsers(one.matched[1]!)).toHaveLength(3);
    }
    expect(four[3]!.matched).toHaveLength(1);
  });

  test("the bounds that the studio named widen while somebody waits", async () => {
    const mode = randomHex(4);
    const near = (rank: number) =>
      `+properties.mode:${mode} +properties.rank:>=${rank - 10} +properties.rank:<=${rank + 10}`;
    const [a, b] = [await player(format), await player(format)];
    await a.socket.addMatchmaker(near(1_000), 2, 2, { mode }, { rank: 1_000 });
    await b.socket.addMatchmaker(near(1_150), 2, 2, { mode }, { rank: 1_150 });
    expect(matchedUsers(await a.first(a.matched, "a match"))).toEqual([a.user, b.user].sort());
  });

  test("`mode=authoritative` and rules open a room, which all may join", async () => {
    const [a, b] = [await player(format), await player(other)];
    const run = randomHex(4);
    const properties = {
      run,
      mode: "authoritative",
      rules: "ledger",
      setup: JSON.stringify({ accounts: 2, balance: 5 }),
    };
    for (const one of [a, b]) await one.socket.addMatchmaker(`+properties.run:${run}`, 2, 2, properties);
    const [ma, mb] = [await a.first(a.matched, "a's match"), await b.first(b.matched, "b's match")];
    expect(ma.token ?? "").toBe("");
    expect(ma.match_id).toMatch(/^[0-9a-f-]{36}\.longhouse$/);
    expect(mb.match_id).toBe(ma.match_id);
    for (const one of [a, b]) {
      expect(await one.socket.joinMatch(ma.match_id)).toMatchObject({ authoritative: true });
    }
  });

  test("whoever stops, or goes, is not matched", async () => {
    const mode = randomHex(4);
    const wants = `+properties.mode:${mode}`;
    const [a, b, c, d] = [
      await player(format),
      await player(format),
      await player(format),
      await player(format),
    ];
    const { ticket } = await a.socket.addMatchmaker(wants, 2, 2, { mode: "none" });
    expect(await refused(b.socket.removeMatchmaker(ticket))).toMatchObject({ code: 3 });
    await a.socket.removeMatchmaker(ticket);
    expect(await refused(a.socket.removeMatchmaker(ticket))).toMatchObject({ code: 3 });
    await a.socket.addMatchmaker(`${wants} -properties.x:y`, 2, 2, { mode: "none" });
    a.leave();
    await until("a's ticket to go", async () => {
      return (await (await fetchStats(b))["ticket_count"]) === undefined;
    });
    for (const one of [c, d]) await one.socket.addMatchmaker(wants, 2, 2, { mode });
    expect(matchedUsers(await c.first(c.matched, "a match"))).toEqual([c.user, d.user].sort());
    expect(a.matched).toEqual([]);
  });

  test("what cannot be is refused", async () => {
    const a = await player(format);
    const refusal = async (work: Promise<unknown>) => (await refused(work)).message;
    expect(await refusal(a.socket.addMatchmaker("*", 1, 2))).toContain("min_count");
    expect(await refusal(a.socket.addMatchmaker("*", 3, 2))).toContain("max_count");
    expect(await refusal(a.socket.addMatchmaker("*", 2, 1_000))).toContain("max_count");
    expect(await refusal(a.socket.addMatchmaker("+a:", 2, 2))).toContain("byte 3");
    expect(await refusal(a.socket.addMatchmaker("a:/(/", 2, 2))).toContain("regular expression");
    const tickets = [1, 2, 3].map(() => a.socket.addMatchmaker("+properties.no:body", 2, 2));
    const { ticket } = (await Promise.all(tickets))[0]!;
    expect(await refusal(a.socket.addMatchmaker("+properties.no:body", 2, 2))).toContain("at most 3");
    await a.socket.removeMatchmaker(ticket);
    await a.socket.addMatchmaker("+properties.no:body", 2, 2);
    expect(await stats()).toMatchObject({ ticket_count: 3, oldest_ticket_create_time: expect.any(String) });
  });
});

async function fetchStats(by: Listener): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${by.guest.session.token}` };
  return (await (await fetch(`${server.url}/v2/matchmaker/stats`, { headers })).json()) as Record<
    string,
    unknown
  >;
}
