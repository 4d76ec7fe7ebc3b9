/** Where each wish stands in the sky: roots low, what they lead to above them, every branch in a place of its own. */
import type { WishKind } from "../shapes";

export interface Spot {
  id: string;
  /** Percent of the sky's width. */
  x: number;
  /** Rows above the horizon, with a little disorder. */
  y: number;
}

export interface Line {
  from: Spot;
  to: Spot;
  /** The level that `from` must have. */
  level: number;
}

export interface Sky {
  spots: Spot[];
  lines: Line[];
  rows: number;
  /** Stars side by side at most; each has so much of the width to itself. */
  columns: number;
}

export type Way = "left" | "right" | "up" | "down";

export function skyOf(wishes: readonly WishKind[]): Sky {
  const known = new Map(wishes.map((wish) => [wish.id, wish]));
  const parents = (wish: WishKind) =>
    wish.needs.flatMap((need) => {
      const parent = "wish" in need ? known.get(need.wish) : undefined;
      return parent === undefined || !("wish" in need) ? [] : [{ parent, level: need.level }];
    });
  const depths = new Map<string, number>();
  // The rules take no content in which a wish needs itself, however far around.
  const depthOf = (wish: WishKind): number => {
    const seen = depths.get(wish.id);
    if (seen !== undefined) return seen;
    const depth = Math.max(-1, ...parents(wish).map(({ parent }) => depthOf(parent))) + 1;
    depths.set(wish.id, depth);
    return depth;
  };
  for (const wish of wishes) depthOf(wish);

  // A wish hangs on the deepest of those it needs; the other lines cross over.
  const children = new Map<string | undefined, WishKind[]>();
  for (const wish of wishes) {
    const above = parents(wish).sort((a, b) => depthOf(b.parent) - depthOf(a.parent))[0]?.parent.id;
    children.set(above, [...(children.get(above) ?? []), wish]);
  }
  const columns = new Map<string, number>();
  let leaves = 0;
  const place = (wish: WishKind): number => {
    const under = (children.get(wish.id) ?? []).map(place);
    const column = under.length === 0 ? leaves++ : ((under[0] ?? 0) + (under.at(-1) ?? 0)) / 2;
    columns.set(wish.id, column);
    return column;
  };
  for (const root of children.get(undefined) ?? []) place(root);

  const spots = wishes.map((wish): Spot => {
    const depth = depths.get(wish.id) ?? 0;
    const column = columns.get(wish.id) ?? 0;
    return {
      id: wish.id,
      x: ((column + 0.5 + stray(wish.id, 1) * 0.1) / Math.max(1, leaves)) * 100,
      y: depth + stray(wish.id, 2) * 0.16,
    };
  });
  const spotOf = new Map(spots.map((spot) => [spot.id, spot]));
  const lines = wishes.flatMap((wish) =>
    parents(wish).flatMap(({ parent, level }): Line[] => {
      const [from, to] = [spotOf.get(parent.id), spotOf.get(wish.id)];
      return from === undefined || to === undefined ? [] : [{ from, to, level }];
    }),
  );
  return { spots, lines, rows: Math.max(-1, ...depths.values()) + 1, columns: leaves };
}

/** The nearest star that way, for the arrow keys; the one itself when there is none. */
export function neighbour(sky: Sky, id: string, way: Way): string {
  const here = sky.spots.find((spot) => spot.id === id);
  if (here === undefined) return sky.spots[0]?.id ?? id;
  let best: { id: string; far: number } | undefined;
  for (const spot of sky.spots) {
    if (spot.id === id) continue;
    // A row counts as much as a quarter of the width.
    const [dx, dy] = [(spot.x - here.x) / 25, spot.y - here.y];
    const ahead = { left: -dx, right: dx, up: dy, down: -dy }[way];
    const aside = Math.abs(way === "left" || way === "right" ? dy : dx);
    if (ahead <= 0.1) continue;
    const far = ahead + aside * 2;
    if (best === undefined || far < best.far) best = { id: spot.id, far };
  }
  return best?.id ?? id;
}

/** -1 to 1, always the same for the same wish. */
function stray(id: string, salt: number): number {
  let hash = salt * 374_761_393;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 668_265_263);
  return ((hash >>> 8) % 2_001) / 1_000 - 1;
}
