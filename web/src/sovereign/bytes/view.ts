/** A whole view: everything that a seat may see. */
import { ownersOf } from "./tiles";
import { WarBytesError } from "./varint";
import {
  askOf,
  attackOf,
  boatOf,
  bytes,
  count,
  fields,
  maybe,
  motionOf,
  nationOf,
  pactOf,
  phaseOf,
  rows,
  siteOf,
  type Ask,
  type Attack,
  type Boat,
  type Motion,
  type Nation,
  type Pact,
  type Phase,
  type Setup,
  type Site,
  type Tick,
} from "./shapes";

export const VIEW_VERSION = 1;
/** Tiles of the largest map. */
export const TILES_MAX = 2_000_000;

export interface MapOf {
  w: number;
  h: number;
  seed: string;
  /** Names the terrain's bytes: the key under which they are kept. */
  ground: string;
}

export interface WarView {
  step: number;
  phase: Phase;
  map: MapOf;
  setup: Setup;
  /** The player's nation, 0 for those who only watch. */
  me: number;
  nations: Nation[];
  owners: Uint16Array;
  attacks: Attack[];
  boats: Boat[];
  sites: Site[];
  pacts: Pact[];
  asks: Ask[];
  motions: Motion[];
  fog: boolean;
  tick: Tick;
}

export function viewOf(value: unknown): WarView {
  const view = fields(value);
  if (view["v"] !== VIEW_VERSION) throw new WarBytesError(`a view of version ${String(view["v"])}`);
  const map = mapOf(view["map"]);
  return {
    step: count(view["step"]),
    phase: phaseOf(view["phase"]),
    map,
    setup: setupOf(view["setup"]),
    me: count(view["me"] ?? 0),
    nations: rows(view["nations"]).map(nationOf),
    owners: ownersOf(bytes(view["owners"]), map.w * map.h),
    attacks: rows(view["attacks"]).map(attackOf),
    boats: rows(view["boats"]).map(boatOf),
    sites: rows(view["sites"]).map(siteOf),
    pacts: rows(view["pacts"]).map(pactOf),
    asks: rows(view["asks"]).map(askOf),
    motions: rows(view["motions"]).map(motionOf),
    fog: view["fog"] === true,
    tick: tickOf(view["tick"]),
  };
}

function mapOf(value: unknown): MapOf {
  const map = fields(value);
  const [w, h] = [count(map["w"]), count(map["h"])];
  if (w === 0 || h === 0 || w * h > TILES_MAX) throw new WarBytesError(`a map of ${w} × ${h}`);
  return { w, h, seed: String(map["seed"] ?? ""), ground: String(map["ground"] ?? "") };
}

function setupOf(value: unknown): Setup {
  const setup = value === undefined || value === null ? {} : fields(value);
  return {
    size: String(setup["size"] ?? "medium"),
    name: String(setup["name"] ?? ""),
    seats: maybe(setup["seats"]) ?? 0,
    fog: setup["fog"] === true,
    hiddenGold: setup["hidden_gold"] === true,
    private: setup["private"] === true,
  };
}

function tickOf(value: unknown): Tick {
  const tick = value === undefined || value === null ? {} : fields(value);
  const costs = tick["costs"] === undefined ? {} : fields(tick["costs"]);
  return {
    costs: {
      city: maybe(costs["city"]) ?? 0,
      fort: maybe(costs["fort"]) ?? 0,
      port: maybe(costs["port"]) ?? 0,
    },
    cap: maybe(tick["cap"]) ?? 0,
    boatsMax: maybe(tick["max_boats"]) ?? 3,
    attacksMax: maybe(tick["max_attacks"]) ?? 16,
  };
}
