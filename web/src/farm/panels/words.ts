/** The sentences of the panels: figures of achievements, restore points, scores. */
import { formatMilli, formatWhole } from "../format";
import { worthOfMagnitude, type Board } from "../service";
import type { AchievementKind, Farm } from "../shapes";

const THINGS: Record<string, [one: string, many: string]> = {
  shears: ["shear", "shears"],
  llamas: ["llama", "llamas"],
  buildings: ["building", "buildings"],
  upgrades: ["upgrade", "upgrades"],
  prestiges: ["new beginning", "new beginnings"],
  stars: ["star", "stars"],
  wishes: ["wish", "wishes"],
  weaves: ["weave", "weaves"],
  returns: ["return", "returns"],
};

/** `3 of 10 llamas`, and for worth, which is measured by its magnitude, the worth that it stands for. */
export function goalText(kind: AchievementKind, progress: bigint): string {
  if (kind.stat === "worth_magnitude") {
    return `${formatMilli(worthOfMagnitude(progress))} of ${formatMilli(worthOfMagnitude(kind.goal))} worth`;
  }
  const [one, many] = THINGS[kind.stat] ?? [kind.stat, kind.stat];
  return `${formatWhole(progress)} of ${formatWhole(kind.goal)} ${kind.goal === 1n ? one : many}`;
}

/** What this page knows of a figure by itself; `undefined` when only the server does. */
export function figureOf(stat: string, farm: Farm): bigint | undefined {
  const sum = (all: Record<string, { count?: number; level?: number }>) =>
    Object.values(all).reduce((total, { count = 0, level = 0 }) => total + BigInt(count + level), 0n);
  switch (stat) {
    case "shears":
      return farm.stats.shears;
    case "llamas":
      return farm.stats.llamas;
    case "weaves":
      return farm.stats.weaves;
    case "returns":
      return farm.stats.returns;
    case "prestiges":
      return farm.stats.prestiges;
    case "stars":
      return farm.prestige.stars;
    case "buildings":
      return sum(farm.buildings);
    case "upgrades":
      return sum(farm.upgrades);
    case "wishes":
      return sum(farm.wishes);
    default:
      return undefined;
  }
}

/** A score as a board counts it: stars as such, a week's magnitude as the worth it stands for. */
export function scoreText(board: Board, score: bigint): string {
  return board === "weekly" ? `${formatMilli(worthOfMagnitude(score))} worth` : formatWhole(score);
}

export function whyText(why: string): string {
  switch (why) {
    case "daily":
      return "The first deed of the day";
    case "prestige":
      return "Before a new beginning";
    case "import":
      return "Before an older farm was brought in";
    case "rewind":
      return "Before an earlier day came back";
    default:
      return why;
  }
}

const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" });
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

/** `Sat 21 Nov, 08:30`, by the reader's own clock. */
export function dayText(atMs: number): string {
  return `${DAY.format(atMs).replace(",", "")}, ${CLOCK.format(atMs)}`;
}

/** What went wrong with a question to the server. */
export function troubleText(error: unknown): string {
  return error instanceof Error ? error.message : "That did not work.";
}
