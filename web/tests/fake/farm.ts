/** A farm that is good enough to look at: the shapes of `games/farm/README.md` over much simplified rules. */
import { decode } from "@msgpack/msgpack";
import type { Command } from "../../src/farm/shapes";

interface Priced {
  id: string;
  base: Record<string, bigint>;
  ratio: bigint;
}

const wools = [
  { id: "plain", name: "Meadow wool", about: "Smells of hay and rain.", worth: "1" },
  { id: "silky", name: "Silky wool", about: "Runs through the fingers like water.", worth: "25" },
  { id: "midnight", name: "Midnight wool", about: "Dark blue, and now and then a star.", worth: "1000" },
  { id: "golden", name: "Golden wool", about: "Warm to the touch, even in winter.", worth: "50000" },
];

const buildings = [
  ["meadow_llama", "Meadow llama", "Chews, looks at you, and grows wool.", true, "plain", 500n, 10n],
  ["hay_barn", "Hay barn", "A full llama is a woolly llama.", false, "plain", 4_000n, 150n],
  ["shearing_shed", "Shearing shed", "Clack, clack, clack, next please.", false, "plain", 30_000n, 2_000n],
  ["suri_llama", "Suri llama", "Long locks, and it knows it.", true, "silky", 1_000n, 15_000n],
  ["spinning_mill", "Spinning mill", "The brook turns the wheel.", false, "silky", 9_000n, 120_000n],
  [
    "moon_llama",
    "Moon llama",
    "Only ever seen from the corner of the eye.",
    true,
    "midnight",
    400n,
    2_000_000n,
  ],
  [
    "star_loft",
    "Star loft",
    "A roof with a hole in it, for the light.",
    false,
    "midnight",
    4_000n,
    20_000_000n,
  ],
  [
    "sun_llama",
    "Sun llama",
    "Rises early. Nobody has ever seen it sleep.",
    true,
    "golden",
    100n,
    200_000_000n,
  ],
] as const;

const upgrades = [
  [
    "sharp_shears",
    "Sharp shears",
    "Twice the wool with every cut.",
    10,
    { kind: "shear", percent: 200 },
    50n,
  ],
  [
    "many_hands",
    "Many hands",
    "Neighbours help with every shear.",
    10,
    { kind: "shear_share", permille: 20 },
    1_500n,
  ],
  [
    "fresh_hay",
    "Fresh hay",
    "Meadow llamas grow twice as much.",
    10,
    { kind: "building", building: "meadow_llama", percent: 200 },
    250n,
  ],
  [
    "lullabies",
    "Lullabies",
    "The herd works two hours longer when you are away.",
    8,
    { kind: "away", minutes: 120 },
    10_000n,
  ],
  [
    "harvest_festival",
    "Harvest festival",
    "A quarter more of everything that grows.",
    50,
    { kind: "all", percent: 125 },
    900_000n,
  ],
] as const;

const content = {
  wools,
  buildings: buildings.map(([id, name, about, llama, wool, rate, base], i) => ({
    id,
    name,
    about,
    llama,
    wool,
    rate: rate.toString(),
    price: { base: { plain: Number(base) }, ratio_percent: 115 },
    count_max: 500,
    milestones: [10, 25, 50, 100],
    needs: i < 1 ? [] : [{ building: buildings[i - 1]?.[0], count: 5 }],
  })),
  upgrades: upgrades.map(([id, name, about, level_max, effect, base]) => ({
    id,
    name,
    about,
    price: { base: { plain: Number(base) }, ratio_percent: 400 },
    level_max,
    effect,
    needs: [],
  })),
  recipes: [
    {
      id: "spin_silk",
      name: "Spin silk",
      about: "Patience and a hundred fleeces.",
      from: { plain: "100000" },
      to: { silky: "1000" },
      needs: [],
    },
    {
      id: "dye_midnight",
      name: "Dye at midnight",
      about: "Only works without looking.",
      from: { silky: "100000" },
      to: { midnight: "1000" },
      needs: [{ building: "moon_llama", count: 1 }],
    },
  ],
  keepsakes: [
    {
      id: "scarecrow",
      name: "Scarecrow",
      about: "Keeps the crows off the seed.",
      currency: "golden_fleece",
      price: 2,
      effect: { kind: "all", percent: 110 },
    },
    {
      id: "silver_shears",
      name: "Silver shears",
      about: "Every shear brings three times as much.",
      currency: "golden_fleece",
      price: 5,
      effect: { kind: "shear", percent: 300 },
    },
  ],
  shear: { wool: "plain", count_max: 50, per_second: 20, burst: 50 },
  prestige: { star_percent: 10, currency: "golden_fleece", needs: [{ building: "suri_llama", count: 1 }] },
};

