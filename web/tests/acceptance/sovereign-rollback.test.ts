/** An operator sets a running war back, or takes one command out; and a server that is killed comes back to what it said. */
import { expect, test } from "vitest";
import { randomHex } from "../../src/random";
import { until } from "../until";
import { camp } from "./camp";
import { operator, refusal } from "./farmer";
import { atWar, QUICK, Warrior } from "./warrior";

const { server, warrior } = camp();

const views = (of: Warrior) => of.guest.heard.filter(({ kind }) => kind === "view").length;
const shownAnew = async (of: Warrior, before: number) => {
  await until("a new view", () => views(of) > before);
  return of.now();
};

test("a running war goes back to any step, everybody is shown it, and it goes on", async () => {
  const [a, b] = [await warrior(), await warrior()];
  const { matchId } = await atWar(a, b);
  const home = (await a.now()).mine!.tiles;
  // The room's steps are in the heads of updates. What comes now may be in the newest one still.
  const step = ((await until("an update", () => a.guest.updates().at(-1))).step - 1n).toString();
  await a.accepted({ do: "attack", on: 0, share: 500 });
  await a.when("land", (war) => war.mine!.tiles > home + 50);
  const [va, vb] = [views(a), views(b)];
  expect(await refusal(a.guest.rpc("room_rewind", { match_id: matchId, step }))).toMatchObject({
    status: 403,
  });
  await operator(server, "room_rewind", { match_id: matchId, step });
  const [sa, sb] = [await shownAnew(a, va), await shownAnew(b, vb)];
  expect(sa.mine!.tiles).toBeLessThanOrEqual(home + 5);
  expect(sb.nation(sa.me)!.tiles).toBeLessThanOrEqual(home + 5);
  expect(sa.attacks.size).toBe(0);
  // Everybody is still in, and plays on; the step that was named may be the last one of choosing.
  await a.whenAtWar();
  await a.accepted({ do: "attack", on: 0, share: 500 });
  await b.when("a's land again", (war) => war.nation(sa.me)!.tiles > home + 20);
});

test("one command is taken out, and what no longer stands is listed before", async () => {
  const [a, b] = [await warrior(), await warrior()];
  const { matchId } = await atWar(a, b);
  const { seq } = await a.accepted({ do: "attack", on: 0, share: 800 });
  const war = await a.when("the attack", (war) => war.attacks.size > 0);
  const attack = [...war.attacks.keys()][0]!;
  const before = war.mine!.tiles;
  await a.when("land", (war) => war.mine!.tiles > before + 30);
  const called = await a.order({ do: "retreat", attack });
  const without = (dry_run: boolean) =>
    operator(server, "room_without", { match_id: matchId, seq: seq.toString(), dry_run });
  const dry = await without(true);
  // A dry run has changed nothing, and lists the retreat, which has nothing to call back without the attack.
  expect((await a.now()).mine!.tiles).toBeGreaterThan(before + 30);
  const fallen = (dry["refused"] ?? []) as { seq: string }[];
  if (called.kind === "accepted") expect(fallen.map(({ seq }) => seq)).toContain(called.seq.toString());
  const shown = views(b);
  await without(false);
  const seen = await shownAnew(b, shown);
  expect(seen.nation(war.me)!.tiles).toBeLessThanOrEqual(before + 5);
  expect(seen.attacks.size).toBe(0);
});

test("a server that is killed in the middle comes back to no less than it acknowledged", async () => {
  const devices = [randomHex(), randomHex()];
  const [a, b] = [await warrior("json", devices[0]), await warrior("json", devices[1])];
  const { matchId } = await atWar(a, b, { ...QUICK, tribes: 6, rivals: 2 });
  const [ida, idb] = [(await a.now()).me, (await b.now()).me];
  await a.accepted({ do: "ally", with: idb });
  await b.accepted({ do: "ally", with: ida });
  await a.when("the alliance", (war) => war.allied(ida, idb));
  await a.accepted({ do: "attack", on: 0, share: 300 });
  const view = await a.guest.view();
  const seen = (await a.now()).step;
  await server.kill();
  await until("the sockets to close", () => a.guest.closed && b.guest.closed);
  const began = Date.now();
  await server.start();

  const [c, d] = [await warrior("json", devices[0]), await warrior("json", devices[1])];
  const resume = { resume: view.resumeToken, seq: view.seq.toString() };
  const [again, other] = [await c.join(matchId, resume), await d.join(matchId)];
  expect(Date.now() - began).toBeLessThan(10_000);
  // What was acknowledged stands: the alliance, and an attack that has taken land or still does.
  expect(again.allied(ida, idb)).toBe(true);
  expect(other.allied(ida, idb)).toBe(true);
  expect([again.me, other.me]).toEqual([ida, idb]);
  // At most what passed since the newest input is gone: a second of steps.
  expect(again.step).toBeGreaterThan(seen - 60);
  await c.when("it goes on", (war) => war.step > seen + 20);
});
