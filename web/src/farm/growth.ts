/** What the farm holds at a moment between two messages, computed exactly as the rules do. */
import type { Amounts, Farm, WoolId } from "./shapes";

function workedMs(farm: Farm, nowMs: number): bigint {
  // Beyond `rates_until_ms` these rates are not the farm's any more; the page asks the rules again there.
  const until = Math.min(nowMs, farm.works_until_ms, farm.rates_until_ms ?? Infinity);
  return BigInt(Math.max(0, Math.floor(until - farm.at_ms)));
}

/** Milli-wool of one kind at the host's time `nowMs`. */
export function amountAt(farm: Farm, wool: WoolId, nowMs: number): bigint {
  const state = farm.wools[wool];
  if (state === undefined) return 0n;
  return state.amount + (state.rate * workedMs(farm, nowMs)) / 1000n;
}

export function amountsAt(farm: Farm, nowMs: number): Amounts {
  const all: Amounts = {};
  for (const wool of Object.keys(farm.wools)) all[wool] = amountAt(farm, wool, nowMs);
  return all;
}

/** The run's wool by worth, which grows towards the next star. */
export function worthAt(farm: Farm, nowMs: number): bigint {
  return farm.prestige.worth + (farm.prestige.worth_rate * workedMs(farm, nowMs)) / 1000n;
}

export function asleep(farm: Farm, nowMs: number): boolean {
  return nowMs >= farm.works_until_ms;
}

export function affordable(cost: Amounts | null, amounts: Amounts): boolean {
  if (cost === null) return false;
  return Object.entries(cost).every(([wool, price]) => (amounts[wool] ?? 0n) >= price);
}

/** How much of a price is there, in permille, by the wool that is scarcest. */
export function progressPermille(cost: Amounts | null, amounts: Amounts): number {
  if (cost === null) return 1000;
  let least = 1000n;
  for (const [wool, price] of Object.entries(cost)) {
    if (price <= 0n) continue;
    const part = ((amounts[wool] ?? 0n) * 1000n) / price;
    if (part < least) least = part;
  }
  return Number(least < 0n ? 0n : least);
}

/** Milliseconds until a price can be paid at today's rates, or `undefined` if never. */
export function msUntil(cost: Amounts, farm: Farm, amounts: Amounts): number | undefined {
  let longest = 0n;
  for (const [wool, price] of Object.entries(cost)) {
    const missing = price - (amounts[wool] ?? 0n);
    if (missing <= 0n) continue;
    const rate = farm.wools[wool]?.rate ?? 0n;
    if (rate <= 0n) return undefined;
    const ms = (missing * 1000n + rate - 1n) / rate;
    if (ms > longest) longest = ms;
  }
  return longest > 1_000_000_000_000n ? undefined : Number(longest);
}

/**
 * The host's time as this page can best tell it: the newest message's time and what has passed since it came.
 * It never runs backwards within one message, and a phone's wrong clock does not matter. Some browsers' stopwatches
 * stand still while the computer sleeps, so the calendar is asked as well, and who says more is believed.
 */
export class HostClock {
  private base = 0;
  private heardAt = 0;
  private heardOn = 0;

  constructor(
    private readonly monotonicMs: () => number = () => performance.now(),
    private readonly calendarMs: () => number = Date.now,
  ) {}

  heard(atMs: number): void {
    this.base = atMs;
    this.heardAt = this.monotonicMs();
    this.heardOn = this.calendarMs();
  }

  /** No message yet, but how far the host was ahead of the calendar. */
  set(aheadMs: number): void {
    this.heard(this.calendarMs() + aheadMs);
  }

  now(): number {
    return this.base + Math.max(this.monotonicMs() - this.heardAt, this.calendarMs() - this.heardOn);
  }

  /** How far the host is ahead of this device's calendar: with it a page that starts offline knows the time. */
  get aheadMs(): number {
    return Math.round(this.now() - this.calendarMs());
  }
}