type Outcome = { farm: Record<string, unknown>; event: unknown } | { code: number; reason: string };

export class FakeFarm {
  atMs: number;
  readonly amounts: Record<string, bigint> = { plain: 0n, silky: 0n, midnight: 0n, golden: 0n };
  readonly counts: Record<string, number> = {};
  readonly levels: Record<string, number> = {};
  stars = 0n;
  shears = 0;
  away: unknown = null;
  private readonly opened: number;

  constructor(private readonly now: () => number) {
    this.atMs = now();
    this.opened = this.atMs;
  }

  settle(): void {
    const now = Math.max(this.now(), this.atMs);
    for (const { id } of wools) {
      this.amounts[id] = (this.amounts[id] ?? 0n) + (this.rate(id) * BigInt(now - this.atMs)) / 1000n;
    }
    this.atMs = now;
  }

  view(): object {
    return {
      content,
      farm: {
        ...this.always(),
        ...this.shop(),
        keepsakes: { scarecrow: "none", silver_shears: "none" },
        away: this.away,
        looks: 77_123,
      },
    };
  }

  always(): Record<string, unknown> {
    const state = wools.map(({ id }) => [
      id,
      {
        amount: this.amounts[id]?.toString(),
        rate: this.rate(id).toString(),
        earned: this.amounts[id]?.toString(),
      },
    ]);
    const worth = this.amounts["plain"] ?? 0n;
    return {
      at_ms: this.atMs,
      works_until_ms: this.atMs + 8 * 3_600_000,
      wools: Object.fromEntries(state) as object,
      prestige: {
        stars: this.stars.toString(),
        count: Number(this.stars),
        bonus_percent: (100n + this.stars * 10n).toString(),
        worth: worth.toString(),
        worth_rate: this.rate("plain").toString(),
        gain: (worth / 1_000_000_000n).toString(),
        next_worth: ((worth / 1_000_000_000n + 1n) * 1_000_000_000n).toString(),
        met: (this.counts["suri_llama"] ?? 0) > 0,
      },
    };
  }

  execute(body: Uint8Array): Outcome {
    const command = decode(body) as Command;
    switch (command.do) {
      case "shear": {
        const amount = BigInt(command.count) * this.yield();
        this.amounts["plain"] = (this.amounts["plain"] ?? 0n) + amount;
        this.shears += command.count;
        return this.news({ kind: "sheared", count: command.count, wool: "plain", amount: amount.toString() });
      }
      case "buy": {
        const wanted = command.count === "max" ? 1000 : command.count;
        let done = 0;
        while (done < wanted && this.pay(this.buildingPrice(command.building))) {
          this.counts[command.building] = (this.counts[command.building] ?? 0) + 1;
          done += 1;
        }
        if (done === 0) return { code: 102, reason: "not enough wool" };
        return this.news({ kind: "bought", building: command.building, count: done });
      }
      case "upgrade": {
        if (!this.pay(this.upgradePrice(command.upgrade))) return { code: 102, reason: "not enough wool" };
        const level = (this.levels[command.upgrade] ?? 0) + 1;
        this.levels[command.upgrade] = level;
        return this.news({ kind: "upgraded", upgrade: command.upgrade, level });
      }
      case "craft": {
        if (!this.pay({ plain: 100_000n })) return { code: 102, reason: "not enough wool" };
        this.amounts["silky"] = (this.amounts["silky"] ?? 0n) + 1000n;
        return this.news({ kind: "crafted", recipe: command.recipe, count: "1" });
      }
      case "prestige":
        return { code: 107, reason: "no star yet" };
      case "wish":
        return { code: 101, reason: "no such wish" };
      case "keepsake":
        return { code: 102, reason: "not enough golden fleece" };
    }
  }

