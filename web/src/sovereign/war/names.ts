/** What nations are called: people by the name of their account, computers by a name that their number gives them. */
import type { Nation } from "../bytes/shapes";

export interface Person {
  seat: number;
  userId: string;
  name: string;
}

const TRIBE_FIRST = [
  ...["Marsh", "Heron", "Salt", "Thorn", "Amber", "Willow", "Grey", "Otter", "Flint", "Moss", "Raven"],
  ...["Cinder", "Reed", "Birch", "Fox", "Copper", "Dusk", "Stone", "Hazel", "Wind", "Antler", "Clay"],
];
const TRIBE_LAST = [
  ...["Folk", "Clan", "Herders", "Fishers", "Wanderers", "Kin", "Hunters", "Weavers", "Riders", "People"],
  ...["Diggers", "Singers", "Walkers"],
];
const RIVALS = [
  ...["Averland", "Brume", "Caldera", "Dorne Vale", "Estmark", "Fenwick", "Galdor", "Haverholm", "Ilvania"],
  ...["Jorvik Reach", "Karelmoor", "Lyrien", "Morwenna", "Nordhelm", "Ostrava Bay", "Pellinor", "Quillon"],
  ...[
    "Ravenna Coast",
    "Sundermark",
    "Tarsis",
    "Umbria Minor",
    "Vesper Isles",
    "Westrin",
    "Ysolde",
    "Zephyria",
  ],
  ...["Ardan", "Belmora", "Corvane", "Drusk", "Elmsreach", "Farrow", "Gristle Hills", "Hollin", "Istra"],
];

const TITLES = ["Captain", "Marshal", "Warden", "Steward", "Regent", "Envoy", "Scout", "Keeper", "Herald"];

/** A name for a player who has not said one: accounts are called by letters that nobody can read aloud. */
export function firstName(account: string): string {
  const at = spread(account);
  const name = TRIBE_FIRST[Math.floor(at / TITLES.length) % TRIBE_FIRST.length];
  return `${TITLES[at % TITLES.length]} ${name}`;
}

/** Small numbers from a text, the same everywhere. */
function spread(text: string): number {
  let hash = 2_166_136_261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16_777_619);
  return hash >>> 0;
}

/** Each war deals the names out in an order of its own, so that no two nations share one while there are enough. */
function dealt(id: number, seed: string, names: number): number {
  return (id * 7_919 + spread(seed)) % names;
}

export function nameOf(
  nation: Pick<Nation, "id" | "kind" | "seat">,
  seed: string,
  people: ReadonlyMap<number, Person>,
): string {
  switch (nation.kind) {
    case "player":
      return people.get(nation.seat ?? -1)?.name ?? `Player ${nation.id}`;
    case "rival": {
      const at = dealt(nation.id, seed, RIVALS.length);
      return RIVALS[at]!;
    }
    case "tribe": {
      const at = dealt(nation.id, seed, TRIBE_FIRST.length * TRIBE_LAST.length);
      return `${TRIBE_FIRST[at % TRIBE_FIRST.length]} ${TRIBE_LAST[Math.floor(at / TRIBE_FIRST.length)]}`;
    }
  }
}

/** Names are drawn on the map: long ones would hide it. */
export const NAME_CHARS_MAX = 22;

export function short(name: string): string {
  const letters = [...name];
  return letters.length <= NAME_CHARS_MAX ? name : `${letters.slice(0, NAME_CHARS_MAX - 1).join("")}…`;
}
