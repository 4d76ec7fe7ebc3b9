/** How long to wait before the next attempt to reach the server. */

export const RETRY_MS_MIN = 250;
export const RETRY_MS_MAX = 5_000;

/**
 * Doubles from {@link RETRY_MS_MIN} to {@link RETRY_MS_MAX}, each wait drawn from the upper half of its range so
 * that a thousand pages do not knock at the same moment after a restart.
 */
export function retryDelayMs(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** Math.min(attempt, 16));
  return Math.round(full / 2 + (full / 2) * random());
}
