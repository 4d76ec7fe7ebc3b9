/** Tournaments as the unmodified SDK sees them. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { randomHex } from "../../src/random";
import { TestServer } from "../server";
import { status } from "./friend";
import { FORMATS, Guest, type Format } from "./guest";

const server = new TestServer();

beforeAll(async () => void (await server.start()));
afterAll(() => server.remove());

async function house(id: string, input: object): Promise<Record<string, unknown>> {
  return (await Guest.http(server).rpcHttpKey("defaulthttpkey", id, input)).payload as Record<
    string,
    unknown
  >;
}

async function cup(options: object): Promise<string> {
  const id = `cup ${randomHex(6)}`;
  expect(await house("tournament_create", { id, duration: 3_600, ...options })).toEqual({
    id,
    created: true,
  });
  return id;
}

describe.each(FORMATS)("%s", (format: Format) => {
  const guests = (count: number) =>
    Promise.all(Array.from({ length: count }, () => Guest.connected(server, format)));
  const score = (guest: Guest, id: string, value: number) =>
    guest.client.writeTournamentRecord(guest.session, id, { score: String(value) });

  test("joining, room for two, two attempts, and who stands where", async () => {
    const rules = { title: "Finals", join_required: true, max_size: 2, max_num_score: 2, operator: "set" };
    const id = await cup({ ...rules, metadata: { prize: 3 }, category: 11 });
    const [ada, bob, cyd] = await guests(3);
    expect(await status(score(ada!, id, 1))).toBe(400);
    expect(await ada!.client.joinTournament(ada!.session, id)).toBe(true);
    expect(await bob!.client.joinTournament(bob!.session, id)).toBe(true);
    expect(await status(cyd!.client.joinTournament(cyd!.session, id))).toBe(400);
    expect(await score(ada!, id, 10)).toMatchObject({ rank: 1, num_score: 1, max_num_score: 2 });
    expect(await score(bob!, id, 20)).toMatchObject({ rank: 1 });
    expect(await score(ada!, id, 15)).toMatchObject({ rank: 2, num_score: 2 });
    expect(await status(score(ada!, id, 99))).toBe(400);

    const list = await cyd!.client.listTournamentRecords(cyd!.session, id, [ada!.session.user_id!], 10);
    expect(list.records!.map((one) => [one.rank, one.score])).toEqual([
      [1, 20],
      [2, 15],
    ]);
    expect(list.owner_records!.map((one) => one.rank)).toEqual([2]);
    const owner = bob!.session.user_id!;
    const around = await cyd!.client.listTournamentRecordsAroundOwner(cyd!.session, id, owner, 1);
    expect(around.records!.map((one) => one.owner_id)).toEqual([owner]);

    const listed = await cyd!.client.listTournaments(cyd!.session, 11, 11, undefined, undefined, 100);
    const found = listed.tournaments!.find((one) => one.id === id)!;
    expect(found).toMatchObject({ title: "Finals", size: 2, max_size: 2, max_num_score: 2, category: 11 });
    expect(found).toMatchObject({ sort_order: 1, duration: 3_600, metadata: { prize: 3 } });
    expect(found.can_enter).toBeFalsy();
    expect(found.end_active! - Number(found.start_active)).toBe(3_600);

    await ada!.client.deleteTournamentRecord(ada!.session, id);
    expect(await status(score(ada!, id, 99))).toBe(400);
    for (const guest of [ada, bob, cyd]) guest!.leave();
  });

  test("what is to come and what is over takes no scores; lists are paged", async () => {
    const now = Math.floor(Date.now() / 1_000);
    const category = format === "json" ? 21 : 22;
    const ids = [
      await cup({ category }),
      await cup({ category, start_time: now + 5_000 }),
      await cup({ category, start_time: now - 5_000, duration: 60 }),
    ] as const;
    const [ada] = await guests(1);
    const { client, session } = ada!;
    expect(await Promise.all(ids.map((id) => status(score(ada!, id, 1))))).toEqual([200, 400, 400]);
    const all = await client.listTournaments(session, category, category, undefined, undefined, 10);
    expect(all.tournaments!.map((one) => one.id).sort()).toEqual([ids[0], ids[1]].sort());
    const open = all.tournaments!.filter((one) => one.can_enter);
    expect(open.map((one) => one.id)).toEqual([ids[0]]);
    const later = await client.listTournaments(session, category, category, now + 1, undefined, 10);
    expect(later.tournaments!.map((one) => one.id)).toEqual([ids[1]]);
    const over = await client.listTournaments(session, category, category, undefined, now, 10);
    expect(over.tournaments!.map((one) => one.id)).toEqual([ids[2]]);

    const first = await client.listTournaments(session, category, category, undefined, undefined, 1);
    const second = await client.listTournaments(
      session,
      category,
      category,
      undefined,
      undefined,
      1,
      first.cursor,
    );
    expect([...first.tournaments!, ...second.tournaments!]).toEqual(all.tournaments);
    expect(second.cursor).toBeUndefined();
    expect(await status(score(ada!, "none", 1))).toBe(404);
    ada!.leave();
  });
});
