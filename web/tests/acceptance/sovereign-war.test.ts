/** A war from its opening on: lists, the ground, people, commands, those who watch, and what nobody may see. */
import { describe, expect, test } from "vitest";
import { randomHex } from "../../src/random";
import { UNSEEN } from "../../src/sovereign/bytes/shapes";
import { until } from "../until";
import { camp } from "./camp";
import { refusal } from "./farmer";
import { FORMATS } from "./guest";
import { Listener } from "./listener";
import { atWar, log, QUICK, REFUSED } from "./warrior";

const { server, warrior } = camp([
  ...["--set", "matchmaker.interval_ms=100"],
  ...["--set", "rooms.spectate_delay_ms=0"],
]);

describe.each(FORMATS)("%s", (format) => {
  test("a war is opened, listed, joined and fought", async () => {
    const [a, b] = [await warrior(format), await warrior(format)];
    const name = `War ${randomHex(4)}`;
    const matchId = await a.open({ ...QUICK, name, tribes: 4, rivals: 2, seats: 2, spawn_seconds: 6 });
    const first = await a.join(matchId);
    expect(first).toMatchObject({ phase: { kind: "choosing" }, fog: false });
    expect(first.mine).toMatchObject({ kind: "player", seat: 0, standing: "waiting" });
    expect([...first.nations.values()].map(({ kind }) => kind).sort()).toEqual(
      ["player", "rival", "rival", "tribe", "tribe", "tribe", "tribe"].sort(),
    );

    const { client, session } = a.guest;
    const listed = (query: string) =>
      until("the list", async () => {
        const { matches } = await client.listMatches(session, 100, true, "", 0, 100, query);
        const found = (matches ?? []).find((match) => match.match_id === matchId);
        return found !== undefined && (JSON.parse(found.label!) as Record<string, unknown>);
      });
    expect(await listed("+label.rules:sovereign +label.open:T")).toMatchObject({
      ...{ name, phase: "choosing", seats: 2, size: "tiny", fog: false },
    });

    // The ground is the one that the view names, and a tile of it is land or not for everybody alike.
    const ground = await a.ground();
    expect({ w: ground.w, h: ground.h, ground: ground.ground }).toEqual({
      ...{ w: first.map.w, h: first.map.h, ground: first.map.ground },
    });
    expect(ground.tiles).toHaveLength(ground.w * ground.h);
    const land = ground.tiles.filter((byte) => (byte & 0x80) !== 0).length / ground.tiles.length;
    expect(land).toBeGreaterThan(0.3);
    expect(land).toBeLessThan(0.65);

    await b.join(matchId);
    await a.settle(ground, ground.w / 3, ground.h / 2);
    await b.settle(ground, (ground.w * 2) / 3, ground.h / 2);
    const { players: people } = await b.guest.rpc("war_players", { match_id: matchId });
    expect(people).toMatchObject([
      { seat: 0, user_id: a.userId, username: a.guest.session.username },
      { seat: 1, user_id: b.userId },
    ]);

    const war = await a.whenAtWar();
    const before = war.mine!.tiles;
    await a.accepted({ do: "attack", on: 0, share: 500 });
    await a.when("land", (war) => war.mine!.tiles > before + 20);
    // Everybody has heard the same.
    const me = war.me;
    await b.when("the other's land", (war) => war.nation(me)!.tiles > before + 20);
    expect(await listed("+label.rules:sovereign +label.phase:war")).toMatchObject({ open: false });
    // Whoever comes again sees what those who stayed have heard.
    const again = await warrior(format);
    const seen = await again.join(matchId, { spectate: "1" });
    const known = await b.when("the same step", (war) => war.step >= seen.step);
    expect(seen.map).toEqual(known.map);
    expect([...seen.nations.keys()].sort()).toEqual([...known.nations.keys()].sort());
  });
});

