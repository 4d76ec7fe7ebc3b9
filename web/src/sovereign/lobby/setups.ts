/** The wars that one can open: a few numbers for those who choose, one click for those who do not. */
import type { SetupWish } from "../war/service";

export const SIZES = [
  { id: "tiny", name: "Island", note: "5 min", tribes: 10, rivals: 3, seats: 8 },
  { id: "small", name: "Coast", note: "10 min", tribes: 24, rivals: 6, seats: 20 },
  { id: "medium", name: "Land", note: "20 min", tribes: 60, rivals: 12, seats: 50 },
  { id: "large", name: "Continent", note: "40 min", tribes: 150, rivals: 40, seats: 100 },
  { id: "huge", name: "World", note: "1 hour", tribes: 200, rivals: 60, seats: 100 },
] as const;
export type SizeId = (typeof SIZES)[number]["id"];

export const DIFFICULTIES = [
  { id: "easy", name: "Gentle", calm: 30 },
  { id: "fair", name: "Fair", calm: 10 },
  { id: "hard", name: "Hard", calm: 5 },
] as const;

export interface Wish {
  size: SizeId;
  difficulty: (typeof DIFFICULTIES)[number]["id"];
  computers: boolean;
  fog: boolean;
  hiddenGold: boolean;
  private: boolean;
  name: string;
  seconds: number;
  /** The number of a map that one knows; without one it is any. */
  map: number | "";
}

export const FIRST_WISH: Wish = {
  ...{ size: "small", difficulty: "easy", computers: true, fog: false, hiddenGold: true, private: false },
  ...{ name: "", seconds: 20, map: "" },
};

/** Maps have numbers that can be told to somebody. The rules would take longer ones. */
export const MAP_MAX = 999_999_999;

/** Any map. */
export function anyMap(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! % (MAP_MAX + 1);
}

export function setupOf(wish: Wish): SetupWish {
  const size = SIZES.find(({ id }) => id === wish.size) ?? SIZES[1];
  const calm = DIFFICULTIES.find(({ id }) => id === wish.difficulty)?.calm ?? 5;
  return {
    ...{
      size: size.id,
      seats: size.seats,
      difficulty: wish.difficulty,
      fog: wish.fog,
      private: wish.private,
    },
    ...{ tribes: wish.computers ? size.tribes : 0, rivals: wish.computers ? size.rivals : 0 },
    ...{ hidden_gold: wish.hiddenGold, spawn_seconds: wish.seconds, immunity_seconds: calm },
    map: wish.map === "" ? anyMap() : wish.map,
    name: wish.name.trim(),
  };
}
