/** Numbers and refusals in words for players. */
import { STEPS_A_SECOND, type MotionKind, type SiteKind } from "../bytes/shapes";

/** Refusals of the rules, by their codes; games/sovereign/src/refusals.rs gives them in this order from 100 on. */
const REFUSALS_FIRST = 100;
const REFUSALS = [
  "Not so fast.",
  "Not now: the war is in another phase.",
  "That is beyond the map.",
  "Nobody can begin there. Try free land farther from others.",
  "You have no land.",
  "That nation is gone.",
  "That would be yourself.",
  "No way leads there.",
  "You are allies.",
  "They cannot be attacked yet.",
  "Too few troops.",
  "Too little gold.",
  "That is not yours.",
  "That is over already.",
  "As many as there may be.",
  "That is done already.",
  "That number makes no sense.",
  "All seats are taken.",
  "That is not for you.",
  "Not yet: a no or a vote stands between you.",
];

export function refusal(code: number, reason: string): string {
  return REFUSALS[code - REFUSALS_FIRST] ?? reason;
}

/** Few letters for large numbers: 950, 2.5k, 1.2M. */
export function few(amount: number): string {
  if (amount < 1_000) return String(Math.floor(amount));
  const [unit, sign] = amount < 1_000_000 ? [1_000, "k"] : amount < 1e9 ? [1e6, "M"] : [1e9, "G"];
  const scaled = amount / unit;
  return `${scaled < 100 ? (Math.floor(scaled * 10) / 10).toString() : Math.floor(scaled)}${sign}`;
}

export function clock(step: number): string {
  const seconds = Math.floor(step / STEPS_A_SECOND);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export const SITE_WORDS: Record<SiteKind, { name: string; what: string }> = {
  city: { name: "City", what: "room for more troops" },
  fort: { name: "Fort", what: "hard to take around it" },
  port: { name: "Port", what: "trade over the sea" },
};

interface MotionWords {
  name: string;
  asks: (whom: string) => string;
  carried: (whom: string) => string;
  failed: (whom: string) => string;
}

export const MOTION_WORDS: Record<MotionKind, MotionWords> = {
  war: {
    name: "War together",
    asks: (whom) => `War on ${whom}?`,
    carried: (whom) => `The vote is carried: war on ${whom}, and no alliance for a minute.`,
    failed: (whom) => `The vote has failed: no war on ${whom}.`,
  },
  peace: {
    name: "Peace together",
    asks: (whom) => `Peace with ${whom}?`,
    carried: (whom) => `The vote is carried: your attacks on ${whom} come home, and it is offered peace.`,
    failed: (whom) => `The vote has failed: no peace with ${whom}.`,
  },
  expel: {
    name: "Expel",
    asks: (whom) => `Expel ${whom} from the alliance?`,
    carried: (whom) => `The vote is carried: ${whom} is expelled.`,
    failed: (whom) => `The vote has failed: ${whom} stays.`,
  },
};
