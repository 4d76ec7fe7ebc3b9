/** Outlines that the drawings share: wool is a ring of little arcs, and no two fleeces need be alike. */

/** A small generator of fixed sequences, so that a farm looks the same tomorrow. */
export function sequence(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const round = (value: number) => Math.round(value * 10) / 10;

/** A closed outline of `bumps` tufts around an ellipse, turned by `turn` degrees. */
export function fleece(
  cx: number,
  cy: number,
  rx: number,
  ry: number,
  bumps: number,
  turn = 0,
  seed = 1,
): string {
  const random = sequence(seed);
  const tilt = (turn * Math.PI) / 180;
  const points: [number, number][] = [];
  for (let i = 0; i < bumps; i++) {
    const angle = ((i + (random() - 0.5) * 0.35) / bumps) * Math.PI * 2;
    const x = rx * Math.cos(angle);
    const y = ry * Math.sin(angle);
    points.push([cx + x * Math.cos(tilt) - y * Math.sin(tilt), cy + x * Math.sin(tilt) + y * Math.cos(tilt)]);
  }
  let path = "";
  points.forEach(([x, y], i) => {
    const [nextX, nextY] = points[(i + 1) % points.length] ?? [x, y];
    const radius = round(Math.hypot(nextX - x, nextY - y) * 0.56);
    if (i === 0) path = `M${round(x)} ${round(y)}`;
    path += `A${radius} ${radius} 0 0 1 ${round(nextX)} ${round(nextY)}`;
  });
  return `${path}Z`;
}

/** Long locks: waves that hang from a line, for the breeds that are combed rather than fluffed. */
export function locks(x: number, y: number, width: number, length: number, count: number, seed = 1): string {
  const random = sequence(seed);
  const step = width / count;
  let path = `M${round(x)} ${round(y)}`;
  for (let i = 0; i < count; i++) {
    const drop = length * (0.8 + random() * 0.35);
    const from = x + i * step;
    path += `C${round(from - 2)} ${round(y + drop * 0.6)} ${round(from)} ${round(y + drop)} ${round(from + step / 2)} ${round(y + drop)}`;
    path += `C${round(from + step)} ${round(y + drop)} ${round(from + step - 1)} ${round(y + drop * 0.5)} ${round(from + step)} ${round(y)}`;
  }
  return `${path}Z`;
}
