/** What the sky has in store: an event that is on, or one that is near enough to look forward to. */
import type { Content, EventKind, Farm } from "../shapes";

/** An event further away than this is not announced. */
export const ANNOUNCED_MS_MAX = 3 * 24 * 3_600_000;

export interface Announced {
  kind: EventKind;
  on: boolean;
  /** Until it ends, or begins. */
  leftMs: number;
}

/** Those that are on, soonest end first; without any, the next one to come. */
export function announced(content: Content, farm: Farm, nowMs: number): Announced[] {
  const on = content.events
    .filter((kind) => farm.events.includes(kind.id) && kind.to_ms > nowMs)
    .sort((a, b) => a.to_ms - b.to_ms)
    .map((kind) => ({ kind, on: true, leftMs: kind.to_ms - nowMs }));
  if (on.length > 0) return on;
  const next = content.events
    .filter((kind) => kind.from_ms > nowMs && kind.from_ms - nowMs <= ANNOUNCED_MS_MAX)
    .sort((a, b) => a.from_ms - b.from_ms)[0];
  return next === undefined ? [] : [{ kind: next, on: false, leftMs: next.from_ms - nowMs }];
}
