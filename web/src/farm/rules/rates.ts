/**
 * What grows and what a shear gives (`games/farm/src/production.rs`): each building's rate is one fraction, rounded
 * down once at its end, and rates are sums of those.
 */
import type { Content, Effect, WoolId } from "../shapes";
import type { State } from "./state";
import { MINUTE_MS } from "./units";

export interface Rates {
  /** Milli-wool a second of each building kind, all of them together. */
  buildings: Record<string, bigint>;
  wools: Record<WoolId, bigint>;
  /** Milli-worth a second. */
  worth: bigint;
  /** Milli-wool of one shear. */
  shear: bigint;
  /** How long the herd works on alone. */
  away_ms: number;
}

/** What rates depend on, beside the events that are on. */
export type Holdings = Pick<State, "buildings" | "upgrades" | "wishes" | "keepsakes" | "stars">;

/** A fraction of percents, multiplied up. */
export class Scale {
  num = 1n;
  den = 1n;

  percent(percent: number | bigint, times: number): void {
    this.num *= BigInt(percent) ** BigInt(times);
    this.den *= 100n ** BigInt(times);
  }
}

/** All growth and shearing is multiplied by this, as a percent. */
export function starBonusPercent(content: Content, stars: bigint): bigint {
  return stars * BigInt(content.prestige.star_percent) + 100n;
}

/** What holds while the `events` are on. */
export function ratesOf(content: Content, holdings: Holdings, events: readonly string[]): Rates {
  const bonus = starBonusPercent(content, holdings.stars);
  const [all, shear] = [new Scale(), new Scale()];
  all.percent(bonus, 1);
  shear.percent(bonus, 1);
  const byWool = scales(content.wools);
  const byBuilding = scales(content.buildings);
  let [sharePermille, awayMinutes] = [0n, content.away_minutes];
  for (const [effect, level] of inForce(content, holdings, events)) {
    if (effect.kind === "building") byBuilding[effect.building]?.percent(effect.percent, level);
    else if (effect.kind === "wool") byWool[effect.wool]?.percent(effect.percent, level);
    else if (effect.kind === "all") all.percent(effect.percent, level);
    else if (effect.kind === "shear") shear.percent(effect.percent, level);
    else if (effect.kind === "shear_share") sharePermille += BigInt(effect.permille * level);
    else if (effect.kind === "away") awayMinutes += effect.minutes * level;
    // A head start and a gain are of the moment in which a run begins or ends.
  }
  const wools: Record<WoolId, bigint> = Object.fromEntries(content.wools.map(({ id }) => [id, 0n]));
  const buildings: Record<string, bigint> = {};
  const one = new Scale();
  for (const kind of content.buildings) {
    const count = holdings.buildings[kind.id] ?? 0;
    const [own, ofWool] = [byBuilding[kind.id] ?? one, byWool[kind.wool] ?? one];
    const doublings = BigInt(kind.milestones.filter((milestone) => milestone <= count).length);
    const num = (own.num * ofWool.num * all.num * kind.rate * BigInt(count)) << doublings;
    const rate = num / (own.den * ofWool.den * all.den);
    buildings[kind.id] = rate;
    wools[kind.wool] = (wools[kind.wool] ?? 0n) + rate;
  }
  const byHand = (shear.num * content.shear.yield) / shear.den;
  const shared = ((wools[content.shear.wool] ?? 0n) * sharePermille) / 1_000n;
  let worth = 0n;
  for (const wool of content.wools) worth += (wools[wool.id] ?? 0n) * wool.worth;
  return { buildings, wools, worth, shear: byHand + shared, away_ms: awayMinutes * MINUTE_MS };
}

const scales = (list: readonly { id: string }[]): Record<string, Scale> =>
  Object.fromEntries(list.map(({ id }) => [id, new Scale()]));

/** Every effect that counts, with its level. */
function* inForce(
  content: Content,
  holdings: Holdings,
  events: readonly string[],
): Generator<[Effect, number]> {
  for (const { id, effect } of content.upgrades) yield [effect, holdings.upgrades[id] ?? 0];
  yield* wishesOf(content, holdings);
  for (const { id, effect } of content.keepsakes) if (holdings.keepsakes[id] === "owned") yield [effect, 1];
  for (const { id, effect } of content.events) if (events.includes(id)) yield [effect, 1];
}

/** The wishes' effects, with their levels. */
export function* wishesOf(content: Content, holdings: Pick<Holdings, "wishes">): Generator<[Effect, number]> {
  for (const { id, effect } of content.wishes) yield [effect, holdings.wishes[id] ?? 0];
}
