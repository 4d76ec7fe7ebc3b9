/**
 * Who owns what, as the shader reads it: one 32-bit word a tile that holds the owner, the owner before, and when it
 * changed, so that fronts move by themselves on the graphics card. Only blocks that changed are sent there.
 */
import { UNSEEN } from "../bytes/shapes";
import { isLand } from "./ground";
import { HIDDEN, NATIONS_SHOWN_MAX, WATER } from "./palette";

/** Bits of a word: owner 0–9, owner before 10–19, step of the change 20–31 (it wraps). */
const OWNER_BITS = 10;
const OWNER_MASK = (1 << OWNER_BITS) - 1;
const STAMP_SHIFT = 20;
export const STAMPS = 1 << 12;
/** Edge of the blocks in which changes are sent. */
const BLOCK_BITS = 6;
/** Stamps wrap after 204 s: within that time a sweep has looked at every tile. */
const SWEEP_FRAMES = 1_500;
/** Steps after which a front has certainly arrived. */
const SETTLED_STEPS = 40;

export interface Rect {
  x: number;
  y: number;
  w: number;
  h: number;
}

export class OwnerWords {
  readonly words: Uint32Array;
  private readonly across: number;
  private readonly down: number;
  private dirty: Uint8Array;
  private any = false;
  private all = true;
  private swept = 0;

  constructor(
    readonly w: number,
    readonly h: number,
  ) {
    this.words = new Uint32Array(w * h);
    this.across = Math.ceil(w / (1 << BLOCK_BITS));
    this.down = Math.ceil(h / (1 << BLOCK_BITS));
    this.dirty = new Uint8Array(this.across * this.down);
  }

  /** What the map shows for an owner. */
  static shown(owner: number): number {
    if (owner === UNSEEN) return HIDDEN;
    return owner <= NATIONS_SHOWN_MAX ? owner : (owner % NATIONS_SHOWN_MAX) + 1;
  }

  /** Everything anew: nothing moves. */
  fill(owners: Uint16Array, ground: Uint8Array): void {
    for (let at = 0; at < this.words.length; at++) {
      const shown = isLand(ground[at]) ? OwnerWords.shown(owners[at]!) : WATER;
      this.words[at] = shown | (shown << OWNER_BITS);
    }
    this.all = true;
  }

  change(tile: number, to: number, step: number): void {
    const word = this.words[tile]!;
    const before = word & OWNER_MASK;
    if (before === WATER) return;
    const stamp = Math.floor(step) & (STAMPS - 1);
    this.words[tile] = (OwnerWords.shown(to) | (before << OWNER_BITS) | (stamp << STAMP_SHIFT)) >>> 0;
    this.touch(tile);
  }

  private touch(tile: number): void {
    const x = (tile % this.w) >> BLOCK_BITS;
    const y = Math.floor(tile / this.w) >> BLOCK_BITS;
    this.dirty[y * this.across + x] = 1;
    this.any = true;
  }

  /** Looks at a few tiles each frame: fronts that have arrived are put to rest before their stamps come round. */
  sweep(step: number): void {
    const now = Math.floor(step) & (STAMPS - 1);
    const { words } = this;
    const count = Math.ceil(words.length / SWEEP_FRAMES);
    for (let i = 0; i < count; i++) {
      const at = this.swept;
      this.swept = at + 1 === words.length ? 0 : at + 1;
      const word = words[at]!;
      const owner = word & OWNER_MASK;
      if (owner === ((word >>> OWNER_BITS) & OWNER_MASK)) continue;
      if (((now - (word >>> STAMP_SHIFT)) & (STAMPS - 1)) < SETTLED_STEPS) continue;
      words[at] = owner | (owner << OWNER_BITS);
      this.touch(at);
    }
  }

  /** Hands over what is to be sent: everything, or rectangles of changed blocks. */
  flush(whole: () => void, part: (rect: Rect) => void): void {
    if (this.all) {
      whole();
      this.all = false;
      this.any = false;
      this.dirty.fill(0);
      return;
    }
    if (!this.any) return;
    this.any = false;
    const edge = 1 << BLOCK_BITS;
    for (let y = 0; y < this.down; y++) {
      for (let x = 0; x < this.across; x++) {
        if (this.dirty[y * this.across + x] === 0) continue;
        let end = x;
        while (end < this.across && this.dirty[y * this.across + end] !== 0) {
          this.dirty[y * this.across + end] = 0;
          end += 1;
        }
        const left = x * edge;
        const top = y * edge;
        const right = Math.min(this.w, end * edge);
        part({ x: left, y: top, w: right - left, h: Math.min(edge, this.h - top) });
        x = end;
      }
    }
  }
}
