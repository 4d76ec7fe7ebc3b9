/**
 * A slow look over the whole map, some rows at each frame: where each nation has its largest square (its name goes there),
 * and the small picture of the map. A round takes about a second, whatever the map's size.
 */
import { UNSEEN } from "../bytes/shapes";
import type { Mirror } from "../war/mirror";
import { isLand } from "./ground";
import type { Rgb } from "./palette";

/** Points of the coarse map. */
const POINTS_MAX = 70_000;
/** Milliseconds of a round. */
const ROUND_MS = 800;
/** A name moves when there is so much more room elsewhere. */
const BETTER = 1.25;

export interface Room {
  /** Middle and edge of the square, in tiles. */
  x: number;
  y: number;
  side: number;
}

interface Found {
  side: number;
  x: number;
  y: number;
  /** Where squares as large lie around it, from it: their middle, and how many there are. Round land has many. */
  dx: number;
  dy: number;
  many: number;
}

export class Scan {
  readonly rooms = new Map<number, Room>();
  /** Tiles between two points of the coarse map. */
  readonly grain: number;
  readonly w: number;
  readonly h: number;
  readonly picture: ImageData;
  private row = 0;
  private above: Uint16Array;
  private line: Uint16Array;
  private ownersAbove: Uint16Array;
  private ownersLine: Uint16Array;
  private best = new Map<number, Found>();
  /** Where names are now, as points of the coarse map, and what room there is in this round. */
  private places = new Map<number, Found>();
  private held = new Map<number, number>();

  constructor(
    private readonly mirror: Mirror,
    private readonly ground: Uint8Array,
    private readonly colour: (owner: number) => Rgb,
  ) {
    const { w, h } = mirror.map;
    this.grain = Math.max(1, Math.ceil(Math.sqrt((w * h) / POINTS_MAX)));
    this.w = Math.floor(w / this.grain);
    this.h = Math.floor(h / this.grain);
    this.picture = new ImageData(this.w, this.h);
    this.above = new Uint16Array(this.w);
    this.line = new Uint16Array(this.w);
    this.ownersAbove = new Uint16Array(this.w);
    this.ownersLine = new Uint16Array(this.w);
  }

  /** The whole round at once: the first one. */
  round(): void {
    this.row = 0;
    this.best = new Map();
    this.held.clear();
    this.step(ROUND_MS * 2);
  }

  /** As much of the round as the time that passed asks for; true when it ended one. */
  step(ms: number): boolean {
    const rows = Math.ceil((this.h * ms) / ROUND_MS);
    for (let i = 0; i < rows && this.row < this.h; i++) this.look(this.row++);
    if (this.row < this.h) return false;
    this.finish();
    return true;
  }

  private look(row: number): void {
    const { grain, w, mirror, ground, picture } = this;
    const from = (row * grain + (grain >> 1)) * mirror.map.w + (grain >> 1);
    let left = 0;
    for (let x = 0; x < w; x++) {
      const tile = from + x * grain;
      const owner = mirror.owners[tile]!;
      const land = isLand(ground[tile]);
      this.ownersLine[x] = owner;
      let side = 0;
      if (owner !== 0 && owner !== UNSEEN) {
        side = 1;
        if (row > 0 && x > 0 && this.ownersLine[x - 1] === owner && this.ownersAbove[x] === owner) {
          if (this.ownersAbove[x - 1] === owner) side += Math.min(left, this.above[x]!, this.above[x - 1]!);
        }
        const best = this.best.get(owner);
        if (best === undefined) this.best.set(owner, { side, x, y: row, dx: 0, dy: 0, many: 1 });
        else if (side > best.side) Object.assign(best, { side, x, y: row, dx: 0, dy: 0, many: 1 });
        else if (side === best.side && Math.abs(x - best.x) < side && row - best.y < side) {
          best.many += 1;
          best.dx += (x - best.x - best.dx) / best.many;
          best.dy += (row - best.y - best.dy) / best.many;
        }
        const place = this.places.get(owner);
        if (place !== undefined && place.x === x && place.y === row) this.held.set(owner, side);
      }
      this.line[x] = side;
      left = side;
      const at = (row * w + x) * 4;
      const colour = land ? this.colour(owner) : SEA;
      picture.data[at] = colour[0];
      picture.data[at + 1] = colour[1];
      picture.data[at + 2] = colour[2];
      picture.data[at + 3] = 255;
    }
    [this.above, this.line] = [this.line, this.above];
    [this.ownersAbove, this.ownersLine] = [this.ownersLine, this.ownersAbove];
  }

  private finish(): void {
    this.row = 0;
    for (const id of this.rooms.keys()) {
      if (this.best.has(id)) continue;
      this.rooms.delete(id);
      this.places.delete(id);
    }
    for (const [id, best] of this.best) {
      const here = this.places.get(id);
      const held = this.held.get(id) ?? 0;
      const place = here !== undefined && held * BETTER >= best.side ? { ...here, side: held } : best;
      this.places.set(id, place);
      const middle = (place.side - 1) / 2;
      this.rooms.set(id, {
        x: (place.x + place.dx - middle + 0.5) * this.grain,
        y: (place.y + place.dy - middle + 0.5) * this.grain,
        side: place.side * this.grain,
      });
    }
    this.best = new Map();
    this.held.clear();
  }
}

const SEA: Rgb = [92, 140, 156];
