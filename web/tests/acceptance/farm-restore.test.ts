/** Going back to before a prestige: what it undoes is said before, and ranks and wallet go back with the farm. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestServer } from "../server";
import { until } from "../until";
import { contentWith, publish, QUICK } from "./contents";
import { Device, joined, operator, player, refusal, type FarmState } from "./farmer";
import { Guest } from "./guest";

const server = new TestServer();

beforeAll(async () => {
  await server.start();
  // Achievements that pay nothing: all fleece here comes from trading.
  await publish(server, contentWith(QUICK).replaceAll(/^fleece = \d+$/gm, "fleece = 0"));
});
afterAll(() => server.remove());

interface Point {
  seq: string;
  at_ms: number;
  why: string;
  label: { prestiges: number; llamas: number };
}

interface Side {
  measures: Record<string, string>;
  label: { prestiges: number };
  farm: FarmState;
}

interface Restored {
  before: Side;
  after: Side;
  standing: { currency: string; amount: string }[];
  wallet: Record<string, string>;
  ranks: { board: string; before: string | null; after: string | null }[];
}

const points = async (device: Device) =>
  (await device.guest.rpc("farm_points", {}))["points"] as unknown as Point[];
async function restore(device: Device, seq: string, dry_run: boolean): Promise<Restored> {
  const done = await device.guest.rpc("farm_restore", { seq, dry_run });
  if (!dry_run) device.restored();
  return done as unknown as Restored;
}
const fleece = async (device: Device): Promise<number> => {
  const { wallet } = await device.guest.client.getAccount(device.guest.session);
  return (JSON.parse(wallet ?? "{}") as { golden_fleece?: number }).golden_fleece ?? 0;
};
const score = async (device: Device): Promise<number | undefined> => {
  const { client, session } = device.guest;
  const list = await client.listLeaderboardRecords(session, "farm_stars", [session.user_id!]);
  return list.owner_records?.[0]?.score;
};

/** A farm that was traded once for `stars` stars, and the point before that. */
async function traded(stars: number): Promise<[Device, Point]> {
  const device = await player(server);
  await device.sync([device.act("shear", { count: stars * stars }), device.act("prestige")]);
  const [point] = await until("a point", async () => {
    const before = (await points(device)).filter((one) => one.why === "prestige");
    return before.length > 0 && before;
  });
  await until("the rank", async () => (await score(device)) === stars);
  return [device, point!];
}

test("a dry run says what would be undone, and the restore does it: farm, ranks, wallet", async () => {
  const [device, point] = await traded(5);
  expect(point.label).toMatchObject({ prestiges: 0 });
  const held = await fleece(device);
  expect(held).toBe(5);

  const dry = await restore(device, point.seq, true);
  expect(dry.before.farm.prestige).toMatchObject({ stars: "5", count: 1 });
  expect(dry.after.farm.prestige).toMatchObject({ stars: "0", count: 0 });
  expect([dry.before.measures["stars"], dry.after.measures["stars"] ?? "0"]).toEqual(["5", "0"]);
  expect(dry.standing).toMatchObject([{ currency: "golden_fleece", amount: "5" }]);
  expect(dry.wallet).toEqual({ golden_fleece: "-5" });
  expect(dry.ranks).toMatchObject([
    { board: "farm_stars", before: "5", after: "0" },
    { board: "farm_weekly" },
  ]);
  expect(await fleece(device)).toBe(held);
  expect(await score(device)).toBe(5);

  const done = await restore(device, point.seq, false);
  expect(done.wallet).toEqual({ golden_fleece: "-5" });
  expect(await fleece(device)).toBe(held - 5);
  await until("the rank to go back", async () => (await score(device)) === 0);
  const farm = (await device.sync([])).farm;
  expect(farm.prestige.stars).toBe("0");
  expect(farm.stats.shears).toBe(dry.after.farm.stats.shears);

  // Traded again and taken back again: fleece comes and goes, and none is left over.
  await device.sync([device.act("shear", { count: 9 }), device.act("prestige")]);
  await until("the second trade", async () => (await score(device)) === 3);
  expect(await fleece(device)).toBe(held - 5 + 3);
  await restore(device, point.seq, false);
  expect(await fleece(device)).toBe(held - 5);
  await restore(device, point.seq, false);
  expect(await fleece(device)).toBe(held - 5);
});

test("a page that is open is shown the farm anew, and plays on", async () => {
  const [device, point] = await traded(4);
  const guest = await Guest.connected(server, "protobuf", undefined);
  const own = await operator(server, "farm_points", { user_id: device.guest.session.user_id });
  expect((own["points"] as Point[]).map((one) => one.seq)).toContain(point.seq);
  guest.leave();

  const page = device.guest;
  await page.socket.connect(page.session, false);
  expect((await joined(page)).prestige.stars).toBe("4");
  const views = () => page.heard.filter((message) => message.kind === "view").length;
  const shown = views();
  await restore(device, point.seq, false);
  await until("a new view", () => views() > shown);
  const farm = (await device.sync([device.act("shear", { count: 1 })])).farm;
  expect(farm.prestige.stars).toBe("0");
  page.leave();
});

test("fleece that is spent cannot be taken back by the player; an operator may go back all the same", async () => {
  const [device, point] = await traded(4);
  const held = await fleece(device);
  const user_id = device.guest.session.user_id;
  const updates = [{ user_id, changeset: { golden_fleece: 1 - held } }];
  await operator(server, "wallet_update", { updates });
  for (const dry_run of [true, false]) {
    const no = await refusal(device.guest.rpc("farm_restore", { seq: point.seq, dry_run }));
    expect(no).toMatchObject({ status: 400, code: 9 });
    expect(no.message).toMatch(/take 4 golden_fleece back, and the wallet has 1/);
  }
  expect((await device.sync([])).farm.prestige.stars).toBe("4");
  const done = await operator(server, "farm_restore", { seq: point.seq, user_id });
  device.restored();
  expect(done["wallet"]).toEqual({ golden_fleece: "-1" });
  expect(await fleece(device)).toBe(0);
  expect((await device.sync([])).farm.prestige.stars).toBe("0");
  const audit = server.log.find(
    (line) => line.includes("taken back to a restore point") && line.includes(String(user_id)),
  );
  expect(audit).toMatch(/operator/);
});

test("what a player may not: another's farm, a point that is none, keys that are not there", async () => {
  const [device, point] = await traded(2);
  const other = await player(server);
  await other.sync([]);
  const ask = (from: Device, input: object) => refusal(from.guest.rpc("farm_restore", input));
  expect(await ask(other, { seq: point.seq, user_id: device.guest.session.user_id })).toMatchObject({
    status: 403,
  });
  expect(await ask(other, { seq: point.seq })).toMatchObject({ status: 404 });
  expect(await ask(device, { seq: "1" })).toMatchObject({ status: 404 });
  for (const wrong of [{}, { seq: "last" }, { seq: -1 }, { seq: point.seq, force: true }])
    expect(await ask(device, wrong)).toMatchObject({ status: 400, code: 3 });
  const nobody = await player(server);
  expect(await refusal(nobody.guest.rpc("farm_points", {}))).toMatchObject({ status: 404 });
  const unnamed = operator(server, "farm_restore", { seq: point.seq });
  expect(await refusal(unnamed)).toMatchObject({ status: 400 });
  expect((await device.sync([])).farm.prestige.stars).toBe("2");
});