test("what cannot be opened, found or asked for is refused", async () => {
  const a = await warrior();
  const rpc = (id: string, input: object) => refusal(a.guest.rpc(id, input));
  for (const setup of [
    { seats: 0 },
    { seats: 201 },
    { tribes: -1 },
    { size: "endless" },
    { spawn_seconds: 0 },
    { name: "x".repeat(49) },
    { anything: 1 },
    "war",
  ])
    expect(await rpc("war_open", { setup }), JSON.stringify(setup)).toMatchObject({ status: 400 });
  const other = await a.guest.openLedger(2, 5);
  for (const id of ["war_map", "war_players", "war_replay"]) {
    expect(await rpc(id, { match_id: other }), id).toMatchObject({ status: 404 });
    expect(await rpc(id, { match_id: `${other.slice(0, 36)}.elsewhere` }), id).toMatchObject({ status: 404 });
    expect(await rpc(id, { match_id: "war" }), id).toMatchObject({ status: 400 });
    expect(await rpc(id, {}), id).toMatchObject({ status: 400 });
  }
  const matchId = await a.open();
  for (const id of ["war_report", "war_flags"])
    expect(await rpc(id, { match_id: matchId }), id).toMatchObject({ status: 403 });
  // What is to come, and what fog hides, is nobody's while the war goes on.
  expect(await rpc("war_replay", { match_id: matchId })).toMatchObject({ status: 403 });
  expect((await log(a, matchId)).status).toBe(403);
});

test("a private war is in no list, and whoever has its id comes in; a full one takes nobody", async () => {
  const [a, b, c] = [await warrior(), await warrior(), await warrior()];
  const matchId = await a.open({ ...QUICK, seats: 2, private: true, spawn_seconds: 30 });
  await a.join(matchId);
  const open = await b.open({ ...QUICK, spawn_seconds: 30 });
  await c.join(open);
  const list = async (query: string) =>
    (await b.guest.client.listMatches(b.guest.session, 100, true, "", 0, 100, query)).matches ?? [];
  await until("the open one", async () =>
    (await list("+label.open:T")).some(({ match_id }) => match_id === open),
  );
  expect((await list("+label.open:T")).map(({ match_id }) => match_id)).not.toContain(matchId);
  expect(await b.join(matchId)).toMatchObject({ phase: { kind: "choosing" } });
  await expect(c.guest.socket.joinMatch(matchId)).rejects.toMatchObject({ code: 5 });
});

test("whoever watches sees what everybody may, and does nothing", async () => {
  const [a, b, c] = [await warrior(), await warrior(), await warrior()];
  const { matchId } = await atWar(a, b);
  const seen = await c.join(matchId, { spectate: "1" });
  expect(seen.me).toBe(0);
  expect(await c.order({ do: "attack", on: 0, share: 500 })).toMatchObject({ kind: "refused" });
  const me = (await a.now()).me;
  const before = (await a.now()).mine!.tiles;
  await a.accepted({ do: "attack", on: 0, share: 500 });
  await c.when("a's land", (war) => war.nation(me)!.tiles > before + 10);
  const { views, updates } = await c.all();
  for (const view of views) for (const nation of view.nations) expect(nation.gold).toBeUndefined();
  for (const { own, all } of updates) {
    expect(own).toBeUndefined();
    for (const amounts of all?.amounts ?? []) expect(amounts.gold).toBeUndefined();
  }
  // Nobody has taken a seat for it.
  const { players: people } = await a.guest.rpc("war_players", { match_id: matchId });
  expect(people).toHaveLength(2);
});

test("the gold of others is in no byte, and one's own is", async () => {
  const [a, b] = [await warrior(), await warrior()];
  await atWar(a, b);
  await a.when("gold", (war) => (war.mine!.gold ?? 0) > 0);
  await a.accepted({ do: "attack", on: 0, share: 300 });
  await b.when("some time", (war) => war.step > 100);
  const mine = (await b.now()).me;
  const { views, updates } = await b.all();
  const rows = [
    ...views.flatMap(({ nations }) => nations),
    ...updates.flatMap(({ all }) => all?.nations ?? []),
  ];
  expect(rows.filter(({ id, gold }) => id !== mine && gold !== undefined)).toEqual([]);
  expect(updates.flatMap(({ all }) => all?.amounts ?? []).filter(({ gold }) => gold !== undefined)).toEqual(
    [],
  );
  expect(updates.some(({ own }) => (own?.gold ?? 0) > 0)).toBe(true);
});

