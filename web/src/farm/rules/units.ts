/** How the rules count: wool in millionths, growth in thousandths a second, so that a rate times milliseconds is whole. */

export const MICRO = 1_000_000n;
export const MICRO_IN_MILLI = 1_000n;
export const MILLI = 1_000n;
export const MINUTE_MS = 60_000;
export const WEEK_MS = 7 * 24 * 60 * MINUTE_MS;
/** The first Monday of the epoch: weeks are counted from here. */
export const FIRST_MONDAY_MS = 4 * 24 * 60 * MINUTE_MS;

/** The whole `degree`th root, rounded down. */
export function wholeRoot(value: bigint, degree: number): bigint {
  if (value < 2n || degree === 1) return value;
  const n = BigInt(degree);
  // Begins above the root; each of Newton's steps then comes down until it would go up again.
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / degree));
  for (;;) {
    const next = ((n - 1n) * root + value / root ** (n - 1n)) / n;
    if (next >= root) return root;
    root = next;
  }
}
