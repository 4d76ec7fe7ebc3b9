/** Leaderboards as the unmodified SDK sees them: two and three players on one board, with a restart in between. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { randomHex } from "../../src/random";
import { TestServer } from "../server";
import { status } from "./friend";
import { FORMATS, Guest, type Format } from "./guest";

const server = new TestServer();

beforeAll(async () => void (await server.start()));
afterAll(() => server.remove());

/** Calls a function of the house as a game's own server does. */
async function house(id: string, input: object): Promise<Record<string, unknown>> {
  return (await Guest.http(server).rpcHttpKey("defaulthttpkey", id, input)).payload as Record<
    string,
    unknown
  >;
}

const fresh = () => `board ${randomHex(6)}`;

async function board(options: object = {}): Promise<string> {
  const id = fresh();
  expect(await house("leaderboard_create", { id, ...options })).toEqual({ id, created: true });
  return id;
}

describe.each(FORMATS)("%s", (format: Format) => {
  const guests = (count: number) =>
    Promise.all(Array.from({ length: count }, () => Guest.connected(server, format)));
  const score = (guest: Guest, id: string, value: number, subscore = 0) =>
    guest.client.writeLeaderboardRecord(guest.session, id, {
      score: String(value),
      subscore: String(subscore),
      metadata: { by: guest.session.username },
    });

  test("three players on one board: ranks, pages, neighbours, own record", async () => {
    const id = await board();
    const [ada, bob, cyd] = await guests(3);
    expect(await score(ada!, id, 10)).toMatchObject({ rank: 1, score: 10, num_score: 1 });
    expect(await score(bob!, id, 30)).toMatchObject({ rank: 1, score: 30 });
    expect(await score(cyd!, id, 20, 7)).toMatchObject({ rank: 2, subscore: 7, leaderboard_id: id });
    expect(await score(ada!, id, 5)).toMatchObject({ rank: 3, score: 10, num_score: 1 });

    const list = await ada!.client.listLeaderboardRecords(ada!.session, id, undefined, 2);
    expect(list.rank_count).toBe(3);
    expect(list.records!.map((one) => [one.rank, one.score, one.owner_id])).toEqual([
      [1, 30, bob!.session.user_id],
      [2, 20, cyd!.session.user_id],
    ]);
    expect(list.records![0]!.metadata).toEqual({ by: bob!.session.username });
    expect(list.records![0]!.username).toBe(bob!.session.username);
    expect(list.prev_cursor).toBeUndefined();
    const rest = await ada!.client.listLeaderboardRecords(ada!.session, id, undefined, 2, list.next_cursor);
    expect(rest.records!.map((one) => [one.rank, one.score])).toEqual([[3, 10]]);
    expect(rest.next_cursor).toBeUndefined();
    const back = await ada!.client.listLeaderboardRecords(ada!.session, id, undefined, 2, rest.prev_cursor);
    expect(back.records).toEqual(list.records);

    const owners = [ada!.session.user_id!, bob!.session.user_id!];
    const owned = await cyd!.client.listLeaderboardRecords(cyd!.session, id, owners);
    expect(owned.owner_records!.map((one) => one.rank)).toEqual([3, 1]);
    const around = await bob!.client.listLeaderboardRecordsAroundOwner(bob!.session, id, owners[0]!, 2);
    expect(around.records!.map((one) => one.rank)).toEqual([2, 3]);

    // The SDK has no method for this route.
    const removed = await fetch(`${server.url}/v2/leaderboard/${encodeURIComponent(id)}`, {
      method: "DELETE",
      headers: { Authorization: `Bearer ${bob!.session.token}` },
    });
    expect([removed.status, await removed.json()]).toEqual([200, {}]);
    const left = await ada!.client.listLeaderboardRecords(ada!.session, id, undefined, 10);
    expect(left.records!.map((one) => [one.rank, one.score])).toEqual([
      [1, 20],
      [2, 10],
    ]);
    for (const guest of [ada, bob, cyd]) guest!.leave();
  });

  test("a board for times, one that adds up, and one for servers only", async () => {
    const [ada, bob] = await guests(2);
    const times = await board({ sort: "asc" });
    await score(ada!, times, 70);
    expect(await score(bob!, times, 60)).toMatchObject({ rank: 1 });
    expect(await score(ada!, times, 55)).toMatchObject({ rank: 1, score: 55 });
    const sum = await board({ operator: "incr" });
    await score(ada!, sum, 5);
    expect(await score(ada!, sum, 6)).toMatchObject({ score: 11, num_score: 2 });
    const closed = await board({ authoritative: true });
    expect(await status(score(ada!, closed, 1))).toBe(403);
    const record = { id: closed, owner_id: ada!.session.user_id, score: 9, username: ada!.session.username };
    const written = await house("leaderboard_write_many", { records: [record] });
    expect(written["records"]).toMatchObject([{ rank: "1", score: "9" }]);
    const list = await bob!.client.listLeaderboardRecords(bob!.session, closed, undefined, 1);
    expect(list.records!.map((one) => one.score)).toEqual([9]);
    expect(await status(bob!.client.listLeaderboardRecords(bob!.session, fresh(), undefined, 1))).toBe(404);
    expect(await status(bob!.client.listLeaderboardRecords(bob!.session, closed, undefined, 1, "x"))).toBe(
      400,
    );
    for (const guest of [ada, bob]) guest!.leave();
  });

  test("a board that is reset shows when its records end", async () => {
    const id = await board({ reset: "0 0 * * *" });
    const [ada] = await guests(1);
    const record = await score(ada!, id, 4);
    const midnight = new Date(record.expiry_time!);
    expect(midnight.getTime()).toBeGreaterThan(Date.now());
    expect(midnight.toISOString()).toMatch(/T00:00:00.000Z$/);
    const expiry = String(midnight.getTime() / 1_000);
    const list = (at?: string) =>
      ada!.client.listLeaderboardRecords(ada!.session, id, undefined, 5, undefined, at);
    expect((await list(expiry)).records).toEqual((await list()).records);
    expect((await list(String(midnight.getTime() / 1_000 - 86_400))).records).toEqual([]);
    ada!.leave();
  });

  test("ranks outlive a crash", async () => {
    const id = await board();
    const devices = Array.from({ length: 3 }, () => randomHex());
    const before = await Promise.all(devices.map((device) => Guest.login(server, format, device)));
    // All at once: the same scores, and whoever comes first stands first.
    await Promise.all(before.map((guest, place) => score(guest, id, place === 2 ? 9 : 5)));
    const listed = await before[0]!.client.listLeaderboardRecords(before[0]!.session, id, undefined, 10);
    expect(listed.records!.map((one) => [one.rank, one.score])).toEqual([
      [1, 9],
      [2, 5],
      [3, 5],
    ]);
    await server.kill();
    await server.start();
    const after = await Guest.login(server, format, devices[0]);
    const again = await after.client.listLeaderboardRecords(after.session, id, undefined, 10);
    expect(again).toEqual(listed);
    expect(await score(after, id, 6)).toMatchObject({ rank: 2 });
  });
});
