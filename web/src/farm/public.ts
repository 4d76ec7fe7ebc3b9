/** A farm as everybody may see it: what stands on it, and nothing of what is in its stores. */
import type { Field } from "./field";

export interface PublicFarm {
  looks: number;
  opened_ms: number;
  /** Counts and levels, by id. */
  buildings: Record<string, number>;
  upgrades: Record<string, number>;
  wishes: Record<string, number>;
  /** Those that are owned. */
  keepsakes: string[];
  stats: Record<string, bigint>;
  prestige: { stars: bigint; count: number; bonus_percent: bigint };
}

export function publicFarm(field: Field): PublicFarm {
  const counts = (key: string) => field.at(key).or({}, (all) => all.entries((count) => count.int()));
  const prestige = field.at("prestige");
  return {
    looks: field.at("looks").int(),
    opened_ms: field.at("opened_ms").int(),
    buildings: counts("buildings"),
    upgrades: counts("upgrades"),
    wishes: counts("wishes"),
    keepsakes: field.at("keepsakes").list((id) => id.text()),
    stats: field.at("stats").entries((stat) => stat.big()),
    prestige: {
      stars: prestige.at("stars").big(),
      count: prestige.at("count").int(),
      bonus_percent: prestige.at("bonus_percent").big(),
    },
  };
}
