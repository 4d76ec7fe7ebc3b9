/**
 * Prices of several at once, exactly as the rules work them out (`games/farm/src/cost.rs`): each one is
 * `ceil(base × (ratio_percent / 100)^owned)` whole wool, rounded up by itself and then added. Told in milli-wool, like
 * every amount on the page.
 */
import type { Amounts, Price, WoolId } from "./shapes";

const MILLI = 1_000n;
const PERCENT = 100n;

/**
 * What the next 1, 2, 3, … cost together when so many are owned. It walks from one price to the next by one
 * multiplication, only as far as somebody asks, and remembers the sums: a purse that grows costs a look or two.
 */
export class Prices {
  /** `sums[n]` is milli-wool for the next n, in the order of `wools`. */
  private readonly sums: bigint[][];
  private readonly wools: [WoolId, bigint][];
  private num: bigint;
  private den: bigint;

  constructor(
    private readonly price: Price,
    readonly owned: number,
  ) {
    this.wools = Object.entries(price.base);
    this.sums = [this.wools.map(() => 0n)];
    this.num = BigInt(price.ratio_percent) ** BigInt(owned);
    this.den = PERCENT ** BigInt(owned);
  }

  sum(count: number): Amounts {
    const sums = this.upTo(count);
    return Object.fromEntries(this.wools.map(([wool], i) => [wool, sums[i] ?? 0n]));
  }

  /** As many as `purse` (milli-wool) pays for, at most `limit`. */
  most(limit: number, purse: Amounts): number {
    const pays = (count: number) => {
      const sums = this.upTo(count);
      return this.wools.every(([wool], i) => (purse[wool] ?? 0n) >= (sums[i] ?? 0n));
    };
    // Of what is known, by halves (sums only grow); beyond it, one by one.
    let paid = 0;
    let tooMany = Math.min(limit + 1, this.sums.length);
    while (paid + 1 < tooMany) {
      const middle = (paid + tooMany) >> 1;
      if (pays(middle)) paid = middle;
      else tooMany = middle;
    }
    while (paid + 1 >= this.sums.length && paid < limit && pays(paid + 1)) paid += 1;
    return paid;
  }

  private upTo(count: number): bigint[] {
    for (let known = this.sums.length; known <= count; known++) {
      const before = this.sums[known - 1] ?? [];
      this.sums.push(this.wools.map(([, base], i) => (before[i] ?? 0n) + this.each(base)));
      this.num *= BigInt(this.price.ratio_percent);
      this.den *= PERCENT;
    }
    return this.sums[count] ?? [];
  }

  private each(base: bigint): bigint {
    return ((base * this.num + this.den - 1n) / this.den) * MILLI;
  }
}

const remembered = new WeakMap<Price, Prices>();

/** The prices after `owned`; the newest of each price is kept, for the shop asks several times a second. */
export function pricesAfter(price: Price, owned: number): Prices {
  const known = remembered.get(price);
  if (known?.owned === owned) return known;
  const prices = new Prices(price, owned);
  remembered.set(price, prices);
  return prices;
}
