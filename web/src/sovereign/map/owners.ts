/**
 * Who owns what, as the shader reads it: one 32-bit word a tile that holds the owner, the owner before, when it changed and
 * how long that takes, so that fronts move by themselves on the graphics card. Only blocks that changed are sent there.
 */
import { UNSEEN } from "../bytes/shapes";
import { Flow } from "./flow";
import { isLand } from "./ground";
import { HIDDEN, NATIONS_SHOWN_MAX, WATER } from "./palette";

/** Bits of a word: owner 0–9, owner before 10–19, step of the change 20–27 (it wraps), how long it flows 28–31. */
const OWNER_BITS = 10;
const OWNER_MASK = (1 << OWNER_BITS) - 1;
const STAMP_SHIFT = 20;
export const STAMPS = 1 << 8;
const FLOW_SHIFT = 28;
const FLOWS = 1 << 4;
/** Milliseconds of a step, by which stamps count, and of a unit of flowing. */
export const STAMP_MS = 50;
export const FLOW_UNIT_MS = 100;
/** Edge of the blocks in which changes are sent. */
const BLOCK_BITS = 6;
/** Stamps wrap after 12.8 s: within this time every block is looked at, and what has arrived is put to rest. */
const SWEEP_MS = 8_000;
/** A page that slept for longer than this may have let stamps come round: then all is put to rest at once. */
const ASLEEP_MS = 3_000;
/** Steps after which a front has certainly arrived. */
const SETTLED_STEPS = (FLOWS * FLOW_UNIT_MS) / STAMP_MS;

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
  private readonly flow = new Flow();
  /** The next block of the sweep, and what of one is due. */
  private swept = 0;
  private owed = 0;

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
    this.flow.clear();
  }

  /** A tile changes hands at a time, in milliseconds of the page. */
  change(tile: number, to: number, now: number): void {
    const word = this.words[tile]!;
    const before = word & OWNER_MASK;
    if (before === WATER) return;
    const shown = OwnerWords.shown(to);
    // Whoever takes from somebody does so at one pace: attacks of one nation on another are one.
    const flow = Math.round(this.flow.moved((before << OWNER_BITS) | shown, now) / FLOW_UNIT_MS);
    const stamp = Math.floor(now / STAMP_MS) & (STAMPS - 1);
    this.words[tile] =
      (shown |
        (before << OWNER_BITS) |
        (stamp << STAMP_SHIFT) |
        (Math.min(FLOWS - 1, flow) << FLOW_SHIFT)) >>>
      0;
    this.touch(tile);
  }

  private touch(tile: number): void {
    const x = (tile % this.w) >> BLOCK_BITS;
    const y = Math.floor(tile / this.w) >> BLOCK_BITS;
    this.dirty[y * this.across + x] = 1;
    this.any = true;
  }

  /** Looks at a few blocks each frame: fronts that have arrived are put to rest before their stamps come round. */
  sweep(now: number, gapMs: number): void {
    const blocks = this.across * this.down;
    if (gapMs > ASLEEP_MS) {
      for (let block = 0; block < blocks; block++) this.rest(block, undefined);
      return;
    }
    this.owed = Math.min(blocks, this.owed + (blocks * gapMs) / SWEEP_MS);
    for (; this.owed >= 1; this.owed--) {
      this.rest(this.swept, Math.floor(now / STAMP_MS));
      this.swept = (this.swept + 1) % blocks;
    }
  }

  /** Puts to rest what has arrived in a block; without a time, everything. */
  private rest(block: number, step: number | undefined): void {
    const { words, w } = this;
    const left = (block % this.across) << BLOCK_BITS;
    const top = Math.floor(block / this.across) << BLOCK_BITS;
    const right = Math.min(w, left + (1 << BLOCK_BITS));
    const bottom = Math.min(this.h, top + (1 << BLOCK_BITS));
    for (let y = top; y < bottom; y++) {
      for (let at = y * w + left; at < y * w + right; at++) {
        const word = words[at]!;
        const owner = word & OWNER_MASK;
        if (owner === ((word >>> OWNER_BITS) & OWNER_MASK)) continue;
        const age = step === undefined ? STAMPS : (step - (word >>> STAMP_SHIFT)) & (STAMPS - 1);
        if (age < SETTLED_STEPS) continue;
        words[at] = owner | (owner << OWNER_BITS);
        this.dirty[block] = 1;
        this.any = true;
      }
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
