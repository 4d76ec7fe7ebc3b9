/** The ground as a picture's numbers: how high, how lit, how deep; made once for each map. */

const LAND = 0x80;
const LEVEL = 31;
export const LEVELS = LEVEL;

export function isLand(byte: number | undefined): boolean {
  return byte !== undefined && (byte & LAND) !== 0;
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
