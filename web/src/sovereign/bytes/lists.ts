/** What updates tell of attacks, boats and alliances, packed into numbers: in order, and only what is otherwise. */
import type { Attack, Boat, Pact } from "./shapes";
import { VarintReader, WarBytesError } from "./varint";

/** A row that came, or the number of one that is gone. */
export type Change<T> = { here: T } | { gone: number };

/** What is left of an attack that is known, and now and then where it is. */
export interface Struck {
  struck: number;
  troops: number;
  head: number | undefined;
}

/** An alliance that is new or otherwise, or that is over. */
export interface PactChange {
  a: number;
  b: number;
  now: Pact | undefined;
}

/** What is told of an attack: two bits below the distance of its number from the one before. */
const GONE = 0;
const TROOPS = 1;
const STRUCK = 2;

export function attacksOf(bin: Uint8Array): (Change<Attack> | Struck)[] {
  const reader = new VarintReader(bin);
  const found: (Change<Attack> | Struck)[] = [];
  let id = 0;
  while (!reader.done) {
    const head = reader.next();
    id += Math.floor(head / 4);
    switch (head % 4) {
      case GONE:
        found.push({ gone: id });
        break;
      case TROOPS:
        found.push({ struck: id, troops: reader.next(), head: undefined });
        break;
      case STRUCK:
        found.push({ struck: id, troops: reader.next(), head: reader.next() });
        break;
      default: {
        const from = reader.next();
        const on = reader.next();
        const rest = { on: Math.floor(on / 2), retreating: on % 2 === 1 };
        found.push({ here: { id, from, ...rest, troops: reader.next(), head: reader.next() } });
      }
    }
  }
  return found;
}

export function boatsOf(bin: Uint8Array): Change<Boat>[] {
  const reader = new VarintReader(bin);
  const found: Change<Boat>[] = [];
  let id = 0;
  while (!reader.done) {
    const head = reader.next();
    id += Math.floor(head / 2);
    if (head % 2 === 0) {
      found.push({ gone: id });
      continue;
    }
    const owner = reader.next();
    const troops = reader.next();
    const at = reader.next();
    const rest = { owner: Math.floor(owner / 2), turned: owner % 2 === 1, troops, at };
    found.push({ here: { id, ...rest, way: wayOf(reader), since: 0 } });
  }
  return found;
}

/** Different steps that a way may have to be told in two bits for each. */
const STEPS_MAX = 4;
/** Tiles of a way; no map has more in a row. */
const WAY_TILES_MAX = 100_000;

/** The tiles of a way: how many, the first, and the steps from each to the next. */
function wayOf(reader: VarintReader): number[] {
  const count = reader.next();
  if (count > WAY_TILES_MAX) throw new WarBytesError(`a way of ${count} tiles`);
  if (count === 0) return [];
  let tile = reader.next();
  const way = [tile];
  if (count === 1) return way;
  const kinds: number[] = [];
  const known = reader.next();
  if (known > STEPS_MAX) throw new WarBytesError(`${known} kinds of steps`);
  for (let i = 0; i < known; i++) kinds.push(signed(reader.next()));
  let bits = 0;
  for (let nth = 0; nth < count - 1; nth++) {
    bits = nth % 4 === 0 && known > 0 ? reader.byte() : bits >> 2;
    const step = known > 0 ? kinds[bits & 3] : signed(reader.next());
    if (step === undefined || tile + step < 0) throw new WarBytesError("a step that there is not");
    tile += step;
    way.push(tile);
  }
  return way;
}

/** The sign is in the lowest bit: 0, −1, 1, −2, … */
function signed(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

export function pactsOf(bin: Uint8Array): PactChange[] {
  const reader = new VarintReader(bin);
  const found: PactChange[] = [];
  while (!reader.done) {
    const [a, b, flags] = [reader.next(), reader.next(), reader.byte()];
    const renew = { renewA: (flags & 2) !== 0, renewB: (flags & 4) !== 0 };
    found.push({ a, b, now: (flags & 1) === 0 ? undefined : { a, b, until: reader.next(), ...renew } });
  }
  return found;
}
