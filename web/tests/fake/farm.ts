/**
 * A farm that is good enough to look at and to play with: a small content over the page's own rules, told in the shapes
 * of `games/farm/README.md`. What the rules themselves are worth is the vectors' business, not this one's.
 */
import { decode } from "@msgpack/msgpack";
import { decodeContent } from "../../src/farm/catalogue";
import { Field } from "../../src/farm/field";
import { Play } from "../../src/farm/rules/play";
import { showFarm } from "../../src/farm/rules/show";
import type { State } from "../../src/farm/rules/state";
import type { Command, Content } from "../../src/farm/shapes";
import type { SyncCall } from "../../src/farm/offline/homecoming";

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
  wishes: [
    {
      id: "early_birds",
      name: "Early birds",
      about: "Five llamas wait at the gate of every new farm.",
      cost: "1",
      ratio_percent: 200,
      level_max: 5,
      effect: { kind: "head_start", building: "meadow_llama", count: 5 },
      needs: [],
    },
    {
      id: "lucky_stars",
      name: "Lucky stars",
      about: "Half as many stars again.",
      cost: "2",
      ratio_percent: 300,
      level_max: 3,
      effect: { kind: "gain", percent: 150 },
      needs: [{ wish: "early_birds", level: 1 }],
    },
    {
      id: "warm_barns",
      name: "Warm barns",
      about: "A tenth more of everything that grows.",
      cost: "1",
      ratio_percent: 150,
      level_max: 10,
      effect: { kind: "all", percent: 110 },
      needs: [],
    },
  ],
  events: [
    {
      id: "golden_weekend",
      name: "Golden weekend",
      about: "Everything grows twice as fast.",
      from_ms: 1_700_000_600_000,
      to_ms: 1_700_001_200_000,
      effect: { kind: "all", percent: 200 },
    },
  ],
  achievements: [
    {
      id: "first_cut",
      name: "First cut",
      about: "A hundred shears.",
      stat: "shears",
      goal: 100,
      fleece: 1,
    },
  ],
  import: { since_ms: 1_600_000_000_000, days_max: 30, young_llamas: 20 },
  shear: { wool: "plain", yield: "1000", count_max: 50, per_second: 20, interval_ms: 50, burst: 50 },
  away_minutes: 480,
  prestige: {
    star_percent: 10,
    currency: "golden_fleece",
    worth_per_star: "1000000",
    root: 2,
    needs: [{ building: "suri_llama", count: 1 }],
  },
};

type Outcome = { farm: object; event: object } | { code: number; reason: string };

/** The content as the page reads it. */
export const CONTENT: Content = decodeContent(new Field(content, "content"));

export class FakeFarm {
  readonly play: Play;
  /** A device's newest number. */
  private readonly devices = new Map<string, number>();
  private readonly opened: number;

  constructor(private readonly now: () => number) {
    const at = now();
    this.opened = at;
    const none = (list: readonly { id: string }[]) => Object.fromEntries(list.map(({ id }) => [id, 0]));
    const state: State = {
      opened_ms: at,
      run_ms: at,
      settled_ms: at,
      present: true,
      lit_ms: at,
      hands_free_ms: at,
      wools: Object.fromEntries(CONTENT.wools.map(({ id }) => [id, { amount: 0n, earned: 0n }])),
      buildings: none(CONTENT.buildings),
      upgrades: none(CONTENT.upgrades),
      wishes: none(CONTENT.wishes),
      keepsakes: Object.fromEntries(CONTENT.keepsakes.map(({ id }) => [id, "none"])),
      stars: 0n,
      spent: 0n,
      prestiges: 0,
      shears: 0n,
      weaves: 0n,
      returns: 0n,
      week: { index: 0, earned: 0n },
      away: null,
      imported: false,
      looks: 77_123,
    };
    this.play = new Play(CONTENT, state);
    this.play.book(at);
  }

  get state(): State {
    return this.play.state;
  }

  get atMs(): number {
    return this.state.settled_ms;
  }

  /** Puts milli-wool into the stores. */
  give(amounts: Record<string, bigint>): void {
    for (const [id, milli] of Object.entries(amounts)) {
      const stock = this.state.wools[id];
      if (stock === undefined) throw new Error(`no wool ${id}`);
      stock.amount += milli * 1_000n;
      stock.earned += milli * 1_000n;
    }
  }

  /** Sets counts, as if they had been bought. */
  own(buildings: Record<string, number>): void {
    Object.assign(this.state.buildings, buildings);
    this.play.changed();
  }

  settle(): void {
    this.play.settle(Math.max(this.now(), this.atMs));
  }

  arrive(): void {
    this.play.arrive(Math.max(this.now(), this.atMs));
  }

  depart(): void {
    this.play.depart(Math.max(this.now(), this.atMs));
  }

  view(): object {
    return { content, farm: this.farm() };
  }

  farm(): Record<string, unknown> {
    return wire(showFarm(this.play)) as Record<string, unknown>;
  }

  execute(body: Uint8Array): Outcome {
    const { by, ...command } = decode(body) as Command & { by?: [Uint8Array, number] };
    const device = by === undefined ? "" : Buffer.from(by[0]).toString("hex");
    if (by !== undefined && by[1] <= (this.devices.get(device) ?? 0))
      return { code: 110, reason: "repeated" };
    const outcome = this.play.act(command, this.now());
    if ("refusal" in outcome) return outcome.refusal;
    if (by !== undefined) this.devices.set(device, by[1]);
    return { farm: this.farm(), event: wire(outcome.event) as object };
  }

  /** The answer of `farm_sync`, or the refusal of all of it. */
  sync(call: SyncCall): { upto: number; results: object[]; farm: object } | { code: number; reason: string } {
    const known = this.devices.get(call.device) ?? 0;
    if (call.after > known) return { code: 111, reason: `known up to ${known}` };
    const results = call.actions.map(({ n, at_ms, ...command }) => {
      if (n <= (this.devices.get(call.device) ?? 0)) return { n, again: true };
      this.devices.set(call.device, n);
      const now = this.now();
      const at = Math.min(now, Math.max(this.opened, at_ms + (now - call.clock_ms)));
      const outcome = this.play.act(command as Command, at);
      return "refusal" in outcome ? { n, ...outcome.refusal } : { n };
    });
    return { upto: this.devices.get(call.device) ?? 0, results, farm: this.farm() };
  }

  /** Some other page has used this device's numbers up to `n`. */
  knows(device: string, n: number): void {
    this.devices.set(device, n);
  }

  /** As after a restore: what it knew of devices is gone. */
  forget(): void {
    this.devices.clear();
  }
}

/** Big numbers travel as decimal text. */
function wire(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(wire);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, wire(inner)]));
}
