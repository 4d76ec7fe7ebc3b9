/**
 * What a farm remembers, as the rules do (`games/farm/src/state.rs`): amounts in micro-wool, exactly. A page comes by
 * one from a view ({@link stateOf}); {@link Play} lets time pass and commands happen in it.
 */
import type { Content, Farm, KeepsakeState, WoolId } from "../shapes";
import { ratesOf } from "./rates";
import { MICRO_IN_MILLI } from "./units";

/** Micro-wool in store, and grown or shorn since the last prestige. */
export interface Stock {
  amount: bigint;
  earned: bigint;
}

export interface TimeAway {
  from_ms: number;
  to_ms: number;
  paid_ms: number;
  /** Micro-wool. */
  earned: Record<WoolId, bigint>;
}

export interface State {
  opened_ms: number;
  run_ms: number;
  /** Growth is booked up to here. */
  settled_ms: number;
  /** The owner is here. */
  present: boolean;
  /** From when the lantern burns: the herd works until then plus the allowance. */
  lit_ms: number;
  /** When the hands are free again. */
  hands_free_ms: number;
  wools: Record<WoolId, Stock>;
  buildings: Record<string, number>;
  upgrades: Record<string, number>;
  wishes: Record<string, number>;
  keepsakes: Record<string, KeepsakeState>;
  stars: bigint;
  spent: bigint;
  prestiges: number;
  shears: bigint;
  weaves: bigint;
  returns: bigint;
  /** Micro-worth grown and shorn in a week. */
  week: { index: number; earned: bigint };
  away: TimeAway | null;
  imported: boolean;
  looks: number;
}

/** The state that a view shows, at the moment of the view. */
export function stateOf(content: Content, farm: Farm): State {
  const levels = levelsOf(content, farm);
  const holdings = { ...levels, keepsakes: farm.keepsakes, stars: farm.prestige.stars };
  const wools: Record<WoolId, Stock> = {};
  for (const { id } of content.wools) {
    const wool = farm.wools[id];
    wools[id] = {
      amount: (wool?.amount ?? 0n) * MICRO_IN_MILLI + BigInt(wool?.rest[0] ?? 0),
      earned: (wool?.earned ?? 0n) * MICRO_IN_MILLI + BigInt(wool?.rest[1] ?? 0),
    };
  }
  return {
    opened_ms: farm.stats.opened_ms,
    run_ms: farm.stats.run_ms,
    settled_ms: farm.at_ms,
    present: farm.left_ms === null,
    lit_ms: farm.left_ms ?? farm.works_until_ms - ratesOf(content, holdings, []).away_ms,
    hands_free_ms: farm.hands_free_ms,
    wools,
    ...levels,
    keepsakes: { ...farm.keepsakes },
    stars: farm.prestige.stars,
    spent: farm.prestige.spent,
    prestiges: farm.prestige.count,
    shears: farm.stats.shears,
    weaves: farm.stats.weaves,
    returns: farm.stats.returns,
    week: { index: farm.week.index, earned: farm.week.worth * MICRO_IN_MILLI },
    away: farm.away === null ? null : { ...farm.away, earned: micro(farm.away.earned) },
    imported: farm.imported,
    looks: farm.looks,
  };
}

/** Counts and levels: all that rates depend on, with stars and keepsakes. */
export type Levels = Pick<State, "buildings" | "upgrades" | "wishes">;

function levelsOf(content: Content, farm: Farm): Levels {
  const each = <S>(list: readonly { id: string }[], states: Record<string, S>, read: (state: S) => number) =>
    Object.fromEntries(
      list.map(({ id }) => {
        const state = states[id];
        return [id, state === undefined ? 0 : read(state)];
      }),
    );
  return {
    buildings: each(content.buildings, farm.buildings, (building) => building.count),
    upgrades: each(content.upgrades, farm.upgrades, (upgrade) => upgrade.level),
    wishes: each(content.wishes, farm.wishes, (wish) => wish.level),
  };
}

const micro = (amounts: Record<WoolId, bigint>) =>
  Object.fromEntries(Object.entries(amounts).map(([id, milli]) => [id, milli * MICRO_IN_MILLI]));
