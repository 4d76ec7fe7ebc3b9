/** The bytes of a war, read as games/sovereign promises them; what is not as promised is refused. */
import { describe, expect, test } from "vitest";
import { Bodies, inflate, openBody } from "../../src/sovereign/bytes/body";
import { attacksOf, boatsOf, pactsOf } from "../../src/sovereign/bytes/lists";
import { Codes, ownersOf } from "../../src/sovereign/bytes/tiles";
import { updateOf } from "../../src/sovereign/bytes/update";
import { VarintReader } from "../../src/sovereign/bytes/varint";
import { viewOf } from "../../src/sovereign/bytes/view";
import { Mirror } from "../../src/sovereign/war/mirror";
import { FakeWar } from "../dev/fake-war";
import { amounts, BitWriter, changes, deflated, owners, plain, varint } from "../dev/war-bytes";
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

  test("the curve goes from a tile to one beside it, and blocks lie row by row", () => {
    const codes = new Codes(128, 128);
    for (let code = 1; code < 4_096; code++) {
      const [from, to] = [codes.tile(code - 1), codes.tile(code)];
      expect([1, 128]).toContain(Math.abs(to - from));
    }
    expect([codes.code(1), codes.code(129), codes.code(128), codes.code(64), codes.code(64 * 128)]).toEqual([
      1, 2, 3, 4_096, 8_192,
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
      const packed = changes(
        codes,
        now.keys(),
        (tile) => now.get(tile)!,
        (owner) => owner > 3,
      );
      codes.changes(packed, (tile, owner) => found.set(tile, owner));
      expect([...found].sort()).toEqual([...now].sort());
    }
  });

  test("beyond the map are refused, also by huge counts", () => {
    const codes = new Codes(40, 40);
    const read = (out: BitWriter) => () => codes.changes(out.done(), () => undefined);
    const group = (groups: number, first: number) =>
      new BitWriter().number(groups, 2).bits(3, 5).bits(2, 3).number(first, 13);
    expect(read(group(1, 4_095).number(0, 2))).toThrow("there is no tile");
    expect(read(group(1, 0).number(1, 2).bits(7, 3).number(5_000, 3))).toThrow("beyond the map");
    expect(
      read(
        group(2 ** 25, 0)
          .bits(0, 3)
          .number(0, 2),
      ),
    ).toThrow("cut off");
    expect(read(new BitWriter().bits(0, 40))).toThrow("too long");
    expect(read(new BitWriter().number(1, 2).bits(17, 5))).toThrow("17 bits");
    // A map has so many tiles, however often they are named.
    const often = group(9, 0);
    for (let nth = 0; nth < 9; nth++) {
      if (nth > 0) often.bits(2, 3).number(0, 13);
      often.number(1, 2).bits(7, 3).number(63, 3);
    }
    expect(() => new Codes(8, 8).changes(often.done(), () => undefined)).not.toThrow();
    const far = group(70, 0);
    for (let nth = 0; nth < 70; nth++) {
      if (nth > 0) far.bits(2, 3).number(0, 13);
      far.number(1, 2).bits(7, 3).number(63, 3);
    }
    expect(() => new Codes(8, 8).changes(far.done(), () => undefined)).toThrow("beyond the map");
  });
});

describe("lists", () => {
  const numbers = (...all: number[]) => {
    const out: number[] = [];
    for (const number of all) varint(number, out);
    return Uint8Array.from(out);
  };

  test("tell of attacks all, what is left, or that they are gone", () => {
    expect(attacksOf(numbers(5 * 4 + 3, 7, 2 * 2 + 1, 900, 44, 1 * 4 + 1, 80, 2 * 4 + 2, 70, 33, 0))).toEqual(
      [
        { here: { id: 5, from: 7, on: 2, retreating: true, troops: 900, head: 44 } },
        { struck: 6, troops: 80, head: undefined },
        { struck: 8, troops: 70, head: 33 },
        { gone: 8 },
      ],
    );
    expect(() => attacksOf(numbers(4 + 3, 7))).toThrow("cut off");
  });

  test("tell of boats their ways by the steps", () => {
    const boat = { id: 3, owner: 9, turned: true, troops: 500, at: 1, since: 0 };
    // Two kinds of steps, 1 and 10, and four bits for each four of them.
    const way = numbers(3 * 2 + 1, 9 * 2 + 1, 500, 1, 6, 100, 2, 2, 20, 0b0100_0100, 0);
    expect(boatsOf(way)).toEqual([{ here: { ...boat, way: [100, 101, 111, 112, 122, 123] } }]);
    expect(boatsOf(numbers(7, 19, 500, 1, 3, 100, 0, 1, 8))).toEqual([
      { here: { ...boat, way: [100, 99, 103] } },
    ]);
    expect(boatsOf(numbers(7, 19, 500, 1, 1, 100, 6))).toEqual([
      { here: { ...boat, way: [100] } },
      { gone: 6 },
    ]);
    expect(() => boatsOf(numbers(7, 19, 500, 1, 2 ** 40, 100, 1, 2))).toThrow("a way of");
    expect(() => boatsOf(numbers(7, 19, 500, 1, 3, 100, 5))).toThrow("kinds of steps");
    expect(() => boatsOf(numbers(7, 19, 500, 1, 3, 0, 0, 1, 1))).toThrow("there is not");
    expect(() => boatsOf(numbers(7, 19, 500, 1, 3, 100, 1, 2, 1))).toThrow("there is not");
  });

  test("tell of alliances those that are otherwise", () => {
    expect(pactsOf(numbers(1, 300, 1 | 4, 900, 2, 5, 0))).toEqual([
      { a: 1, b: 300, now: { a: 1, b: 300, until: 900, renewA: false, renewB: true } },
      { a: 2, b: 5, now: undefined },
    ]);
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
    { 0: 2, 1: 1, 5: Uint8Array.of(3, 1) },
    { 0: 2, 1: 1, 7: Uint8Array.of(3) },
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
