/** Ranks of farms: all time and of the week, among friends and around oneself; achievements; visits. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestServer } from "../server";
import { until } from "../until";
import { contentWith, publish, QUICK } from "./contents";
import { Device, joined, operator, player, refusal } from "./farmer";
import { FORMATS, Guest } from "./guest";

const server = new TestServer();

beforeAll(async () => {
  await server.start();
  await publish(server, contentWith(QUICK));
});
afterAll(() => server.remove());

/** A shear is worth a million wool, and a star a million: so many stars are the root of the shears. */
async function trade(device: Device, shears: number): Promise<void> {
  const synced = await device.sync([device.act("shear", { count: shears }), device.act("prestige")]);
  expect(synced.results.map((result) => result.code)).toEqual([undefined, undefined]);
}

const stars = async (device: Device): Promise<{ rank: number; score: number } | undefined> => {
  const { client, session } = device.guest;
  const list = await client.listLeaderboardRecords(session, "farm_stars", [session.user_id!]);
  const own = list.owner_records?.[0];
  return own && { rank: own.rank!, score: own.score! };
};

test.each(FORMATS)(
  "stars are ranked, among friends and around oneself, for players on %s",
  async (format) => {
    const devices = [];
    for (const shears of [4, 9, 16, 25]) {
      const device = new Device(await Guest.connected(server, format));
      await trade(device, shears);
      devices.push(device);
    }
    const [ada, bob, , dan] = devices as [Device, Device, Device, Device];
    for (const [place, device] of devices.entries()) {
      await until("the score", async () => (await stars(device))?.score === place + 2);
    }
    const { client, session } = bob.guest;
    const around = await client.listLeaderboardRecordsAroundOwner(session, "farm_stars", session.user_id!, 3);
    const owners = around.records!.map((record) => record.owner_id);
    const place = owners.indexOf(session.user_id!);
    expect(place).toBeGreaterThanOrEqual(0);
    expect(around.records!.length).toBe(3);
    const scores = around.records!.map((record) => record.score!);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));

    // Friends only: the owners that are asked for, each with the rank among all.
    await bob.guest.client.addFriends(session, [dan.guest.session.user_id!]);
    await dan.guest.client.addFriends(dan.guest.session, [session.user_id!]);
    const friends = (await client.listFriends(session, 0, 10)).friends!.map((friend) => friend.user!.id!);
    const among = await client.listLeaderboardRecords(session, "farm_stars", [session.user_id!, ...friends]);
    const ranked = [...among.owner_records!].sort((a, b) => a.rank! - b.rank!);
    expect(ranked.map((record) => record.owner_id)).toEqual([dan.guest.session.user_id, session.user_id]);
    expect(ranked[0]!.metadata).toMatchObject({ prestiges: "1" });
    expect(ranked[0]!.username).toBe(dan.guest.session.username);
    // Players cannot write what the farm reports.
    const forged = client.writeLeaderboardRecord(session, "farm_stars", { score: "999999" });
    expect(await refusal(forged)).toMatchObject({ status: 403 });
    const invented = { name: "farm_score", properties: { stars: "99", week: "2970", week_magnitude: "1" } };
    await client.emitEvent(session, { ...invented, external: true });
    await trade(ada, 4);
    await until("the events to be taken", async () => (await stars(ada))?.score === 4);
    expect((await stars(bob))!.score).toBe(3);
    for (const device of devices) device.guest.leave();
  },
);

test("the week is ranked by worth, from Monday to Monday", async () => {
  const [little, much] = [await player(server), await player(server)];
  await little.sync([little.act("shear", { count: 2 })]);
  await much.sync([much.act("shear", { count: 40 })]);
  const { client, session } = much.guest;
  const owners = [little, much].map((device) => device.guest.session.user_id!);
  const records = await until("both records", async () => {
    const list = await client.listTournamentRecords(session, "farm_weekly", owners);
    return list.owner_records?.length === 2 && list.owner_records;
  });
  const [low, high] = owners.map((owner) => records.find((record) => record.owner_id === owner)!);
  expect(high!.rank!).toBeLessThan(low!.rank!);
  // Magnitudes: 40 shears are 20 times 2 shears, between 2^4 and 2^5.
  expect((high!.score! >> 20) - (low!.score! >> 20)).toBeGreaterThanOrEqual(4);
  expect((high!.score! >> 20) - (low!.score! >> 20)).toBeLessThanOrEqual(5);
  const ends = new Date(high!.expiry_time!);
  expect([ends.getUTCDay(), ends.toISOString().slice(11)]).toEqual([1, "00:00:00.000Z"]);
  const around = await client.listTournamentRecordsAroundOwner(session, "farm_weekly", owners[1]!, 2);
  expect(around.records!.map((record) => record.owner_id)).toContain(owners[1]);
  const [tournament] = (await client.listTournaments(session, 0, 127)).tournaments!;
  expect(tournament).toMatchObject({ id: "farm_weekly", title: "Wool of the week" });
});

