/** What changes by the clock alone: events that come and go, and the week of the contest. */
import type { Content } from "../shapes";
import { FIRST_MONDAY_MS, WEEK_MS } from "./units";

/** The events that are on at a moment. */
export function eventsAt(content: Content, atMs: number): string[] {
  return content.events.filter((event) => event.from_ms <= atMs && atMs < event.to_ms).map(({ id }) => id);
}

/** When the next one begins or ends, after `atMs`. */
export function nextChange(content: Content, atMs: number): number | null {
  let next: number | null = null;
  for (const { from_ms, to_ms } of content.events)
    for (const edge of [from_ms, to_ms]) if (edge > atMs && (next === null || edge < next)) next = edge;
  return next;
}

export function weekOf(atMs: number): number {
  return Math.floor((atMs - FIRST_MONDAY_MS) / WEEK_MS);
}

export function weekBegins(index: number): number {
  return FIRST_MONDAY_MS + index * WEEK_MS;
}
