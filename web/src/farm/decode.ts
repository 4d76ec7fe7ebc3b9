/**
 * MessagePack bodies ↔ the page's types. Decoding checks what it reads: a room of another version gives a
 * {@link ShapeError} that names the field, not a page full of `NaN`.
 */
import { decode, encode } from "@msgpack/msgpack";
import type {
  Amounts,
  Away,
  BuildingState,
  Command,
  Content,
  Effect,
  Farm,
  FarmEvent,
  FarmUpdate,
  KeepsakeState,
  Need,
  Prestige,
  Price,
  UpgradeState,
  WoolState,
} from "./shapes";

export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

export function encodeCommandBody(command: Command): Uint8Array {
  return encode(command);
}

export function decodeView(body: Uint8Array): { content: Content; farm: Farm } {
  const view = root(body, "view");
  const farm = farmPart(view.at("farm"));
  for (const key of FARM_KEYS) {
    if (!(key in farm)) throw new ShapeError(`view.farm.${key} is missing`);
  }
  return { content: content(view.at("content")), farm: farm as Farm };
}

export function decodeUpdate(body: Uint8Array): FarmUpdate {
  const update = root(body, "update");
  return { farm: farmPart(update.at("farm")), event: update.at("event").orNull(event) };
}

/** A value and the path that led to it, for messages. */
class Field {
  constructor(
    private readonly value: unknown,
    private readonly path: string,
  ) {}

  private fail(wanted: string): never {
    throw new ShapeError(`${this.path} is not ${wanted}`);
  }

  private map(): Record<string, unknown> {
    if (typeof this.value !== "object" || this.value === null || Array.isArray(this.value))
      this.fail("a map");
    return this.value as Record<string, unknown>;
  }

  at(key: string): Field {
    return new Field(this.map()[key], `${this.path}.${key}`);
  }

  has(key: string): boolean {
    return this.map()[key] !== undefined;
  }

  text(): string {
    return typeof this.value === "string" ? this.value : this.fail("text");
  }

  flag(): boolean {
    return typeof this.value === "boolean" ? this.value : this.fail("true or false");
  }

  int(): number {
    // A 64-bit integer may arrive as bigint; times and counts fit a number all the same.
    const value = typeof this.value === "bigint" ? Number(this.value) : this.value;
    return typeof value === "number" && Number.isSafeInteger(value) ? value : this.fail("a whole number");
  }

  big(): bigint {
    if (typeof this.value === "string" && /^-?\d+$/.test(this.value)) return BigInt(this.value);
    return BigInt(this.int());
  }

  orNull<T>(read: (field: Field) => T): T | null {
    return this.value === null || this.value === undefined ? null : read(this);
  }

  list<T>(read: (field: Field) => T): T[] {
    if (!Array.isArray(this.value)) this.fail("a list");
    return (this.value as unknown[]).map((item, i) => read(new Field(item, `${this.path}[${i}]`)));
  }

  entries<T>(read: (field: Field) => T): Record<string, T> {
    const all: Record<string, T> = {};
    for (const key of Object.keys(this.map())) all[key] = read(this.at(key));
    return all;
  }
}

function root(body: Uint8Array, name: string): Field {
  try {
    return new Field(decode(body, { useBigInt64: false }), name);
  } catch (error) {
    throw new ShapeError(`${name}: ${error instanceof Error ? error.message : "not MessagePack"}`);
  }
}

const amounts = (field: Field): Amounts => field.entries((amount) => amount.big());

const price = (field: Field): Price => ({
  base: amounts(field.at("base")),
  ratio_percent: field.at("ratio_percent").int(),
});

function need(field: Field): Need {
  return field.has("building")
    ? { building: field.at("building").text(), count: field.at("count").int() }
    : { upgrade: field.at("upgrade").text(), level: field.at("level").int() };
}

function effect(field: Field): Effect {
  const kind = field.at("kind").text();
  switch (kind) {
    case "building":
      return { kind, building: field.at("building").text(), percent: field.at("percent").int() };
    case "wool":
      return { kind, wool: field.at("wool").text(), percent: field.at("percent").int() };
    case "all":
    case "shear":
      return { kind, percent: field.at("percent").int() };
    case "shear_share":
      return { kind, permille: field.at("permille").int() };
    case "away":
      return { kind, minutes: field.at("minutes").int() };
    default:
      throw new ShapeError(`the effect ${kind} is not known`);
  }
}

