/**
 * The rules on the page: time passes, commands happen, exactly as in `games/farm/src`. The page shows by them what the
 * room will say, and plays by them while there is no room. The room's word always wins.
 *
 * Not here: keepsakes (the wallet decides), imports, restore points, scores.
 */
import type { Command, Content, FarmEvent, Need, WoolId } from "../shapes";
import { BUY_COUNT_MAX, REFUSAL } from "../shapes";
import { eventsAt, nextChange, weekBegins, weekOf } from "./calendar";
import { ratesOf, Scale, wishesOf, type Rates } from "./rates";
import type { State } from "./state";
import { MICRO, MICRO_IN_MILLI, wholeRoot } from "./units";
import { pricesAfter } from "../prices";

/** Repetitions of a recipe in one command, unless it is "max". */
const CRAFT_COUNT_MAX = 1_000_000_000;
const WEAVES_MAX = 2n ** 53n - 1n;
/** The most golden fleece that one prestige pays. */
const FLEECE_MAX = 1_000_000_000n;

export interface Refusal {
  code: number;
  reason: string;
}

export type Outcome = { event: FarmEvent } | { refusal: Refusal };

/** How each command is judged and booked, in a farm that is settled at `atMs`. */
type Deed<K extends Command["do"]> = (
  play: Play,
  command: Extract<Command, { do: K }>,
  atMs: number,
  handsMs: number,
) => Outcome;

export class Play {
  /** Rates by the events that are on; emptied when holdings change. */
  private readonly rates = new Map<string, Rates>();

  constructor(
    readonly content: Content,
    readonly state: State,
  ) {}

  /** What holds at a moment. */
  ratesAt(atMs: number): Rates {
    const events = eventsAt(this.content, atMs);
    const key = events.join();
    let rates = this.rates.get(key);
    if (rates === undefined) {
      rates = ratesOf(this.content, this.state, events);
      this.rates.set(key, rates);
    }
    return rates;
  }

  /** The herd works until then. The allowance does not depend on events. */
  worksUntil(): number {
    return this.state.lit_ms + this.ratesAt(this.state.settled_ms).away_ms;
  }

  /** Books what has grown, and lights the lantern while the owner is here. */
  settle(atMs: number): void {
    this.book(atMs);
    if (this.state.present) this.state.lit_ms = Math.max(this.state.settled_ms, atMs);
  }

  /** Books what has grown, and leaves the lantern as it is. */
  book(atMs: number): void {
    const { state } = this;
    const until = this.worksUntil();
    const monday = weekBegins(weekOf(atMs));
    this.turnWeek(Math.min(atMs, state.settled_ms));
    while (state.settled_ms < atMs) {
      const from = state.settled_ms;
      let to = Math.min(atMs, nextChange(this.content, from) ?? atMs);
      if (from < monday) to = Math.min(to, monday);
      // Beyond the lantern's end nothing grows, so nothing needs to be cut.
      if (from >= until) to = atMs;
      this.grow(this.ratesAt(from), Math.max(0, Math.min(to, until) - from));
      state.settled_ms = to;
      this.turnWeek(to);
    }
    if (!state.present && state.away !== null) state.away.to_ms = Math.max(state.away.to_ms, atMs);
  }

  private turnWeek(atMs: number): void {
    const index = weekOf(atMs);
    if (index > this.state.week.index) this.state.week = { index, earned: 0n };
  }

  private grow(rates: Rates, workedMs: number): void {
    if (workedMs === 0) return;
    const { state } = this;
    const ms = BigInt(workedMs);
    for (const [id, stock] of Object.entries(state.wools)) {
      const grown = (rates.wools[id] ?? 0n) * ms;
      stock.amount += grown;
      stock.earned += grown;
      if (!state.present && state.away !== null) {
        state.away.earned[id] = (state.away.earned[id] ?? 0n) + grown;
      }
    }
    state.week.earned += rates.worth * ms;
    if (!state.present && state.away !== null) state.away.paid_ms += workedMs;
  }

  /** The owner comes. */
  arrive(atMs: number): void {
    this.settle(atMs);
    this.state.present = true;
    this.state.lit_ms = Math.max(this.state.settled_ms, atMs);
  }

  /** The owner goes. */
  depart(atMs: number): void {
    if (!this.state.present) return;
    this.settle(atMs);
    this.state.present = false;
    const earned = Object.fromEntries(this.content.wools.map(({ id }) => [id, 0n]));
    this.state.away = { from_ms: atMs, to_ms: atMs, paid_ms: 0, earned };
  }

  /** To be called when holdings have changed. */
  changed(): void {
    this.rates.clear();
  }

  /** What a command leads to; refused, nothing has changed. While the owner is here it lights the lantern. */
  act(command: Command, atMs: number): Outcome {
    const outcome = this.late(command, atMs);
    if ("event" in outcome && this.state.present) this.state.lit_ms = this.state.settled_ms;
    return outcome;
  }

