/** Offline play comes home: each action is judged where it lands, and nothing is done twice, forged or somebody else's. */
import { encode } from "@msgpack/msgpack";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeCommand, FLAG_MSGPACK, KIND, newCommandId } from "../../src/room/payload";
import { TestServer } from "../server";
import { Device, joined, player, refusal, told, type Action, type FarmState } from "./farmer";
import { FORMATS, Guest } from "./guest";

const server = new TestServer();
const YEAR_MS = 365 * 86_400_000;

beforeAll(async () => void (await server.start()));
afterAll(() => server.remove());

const codes = (synced: { results: { code?: number }[] }) => synced.results.map((result) => result.code);

describe("a chunk", () => {
  test("opens the farm, is booked, and answers with the farm", async () => {
    const device = await player(server);
    const synced = await device.sync([
      device.act("shear", { count: 12 }),
      device.act("buy", { building: "meadow_llama", count: 1 }),
      device.act("buy", { building: "meadow_llama", count: 1 }),
      device.act("buy", { building: "unicorn", count: 1 }),
    ]);
    expect(synced.results).toMatchObject([{ n: 1 }, { n: 2 }, { n: 3, code: 102 }, { n: 4, code: 101 }]);
    expect(synced.results[2]!.reason).toMatch(/\w/);
    expect(synced.upto).toBe(4);
    expect(synced.farm.buildings["meadow_llama"]).toMatchObject({ count: 1, rate: "500" });
    expect(synced.farm.stats.shears).toBe(12);
  });

  test("sent again is answered the same and does nothing", async () => {
    const device = await player(server);
    const chunk = [
      device.act("shear", { count: 10 }),
      device.act("buy", { building: "meadow_llama", count: 1 }),
      device.act("buy", { building: "meadow_llama", count: 1 }),
    ];
    const first = await device.sync(chunk, { after: 0 });
    for (let again = 0; again < 3; again++) {
      const repeated = await device.sync(chunk, { after: 0 });
      expect(repeated.results.map((result) => [result.n, result.again, result.code])).toEqual([
        [1, true, undefined],
        [2, true, undefined],
        [3, true, 102],
      ]);
      expect(repeated.upto).toBe(3);
      expect(repeated.farm.buildings).toEqual(first.farm.buildings);
      expect(repeated.farm.stats).toEqual(first.farm.stats);
      // The llama grows on; the shears and the price are booked once.
      const grown = BigInt(repeated.farm.wools["plain"]!.amount) - BigInt(first.farm.wools["plain"]!.amount);
      const seconds = BigInt(Math.ceil((repeated.farm.at_ms - first.farm.at_ms) / 1_000));
      expect(grown).toBeGreaterThanOrEqual(0n);
      expect(grown).toBeLessThanOrEqual(500n * seconds);
    }
    // Half old, half new: only the new half counts.
    const mixed = await device.sync([...chunk, device.act("shear", { count: 1 })], { after: 0 });
    expect(mixed.results.map((result) => result.again === true)).toEqual([true, true, true, false]);
    expect(mixed.farm.stats.shears).toBe(11);
  });

  test("before the one that comes first is refused as a whole, and says what is known", async () => {
    const device = await player(server);
    const [one, two] = [device.act("shear", { count: 3 }), device.act("shear", { count: 4 })];
    const early = await refusal(device.sync([two], { after: 1 }));
    expect(early).toMatchObject({ status: 400, code: 9 });
    expect(early.message).toMatch(/^111 .*\b0\b/);
    expect((await device.sync([one], { after: 0 })).farm.stats.shears).toBe(3);
    expect((await device.sync([two], { after: 1 })).farm.stats.shears).toBe(7);
    expect((await refusal(device.sync([], { after: 9 }))).message).toMatch(/^111 .*\b2\b/);
  });

  test("cut in any way leads to the same farm", async () => {
    const play = (device: Device): Action[] => [
      device.act("shear", { count: 20 }, 400),
      device.act("buy", { building: "meadow_llama", count: 1 }, 300),
      device.act("buy", { building: "meadow_llama", count: 1 }, 200),
      device.act("shear", { count: 5 }, 100),
    ];
    const whole = await player(server);
    const one = await whole.sync(play(whole));
    const cut = await player(server);
    const actions = play(cut);
    const results = [];
    let last: FarmState | undefined;
    for (const action of actions) {
      const synced = await cut.sync([action]);
      results.push(...synced.results);
      last = synced.farm;
    }
    expect(results.map((result) => result.code)).toEqual(codes(one));
    expect(last!.stats.shears).toBe(one.farm.stats.shears);
    expect(last!.buildings["meadow_llama"]).toEqual(one.farm.buildings["meadow_llama"]);
  });
});

