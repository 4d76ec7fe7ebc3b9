/** Bytes of a war as the server writes them, for wars that no server plays: games/sovereign says how. */
import { Encoder } from "@msgpack/msgpack";
import { attackOf, type Row } from "../../src/sovereign/bytes/shapes";
import { Codes } from "../../src/sovereign/bytes/tiles";

const encoder = new Encoder();

export function varint(value: number, out: number[]): void {
  while (value >= 0x80) {
    out.push((value % 0x80) | 0x80);
    value = Math.floor(value / 0x80);
  }
  out.push(value);
}

/** MessagePack; a `Map` is one whose keys are small whole numbers, which the library does not write. */
function pack(value: unknown): Uint8Array {
  if (!(value instanceof Map)) return encoder.encode(value);
  const out: number[] = value.size < 16 ? [0x80 | value.size] : [0xde, value.size >> 8, value.size & 0xff];
  for (const [key, item] of value as Map<number, unknown>) out.push(key, ...encoder.encode(item));
  return Uint8Array.from(out);
}

/** A body that is not deflated. */
export function plain(value: unknown): Uint8Array {
  const packed = pack(value);
  const body = new Uint8Array(packed.length + 1);
  body.set(packed, 1);
  return body;
}

/** What a browser or Node deflates without a header. */
export async function deflated(value: unknown): Promise<Uint8Array> {
  const packed = new Blob([pack(value) as Uint8Array<ArrayBuffer>]);
  const stream = packed.stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const body = new Uint8Array(bytes.length + 1);
  body[0] = 1;
  body.set(bytes, 1);
  return body;
}

/** Owners as runs over rows. */
export function owners(tiles: Uint16Array): Uint8Array {
  const out: number[] = [];
  for (let at = 0; at < tiles.length;) {
    let end = at + 1;
    while (end < tiles.length && tiles[end] === tiles[at]) end += 1;
    varint(tiles[at]!, out);
    varint(end - at, out);
    at = end;
  }
  return Uint8Array.from(out);
}

/** Numbers in single bits, as updates have them. */
export class BitWriter {
  private readonly list: number[] = [];

  bits(value: number, count: number): this {
    for (let bit = count - 1; bit >= 0; bit--) this.list.push((value >> bit) & 1);
    return this;
  }

  number(value: number, k: number): this {
    const width = 32 - Math.clz32(value + (1 << k));
    return this.bits(0, width - 1 - k).bits(value + (1 << k), width);
  }

  done(): Uint8Array {
    const out = new Uint8Array(Math.ceil(this.list.length / 8));
    this.list.forEach((bit, at) => (out[at >> 3]! |= bit << (7 - (at & 7))));
    return out;
  }
}

/** Tiles that changed hands, as groups of codes: of each owner those gaps, or runs where `inRuns` says so. */
export function changes(
  codes: Codes,
  changed: Iterable<number>,
  ownerOf: (tile: number) => number,
  inRuns: (owner: number) => boolean = () => false,
): Uint8Array {
  const groups = new Map<number, number[]>();
  for (const tile of new Set(changed)) {
    const owner = ownerOf(tile);
    const group = groups.get(owner);
    if (group === undefined) groups.set(owner, [codes.code(tile)]);
    else group.push(codes.code(tile));
  }
  for (const group of groups.values()) group.sort((a, b) => a - b);
  const out = new BitWriter().number(groups.size, 2).bits(16, 5);
  let before = 0;
  for (const [owner, group] of [...groups].sort(([, a], [, b]) => a[0]! - b[0]!)) {
    out.bits((owner + 1) & 0xffff, 16).number(group[0]! - before, 13);
    before = group[0]!;
    const runs: [number, number][] = [];
    for (const code of group) {
      const last = runs.at(-1);
      if (last !== undefined && last[1] + 1 === code && inRuns(owner)) last[1] = code;
      else runs.push([code, code]);
    }
    out.number(inRuns(owner) ? runs.length : runs.length - 1, 2);
    if (inRuns(owner)) out.bits(7, 3);
    else if (runs.length > 1) out.bits(3, 3);
    let last = group[0]! - 1;
    for (const [nth, [from, to]] of runs.entries()) {
      if (nth > 0) out.number(inRuns(owner) ? from - last - 2 : from - last - 1, inRuns(owner) ? 4 : 3);
      if (inRuns(owner)) out.number(to - from, 3);
      last = to;
    }
  }
  return out.done();
}

/** Attacks as updates tell of them, ascending: all of each. */
export function attacks(rows: Row[]): Uint8Array {
  const out: number[] = [];
  let before = 0;
  for (const attack of rows.map(attackOf)) {
    varint((attack.id - before) * 4 + 3, out);
    varint(attack.from, out);
    varint(attack.on * 2 + (attack.retreating ? 1 : 0), out);
    varint(attack.troops, out);
    varint(attack.head, out);
    before = attack.id;
  }
  return Uint8Array.from(out);
}

/** Troops and gold, ascending by nation. */
export function amounts(rows: { id: number; troops?: number; gold?: number }[]): Uint8Array {
  const out: number[] = [];
  let before = 0;
  for (const { id, troops, gold } of rows) {
    varint(id - before, out);
    out.push((troops === undefined ? 0 : 1) | (gold === undefined ? 0 : 2));
    if (troops !== undefined) varint(Math.floor(troops), out);
    if (gold !== undefined) varint(Math.floor(gold), out);
    before = id;
  }
  return Uint8Array.from(out);
}

/** A map with whole numbers as keys, which updates are. */
export function keyed(entries: [number, unknown][]): Map<number, unknown> {
  return new Map(entries);
}
