/** One update: what changed since the step that it names. */
import { attacksOf, boatsOf, pactsOf, type Change, type PactChange, type Struck } from "./lists";
import { VarintReader } from "./varint";
import {
  askOf,
  bytes,
  count,
  fields,
  maybe,
  motionOf,
  nationOf,
  noticeOf,
  phaseOf,
  row,
  rows,
  siteOf,
  type Ask,
  type Attack,
  type Boat,
  type Motion,
  type Nation,
  type Notice,
  type Phase,
  type Site,
} from "./shapes";

export interface Amounts {
  id: number;
  troops?: number;
  gold?: number;
  /** Told under fog only; in the open tiles are counted. */
  tiles?: number;
}

/** What all are told of a step. */
export interface WarUpdate {
  kind: "all";
  step: number;
  since: number;
  tiles: Uint8Array | undefined;
  amounts: Amounts[];
  attacks: (Change<Attack> | Struck)[];
  boats: Change<Boat>[];
  sites: Change<Site>[];
  pacts: PactChange[];
  notices: Notice[];
  phase: Phase | undefined;
  nations: Nation[];
}

/** What one player is told of its own. */
export interface OwnUpdate {
  kind: "own";
  step: number;
  gold: number | undefined;
  troops: number | undefined;
  asks: Ask[] | undefined;
  motions: Motion[] | undefined;
  cap: number | undefined;
  notices: Notice[];
  /** What a city, a fort and a port cost now. */
  prices: number[] | undefined;
}

export type Update = { all: WarUpdate | undefined; own: OwnUpdate | undefined };

const KEY = {
  ...{ step: 0, since: 1, tiles: 2, amounts: 3, attacks: 4, boats: 5, sites: 6, pacts: 7 },
  ...{ notices: 10, phase: 11, nations: 12 },
  ...{ ownStep: 20, ownGold: 21, ownTroops: 22, ownAsks: 23, ownMotions: 24, ownCap: 25 },
  ...{ ownNotices: 26, ownPrices: 27 },
} as const;

export function updateOf(value: unknown): Update {
  const update = fields(value);
  const at = (key: keyof typeof KEY) => update[KEY[key]];
  const list = <T>(value: unknown, one: (r: readonly unknown[]) => T): T[] | undefined =>
    value === undefined || value === null ? undefined : rows(value).map(one);
  const changes = <T>(value: unknown, one: (r: readonly unknown[]) => T): Change<T>[] =>
    rows(value).map((r) => (r.length === 1 ? { gone: count(r[0]) } : { here: one(r) }));

  const all: WarUpdate | undefined =
    at("step") === undefined
      ? undefined
      : {
          kind: "all",
          step: count(at("step")),
          since: count(at("since")),
          tiles: at("tiles") === undefined ? undefined : bytes(at("tiles")),
          amounts: at("amounts") === undefined ? [] : amountsOf(bytes(at("amounts"))),
          attacks: at("attacks") === undefined ? [] : attacksOf(bytes(at("attacks"))),
          boats: at("boats") === undefined ? [] : boatsOf(bytes(at("boats"))),
          sites: changes(at("sites"), siteOf),
          pacts: at("pacts") === undefined ? [] : pactsOf(bytes(at("pacts"))),
          notices: notices(at("notices")),
          phase: at("phase") === undefined ? undefined : phaseOf(at("phase")),
          nations: rows(at("nations")).map(nationOf),
        };
  const own: OwnUpdate | undefined =
    at("ownStep") === undefined
      ? undefined
      : {
          kind: "own",
          step: count(at("ownStep")),
          gold: maybe(at("ownGold")),
          troops: maybe(at("ownTroops")),
          asks: list(at("ownAsks"), askOf),
          motions: list(at("ownMotions"), motionOf),
          cap: maybe(at("ownCap")),
          notices: notices(at("ownNotices")),
          prices: at("ownPrices") === undefined ? undefined : row(at("ownPrices")).map(count),
        };
  return { all, own };
}

function notices(value: unknown): Notice[] {
  return rows(value)
    .map(noticeOf)
    .filter((notice) => notice !== undefined);
}

/** Troops and gold of nations, ascending by their numbers. */
function amountsOf(bin: Uint8Array): Amounts[] {
  const reader = new VarintReader(bin);
  const found: Amounts[] = [];
  let id = 0;
  while (!reader.done) {
    id += reader.next();
    const mask = reader.byte();
    const amounts: Amounts = { id };
    if ((mask & 1) !== 0) amounts.troops = reader.next();
    if ((mask & 2) !== 0) amounts.gold = reader.next();
    if ((mask & 4) !== 0) amounts.tiles = reader.next();
    found.push(amounts);
  }
  return found;
}
