/** The bytes of a war, read as games/sovereign promises them; what is not as promised is refused. */
import { describe, expect, test } from "vitest";
import { Bodies, inflate, openBody } from "../../src/sovereign/bytes/body";
import { Codes, ownersOf } from "../../src/sovereign/bytes/tiles";
import { updateOf } from "../../src/sovereign/bytes/update";
import { VarintReader } from "../../src/sovereign/bytes/varint";
import { viewOf } from "../../src/sovereign/bytes/view";
import { Mirror } from "../../src/sovereign/war/mirror";
import { FakeWar } from "../dev/fake-war";
import { amounts, changes, deflated, owners, plain, varint } from "../dev/war-bytes";
import { until } from "../until";

/** A stream of numbers that is the same each time. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe("numbers", () => {
  test("come back as they were, up to what a double holds", () => {
    for (const value of [0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32 + 5, Number.MAX_SAFE_INTEGER]) {
      const out: number[] = [];
      varint(value, out);
      const reader = new VarintReader(Uint8Array.from(out));
      expect(reader.next()).toBe(value);
      expect(reader.done).toBe(true);
    }
  });

  test("that are cut off or too long are refused", () => {
    expect(() => new VarintReader(Uint8Array.of(0x80)).next()).toThrow("cut off");
    expect(() => new VarintReader(new Uint8Array(12).fill(0xff)).next()).toThrow("too long");
  });
});

describe("tiles", () => {
  test("each tile has one code, on maps whose edges cut blocks", () => {
    for (const [w, h] of [
      [1, 1],
      [33, 31],
      [200, 125],
    ] as const) {
      const codes = new Codes(w, h);
      const seen = new Set<number>();
      for (let tile = 0; tile < w * h; tile++) {
        const code = codes.code(tile);
        expect(codes.tile(code)).toBe(tile);
        seen.add(code);
      }
      expect(seen.size).toBe(w * h);
    }
  });

  test("columns lie in the even bits", () => {
    const codes = new Codes(64, 64);
    expect([codes.code(1), codes.code(64), codes.code(2), codes.code(32), codes.code(32 * 64)]).toEqual([
      1, 2, 4, 1024, 2048,
    ]);
  });

  test("any change comes back as it was", () => {
    const roll = dice(7);
    for (let round = 0; round < 50; round++) {
      const [w, h] = [1 + roll(90), 1 + roll(70)];
      const codes = new Codes(w, h);
      const now = new Map<number, number>();
      for (let i = roll(400); i > 0; i--) now.set(roll(w * h), [0, 3, 700, 65_535][roll(4)]!);
      const found = new Map<number, number>();
      codes.changes(
        changes(codes, now.keys(), (tile) => now.get(tile)!),
        (tile, owner) => found.set(tile, owner),
      );
      expect([...found].sort()).toEqual([...now].sort());
    }
  });

  test("beyond the map are refused, also by huge counts", () => {
    const codes = new Codes(40, 40);
    const read = (...numbers: number[]) => {
      const out: number[] = [];
      for (const number of numbers) varint(number, out);
      return () => codes.changes(Uint8Array.from(out), () => undefined);
    };
    expect(read(1, 1, 2 * 4_095)).toThrow("there is no tile");
    expect(read(1, 1, 1, 2 ** 40)).toThrow("leaves the map");
    expect(read(1, 2 ** 40, 0)).toThrow("cut off");
  });
});

test("owners fill the map exactly", () => {
  const tiles = Uint16Array.from([0, 0, 5, 5, 5, 65_535]);
  expect(ownersOf(owners(tiles), 6)).toEqual(tiles);
  expect(() => ownersOf(owners(tiles), 5)).toThrow("beyond the map");
  expect(() => ownersOf(owners(tiles), 7)).toThrow("6 tiles of 7");
});

test("amounts name nations by the distance to the one before", () => {
  const bin = amounts([
    { id: 3, troops: 2_500 },
    { id: 4, gold: 125_000 },
    { id: 300, troops: 0, gold: 1 },
  ]);
  const update = updateOf({ 0: 9, 1: 8, 3: bin });
  expect(update.all?.amounts).toEqual([
    { id: 3, troops: 2_500 },
    { id: 4, gold: 125_000 },
    { id: 300, troops: 0, gold: 1 },
  ]);
  expect(update.own).toBeUndefined();
});

test("a made-up war is read like a real one", () => {
  const war = new FakeWar({ w: 90, h: 60, nations: 9, seed: 3, pace: 60, choosing: 4 });
  const mirror = new Mirror(viewOf(openBody(war.view())));
  const silent = { tile: () => undefined, notice: () => undefined };
  for (let step = 1; step <= 60; step++) {
    war.pass();
    expect(mirror.take(updateOf(openBody(war.update()!)), silent)).toBe("taken");
  }
  expect(mirror.owners).toEqual(war.owners);
  expect(mirror.phase).toEqual({ kind: "war" });
  const tiles = [...mirror.nations.values()].map(({ tiles }) => tiles);
  expect(tiles).toEqual(war.nations.map(({ tiles }) => tiles));
  expect(tiles.reduce((sum, count) => sum + count)).toBeGreaterThan(600);
});

test("an update that is not as promised is refused", () => {
  const broken: object[] = [
    { 0: -1, 1: 0 },
    { 0: 2, 1: 1, 4: [[1, 2]] },
    { 0: 2, 1: 1, 2: "tiles" },
    { 0: 2, 1: 1, 11: [7] },
    { 0: 2, 1: 1, 12: [[1, 9, null, 1]] },
  ];
  for (const update of broken) expect(() => updateOf(update)).toThrow();
  // Notices of kinds that came later are passed over.
  expect(
    updateOf({
      0: 2,
      1: 1,
      10: [
        [99, 1],
        [2, 5, 6],
      ],
    }).all?.notices,
  ).toEqual([{ kind: "allied", a: 5, b: 6 }]);
});

describe("bodies", () => {
  test("are handed on in their order, whether deflated or not", async () => {
    const seen: unknown[] = [];
    const bodies = new Bodies((error) => seen.push(error));
    const large = { text: "wool ".repeat(4_000) };
    bodies.take(plain({ at: 1 }), (value) => seen.push(value));
    expect(seen).toEqual([{ at: 1 }]);
    bodies.take(await deflated(large), (value) => seen.push(value));
    bodies.take(plain({ at: 3 }), (value) => seen.push(value));
    expect(seen).toHaveLength(1);
    await until("three bodies", () => seen.length === 3);
    expect(seen).toEqual([{ at: 1 }, large, { at: 3 }]);
  });

  test("that were given up are not handed on", async () => {
    const seen: unknown[] = [];
    const bodies = new Bodies((error) => seen.push(error));
    bodies.take(await deflated({ at: 1 }), (value) => seen.push(value));
    bodies.clear();
    bodies.take(await deflated({ at: 2 }), (value) => seen.push(value));
    await until("the later body", () => seen.length > 0);
    expect(seen).toEqual([{ at: 2 }]);
  });

  test("that are broken are said to be", async () => {
    const errors: unknown[] = [];
    const bodies = new Bodies((error) => errors.push(error));
    bodies.take(Uint8Array.of(1, 0xff, 0xff, 0xff), () => expect.unreachable());
    await until("an error", () => errors.length > 0);
    await expect(inflate((await deflated("x".repeat(5_000))).subarray(1), 1_000)).rejects.toThrow(
      "more than",
    );
  });
});