  private news(event: object): Outcome {
    return { farm: { ...this.always(), ...this.shop() }, event };
  }

  private shop(): Record<string, unknown> {
    const text = (cost: Record<string, bigint>) =>
      Object.fromEntries(Object.entries(cost).map(([wool, price]) => [wool, price.toString()]));
    return {
      shear: { yield: this.yield().toString() },
      buildings: Object.fromEntries(
        content.buildings.map((kind) => {
          const count = this.counts[kind.id] ?? 0;
          const need = kind.needs[0];
          const unlocked = need === undefined || (this.counts[need.building ?? ""] ?? 0) >= need.count;
          const next = [10, 25, 50, 100].find((step) => step > count) ?? null;
          const cost = text(this.buildingPrice(kind.id));
          return [
            kind.id,
            {
              count,
              rate: (BigInt(kind.rate) * BigInt(count)).toString(),
              cost,
              unlocked,
              next_milestone: next,
            },
          ];
        }),
      ),
      upgrades: Object.fromEntries(
        content.upgrades.map((kind) => {
          const level = this.levels[kind.id] ?? 0;
          const cost = level >= kind.level_max ? null : text(this.upgradePrice(kind.id));
          return [kind.id, { level, cost, unlocked: true }];
        }),
      ),
      recipes: { spin_silk: { unlocked: true }, dye_midnight: { unlocked: false } },
      stats: {
        shears: this.shears,
        llamas: content.buildings.reduce(
          (sum, kind) => sum + (kind.llama ? (this.counts[kind.id] ?? 0) : 0),
          0,
        ),
        opened_ms: this.opened,
        run_ms: this.opened,
      },
    };
  }

  private pay(price: Record<string, bigint>): boolean {
    const all = Object.entries(price);
    if (!all.every(([wool, amount]) => (this.amounts[wool] ?? 0n) >= amount)) return false;
    for (const [wool, amount] of all) this.amounts[wool] = (this.amounts[wool] ?? 0n) - amount;
    return true;
  }

  private yield(): bigint {
    return 1000n * 2n ** BigInt(this.levels["sharp_shears"] ?? 0);
  }

  private rate(wool: string): bigint {
    return buildings.reduce(
      (sum, row) => (row[4] === wool ? sum + row[5] * BigInt(this.counts[row[0]] ?? 0) : sum),
      0n,
    );
  }

  private buildingPrice(id: string): Record<string, bigint> {
    const base = buildings.find((row) => row[0] === id)?.[6] ?? 1n;
    return { plain: growing({ id, base: { plain: base }, ratio: 115n }, this.counts[id] ?? 0) };
  }

  private upgradePrice(id: string): Record<string, bigint> {
    const base = upgrades.find((row) => row[0] === id)?.[5] ?? 1n;
    return { plain: growing({ id, base: { plain: base }, ratio: 400n }, this.levels[id] ?? 0) };
  }
}

/** `ceil(base × ratio^n)` whole wool, in milli. */
function growing(price: Priced, owned: number): bigint {
  const base = price.base["plain"] ?? 0n;
  const den = 100n ** BigInt(owned);
  return ((base * price.ratio ** BigInt(owned) + den - 1n) / den) * 1000n;
}