test("achievements follow the farm, are unlocked once, and bring their fleece", async () => {
  const device = new Device(await Guest.connected(server, "json"));
  const told: object[] = [];
  device.guest.socket.onnotification = (notification) => void told.push(notification);
  type State = { id: string; steps: number; progress: number; unlock_time: string | null; reward: object };
  const states = async () => (await device.guest.rpc("achievements_list", {}))["achievements"] as State[];
  const declared = await states();
  expect(declared.length).toBeGreaterThanOrEqual(20);
  expect(declared.every((state) => state.progress === 0)).toBe(true);
  await trade(device, 9);
  const unlocked = await until("an achievement", async () => {
    const done = (await states()).filter((state) => state.unlock_time !== null);
    return done.length > 0 && done;
  });
  await until("to be told", () => told.length >= unlocked.length);
  const wallet = async () =>
    JSON.parse((await device.guest.client.getAccount(device.guest.session)).wallet ?? "{}") as object;
  // The same report again changes nothing.
  const before = await wallet();
  await device.sync([]);
  await trade(device, 1);
  await until("the second trade", async () => (await stars(device))?.score === 4);
  const gained = (await states()).filter((state) => state.unlock_time !== null).length - unlocked.length;
  if (gained === 0) {
    const fleece = (held: object) => (held as { golden_fleece?: number }).golden_fleece ?? 0;
    expect(fleece(await wallet())).toBe(fleece(before) + 1);
  }
  device.guest.leave();
});

test("a farm can be visited, awake and asleep, and shows what is public only", async () => {
  const owner = new Device(await Guest.connected(server, "json"));
  await joined(owner.guest);
  await owner.sync([
    owner.act("shear", { count: 10 }),
    owner.act("buy", { building: "meadow_llama", count: 5 }),
  ]);
  await owner.guest.client.updateAccount(owner.guest.session, { display_name: "Ada of the hills" });
  const visitor = await player(server);
  const visit = (id: string) => visitor.guest.rpc("farm_visit", { user_id: id });
  const awake = (await visit(owner.guest.session.user_id!)) as Record<string, Record<string, unknown>>;
  expect(awake["user"]).toEqual({
    id: owner.guest.session.user_id,
    username: owner.guest.session.username,
    display_name: "Ada of the hills",
  });
  expect(awake["farm"]).toMatchObject({ buildings: { meadow_llama: 5 }, prestige: { stars: "0", count: 0 } });
  for (const secret of ["wools", "works_until_ms", "hands_free_ms", "week"])
    expect(awake["farm"]).not.toHaveProperty(secret);
  expect(awake["content"]).toHaveProperty("buildings");

  owner.guest.leave();
  await server.stop();
  await server.start();
  const asleep = (await visit(owner.guest.session.user_id!)) as typeof awake;
  expect(asleep["farm"]!["buildings"]).toEqual(awake["farm"]!["buildings"]);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toMatch(/^longhouse_rooms_awake(\{[^}]*\})? 0$/m);

  expect(await refusal(visit(visitor.guest.session.user_id!))).toMatchObject({ status: 404 });
  expect(await refusal(visit("00000000-0000-4000-8000-000000000000"))).toMatchObject({ status: 404 });
  expect(await refusal(visit("nobody"))).toMatchObject({ status: 400 });
  await owner.guest.client.blockFriends(owner.guest.session, [visitor.guest.session.user_id!]);
  expect(await refusal(visit(owner.guest.session.user_id!))).toMatchObject({ status: 404 });
  expect(await operator(server, "farm_visit", { user_id: owner.guest.session.user_id })).toHaveProperty(
    "farm",
  );
});