function content(field: Field): Content {
  const named = (item: Field) => ({
    id: item.at("id").text(),
    name: item.at("name").text(),
    about: item.at("about").text(),
  });
  const needs = (item: Field) => item.at("needs").list(need);
  const shear = field.at("shear");
  const prestige = field.at("prestige");
  return {
    wools: field.at("wools").list((item) => ({ ...named(item), worth: item.at("worth").big() })),
    buildings: field.at("buildings").list((item) => ({
      ...named(item),
      llama: item.at("llama").flag(),
      wool: item.at("wool").text(),
      rate: item.at("rate").big(),
      price: price(item.at("price")),
      count_max: item.at("count_max").int(),
      milestones: item.at("milestones").list((step) => step.int()),
      needs: needs(item),
    })),
    upgrades: field.at("upgrades").list((item) => ({
      ...named(item),
      level_max: item.at("level_max").int(),
      effect: effect(item.at("effect")),
      needs: needs(item),
    })),
    recipes: field.at("recipes").list((item) => ({
      ...named(item),
      from: amounts(item.at("from")),
      to: amounts(item.at("to")),
      needs: needs(item),
    })),
    keepsakes: field.at("keepsakes").list((item) => ({
      ...named(item),
      currency: item.at("currency").text(),
      price: item.at("price").int(),
      effect: effect(item.at("effect")),
    })),
    shear: {
      wool: shear.at("wool").text(),
      count_max: shear.at("count_max").int(),
      per_second: shear.at("per_second").int(),
      burst: shear.at("burst").int(),
    },
    prestige: {
      star_percent: prestige.at("star_percent").int(),
      currency: prestige.at("currency").text(),
      needs: needs(prestige),
    },
  };
}

/** How each part of a farm is read; its keys are all that a view must have. */
const PARTS: { [K in keyof Farm]: (field: Field) => Farm[K] } = {
  at_ms: (field) => field.int(),
  works_until_ms: (field) => field.int(),
  wools: (field) =>
    field.entries<WoolState>((wool) => ({
      amount: wool.at("amount").big(),
      rate: wool.at("rate").big(),
      earned: wool.at("earned").big(),
    })),
  shear: (field) => ({ yield: field.at("yield").big() }),
  buildings: (field) =>
    field.entries<BuildingState>((building) => ({
      count: building.at("count").int(),
      rate: building.at("rate").big(),
      cost: building.at("cost").orNull(amounts),
      unlocked: building.at("unlocked").flag(),
      next_milestone: building.at("next_milestone").orNull((step) => step.int()),
    })),
  upgrades: (field) =>
    field.entries<UpgradeState>((upgrade) => ({
      level: upgrade.at("level").int(),
      cost: upgrade.at("cost").orNull(amounts),
      unlocked: upgrade.at("unlocked").flag(),
    })),
  recipes: (field) => field.entries((recipe) => ({ unlocked: recipe.at("unlocked").flag() })),
  keepsakes: (field) => field.entries(keepsakeState),
  prestige: (field): Prestige => ({
    stars: field.at("stars").big(),
    count: field.at("count").int(),
    bonus_percent: field.at("bonus_percent").big(),
    worth: field.at("worth").big(),
    worth_rate: field.at("worth_rate").big(),
    gain: field.at("gain").big(),
    next_worth: field.at("next_worth").big(),
    met: field.at("met").flag(),
  }),
  stats: (field) => ({
    shears: field.at("shears").big(),
    llamas: field.at("llamas").big(),
    opened_ms: field.at("opened_ms").int(),
    run_ms: field.at("run_ms").int(),
  }),
  away: (field) =>
    field.orNull<Away>((away) => ({
      from_ms: away.at("from_ms").int(),
      to_ms: away.at("to_ms").int(),
      paid_ms: away.at("paid_ms").int(),
      earned: amounts(away.at("earned")),
    })),
  looks: (field) => field.int(),
};

const FARM_KEYS = Object.keys(PARTS) as (keyof Farm)[];

function keepsakeState(field: Field): KeepsakeState {
  const state = field.text();
  if (state === "none" || state === "pending" || state === "owned") return state;
  throw new ShapeError(`the keepsake state ${state} is not known`);
}

function farmPart(field: Field): Partial<Farm> {
  const part: Record<string, unknown> = {};
  for (const key of FARM_KEYS) {
    // `away: nil` is news as well: it is there, and says that no time away is to be shown.
    if (field.has(key)) part[key] = PARTS[key](field.at(key));
  }
  return part as Partial<Farm>;
}

function event(field: Field): FarmEvent | null {
  const kind = field.at("kind").text();
  switch (kind) {
    case "sheared":
      return {
        kind,
        count: field.at("count").int(),
        wool: field.at("wool").text(),
        amount: field.at("amount").big(),
      };
    case "bought":
      return { kind, building: field.at("building").text(), count: field.at("count").int() };
    case "upgraded":
      return { kind, upgrade: field.at("upgrade").text(), level: field.at("level").int() };
    case "crafted":
      return { kind, recipe: field.at("recipe").text(), count: field.at("count").big() };
    case "prestiged":
      return { kind, stars: field.at("stars").big(), fleece: field.at("fleece").int() };
    case "keepsake": {
      const state = field.at("state").text();
      if (state !== "pending" && state !== "owned" && state !== "refused") return null;
      return {
        kind,
        keepsake: field.at("keepsake").text(),
        state,
        code: field.at("code").orNull((code) => code.int()),
        reason: field.at("reason").orNull((reason) => reason.text()),
      };
    }
    default:
      // An event of a newer farm: its numbers are in `farm`, only the words are missing.
      return null;
  }
}
