/** How an update becomes part of what the page knows: maps by id are merged, everything else is replaced. */
import type { Farm } from "./shapes";

const BY_ID = ["wools", "buildings", "upgrades", "recipes", "keepsakes", "wishes"] as const;

export function mergeFarm(known: Farm, part: Partial<Farm>): Farm {
  const merged: Farm = { ...known, ...part };
  for (const key of BY_ID) {
    if (part[key] !== undefined) Object.assign(merged, { [key]: { ...known[key], ...part[key] } });
  }
  return merged;
}