describe("two devices", () => {
  test("both offline: the server's order stands, and the second hears what could not be kept", async () => {
    const phone = await player(server);
    await phone.sync([phone.act("shear", { count: 10 })]);
    const tablet = new Device(phone.guest);
    // Both think that the ten wool are theirs to spend.
    const onPhone = [phone.act("buy", { building: "meadow_llama", count: 1 }, 500)];
    const onTablet = [
      tablet.act("buy", { building: "meadow_llama", count: 1 }, 900),
      tablet.act("shear", { count: 2 }, 800),
    ];
    const second = await tablet.sync(onTablet);
    const first = await phone.sync(onPhone);
    expect(codes(second)).toEqual([undefined, undefined]);
    expect(codes(first)).toEqual([102]);
    expect(first.farm.buildings["meadow_llama"]!.count).toBe(1);
    expect(first.farm.stats.shears).toBe(12);
    // Numbers are each device's own.
    expect([first.upto, second.upto]).toEqual([2, 2]);
  });

  test.each(FORMATS)("a page on %s that is open sees what another device brings home", async (format) => {
    const guest = await Guest.connected(server, format);
    expect((await joined(guest)).stats.shears).toBe(0);
    const away = new Device(guest);
    await away.sync([away.act("shear", { count: 9 }), away.act("buy", { building: "unicorn", count: 1 })]);
    const news = await told(guest, "synced");
    expect(news.event).toMatchObject({ kept: 1, refused: 1 });
    expect(news.farm.stats?.shears).toBe(9);
    guest.leave();
  });

  test.each(FORMATS)(
    "a command whose answer was lost on %s may come again with the chunk",
    async (format) => {
      const guest = await Guest.connected(server, format);
      await joined(guest);
      const device = new Device(guest);
      const action = device.act("shear", { count: 5 });
      const bytes = Uint8Array.from(device.id.match(/../g)!, (two) => parseInt(two, 16));
      const body = encode({ do: "shear", count: 5, by: [bytes, action.n] });
      const id = newCommandId();
      const payload = encodeCommand(id, 0n, body, FLAG_MSGPACK);
      await guest.socket.sendMatchState(await guest.farm(), KIND.command, payload);
      expect(await guest.answer(id)).toMatchObject({ kind: "accepted" });
      const synced = await device.sync([action], { after: 0 });
      expect(synced.results).toEqual([{ n: 1, again: true }]);
      expect(synced.farm.stats.shears).toBe(5);
      guest.leave();
    },
  );
});

describe("forgeries", () => {
  test("a year of clicks in a farm of a second are no more than hands can do", async () => {
    const device = await player(server);
    const before = Date.now();
    await device.sync([device.act("shear", { count: 1 })]);
    const clicks = Array.from({ length: 100 }, (_, i) =>
      device.act("shear", { count: 50 }, YEAR_MS - i * 60_000),
    );
    const synced = await device.sync(clicks);
    const lived = (Date.now() - before) / 1_000;
    expect(synced.farm.stats.shears).toBeLessThanOrEqual(50 + Math.ceil(20 * lived) + 1);
    expect(codes(synced).filter((code) => code === 104).length).toBeGreaterThan(90);
  });

  test("a clock that is years ahead, or behind, moves nothing", async () => {
    for (const shift of [5 * YEAR_MS, -5 * YEAR_MS]) {
      const device = await player(server);
      const action = device.act("shear", { count: 7 });
      action.at_ms += shift;
      const synced = await device.sync([action], { clock_ms: Date.now() + shift });
      expect(codes(synced)).toEqual([undefined]);
      expect(Math.abs(synced.farm.at_ms - Date.now())).toBeLessThan(60_000);
    }
  });

  test("what is said to happen tomorrow happens now", async () => {
    const device = await player(server);
    await device.sync([
      device.act("shear", { count: 10 }),
      device.act("buy", { building: "meadow_llama", count: 1 }),
    ]);
    const synced = await device.sync([device.act("shear", { count: 1 }, -86_400_000)]);
    expect(codes(synced)).toEqual([undefined]);
    // A day of a llama's wool would be 43,200.
    expect(BigInt(synced.farm.wools["plain"]!.amount)).toBeLessThan(60_000n);
    expect(Math.abs(synced.farm.at_ms - Date.now())).toBeLessThan(60_000);
  });

  test("nobody else's farm can be named", async () => {
    const [ada, bob] = [await player(server), await player(server)];
    await ada.sync([ada.act("shear", { count: 10 })]);
    const chunk = {
      device: ada.id,
      after: 0,
      clock_ms: Date.now(),
      actions: [bob.act("shear", { count: 1 })],
    };
    for (const name of ["user_id", "owner", "match_id", "room"]) {
      const answer = await refusal(
        bob.guest.rpc("farm_sync", { ...chunk, [name]: ada.guest.session.user_id }),
      );
      expect(answer).toMatchObject({ status: 400, code: 3 });
    }
    // Ada's device is a number of Bob's own when Bob says it.
    const synced = (await bob.guest.rpc("farm_sync", chunk)) as unknown as { farm: FarmState };
    expect(synced.farm.stats.shears).toBe(1);
    expect((await ada.sync([])).farm.stats.shears).toBe(10);
    // The room itself lets nobody else in, awake or asleep.
    const stranger = await Guest.connected(server, "json");
    await expect(stranger.socket.joinMatch(await ada.guest.farm())).rejects.toMatchObject({
      code: expect.any(Number),
    });
    stranger.leave();
  });

  test.each([
    ["no device", { device: undefined }],
    ["a short device", { device: "00ff" }],
    ["numbers below nothing", { after: -1 }],
    ["a fraction", { clock_ms: 1.5 }],
    [
      "too many",
      { actions: Array.from({ length: 101 }, (_, n) => ({ n: n + 1, at_ms: 1, do: "shear", count: 1 })) },
    ],
    ["numbers that fall", { actions: [2, 1].map((n) => ({ n, at_ms: 1, do: "shear", count: 1 })) }],
    ["keys that are not there", { actions: [{ n: 1, at_ms: 1, do: "shear", count: 1, wool: "golden" }] }],
    ["a command that is not there", { actions: [{ n: 1, at_ms: 1, do: "give", count: 1 }] }],
    ["a chunk in a chunk", { actions: [{ n: 1, at_ms: 1, do: "sync", actions: [] }] }],
    ["no list", { actions: {} }],
  ])("%s: the whole chunk is malformed, and nothing of it is done", async (_, wrong) => {
    const device = await player(server);
    const chunk = { device: device.id, after: 0, clock_ms: Date.now(), actions: [], ...wrong };
    expect(await refusal(device.guest.rpc("farm_sync", chunk))).toMatchObject({ status: 400, code: 3 });
    expect((await device.sync([])).farm.stats.shears).toBe(0);
  });

  test("servers have no farm", async () => {
    const chunk = { device: "0".repeat(32), after: 0, clock_ms: 0, actions: [] };
    const asked = Guest.http(server).rpcHttpKey("defaulthttpkey", "farm_sync", chunk);
    expect(await refusal(asked)).toMatchObject({ status: 403, code: 7 });
  });
});

