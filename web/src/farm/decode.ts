/**
 * MessagePack bodies ↔ the page's types. Decoding checks what it reads: a room of another version gives a
 * {@link ShapeError} that names the field, not a page full of `NaN`.
 */
import { decode, encode } from "@msgpack/msgpack";
import { decodeContent } from "./catalogue";
import { amounts, Field, ShapeError } from "./field";
import type {
  Away,
  BuildingState,
  Command,
  Content,
  Farm,
  FarmEvent,
  FarmUpdate,
  KeepsakeState,
  Prestige,
  UpgradeState,
  WishState,
  WoolState,
} from "./shapes";

export { ShapeError };

/** `by` names the device and counts its actions, so that none happens twice. */
export function encodeCommandBody(command: Command & { by?: [Uint8Array, number] }): Uint8Array {
  return encode(command);
}

export function decodeView(body: Uint8Array): { content: Content; farm: Farm } {
  const view = root(body, "view");
  return { content: decodeContent(view.at("content")), farm: wholeFarm(view.at("farm")) };
}

/** A whole farm, as the answers of the farm's functions hold it. */
export function wholeFarm(field: Field): Farm {
  const farm = { ...LATER, ...farmPart(field) };
  for (const key of FARM_KEYS) {
    if (!(key in farm)) throw new ShapeError(`view.farm.${key} is missing`);
  }
  return farm as Farm;
}

export function decodeUpdate(body: Uint8Array): FarmUpdate {
  const update = root(body, "update");
  return { farm: farmPart(update.at("farm")), event: update.at("event").orNull(event) };
}

function root(body: Uint8Array, name: string): Field {
  try {
    return new Field(decode(body, { useBigInt64: false }), name);
  } catch (error) {
    throw new ShapeError(`${name}: ${error instanceof Error ? error.message : "not MessagePack"}`);
  }
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
      rest: wool.at("rest").or([0, 0], (rest) => {
        const [amount, earned] = rest.list((micro) => micro.int());
        return [amount ?? 0, earned ?? 0];
      }),
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
    free: field.at("free").or(0n, (free) => free.big()),
    spent: field.at("spent").or(0n, (spent) => spent.big()),
  }),
  wishes: (field) =>
    field.entries<WishState>((wish) => ({
      level: wish.at("level").int(),
      cost: wish.at("cost").orNull((cost) => cost.big()),
      unlocked: wish.at("unlocked").flag(),
    })),
  week: (field) => ({
    index: field.at("index").int(),
    worth: field.at("worth").big(),
    ends_ms: field.at("ends_ms").int(),
  }),
  events: (field) => field.list((id) => id.text()),
  rates_until_ms: (field) => field.orNull((ms) => ms.int()),
  stats: (field) => ({
    shears: field.at("shears").big(),
    llamas: field.at("llamas").big(),
    weaves: field.at("weaves").or(0n, (weaves) => weaves.big()),
    returns: field.at("returns").or(0n, (returns) => returns.big()),
    prestiges: field.at("prestiges").or(0n, (prestiges) => prestiges.big()),
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
  imported: (field) => field.flag(),
  hands_free_ms: (field) => field.int(),
  left_ms: (field) => field.orNull((ms) => ms.int()),
  looks: (field) => field.int(),
};

/** What an older farm does not tell. */
const LATER: Partial<Farm> = {
  wishes: {},
  week: { index: 0, worth: 0n, ends_ms: 0 },
  events: [],
  rates_until_ms: null,
  imported: false,
  hands_free_ms: 0,
  left_ms: null,
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
    case "wished":
      return { kind, wish: field.at("wish").text(), level: field.at("level").int() };
    case "synced":
      return { kind, kept: field.at("kept").int(), refused: field.at("refused").int() };
    case "imported":
      return { kind };
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
