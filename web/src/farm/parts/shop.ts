/** The shop's shelves: what the catalogue offers, joined with what this farm has and can pay. */
import { formatDuration, formatMilli, formatRate, formatWhole } from "../format";
import { affordable, msUntil, progressPermille } from "../growth";
import { pricesAfter } from "../prices";
import { BUY_COUNT_MAX, type Amounts, type BuildingKind, type Content, type Farm } from "../shapes";
import { effectText, needsText } from "../words";
import type { Bulk } from "../game";

export type Shelf = "herd" | "upgrades" | "weave" | "keepsakes";

/** Things still locked that are shown, so that there is always something to look forward to. */
export const LOCKED_SHOWN_MAX = 2;

export interface Ware {
  id: string;
  name: string;
  about: string;
  detail: string;
  badge: string;
  cost: Amounts | null;
  can: boolean;
  progress: number;
  wait?: string | undefined;
  verb: string;
  done?: string | undefined;
  milestone?: string | undefined;
}

export interface Locked {
  id: string;
  name: string;
  needs: string;
}

export interface Shelves {
  wares: Ware[];
  locked: Locked[];
}

interface Stock {
  content: Content;
  farm: Farm;
  amounts: Amounts;
}

function waiting({ farm, amounts }: Stock, cost: Amounts | null): string | undefined {
  if (cost === null || affordable(cost, amounts)) return undefined;
  const ms = msUntil(cost, farm, amounts);
  return ms === undefined ? undefined : `in ${formatDuration(ms)}`;
}

function priced(stock: Stock, cost: Amounts | null) {
  return {
    cost,
    can: affordable(cost, stock.amounts),
    progress: progressPermille(cost, stock.amounts),
    wait: waiting(stock, cost),
  };
}

/** What the button says, and the whole price of what it buys. */
function offer(stock: Stock, kind: BuildingKind, bulk: Bulk) {
  const { count = 0, cost = null } = stock.farm.buildings[kind.id] ?? {};
  const left = kind.count_max - count;
  if (cost === null || left <= 0) {
    return { ...priced(stock, null), verb: "Buy", done: "All there are" };
  }
  if (bulk === 1) return { ...priced(stock, cost), verb: "Buy 1" };
  const prices = pricesAfter(kind.price, count);
  if (bulk === "max") {
    const most = prices.most(Math.min(left, BUY_COUNT_MAX), stock.amounts);
    // Not even one: what is missing for it says more than a sum of nothing.
    return most === 0
      ? { ...priced(stock, cost), verb: "Buy max" }
      : { ...priced(stock, prices.sum(most)), verb: `Buy ${most}` };
  }
  // The farm sells all of them or none.
  return left < bulk
    ? { ...priced(stock, null), progress: 0, verb: `Buy ${bulk}`, done: `Only ${left} left` }
    : { ...priced(stock, prices.sum(bulk)), verb: `Buy ${bulk}` };
}

export function herdShelf(stock: Stock, bulk: Bulk): Shelves {
  const { content, farm } = stock;
  const wares: Ware[] = [];
  const locked: Locked[] = [];
  for (const kind of content.buildings) {
    const state = farm.buildings[kind.id];
    if (state === undefined) continue;
    if (!state.unlocked && state.count === 0) {
      locked.push({ id: kind.id, name: kind.name, needs: needsText(kind.needs, content) });
      continue;
    }
    const wool = content.wools.find((other) => other.id === kind.wool)?.name.toLowerCase() ?? kind.wool;
    const one = state.count > 0 ? state.rate / BigInt(state.count) : kind.rate;
    wares.push({
      id: kind.id,
      name: kind.name,
      about: kind.about,
      detail:
        state.count === 0
          ? `${formatRate(one)} ${wool} a second each`
          : `${formatRate(state.rate)} ${wool} a second`,
      badge: state.count === 0 ? "" : state.count.toString(),
      ...offer(stock, kind, bulk),
      milestone:
        state.next_milestone === null || state.count === 0 ? undefined : `doubles at ${state.next_milestone}`,
    });
  }
  return { wares, locked };
}

export function upgradeShelf(stock: Stock): Shelves {
  const { content, farm } = stock;
  const wares: Ware[] = [];
  const locked: Locked[] = [];
  for (const kind of content.upgrades) {
    const state = farm.upgrades[kind.id];
    if (state === undefined) continue;
    if (!state.unlocked && state.level === 0) {
      locked.push({ id: kind.id, name: kind.name, needs: needsText(kind.needs, content) });
      continue;
    }
    wares.push({
      id: kind.id,
      name: kind.name,
      about: kind.about,
      detail: effectText(kind.effect, content),
      badge: state.level === 0 ? "" : `level ${state.level}`,
      ...priced(stock, state.cost),
      verb: "Improve",
      done: state.cost === null ? "As good as it gets" : undefined,
    });
  }
  return { wares, locked };
}

function bundle(amounts: Amounts, content: Content): string {
  return Object.entries(amounts)
    .map(
      ([wool, amount]) =>
        `${formatMilli(amount)} ${content.wools.find((kind) => kind.id === wool)?.name.toLowerCase() ?? wool}`,
    )
    .join(" and ");
}

/** How often a purse pays for the same thing. */
function timesPaid(each: Amounts, purse: Amounts): bigint {
  const times = Object.entries(each).map(([wool, amount]) => (purse[wool] ?? 0n) / amount);
  return times.reduce((least, other) => (other < least ? other : least));
}

export function weaveShelf(stock: Stock, bulk: Bulk): Shelves {
  const { content, farm } = stock;
  const wares: Ware[] = [];
  const locked: Locked[] = [];
  for (const kind of content.recipes) {
    if (farm.recipes[kind.id]?.unlocked !== true) {
      locked.push({ id: kind.id, name: kind.name, needs: needsText(kind.needs, content) });
      continue;
    }
    const most = bulk === "max" ? timesPaid(kind.from, stock.amounts) : BigInt(bulk);
    // Weaving costs the same every time.
    const times = most > 0n ? most : 1n;
    const cost = Object.fromEntries(
      Object.entries(kind.from).map(([wool, amount]) => [wool, amount * times]),
    );
    wares.push({
      id: kind.id,
      name: kind.name,
      about: kind.about,
      detail: `${bundle(kind.from, content)} → ${bundle(kind.to, content)}`,
      badge: "",
      ...priced(stock, cost),
      verb: most > 0n ? `Weave ${formatWhole(most)}` : "Weave max",
    });
  }
  return { wares, locked };
}

export function keepsakeShelf({ content, farm }: Stock, fleece: number | undefined): Shelves {
  const wares = content.keepsakes.map((kind): Ware => {
    const state = farm.keepsakes[kind.id] ?? "none";
    const can = state === "none" && (fleece === undefined || fleece >= kind.price);
    return {
      id: kind.id,
      name: kind.name,
      about: kind.about,
      detail: effectText(kind.effect, content),
      badge: state === "owned" ? "yours" : "",
      cost: null,
      can,
      progress: state === "owned" ? 0 : Math.min(1000, Math.floor(((fleece ?? 0) * 1000) / kind.price)),
      verb: state === "owned" ? "Owned" : "Take home",
      wait: state === "none" ? `${kind.price} golden fleece` : undefined,
      done: state === "pending" ? "Being paid for" : state === "owned" ? "For good" : undefined,
    };
  });
  return { wares, locked: [] };
}
