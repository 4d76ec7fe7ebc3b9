/** Who stands where: a few animals for the many that a farm owns, always the same ones for the same farm. */
import { breedOf, type Breed } from "../art/breeds";
import { sequence } from "../art/shapes";
import type { Content } from "../shapes";

export const HERD_SHOWN_MAX = 12;

/** What of a farm can be seen from the road: enough to draw one's own and anybody else's. */
export interface Grounds {
  looks: number;
  buildings: Record<string, { count: number }>;
}

export interface House {
  id: string;
  x: number;
  y: number;
  scale: number;
}

const PLOTS: Record<string, { x: number; y: number; scale: number }> = {
  hay_barn: { x: 150, y: 404, scale: 1 },
  shearing_shed: { x: 262, y: 398, scale: 0.86 },
  spinning_mill: { x: 676, y: 404, scale: 0.98 },
  star_loft: { x: 580, y: 382, scale: 0.82 },
};

export function housesOf(content: Content, grounds: Grounds): House[] {
  return content.buildings
    .filter((kind) => !kind.llama && (grounds.buildings[kind.id]?.count ?? 0) > 0)
    .flatMap((kind) => {
      const plot = PLOTS[kind.id];
      return plot === undefined ? [] : [{ id: kind.id, ...plot }];
    });
}

export interface Animal {
  key: string;
  breed: Breed;
  seed: number;
  x: number;
  y: number;
  scale: number;
  flip: boolean;
  blanket: boolean;
}

/** Places on the meadow, in the order in which they fill up. */
const SPOTS: [number, number, number, boolean][] = [
  [268, 512, 0.54, false],
  [646, 514, 0.55, true],
  [182, 600, 0.78, false],
  [742, 604, 0.8, true],
  [164, 452, 0.38, true],
  [762, 450, 0.38, false],
  [138, 516, 0.52, false],
  [772, 520, 0.54, true],
  [250, 446, 0.36, false],
  [676, 448, 0.37, true],
  [330, 444, 0.34, true],
  [588, 444, 0.34, false],
];

/** How many of `count` owned animals are shown when the breeds have to share the meadow. */
function shownOf(count: number, breeds: number): number {
  if (count === 0) return 0;
  const share = Math.floor(HERD_SHOWN_MAX / Math.max(1, breeds));
  return Math.max(1, Math.min(share, count <= 4 ? count : 4 + Math.floor(Math.log2(count / 4) * 1.5)));
}

export function herdOf(content: Content, grounds: Grounds): Animal[] {
  const kinds = content.buildings.filter(
    (kind) => kind.llama && (grounds.buildings[kind.id]?.count ?? 0) > 0,
  );
  const animals: { building: string; wool: string; index: number }[] = [];
  for (const kind of kinds) {
    const shown = shownOf(grounds.buildings[kind.id]?.count ?? 0, kinds.length);
    for (let index = 0; index < shown; index++) animals.push({ building: kind.id, wool: kind.wool, index });
  }
  // Breeds take turns, so that the second breed does not stand behind all of the first.
  animals.sort((a, b) => a.index - b.index);
  const random = sequence(grounds.looks);
  const varieties = Array.from({ length: HERD_SHOWN_MAX }, () => Math.floor(random() * 60));
  const herd = animals.slice(0, HERD_SHOWN_MAX).flatMap((animal, i): Animal[] => {
    const spot = SPOTS[i];
    if (spot === undefined) return [];
    const [x, y, scale, flip] = spot;
    const variety = varieties[i] ?? 0;
    const breed = breedOf(animal.building, animal.wool, variety);
    const key = `${animal.building}-${animal.index}`;
    return [{ key, breed, seed: 20 + variety, x, y, scale, flip, blanket: variety % 3 === 0 }];
  });
  return herd.sort((a, b) => a.y - b.y);
}