  /** Done without the server: it takes place where growth is booked already, but its hands are judged at its own time. */
  late(command: Command, atMs: number): Outcome {
    const { state } = this;
    const at = Math.max(atMs, state.settled_ms);
    const before = this.booked();
    this.book(at);
    const deed = DEEDS[command.do] as Deed<Command["do"]>;
    const outcome = deed(this, command, at, atMs);
    if ("refusal" in outcome) Object.assign(state, before);
    return outcome;
  }

  /** All that booking changes. */
  private booked(): Pick<State, "wools" | "week" | "away" | "settled_ms"> {
    const { wools, week, away, settled_ms } = this.state;
    return {
      settled_ms,
      week: { ...week },
      wools: Object.fromEntries(Object.entries(wools).map(([id, stock]) => [id, { ...stock }])),
      away: away === null ? null : { ...away, earned: { ...away.earned } },
    };
  }

  purse(wool: WoolId): bigint {
    return this.state.wools[wool]?.amount ?? 0n;
  }

  meets(needs: readonly Need[]): boolean {
    const { state } = this;
    return needs.every((need) => {
      if ("building" in need) return (state.buildings[need.building] ?? 0) >= need.count;
      return (
        ("wish" in need ? (state.wishes[need.wish] ?? 0) : (state.upgrades[need.upgrade] ?? 0)) >= need.level
      );
    });
  }

  /** The run's wool by worth, micro, at the settled moment. */
  worth(): bigint {
    let sum = 0n;
    for (const { id, worth } of this.content.wools) sum += (this.state.wools[id]?.earned ?? 0n) * worth;
    return sum;
  }

  /** Stars before the wishes' gain. */
  private starsByWorth(): bigint {
    const { worth_per_star, root } = this.content.prestige;
    return wholeRoot(this.worth() / MICRO / worth_per_star, root);
  }

  /** Stars that a prestige would bring at the settled moment. */
  gain(): bigint {
    const { num, den } = this.gainScale();
    return (this.starsByWorth() * num) / den;
  }

  /** Whole wool by worth at which it would bring so many. */
  worthFor(stars: bigint): bigint {
    const { num, den } = this.gainScale();
    const { worth_per_star, root } = this.content.prestige;
    return ((stars * den + num - 1n) / num) ** BigInt(root) * worth_per_star;
  }

  private gainScale(): Scale {
    const scale = new Scale();
    for (const [effect, level] of wishesOf(this.content, this.state))
      if (effect.kind === "gain") scale.percent(effect.percent, level);
    return scale;
  }

  /** Takes milli-wool out of the stores; what is not there is not paid. */
  pay(bill: Record<WoolId, bigint>): boolean {
    const micro = Object.entries(bill).map(([id, milli]) => [id, milli * MICRO_IN_MILLI] as const);
    if (!micro.every(([id, amount]) => this.purse(id) >= amount)) return false;
    for (const [id, amount] of micro) {
      const stock = this.state.wools[id];
      if (stock !== undefined) stock.amount -= amount;
    }
    return true;
  }
}

const refused = (code: number, reason: string): Outcome => ({ refusal: { code, reason } });
const notEnough = () => refused(REFUSAL.notEnough, "there is not enough wool for it");
const locked = () => refused(REFUSAL.locked, "what it needs is not there yet");
const unknown = (kind: string) => refused(REFUSAL.unknown, `there is no such ${kind}`);
const badCount = (most: number) => refused(REFUSAL.badCount, `the count must be from 1 to ${most}`);
const inBounds = (count: number, most: number) => Number.isInteger(count) && count >= 1 && count <= most;

