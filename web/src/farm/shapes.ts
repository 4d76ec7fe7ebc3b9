/**
 * The shapes of `games/farm/README.md`, as the page reads them. Big numbers travel as decimal strings and are
 * `bigint` here; `decode.ts` is the only place that sees the strings.
 */

export type WoolId = string;
export type Amounts = Record<WoolId, bigint>;

export type Need =
  { building: string; count: number } | { upgrade: string; level: number } | { wish: string; level: number };

export type Effect =
  | { kind: "building"; building: string; percent: number }
  | { kind: "wool"; wool: WoolId; percent: number }
  | { kind: "all"; percent: number }
  | { kind: "shear"; percent: number }
  | { kind: "shear_share"; permille: number }
  | { kind: "away"; minutes: number }
  /** Each run begins with so many of a building. */
  | { kind: "head_start"; building: string; count: number }
  /** Stars won are multiplied by percent/100. */
  | { kind: "gain"; percent: number };

export interface WoolKind {
  id: WoolId;
  name: string;
  about: string;
  worth: bigint;
}

/** A growing price: `ceil(base × (ratio_percent / 100)^owned)`. `prices.ts` works it out. */
export interface Price {
  /** Whole wool of the first one, where every other amount is in milli-wool. */
  base: Amounts;
  ratio_percent: number;
}

export interface BuildingKind {
  id: string;
  name: string;
  about: string;
  llama: boolean;
  wool: WoolId;
  /** Milli-wool a second of one, without bonuses. */
  rate: bigint;
  price: Price;
  count_max: number;
  milestones: number[];
  needs: Need[];
}

export interface UpgradeKind {
  id: string;
  name: string;
  about: string;
  price: Price;
  level_max: number;
  effect: Effect;
  needs: Need[];
}

export interface RecipeKind {
  id: string;
  name: string;
  about: string;
  from: Amounts;
  to: Amounts;
  needs: Need[];
}

export interface KeepsakeKind {
  id: string;
  name: string;
  about: string;
  currency: string;
  price: number;
  effect: Effect;
}

/** A permanent upgrade, bought with stars: a node of the tree. */
export interface WishKind {
  id: string;
  name: string;
  about: string;
  /** Stars for the first level; the next one costs `ceil(cost × (ratio_percent / 100)^level)`. */
  cost: bigint;
  ratio_percent: number;
  level_max: number;
  effect: Effect;
  needs: Need[];
}

/** A time in which something is different, for everybody. */
export interface EventKind {
  id: string;
  name: string;
  about: string;
  from_ms: number;
  to_ms: number;
  effect: Effect;
}

export interface AchievementKind {
  id: string;
  name: string;
  about: string;
  /** Which figure has to reach `goal`: shears, llamas, prestiges, … */
  stat: string;
  goal: bigint;
  /** Golden fleece paid into the wallet. */
  fleece: number;
}

export interface Content {
  wools: WoolKind[];
  buildings: BuildingKind[];
  upgrades: UpgradeKind[];
  recipes: RecipeKind[];
  keepsakes: KeepsakeKind[];
  wishes: WishKind[];
  events: EventKind[];
  achievements: AchievementKind[];
  /** `yield`: milli-wool of one shear, without bonuses. */
  shear: {
    wool: WoolId;
    count_max: number;
    per_second: number;
    burst: number;
    yield: bigint;
    interval_ms: number;
  };
  prestige: {
    star_percent: number;
    currency: string;
    /** Stars = the `root`th root of (whole wool by worth / this). */
    worth_per_star: bigint;
    root: number;
    needs: Need[];
  };
  /** The herd works so long alone, without upgrades. */
  away_minutes: number;
  /** Terms for a save of the local-only game; none where none is taken. */
  import: { since_ms: number; days_max: number; young_llamas: number } | null;
}

