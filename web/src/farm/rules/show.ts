/** From a state to the page's shapes, as `games/farm/src/show.rs` tells them. */
import { pricesAfter } from "../prices";
import type { Amounts, Farm } from "../shapes";
import { eventsAt, nextChange, weekBegins } from "./calendar";
import { wishCost, type Play } from "./play";
import { starBonusPercent } from "./rates";
import { MICRO_IN_MILLI, MILLI } from "./units";

const milli = (micro: bigint) => micro / MICRO_IN_MILLI;

/** What shearing, weaving and time change: at the moment up to which the farm is settled. */
export function showPurse(play: Play): Partial<Farm> {
  const { content, state } = play;
  const rates = play.ratesAt(state.settled_ms);
  const gain = play.gain();
  return {
    at_ms: state.settled_ms,
    works_until_ms: play.worksUntil(),
    left_ms: state.present ? null : state.lit_ms,
    rates_until_ms: nextChange(content, state.settled_ms),
    events: eventsAt(content, state.settled_ms),
    wools: Object.fromEntries(
      Object.entries(state.wools).map(([id, { amount, earned }]) => [
        id,
        {
          amount: milli(amount),
          rate: rates.wools[id] ?? 0n,
          earned: milli(earned),
          rest: [Number(amount % MICRO_IN_MILLI), Number(earned % MICRO_IN_MILLI)],
        },
      ]),
    ),
    shear: { yield: rates.shear },
    hands_free_ms: state.hands_free_ms,
    prestige: {
      stars: state.stars,
      free: state.stars - state.spent,
      spent: state.spent,
      count: state.prestiges,
      bonus_percent: starBonusPercent(content, state.stars),
      worth: milli(play.worth()),
      worth_rate: rates.worth,
      gain,
      next_worth: play.worthFor(gain + 1n) * MILLI,
      met: play.meets(content.prestige.needs),
    },
    week: {
      index: state.week.index,
      worth: milli(state.week.earned),
      ends_ms: weekBegins(state.week.index + 1),
    },
    stats: {
      shears: state.shears,
      llamas: llamasOf(play),
      weaves: state.weaves,
      returns: state.returns,
      prestiges: BigInt(state.prestiges),
      opened_ms: state.opened_ms,
      run_ms: state.run_ms,
    },
  };
}

/** Everything. */
export function showFarm(play: Play): Farm {
  const { content, state } = play;
  const rates = play.ratesAt(state.settled_ms);
  const each = <K extends { id: string }, S>(list: readonly K[], show: (kind: K) => S): Record<string, S> =>
    Object.fromEntries(list.map((kind) => [kind.id, show(kind)]));
  return {
    ...(showPurse(play) as Farm),
    buildings: each(content.buildings, (kind) => {
      const count = state.buildings[kind.id] ?? 0;
      return {
        count,
        rate: rates.buildings[kind.id] ?? 0n,
        cost: count < kind.count_max ? pricesAfter(kind.price, count).sum(1) : null,
        unlocked: play.meets(kind.needs),
        next_milestone: kind.milestones.find((milestone) => milestone > count) ?? null,
      };
    }),
    upgrades: each(content.upgrades, (kind) => {
      const level = state.upgrades[kind.id] ?? 0;
      const cost = level < kind.level_max ? pricesAfter(kind.price, level).sum(1) : null;
      return { level, cost, unlocked: play.meets(kind.needs) };
    }),
    recipes: each(content.recipes, (kind) => ({ unlocked: play.meets(kind.needs) })),
    wishes: each(content.wishes, (kind) => {
      const level = state.wishes[kind.id] ?? 0;
      const cost = level < kind.level_max ? wishCost(kind, level) : null;
      return { level, cost, unlocked: play.meets(kind.needs) };
    }),
    keepsakes: { ...state.keepsakes },
    away: state.away === null ? null : { ...state.away, earned: milliOf(state.away.earned) },
    imported: state.imported,
    looks: state.looks,
  };
}

function llamasOf({ content, state }: Play): bigint {
  const herds = content.buildings.filter((kind) => kind.llama);
  return herds.reduce((sum, { id }) => sum + BigInt(state.buildings[id] ?? 0), 0n);
}

const milliOf = (amounts: Amounts): Amounts =>
  Object.fromEntries(Object.entries(amounts).map(([id, micro]) => [id, milli(micro)]));