test("under fog what is far away is in no byte until the war is over", async () => {
  const [a, b] = [await warrior(), await warrior()];
  const { matchId, homes } = await atWar(a, b, { ...QUICK, size: "small", fog: true });
  const [far, other] = [homes[1], (await b.now()).me];
  await b.accepted({ do: "attack", on: 0, share: 500 });
  await b.when("land", (war) => war.mine!.tiles > 100);
  await a.when("as much time", (war) => war.step > 100);
  const { views, updates } = await a.all();
  for (const view of views) {
    expect(view.owners[far]).toBe(UNSEEN);
    expect(view.owners.includes(other)).toBe(false);
  }
  const rows = [
    ...views.flatMap(({ nations }) => nations),
    ...updates.flatMap(({ all }) => all?.nations ?? []),
  ];
  const known = rows.filter(({ id }) => id === other);
  expect(known.filter(({ troops, gold }) => troops !== undefined || gold !== undefined)).toEqual([]);
  expect(updates.flatMap(({ all }) => all?.amounts ?? []).filter(({ id }) => id === other)).toEqual([]);
  expect(updates.flatMap(({ all }) => all?.attacks ?? []).filter((one) => "here" in one)).toEqual([]);
  // Its own mirror has heard of no tile of the other's, whatever the updates say.
  expect((await a.now()).owners.includes(other)).toBe(false);

  // At the end there is more to see than an update can say: whoever is told so asks for all of it.
  a.mayLack = true;
  await b.accepted({ do: "resign" });
  await a.when("the end", () => a.lacks);
  await a.guest.socket.leaveMatch(matchId);
  const over = await a.join(matchId);
  expect(over.phase.kind).toBe("over");
  expect(over.owners.includes(UNSEEN)).toBe(false);
  expect(over.nation(other)!.standing).toBe("beaten");
});

test("those who are matched are in a war of their own, and parties stay together", async () => {
  const all = await Promise.all([1, 2, 3, 4].map(() => Listener.connected(server, "json")));
  const [a, b, c, d] = all as [Listener, Listener, Listener, Listener];
  const run = randomHex(4);
  const properties = { run, mode: "authoritative", rules: "sovereign", setup: JSON.stringify(QUICK) };
  const party = await a.socket.createParty(true, 2);
  await b.socket.joinParty(party.party_id);
  await until("the party", () => a.partyPresences.length > 0 || undefined);
  await a.socket.addMatchmakerParty(party.party_id, `+properties.run:${run}`, 4, 4, properties);
  for (const one of [c, d]) await one.socket.addMatchmaker(`+properties.run:${run}`, 4, 4, properties);
  const matches = await Promise.all(all.map((one) => one.first(one.matched, "a match")));
  expect(new Set(matches.map(({ match_id }) => match_id)).size).toBe(1);
  const { label } = await a.socket.joinMatch(matches[0]!.match_id!);
  expect(JSON.parse(label!)).toMatchObject({ rules: "sovereign", seats: 4, private: true, size: "tiny" });
  for (const one of [b, c, d]) await one.socket.joinMatch(matches[0]!.match_id!);
  // A stranger who has the id finds no seat.
  const stranger = await warrior();
  await expect(stranger.guest.socket.joinMatch(matches[0]!.match_id!)).rejects.toMatchObject({ code: 5 });
  for (const one of all) one.leave();
});

test("two who are neighbours ally, break their word, and one gives up", async () => {
  const [a, b] = [await warrior(), await warrior()];
  await atWar(a, b);
  const [ida, idb] = [(await a.now()).me, (await b.now()).me];
  expect(await a.refused({ do: "ally", with: ida })).toBe(REFUSED.yourself);
  await a.accepted({ do: "ally", with: idb });
  await b.when("the request", (war) => war.asks.some(({ from }) => from === ida));
  await b.accepted({ do: "ally", with: ida });
  await a.when("the alliance", (war) => war.allied(ida, idb));
  await a.accepted({ do: "break", with: idb });
  await b.when("the broken word", (war) => !war.allied(ida, idb) && war.nation(ida)!.traitorUntil > war.step);
  expect(b.notices).toContainEqual({ kind: "broke", by: ida, to: idb });
  await b.accepted({ do: "resign" });
  const over = await a.when("the end", (war) => war.phase.kind === "over");
  expect(over.phase).toMatchObject({ winner: ida });
  expect(over.nation(idb)).toMatchObject({ standing: "beaten", tiles: 0 });
});
