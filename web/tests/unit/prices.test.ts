/** Against the rows that the rules are held to as well, so that page and room agree to the last wool. */
import { readFileSync } from "node:fs";
import { encode } from "@msgpack/msgpack";
import { describe, expect, test } from "vitest";
import { decodeView } from "../../src/farm/decode";
import { Prices, pricesAfter } from "../../src/farm/prices";
import { herdShelf, weaveShelf } from "../../src/farm/parts/shop";
import type { Amounts, Price } from "../../src/farm/shapes";
import { FakeFarm } from "../fake/farm";

interface Row {
  base: Record<string, number>;
  ratio_percent: number;
  owned: number;
  most: number;
  purse: Record<string, string>;
  count: number;
  total: Record<string, string>;
}

const file = new URL("../../../games/farm/tests/prices.json", import.meta.url);
const rows = JSON.parse(readFileSync(file, "utf8")) as Row[];

const mapped = <A>(map: Record<string, A>, to: (value: A) => bigint): Amounts =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, to(value)]));
const milli = (whole: string) => BigInt(whole) * 1000n;
const priceOf = (row: Row): Price => ({
  base: mapped(row.base, BigInt),
  ratio_percent: row.ratio_percent,
});

test.each(rows.map((row, i) => [i, row] as const))("row %d of the rules", (_, row) => {
  const [purse, total] = [mapped(row.purse, milli), mapped(row.total, milli)];
  const prices = new Prices(priceOf(row), row.owned);
  expect(prices.most(row.most, purse)).toBe(row.count);
  expect(prices.sum(row.count)).toEqual(total);
  // Again, from what is remembered, and from more than is asked for.
  prices.sum(row.count + 5);
  expect(prices.most(row.most, purse)).toBe(row.count);
  expect(new Prices(priceOf(row), row.owned).sum(row.count)).toEqual(total);
});

test("a purse that comes and goes finds the same as one that was always there", () => {
  const price: Price = { base: { plain: 10n, silky: 3n }, ratio_percent: 112 };
  const prices = new Prices(price, 6);
  for (let i = 0n; i < 400n; i++) {
    const purse = { plain: ((i * 7_919n) % 401n) * 90_000n, silky: ((i * 104_729n) % 389n) * 30_000n };
    const limit = Number((i * 31n) % 40n);
    expect(prices.most(limit, purse)).toBe(new Prices(price, 6).most(limit, purse));
  }
});

test("only the newest count's prices are kept", () => {
  const price: Price = { base: { plain: 10n }, ratio_percent: 112 };
  const first = pricesAfter(price, 3);
  expect(pricesAfter(price, 3)).toBe(first);
  expect(pricesAfter(price, 4).owned).toBe(4);
  expect(pricesAfter(price, 3)).not.toBe(first);
});

describe("the herd's shelf", () => {
  // 10 at 115 %: 10 12 14 16 18 21 24 27 31 36, together 209; the fake knows no other rules.
  const shelf = (bulk: 1 | 10 | "max", plain: bigint, count = 0) => {
    const fake = new FakeFarm(() => 0);
    fake.own({ meadow_llama: count });
    const { content, farm } = decodeView(encode(fake.view()));
    return herdShelf({ content, farm, amounts: { plain } }, bulk).wares[0];
  };

  test("ten cost what ten cost, and are sold together", () => {
    expect(shelf(10, 209_000n)).toMatchObject({ verb: "Buy 10", cost: { plain: 209_000n }, can: true });
    expect(shelf(10, 208_999n)).toMatchObject({ verb: "Buy 10", cost: { plain: 209_000n }, can: false });
  });

  test("max says how many, and their price", () => {
    expect(shelf("max", 37_999n)).toMatchObject({ verb: "Buy 3", cost: { plain: 36_000n }, can: true });
    expect(shelf("max", 9_999n)).toMatchObject({ verb: "Buy max", cost: { plain: 10_000n }, can: false });
  });

  test("near the limit", () => {
    expect(shelf(10, 10n ** 60n, 495)).toMatchObject({ cost: null, can: false, done: "Only 5 left" });
    expect(shelf("max", 10n ** 60n, 495)).toMatchObject({ verb: "Buy 5", can: true });
    expect(shelf(1, 10n ** 60n, 499)).toMatchObject({ verb: "Buy 1", can: true });
  });

  test("weaving says it too", () => {
    const { content, farm } = decodeView(encode(new FakeFarm(() => 0).view()));
    const weave = (plain: bigint) => weaveShelf({ content, farm, amounts: { plain } }, "max").wares[0];
    expect(weave(1_234_567n)).toMatchObject({ verb: "Weave 12", cost: { plain: 1_200_000n }, can: true });
    expect(weave(99_999n)).toMatchObject({ verb: "Weave max", cost: { plain: 100_000n }, can: false });
  });
});
