/**
 * How an update names tiles: by *codes* that keep neighbours together. The map lies in blocks of 32 × 32, row by row; a
 * code is the block's number and, below it, the two halves of the place in the block with their bits interleaved.
 */
import { VarintReader, WarBytesError } from "./varint";

export const BLOCK_BITS = 5;
const BLOCK = 1 << BLOCK_BITS;
/** Of the ten bits of a place in its block: the column, and the row. */
const COLUMN = new Uint8Array(BLOCK * BLOCK);
const ROW = new Uint8Array(BLOCK * BLOCK);
for (let place = 0; place < BLOCK * BLOCK; place++) {
  for (let bit = 0; bit < BLOCK_BITS; bit++) {
    COLUMN[place]! |= ((place >> (2 * bit)) & 1) << bit;
    ROW[place]! |= ((place >> (2 * bit + 1)) & 1) << bit;
  }
}

export class Codes {
  private readonly across: number;
  private readonly end: number;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.across = Math.ceil(width / BLOCK);
    this.end = (this.across * Math.ceil(height / BLOCK)) << (2 * BLOCK_BITS);
  }

  /** The tile of a code. */
  tile(code: number): number {
    if (code >= this.end) throw new WarBytesError(`there is no tile ${code}`);
    const block = code >>> (2 * BLOCK_BITS);
    const place = code & (BLOCK * BLOCK - 1);
    const x = (block % this.across) * BLOCK + COLUMN[place]!;
    const y = Math.floor(block / this.across) * BLOCK + ROW[place]!;
    if (x >= this.width || y >= this.height) throw new WarBytesError(`there is no tile ${x}, ${y}`);
    return y * this.width + x;
  }

  /** The code of a tile. */
  code(tile: number): number {
    const x = tile % this.width;
    const y = Math.floor(tile / this.width);
    let place = 0;
    for (let bit = 0; bit < BLOCK_BITS; bit++) {
      place |= (((x >> bit) & 1) << (2 * bit)) | (((y >> bit) & 1) << (2 * bit + 1));
    }
    return (((y >> BLOCK_BITS) * this.across + (x >> BLOCK_BITS)) << (2 * BLOCK_BITS)) | place;
  }

  /** Calls back with each tile that has a new owner. */
  changes(bytes: Uint8Array, each: (tile: number, owner: number) => void): void {
    const reader = new VarintReader(bytes);
    while (!reader.done) {
      const owner = reader.next();
      let runs = reader.next();
      let end = -1;
      for (; runs > 0; runs--) {
        const head = reader.next();
        const start = end + 1 + Math.floor(head / 2);
        const length = head % 2 === 1 ? reader.next() + 2 : 1;
        end = start + length - 1;
        if (end >= this.end) throw new WarBytesError("a run leaves the map");
        for (let code = start; code <= end; code++) each(this.tile(code), owner);
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
