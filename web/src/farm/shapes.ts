/**
 * The shapes of `games/farm/README.md`, as the page reads them. Big numbers travel as decimal strings and are
 * `bigint` here; `decode.ts` is the only place that sees the strings.
 */

export type WoolId = string;
export type Amounts = Record<WoolId, bigint>;

export type Need = { building: string; count: number } | { upgrade: string; level: number };

export type Effect =
  | { kind: "building"; building: string; percent: number }
  | { kind: "wool"; wool: WoolId; percent: number }
  | { kind: "all"; percent: number }
  | { kind: "shear"; percent: number }
  | { kind: "shear_share"; permille: number }
  | { kind: "away"; minutes: number };

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

export interface Content {
  wools: WoolKind[];
  buildings: BuildingKind[];
  upgrades: UpgradeKind[];
  recipes: RecipeKind[];
  keepsakes: KeepsakeKind[];
  shear: { wool: WoolId; count_max: number; per_second: number; burst: number };
  prestige: { star_percent: number; currency: string; needs: Need[] };
}

export interface WoolState {
  amount: bigint;
  rate: bigint;
  earned: bigint;
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
  prestige: Prestige;
  stats: { shears: bigint; llamas: bigint; opened_ms: number; run_ms: number };
  away: Away | null;
  looks: number;
}

export type FarmEvent =
  | { kind: "sheared"; count: number; wool: WoolId; amount: bigint }
  | { kind: "bought"; building: string; count: number }
  | { kind: "upgraded"; upgrade: string; level: number }
  | { kind: "crafted"; recipe: string; count: bigint }
  | { kind: "prestiged"; stars: bigint; fleece: number }
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
} as const;