const DEEDS: { [K in Command["do"]]: Deed<K> } = {
  shear(play, { count }, atMs, handsMs) {
    const { content, state } = play;
    const { count_max, interval_ms, burst, wool } = content.shear;
    if (!inBounds(count, count_max)) return badCount(count_max);
    const free = Math.max(state.hands_free_ms, handsMs) + interval_ms * count;
    if (free > handsMs + interval_ms * burst)
      return refused(REFUSAL.tooFast, "these hands cannot shear any faster");
    const milli = play.ratesAt(atMs).shear * BigInt(count);
    const micro = milli * MICRO_IN_MILLI;
    const stock = state.wools[wool];
    if (stock !== undefined) {
      stock.amount += micro;
      stock.earned += micro;
    }
    const worth = content.wools.find(({ id }) => id === wool)?.worth ?? 0n;
    state.week.earned += micro * worth;
    state.shears += BigInt(count);
    state.hands_free_ms = free;
    return { event: { kind: "sheared", count, wool, amount: milli } };
  },

  buy(play, command) {
    const kind = play.content.buildings.find(({ id }) => id === command.building);
    if (kind === undefined) return unknown("building");
    const wanted = command.count === "max" ? undefined : command.count;
    if (wanted !== undefined && !inBounds(wanted, BUY_COUNT_MAX)) return badCount(BUY_COUNT_MAX);
    const owned = play.state.buildings[kind.id] ?? 0;
    const room = Math.max(0, kind.count_max - owned);
    if (room < (wanted ?? 1)) return refused(REFUSAL.atLimit, `at most ${kind.count_max} of these`);
    if (!play.meets(kind.needs)) return locked();
    const prices = pricesAfter(kind.price, owned);
    const purse = Object.fromEntries(
      Object.keys(kind.price.base).map((id) => [id, play.purse(id) / MICRO_IN_MILLI]),
    );
    const count = wanted ?? prices.most(Math.min(room, BUY_COUNT_MAX), purse);
    if (count === 0 || !play.pay(prices.sum(count))) return notEnough();
    play.state.buildings[kind.id] = owned + count;
    play.changed();
    return { event: { kind: "bought", building: kind.id, count } };
  },

  upgrade(play, command) {
    const kind = play.content.upgrades.find(({ id }) => id === command.upgrade);
    if (kind === undefined) return unknown("upgrade");
    const level = play.state.upgrades[kind.id] ?? 0;
    if (level >= kind.level_max) return refused(REFUSAL.atLimit, `at most level ${kind.level_max}`);
    if (!play.meets(kind.needs)) return locked();
    if (!play.pay(pricesAfter(kind.price, level).sum(1))) return notEnough();
    play.state.upgrades[kind.id] = level + 1;
    play.changed();
    return { event: { kind: "upgraded", upgrade: kind.id, level: level + 1 } };
  },

  craft(play, command) {
    const { content, state } = play;
    const kind = content.recipes.find(({ id }) => id === command.recipe);
    if (kind === undefined) return unknown("recipe");
    if (command.count !== "max" && !inBounds(command.count, CRAFT_COUNT_MAX))
      return badCount(CRAFT_COUNT_MAX);
    if (!play.meets(kind.needs)) return locked();
    let possible: bigint | undefined;
    for (const [id, each] of Object.entries(kind.from)) {
      const times = play.purse(id) / (each * MICRO_IN_MILLI);
      if (possible === undefined || times < possible) possible = times;
    }
    const times = command.count === "max" ? (possible ?? 0n) : BigInt(command.count);
    if (times === 0n || times > (possible ?? 0n)) return notEnough();
    play.pay(Object.fromEntries(Object.entries(kind.from).map(([id, each]) => [id, each * times])));
    for (const [id, each] of Object.entries(kind.to)) {
      const stock = state.wools[id];
      if (stock !== undefined) stock.amount += each * times * MICRO_IN_MILLI;
    }
    state.weaves = state.weaves + times < WEAVES_MAX ? state.weaves + times : WEAVES_MAX;
    return { event: { kind: "crafted", recipe: kind.id, count: times } };
  },

  prestige(play, _command, atMs) {
    const { content, state } = play;
    if (!play.meets(content.prestige.needs))
      return refused(REFUSAL.notReady, "the farm does not have what the stars ask for");
    const stars = play.gain();
    if (stars === 0n) return refused(REFUSAL.notReady, "the farm has not earned a star yet");
    for (const stock of Object.values(state.wools)) Object.assign(stock, { amount: 0n, earned: 0n });
    for (const { id } of content.buildings) state.buildings[id] = 0;
    for (const { id } of content.upgrades) state.upgrades[id] = 0;
    for (const [effect, level] of wishesOf(content, state)) {
      if (effect.kind !== "head_start") continue;
      const most = content.buildings.find(({ id }) => id === effect.building)?.count_max ?? 0;
      const count = (state.buildings[effect.building] ?? 0) + effect.count * level;
      state.buildings[effect.building] = Math.min(most, count);
    }
    state.stars += stars;
    state.prestiges += 1;
    state.run_ms = atMs;
    play.changed();
    const fleece = stars < FLEECE_MAX ? stars : FLEECE_MAX;
    return { event: { kind: "prestiged", stars, fleece: Number(fleece) } };
  },

  wish(play, command) {
    const { content, state } = play;
    const kind = content.wishes.find(({ id }) => id === command.wish);
    if (kind === undefined) return unknown("wish");
    const level = state.wishes[kind.id] ?? 0;
    if (level >= kind.level_max) return refused(REFUSAL.atLimit, `at most level ${kind.level_max}`);
    if (!play.meets(kind.needs)) return locked();
    const cost = wishCost(kind, level);
    if (state.stars - state.spent < cost)
      return refused(REFUSAL.notEnough, "there are not enough stars for it");
    state.spent += cost;
    state.wishes[kind.id] = level + 1;
    play.changed();
    return { event: { kind: "wished", wish: kind.id, level: level + 1 } };
  },

  keepsake() {
    return refused(REFUSAL.onlineOnly, "the wallet cannot be asked now");
  },
};

/** Stars for the level after `level`. */
export function wishCost(kind: { cost: bigint; ratio_percent: number }, level: number): bigint {
  const den = 100n ** BigInt(level);
  return (kind.cost * BigInt(kind.ratio_percent) ** BigInt(level) + den - 1n) / den;
}