export interface WoolState {
  amount: bigint;
  rate: bigint;
  earned: bigint;
  /** Micro-wool (0–999) beyond `amount` and `earned`. */
  rest: [number, number];
}

export interface BuildingState {
  count: number;
  rate: bigint;
  cost: Amounts | null;
  unlocked: boolean;
  next_milestone: number | null;
}

export interface UpgradeState {
  level: number;
  cost: Amounts | null;
  unlocked: boolean;
}

export interface WishState {
  level: number;
  /** Stars for the next level; none at the limit. */
  cost: bigint | null;
  unlocked: boolean;
}

export type KeepsakeState = "none" | "pending" | "owned";

export interface Prestige {
  stars: bigint;
  count: number;
  bonus_percent: bigint;
  worth: bigint;
  worth_rate: bigint;
  gain: bigint;
  next_worth: bigint;
  met: boolean;
  /** Stars that can buy wishes, and stars that did. */
  free: bigint;
  spent: bigint;
}

export interface Away {
  from_ms: number;
  to_ms: number;
  paid_ms: number;
  earned: Amounts;
}

export interface Farm {
  at_ms: number;
  works_until_ms: number;
  wools: Record<WoolId, WoolState>;
  shear: { yield: bigint };
  buildings: Record<string, BuildingState>;
  upgrades: Record<string, UpgradeState>;
  recipes: Record<string, { unlocked: boolean }>;
  keepsakes: Record<string, KeepsakeState>;
  wishes: Record<string, WishState>;
  prestige: Prestige;
  /** The contest's week: milli-wool by worth that counts for it, and when the next one begins. */
  week: { index: number; worth: bigint; ends_ms: number };
  /** Events that are on now, by id. */
  events: string[];
  /** When rates change by themselves: the next event begins or ends. */
  rates_until_ms: number | null;
  stats: {
    shears: bigint;
    llamas: bigint;
    weaves: bigint;
    returns: bigint;
    prestiges: bigint;
    opened_ms: number;
    run_ms: number;
  };
  away: Away | null;
  /** A save of the local-only game was taken over. */
  imported: boolean;
  hands_free_ms: number;
  /** The departure that the lantern counts from; none while the owner is here. */
  left_ms: number | null;
  looks: number;
}

export type FarmEvent =
  | { kind: "sheared"; count: number; wool: WoolId; amount: bigint }
  | { kind: "bought"; building: string; count: number }
  | { kind: "upgraded"; upgrade: string; level: number }
  | { kind: "crafted"; recipe: string; count: bigint }
  | { kind: "prestiged"; stars: bigint; fleece: number }
  | { kind: "wished"; wish: string; level: number }
  | { kind: "synced"; kept: number; refused: number }
  | { kind: "imported" }
  | {
      kind: "keepsake";
      keepsake: string;
      state: "pending" | "owned" | "refused";
      code: number | null;
      reason: string | null;
    };

export interface FarmUpdate {
  farm: Partial<Farm>;
  event: FarmEvent | null;
}

export type Command =
  | { do: "shear"; count: number }
  | { do: "buy"; building: string; count: number | "max" }
  | { do: "upgrade"; upgrade: string }
  | { do: "craft"; recipe: string; count: number | "max" }
  | { do: "prestige" }
  | { do: "wish"; wish: string }
  | { do: "keepsake"; keepsake: string };

/** The farm sells no more than this in one command, `"max"` included. */
export const BUY_COUNT_MAX = 1_000;

/** Refusal codes that the page words itself; any other is shown with the room's reason. */
export const REFUSAL = {
  malformed: 1,
  notOwner: 100,
  unknown: 101,
  notEnough: 102,
  badCount: 103,
  tooFast: 104,
  atLimit: 105,
  locked: 106,
  notReady: 107,
  owned: 108,
  waiting: 109,
  repeated: 110,
  outOfOrder: 111,
  notYoung: 112,
  impossible: 113,
  imported: 114,
  onlineOnly: 115,
} as const;
