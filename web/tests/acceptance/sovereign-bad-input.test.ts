/** What no war can mean: answered, each with its reason, and nothing has changed. */
import { expect, test } from "vitest";
import { camp } from "./camp";
import { MALFORMED } from "./malformed";
import { atWar, logged, QUICK, REFUSED } from "./warrior";

const { server, warrior } = camp();

test("what is no command is refused as that", async () => {
  const a = await warrior();
  const matchId = await a.open({ ...QUICK, spawn_seconds: 60 });
  await a.join(matchId);
  for (const [what, bytes] of MALFORMED) {
    const answer = await a.guest.answer(await a.sendBytes(bytes));
    expect(answer, what).toMatchObject({ kind: "refused", code: REFUSED.malformed });
  }
  expect(await logged(server, matchId)).toEqual([0]);
  // It is still played.
  const ground = await a.ground();
  await a.settle(ground, 100, 60);
});

test("each thing at its time: before a place is chosen, before the war, after defeat", async () => {
  const [a, b] = [await warrior(), await warrior()];
  const matchId = await a.open({ ...QUICK, spawn_seconds: 3 });
  await Promise.all([a.join(matchId), b.join(matchId)]);
  const early = [REFUSED.wrongPhase, REFUSED.notAlive];
  for (const command of [
    { do: "attack", on: 0, share: 500 },
    { do: "boat", to: 5, share: 500 },
    { do: "build", site: "city", tile: 5 },
    { do: "ally", with: 2 },
    { do: "donate", to: 2, troops: 5 },
    { do: "move", motion: "war", about: 2 },
  ])
    expect(early, JSON.stringify(command)).toContain(await a.refused(command));
  const ground = await a.ground();
  const water = ground.tiles.findIndex((byte) => (byte & 0x80) === 0);
  expect(await a.refused({ do: "spawn", tile: water })).toBe(REFUSED.notAPlace);
  expect(await a.refused({ do: "spawn", tile: ground.w * ground.h })).toBe(REFUSED.noSuchTile);
  expect(await a.refused({ do: "spawn", tile: 2 ** 32 - 1 })).toBe(REFUSED.noSuchTile);
  await a.settle(ground, 50, 60);
  await b.settle(ground, 150, 60);
  const war = await a.whenAtWar();
  expect(await a.refused({ do: "spawn", tile: war.mine!.home })).not.toBe(0);
  const me = war.me;
  const other = (await b.now()).me;
  const table: [object, number[]][] = [
    [{ do: "attack", on: 999, share: 500 }, [REFUSED.noSuchNation]],
    [{ do: "attack", on: me, share: 500 }, [REFUSED.yourself]],
    [{ do: "attack", on: 0, share: 0 }, [REFUSED.badAmount]],
    [{ do: "attack", on: 0, share: 1_001 }, [REFUSED.badAmount]],
    [{ do: "boat", to: ground.w * ground.h, share: 10 }, [REFUSED.noSuchTile]],
    [{ do: "retreat", attack: 4_000_000_000 }, [REFUSED.gone]],
    [{ do: "turn_back", boat: 4_000_000_000 }, [REFUSED.gone]],
    [{ do: "build", site: "city", tile: 2 ** 32 - 1 }, [REFUSED.noSuchTile]],
    [{ do: "vote", motion: 4_000_000_000, yes: true }, [REFUSED.gone]],
    [{ do: "ping", tile: 2 ** 32 - 1, sign: 0 }, [REFUSED.noSuchTile]],
    [{ do: "ping", tile: 5, sign: 200 }, [REFUSED.badAmount]],
  ];
  for (const [command, codes] of table)
    expect(codes, JSON.stringify(command)).toContain(await a.refused(command));
  // Huge counts are refused, whatever the reason that comes first.
  const huge = Number.MAX_SAFE_INTEGER;
  await a.refused({ do: "donate", to: other, troops: huge, gold: huge });

  await b.accepted({ do: "resign" });
  expect(await b.refused({ do: "attack", on: 0, share: 500 })).not.toBe(0);
  expect(await b.refused({ do: "resign" })).not.toBe(0);
});

test("a thousand commands a second are answered, few are taken, and nobody else notices", async () => {
  const [a, b] = [await warrior(), await warrior()];
  const { matchId } = await atWar(a, b);
  const before = await logged(server, matchId);
  const ids = [];
  for (let i = 0; i < 1_000; i++) ids.push(await a.send({ do: "ping", tile: i, sign: 1 }));
  const answers = await Promise.all(ids.map((id) => a.guest.answer(id)));
  const taken = answers.filter(({ kind }) => kind === "accepted").length;
  const reasons = new Set(answers.map((answer) => (answer.kind === "refused" ? answer.code : 0)));
  expect([...reasons].sort()).toEqual([0, REFUSED.tooFast]);
  const after = await logged(server, matchId);
  expect(after).toEqual([before[0]! + taken, before[1]!]);
  // Twenty at once and ten a second.
  expect(taken).toBeLessThan(20 + 10 * 30);
  expect(await b.order({ do: "attack", on: 0, share: 100 })).toMatchObject({ kind: "accepted" });
});
