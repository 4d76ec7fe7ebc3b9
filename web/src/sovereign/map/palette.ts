/**
 * A colour for each nation. Hues alone do not tell a hundred nations apart, least of all to those who see few of them: so
 * lightness goes in steps of its own, allies are hatched, one's own land has the house's clay and a white border.
 */
import type { Nation } from "../bytes/shapes";

/** Numbers of nations that the map can show; the two above stand for water and fog. */
export const NATIONS_SHOWN_MAX = 1_021;
export const WATER = 1_022;
export const HIDDEN = 1_023;
export const PALETTE = 1_024;

/** How a nation stands to the player; the shader draws it. */
export const RELATION = { none: 0, ally: 85, foe: 170, me: 255 } as const;
export type Relation = keyof typeof RELATION;

export type Rgb = readonly [number, number, number];

/** OKLCH (Ottosson 2020) to sRGB bytes, cut off at the edge of what a screen can show. */
export function oklch(lightness: number, chroma: number, hue: number): Rgb {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const byte = (linear: number): number => {
    const bent = linear <= 0.0031308 ? 12.92 * linear : 1.055 * Math.max(0, linear) ** (1 / 2.4) - 0.055;
    return Math.round(Math.min(1, Math.max(0, bent)) * 255);
  };
  return [
    byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    byte(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

export const MINE: Rgb = [222, 78, 44];
/** Hues around the player's own are left to the player. */
const HUES_FROM = 70;
const HUES_WIDE = 310;
const GOLDEN = 0.618034;
const LIGHTNESS = [0.5, 0.74, 0.6, 0.84];

export function colourOf(nation: Pick<Nation, "id" | "kind">, me: number): Rgb {
  if (nation.id === me) return MINE;
  const hue = (HUES_FROM + HUES_WIDE * ((nation.id * GOLDEN) % 1)) % 360;
  const step = nation.id % LIGHTNESS.length;
  return nation.kind === "tribe" ? oklch(LIGHTNESS[step]!, 0.045, hue) : oklch(LIGHTNESS[step]!, 0.135, hue);
}

export function css([r, g, b]: Rgb): string {
  return `rgb(${r} ${g} ${b})`;
}
