/** The past of a war: watched again as it was seen, taken away as a file, and what its end brings. */
import { expect, test } from "vitest";
import { openBody } from "../../src/sovereign/bytes/body";
import { updateOf } from "../../src/sovereign/bytes/update";
import { viewOf } from "../../src/sovereign/bytes/view";
import { Mirror } from "../../src/sovereign/war/mirror";
import { until } from "../until";
import { camp } from "./camp";
import { operator, refusal } from "./farmer";
import { atWar, fromBase64, log, QUICK, Warrior } from "./warrior";

const { server, warrior } = camp();

interface Part {
  step: number;
  view: string | null;
  updates: [number, string][];
  next: number;
  jumped: boolean;
  last: number;
  end: boolean;
}

type Asks = (input: object) => Promise<Part>;

const asOperator: Asks = async (input) => (await operator(server, "war_replay", input)) as unknown as Part;

/** All parts from a step to the end. */
async function whole(ask: Asks, match_id: string, step: number, steps: number): Promise<Part[]> {
  const parts = [await ask({ match_id, step, steps })];
  while (!parts.at(-1)!.end)
    parts.push(await ask({ match_id, step: parts.at(-1)!.next, steps, view: false }));
  return parts;
}

/** A war of two of whom one gives up, over. */
async function fought(a: Warrior, b: Warrior): Promise<string> {
  const { matchId } = await atWar(a, b);
  for (const one of [a, b]) await one.accepted({ do: "attack", on: 0, share: 400 });
  await a.when("some land", (war) => war.mine!.tiles > 150);
  await b.accepted({ do: "resign" });
  await a.when("the end", (war) => war.phase.kind === "over");
  return matchId;
}

/** What everybody was told, one text for each update in its order; private ones are left out. */
async function publicBodies(of: Warrior): Promise<string[]> {
  const found: string[] = [];
  for (const came of of.bodies())
    if ("update" in came && updateOf(await openBody(came.update)).all !== undefined)
      found.push(btoa(String.fromCharCode(...came.update)));
  return found;
}

test("a war is watched again byte for byte, in parts of any length, from any step", async () => {
  const [a, b] = [await warrior(), await warrior()];
  const matchId = await fought(a, b);
  const live = await publicBodies(a);
  // The end is known once the room's next input is.
  const ask: Asks = async (input) => (await a.guest.rpc("war_replay", input)) as unknown as Part;
  const past = await until("the whole past", async () => {
    const parts = await whole(asOperator, matchId, 0, 100).catch(() => undefined);
    const told = parts?.flatMap(({ updates }) => updates.map(([, body]) => body)) ?? [];
    return told.length >= live.length && parts;
  });
  const told = past.flatMap(({ updates }) => updates);
  // What a heard from its join on is the end of what was told.
  expect(told.map(([, body]) => body).join("\n")).toContain(live.join("\n"));
  expect(told.map(([step]) => step)).toEqual(told.map(([step]) => step).sort((x, y) => x - y));

  // As a player, once it is over; a view in the middle is what a mirror is there.
  await until("its past to be open", () => ask({ match_id: matchId }).catch(() => undefined));
  const mirror = new Mirror(viewOf(await openBody(fromBase64(past[0]!.view!))));
  const middle = told[Math.floor(told.length / 2)]![0];
  for (const [step, body] of told)
    if (step <= middle)
      expect(mirror.take(updateOf(await openBody(fromBase64(body))), silent)).not.toBe("gap");
  const part = await ask({ match_id: matchId, step: middle, steps: 1 });
  const view = viewOf(await openBody(fromBase64(part.view!)));
  expect(part.step).toBe(middle);
  expect([view.step, view.phase]).toEqual([mirror.step, mirror.phase]);
  expect(Buffer.from(view.owners.buffer).equals(Buffer.from(mirror.owners.buffer))).toBe(true);
  expect(view.nations.map(({ id, tiles, standing }) => [id, tiles, standing])).toEqual(
    [...mirror.nations.values()].map(({ id, tiles, standing }) => [id, tiles, standing]),
  );

  // In other parts, the same.
  const other = await whole(ask, matchId, 0, 37);
  expect(other.flatMap(({ updates }) => updates).slice(0, told.length)).toEqual(told);
  // Beyond its end there is nothing, and it says so.
  const beyond = await ask({ match_id: matchId, step: 1_000_000 });
  expect(beyond).toMatchObject({ end: true, updates: [] });
  expect(beyond.step).toBeLessThanOrEqual(beyond.last);
  const bad = (input: object) => refusal(a.guest.rpc("war_replay", { match_id: matchId, ...input }));
  for (const input of [
    { steps: 0 },
    { steps: 1e9 },
    { step: -1 },
    { step: 1.5 },
    { step: "1" },
    { seat: -1 },
  ])
    expect(await bad(input), JSON.stringify(input)).toMatchObject({ status: 400 });
});

const silent = { tile: () => undefined, notice: () => undefined };

test("the log is taken away without a name in it", async () => {
  const [a, b] = [await warrior(), await warrior()];
  const matchId = await fought(a, b);
  const answer = await until("the log to be open", async () => {
    const answer = await log(a, matchId);
    return answer.ok && answer;
  });
  const file = new Uint8Array(await answer.arrayBuffer());
  expect(new TextDecoder("latin1").decode(file.subarray(0, 6))).toBe("LHROOM");
  const text = Buffer.from(file).toString("latin1");
  for (const name of [a, b].flatMap((one) => [one.userId, one.guest.session.username!]))
    expect(text).not.toContain(name);
});

test("the end is in everybody's list, on the board and among the achievements, once", async () => {
  const [a, b] = [await warrior(), await warrior()];
  const matchId = await fought(a, b);
  const listed = async (of: Warrior) =>
    (await of.guest.rpc("war_replays", {}))["replays"] as { match_id: string; last: number }[];
  await until("the lists", async () => (await listed(a)).length === 1 && (await listed(b)).length === 1);
  expect(await listed(a)).toMatchObject([{ match_id: matchId, place: 1, players: 2, won: true }]);
  expect(await listed(b)).toMatchObject([{ match_id: matchId, place: 2, players: 2, won: false }]);
  expect((await listed(a))[0]!.last).toBeGreaterThan(20);
  const { client, session } = a.guest;
  const board = await until("the board", async () => {
    const list = await client.listLeaderboardRecords(session, "sovereign_wins", [a.userId, b.userId]);
    return (list.owner_records?.length ?? 0) > 0 && list.owner_records!;
  });
  expect(board.map(({ owner_id, score }) => [owner_id, Number(score)])).toEqual([[a.userId, 1]]);

  // A second war counts as a second.
  const [c, d] = [await warrior(), await warrior()];
  await fought(c, d);
  await until("c's list", async () => (await listed(c)).length === 1);
  expect(await listed(a)).toHaveLength(1);
});

test("a war that was left alone stands still, and goes on", async () => {
  const a = await warrior();
  const matchId = await a.open({ ...QUICK, spawn_seconds: 60 });
  const step = (await a.join(matchId)).step;
  a.leave();
  await until("the socket to close", () => a.guest.closed);
  const b = await warrior();
  const war = await b.join(matchId);
  // Two seconds at most pass for a war that nobody sees.
  expect(war.phase.kind).toBe("choosing");
  expect(war.step).toBeGreaterThanOrEqual(step);
});
