/** The ground as a picture's numbers: how high, how lit, how deep; made once for each map. */

const LAND = 0x80;
const LEVEL = 31;
export const LEVELS = LEVEL;

export function isLand(byte: number | undefined): boolean {
  return byte !== undefined && (byte & LAND) !== 0;
}

/** Where a screen that is smaller than the map looks first: as much land as it can show, as near to the middle as may be. */
export function firstLook(
  ground: Uint8Array,
  w: number,
  h: number,
  wide: number,
  high: number,
): [number, number] {
  const columns = new Float64Array(w);
  const rows = new Float64Array(h);
  for (let y = 0, at = 0; y < h; y++) {
    for (let x = 0; x < w; x++, at++) {
      if (!isLand(ground[at])) continue;
      columns[x]! += 1;
      rows[y]! += 1;
    }
  }
  return [richest(columns, wide), richest(rows, high)];
}

/** The middle of the window that holds the most. */
function richest(counts: Float64Array, window: number): number {
  const size = Math.min(counts.length, Math.max(1, Math.floor(window)));
  const middle = counts.length / 2;
  let sum = 0;
  for (let at = 0; at < size; at++) sum += counts[at]!;
  let best = { sum, at: size / 2 };
  for (let end = size; end < counts.length; end++) {
    sum += counts[end]! - counts[end - size]!;
    const at = end + 1 - size / 2;
    const nearer = Math.abs(at - middle) < Math.abs(best.at - middle);
    if (sum > best.sum || (sum === best.sum && nearer)) best = { sum, at };
  }
  return best.at;
}

/** Means over three tiles each way, twice: steps between the few heights turn into slopes. */
function smooth(from: Float32Array<ArrayBuffer>, w: number, h: number): Float32Array {
  let [source, target] = [from, new Float32Array(from.length)];
  for (const stride of [1, w, 1, w]) {
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        const at = y * w + x;
        const edge = stride === 1 ? x === 0 || x === w - 1 : y === 0 || y === h - 1;
        target[at] = edge ? source[at]! : (source[at - stride]! + source[at]! + source[at + stride]!) / 3;
      }
    }
    [source, target] = [target, source];
  }
  return source;
}

/** How strongly slopes are lit. */
const RELIEF = 0.35;

/** Four bytes a tile: height, light (128 is flat ground), depth, grain. The light comes from the upper left. */
export function groundPicture(ground: Uint8Array, w: number, h: number): Uint8Array {
  const raw = new Float32Array(w * h);
  const deep = new Float32Array(w * h);
  for (let at = 0; at < raw.length; at++) {
    const byte = ground[at]!;
    if (isLand(byte)) raw[at] = (byte & LEVEL) + 2;
    else deep[at] = (byte & LEVEL) + 1;
  }
  const height = smooth(raw, w, h);
  const depth = smooth(deep, w, h);
  const picture = new Uint8Array(w * h * 4);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const at = y * w + x;
      const left = height[x > 0 ? at - 1 : at]!;
      const right = height[x < w - 1 ? at + 1 : at]!;
      const up = height[y > 0 ? at - w : at]!;
      const down = height[y < h - 1 ? at + w : at]!;
      const slope = (left - right + up - down) * RELIEF;
      // Noise from the place alone, so that large plains are not a flat colour.
      const grain = (Math.imul(at ^ (at >>> 7), 0x9e3779b1) >>> 24) & 0xff;
      picture[at * 4] = Math.min(255, height[at]! * 7.7);
      picture[at * 4 + 1] = Math.max(0, Math.min(255, 128 - (slope / (1 + Math.abs(slope))) * 110));
      picture[at * 4 + 2] = Math.min(255, depth[at]! * 8);
      picture[at * 4 + 3] = grain;
    }
  }
  return picture;
}
