/** Bytes of a war as the server writes them, for wars that no server plays: games/sovereign says how. */
import { Encoder } from "@msgpack/msgpack";
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

/** Tiles that changed hands, as groups of runs of codes. */
export function changes(
  codes: Codes,
  changed: Iterable<number>,
  ownerOf: (tile: number) => number,
): Uint8Array {
  const groups = new Map<number, number[]>();
  for (const tile of new Set(changed)) {
    const owner = ownerOf(tile);
    const group = groups.get(owner);
    if (group === undefined) groups.set(owner, [codes.code(tile)]);
    else group.push(codes.code(tile));
  }
  const out: number[] = [];
  for (const [owner, group] of [...groups].sort(([a], [b]) => a - b)) {
    group.sort((a, b) => a - b);
    const runs: [number, number][] = [];
    for (const code of group) {
      const last = runs.at(-1);
      if (last !== undefined && last[1] + 1 === code) last[1] = code;
      else runs.push([code, code]);
    }
    varint(owner, out);
    varint(runs.length, out);
    let end = -1;
    for (const [from, to] of runs) {
      const length = to - from + 1;
      varint((from - end - 1) * 2 + (length > 1 ? 1 : 0), out);
      if (length > 1) varint(length - 2, out);
      end = to;
    }
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
