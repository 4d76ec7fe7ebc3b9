/**
 * How an update names tiles: by *codes* that keep neighbours together. The map lies in blocks of 64 × 64, row by row; a
 * code is the block's number and, below it, how far along a Hilbert curve through the block the tile lies.
 */
import { BitReader } from "./bits";
import { VarintReader, WarBytesError } from "./varint";

export const BLOCK_BITS = 6;
const BLOCK = 1 << BLOCK_BITS;
const PLACES = BLOCK * BLOCK;
/** Of each number along the curve its place in the block (row, then column); and of each place its number. */
const PLACE = new Uint16Array(PLACES);
const NUMBER = new Uint16Array(PLACES);
for (let number = 0; number < PLACES; number++) {
  let [x, y, rest] = [0, 0, number];
  for (let edge = 1; edge < BLOCK; edge *= 2) {
    // Two bits say in which quarter; the curve in it is turned so that its ends meet those beside it.
    const right = (rest >> 1) & 1;
    const low = (rest ^ right) & 1;
    if (low === 0) {
      if (right === 1) [x, y] = [edge - 1 - x, edge - 1 - y];
      [x, y] = [y, x];
    }
    x += edge * right;
    y += edge * low;
    rest >>= 2;
  }
  PLACE[number] = (y << BLOCK_BITS) | x;
  NUMBER[(y << BLOCK_BITS) | x] = number;
}

/** Orders of numbers (see {@link BitReader}): groups; gaps or runs of one; from the first code of one to the next's. */
const ORDER = { groups: 2, parts: 2, first: 13, runGap: 4, runTiles: 3 } as const;
/** In place of an order for gaps: the group is told in runs. */
const RUNS = 7;
const ORDER_BITS = 3;
const WIDTH_BITS = 5;
const OWNER_BITS_MAX = 16;

export class Codes {
  private readonly across: number;
  private readonly end: number;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.across = Math.ceil(width / BLOCK);
    this.end = this.across * Math.ceil(height / BLOCK) * PLACES;
  }

  /** The tile of a code. */
  tile(code: number): number {
    if (code >= this.end) throw new WarBytesError(`there is no tile ${code}`);
    const block = code >>> (2 * BLOCK_BITS);
    const place = PLACE[code & (PLACES - 1)]!;
    const x = (block % this.across) * BLOCK + (place & (BLOCK - 1));
    const y = Math.floor(block / this.across) * BLOCK + (place >> BLOCK_BITS);
    if (x >= this.width || y >= this.height) throw new WarBytesError(`there is no tile ${x}, ${y}`);
    return y * this.width + x;
  }

  /** The code of a tile. */
  code(tile: number): number {
    const x = tile % this.width;
    const y = Math.floor(tile / this.width);
    const block = (y >> BLOCK_BITS) * this.across + (x >> BLOCK_BITS);
    return block * PLACES + NUMBER[((y & (BLOCK - 1)) << BLOCK_BITS) | (x & (BLOCK - 1))]!;
  }

  /** Calls back with each tile that has a new owner. */
  changes(bytes: Uint8Array, each: (tile: number, owner: number) => void): void {
    const from = new BitReader(bytes);
    const groups = from.number(ORDER.groups);
    const width = from.bits(WIDTH_BITS);
    if (width > OWNER_BITS_MAX) throw new WarBytesError(`owners of ${width} bits`);
    // A map has so many tiles, and each is named once.
    let left = this.end;
    let first = 0;
    for (let group = 0; group < groups; group++) {
      // What is not seen is the first of all.
      const owner = (from.bits(width) - 1) & 0xffff;
      first += from.number(ORDER.first);
      const count = from.number(ORDER.parts);
      const order = count > 0 ? from.bits(ORDER_BITS) : 0;
      // The first tile has no gap before it; the first run neither, and is one of them.
      const parts = order === RUNS ? count : count + 1;
      let code = first;
      for (let part = 0; part < parts; part++) {
        if (part > 0) code += order === RUNS ? from.number(ORDER.runGap) + 1 : from.number(order);
        const tiles = order === RUNS ? from.number(ORDER.runTiles) + 1 : 1;
        left -= tiles;
        if (left < 0 || code + tiles > this.end) throw new WarBytesError("tiles beyond the map");
        for (const end = code + tiles; code < end; code++) each(this.tile(code), owner);
      }
    }
  }
}

/** Owners of all tiles from their runs over rows. */
export function ownersOf(bytes: Uint8Array, tiles: number): Uint16Array {
  const owners = new Uint16Array(tiles);
  const reader = new VarintReader(bytes);
  let at = 0;
  while (!reader.done) {
    const owner = reader.next();
    const length = reader.next();
    if (owner > 0xffff || at + length > tiles) throw new WarBytesError("owners beyond the map");
    owners.fill(owner, at, at + length);
    at += length;
  }
  if (at !== tiles) throw new WarBytesError(`owners of ${at} tiles of ${tiles}`);
  return owners;
}
