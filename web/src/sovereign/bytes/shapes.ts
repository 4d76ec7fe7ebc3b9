/** What a war is to a page: the rows of views and updates as objects, as games/sovereign promises them. */
import { WarBytesError } from "./varint";

/** Steps a second; a step lasts 50 ms. */
export const STEPS_A_SECOND = 20;
export const STEP_MS = 1_000 / STEPS_A_SECOND;
/** The owner of a tile that fog hides. */
export const UNSEEN = 0xffff;

export type Phase =
  { kind: "choosing"; until: number } | { kind: "war" } | { kind: "over"; since: number; winner: number };

export type NationKind = "player" | "tribe" | "rival";
export type Standing = "waiting" | "alive" | "beaten";

export interface Nation {
  id: number;
  kind: NationKind;
  seat: number | undefined;
  standing: Standing;
  /** `undefined`: hidden. */
  troops: number | undefined;
  gold: number | undefined;
  tiles: number;
  home: number;
  immuneUntil: number;
  traitorUntil: number;
  cities: number;
  forts: number;
  ports: number;
}

export interface Attack {
  id: number;
  from: number;
  on: number;
  troops: number;
  head: number;
  retreating: boolean;
}

export interface Boat {
  id: number;
  owner: number;
  troops: number;
  turned: boolean;
  way: number[];
  at: number;
  /** The step at which it was there; pages reckon on from it. */
  since: number;
}

export const SITES = ["city", "fort", "port"] as const;
export type SiteKind = (typeof SITES)[number];

export interface Site {
  tile: number;
  kind: SiteKind;
  owner: number;
  ready: number;
}

export interface Pact {
  a: number;
  b: number;
  until: number;
  renewA: boolean;
  renewB: boolean;
}

export interface Ask {
  from: number;
  to: number;
  until: number;
}

export const MOTIONS = ["war", "peace", "expel"] as const;
export type MotionKind = (typeof MOTIONS)[number];

export interface Motion {
  id: number;
  by: number;
  kind: MotionKind;
  about: number;
  until: number;
  voters: { id: number; yes: boolean | undefined }[];
}

export type Notice =
  | { kind: "beaten"; by: number; who: number }
  | { kind: "broke"; by: number; to: number }
  | { kind: "allied"; a: number; b: number }
  | { kind: "ping"; by: number; tile: number; sign: number }
  | { kind: "gave"; by: number; to: number; troops: number; gold: number }
  | { kind: "decided"; motion: number; carried: boolean }
  | { kind: "landed"; by: number; tile: number };

export interface Setup {
  size: string;
  name: string;
  seats: number;
  fog: boolean;
  hiddenGold: boolean;
  private: boolean;
}

/** What things cost and where limits are, for the player whose view it is. */
export interface Tick {
  costs: Record<SiteKind, number>;
  cap: number;
  boatsMax: number;
  attacksMax: number;
}

// ---- reading rows: anything that is not as promised is an error, never a guess ----

export type Row = readonly unknown[];

export function row(value: unknown): Row {
  if (!Array.isArray(value)) throw new WarBytesError("a row is a list");
  return value as Row;
}

export function rows(value: unknown): Row[] {
  return value === undefined || value === null ? [] : row(value).map(row);
}

export function count(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw new WarBytesError(`${String(value)} is no count`);
  }
  return value;
}

export function maybe(value: unknown): number | undefined {
  return value === undefined || value === null ? undefined : count(value);
}

export function flag(value: unknown): boolean {
  if (typeof value !== "boolean") throw new WarBytesError(`${String(value)} is neither yes nor no`);
  return value;
}

export function bytes(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new WarBytesError("bytes are missing");
  return value;
}

export function fields(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new WarBytesError("a map is missing");
  }
  return value as Record<string, unknown>;
}

function pick<T>(from: readonly T[], value: unknown): T {
  const found = from[count(value)];
  if (found === undefined) throw new WarBytesError(`there is no kind ${String(value)}`);
  return found;
}

const KINDS: readonly NationKind[] = ["player", "tribe", "rival"];
const STANDINGS: readonly Standing[] = ["waiting", "alive", "beaten"];

export function phaseOf(value: unknown): Phase {
  const [kind, first, second] = row(value);
  switch (kind) {
    case 0:
      return { kind: "choosing", until: count(first) };
    case 1:
      return { kind: "war" };
    case 2:
      return { kind: "over", since: count(first), winner: count(second ?? 0) };
    default:
      throw new WarBytesError(`there is no phase ${String(kind)}`);
  }
}

export function nationOf(r: Row): Nation {
  return {
    id: count(r[0]),
    kind: pick(KINDS, r[1]),
    seat: maybe(r[2]),
    standing: pick(STANDINGS, r[3]),
    troops: maybe(r[4]),
    gold: maybe(r[5]),
    tiles: count(r[6] ?? 0),
    home: count(r[7] ?? 0),
    immuneUntil: count(r[8] ?? 0),
    traitorUntil: count(r[9] ?? 0),
    cities: count(r[10] ?? 0),
    forts: count(r[11] ?? 0),
    ports: count(r[12] ?? 0),
  };
}

export function attackOf(r: Row): Attack {
  return {
    id: count(r[0]),
    from: count(r[1]),
    on: count(r[2]),
    troops: count(r[3] ?? 0),
    head: count(r[4]),
    retreating: flag(r[5]),
  };
}

export function boatOf(r: Row): Boat {
  return {
    id: count(r[0]),
    owner: count(r[1]),
    troops: count(r[2] ?? 0),
    turned: flag(r[3]),
    way: row(r[4]).map(count),
    at: count(r[5]),
    since: 0,
  };
}

export function siteOf(r: Row): Site {
  return { tile: count(r[0]), kind: pick(SITES, r[1]), owner: count(r[2]), ready: count(r[3]) };
}

export function pactOf(r: Row): Pact {
  return { a: count(r[0]), b: count(r[1]), until: count(r[2]), renewA: flag(r[3]), renewB: flag(r[4]) };
}

export function askOf(r: Row): Ask {
  return { from: count(r[0]), to: count(r[1]), until: count(r[2]) };
}

export function motionOf(r: Row): Motion {
  const voters = rows(r[5]).map(([id, yes]) => ({
    id: count(id),
    yes: yes === undefined || yes === null ? undefined : flag(yes),
  }));
  return {
    id: count(r[0]),
    by: count(r[1]),
    kind: pick(MOTIONS, r[2]),
    about: count(r[3]),
    until: count(r[4]),
    voters,
  };
}

/** `undefined` for a kind that this page does not know yet. */
export function noticeOf(r: Row): Notice | undefined {
  const [kind, a, b, c, d] = r;
  switch (kind) {
    case 0:
      return { kind: "beaten", by: count(a), who: count(b) };
    case 1:
      return { kind: "broke", by: count(a), to: count(b) };
    case 2:
      return { kind: "allied", a: count(a), b: count(b) };
    case 3:
      return { kind: "ping", by: count(a), tile: count(b), sign: count(c) };
    case 4:
      return { kind: "gave", by: count(a), to: count(b), troops: count(c), gold: count(d) };
    case 5:
      return { kind: "decided", motion: count(a), carried: b === true || b === 1 };
    case 6:
      return { kind: "landed", by: count(a), tile: count(b) };
    default:
      return undefined;
  }
}