describe("a save of a local game", () => {
  const save = (changes: object = {}) => ({
    format: "llama-wool-farm",
    version: 1,
    started_ms: Date.now() - 3_600_000,
    saved_ms: Date.now() - 1_000,
    wools: { plain: "100" },
    buildings: { meadow_llama: 3 },
    upgrades: {},
    shears: 200,
    ...changes,
  });

  test("comes in once", async () => {
    const device = await player(server);
    const answer = (await device.guest.rpc("farm_import", { save: save() })) as unknown as {
      farm: FarmState;
    };
    expect(answer.farm).toMatchObject({ imported: true, buildings: { meadow_llama: { count: 3 } } });
    expect(BigInt(answer.farm.wools["plain"]!.amount)).toBeGreaterThanOrEqual(100_000n);
    expect((await refusal(device.guest.rpc("farm_import", { save: save() }))).message).toMatch(/^114 /);
  });

  test.each([
    ["more wool than could grow", { wools: { plain: "999999999999" } }, /^113 /],
    ["begun before the game was", { started_ms: 0, wools: { plain: "99999999999999" } }, /^113 /],
    [
      "saved in the future, to have had more time",
      { saved_ms: Date.now() + 1e11, wools: { plain: "9999999" } },
      /^113 /,
    ],
    ["more shears than hands can do", { shears: 1_000_000 }, /^113 /],
    ["things that are not there", { buildings: { unicorn: 1 } }, /^113 /],
    ["things without what they need", { buildings: { golden_llama: 5 } }, /^113 /],
    ["wool below nothing", { wools: { plain: "-5" } }, /^1(13)? /],
    ["another format", { format: "cookies" }, /^1(13)? /],
    ["another key", { stars: "5" }, /^1 /],
  ])("edited is refused, with a reason: %s", async (_, changes, said) => {
    const device = await player(server);
    const answer = await refusal(device.guest.rpc("farm_import", { save: save(changes) }));
    expect(answer.status).toBe(400);
    expect(answer.message).toMatch(said);
    expect((await device.sync([])).farm).toMatchObject({ imported: false, stats: { shears: 0, llamas: 0 } });
  });

  test("too long, or no save at all, is refused before the rules see it", async () => {
    const device = await player(server);
    const long = save({
      wools: Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`wool${i}`, "1"])),
    });
    for (const input of [{ save: long }, { save: "text" }, {}, { save: save(), user_id: "x" }]) {
      expect(await refusal(device.guest.rpc("farm_import", input))).toMatchObject({ status: 400, code: 3 });
    }
  });
});

test("what the socket is asked by function is the same", async () => {
  const guest = await Guest.connected(server, "protobuf");
  const device = new Device(guest);
  const chunk = {
    device: device.id,
    after: 0,
    clock_ms: Date.now(),
    actions: [device.act("shear", { count: 2 })],
  };
  const answer = await guest.socket.rpc("farm_sync", JSON.stringify(chunk));
  expect(JSON.parse(answer.payload ?? "")).toMatchObject({
    upto: 1,
    results: [{ n: 1 }],
    farm: { stats: { shears: 2 } },
  });
  guest.leave();
});
