/** A frame costs what ran since the one before: once, whatever lies within what, and on the thread that draws. */
import { expect, test } from "vitest";
import { costsOf } from "../browser/frames";

test("a trace is counted frame by frame", () => {
  const event = (name: string, ms: number, forMs: number, busyMs: number, tid = 1) => ({
    ...{ name, ph: "X", pid: 1, tid, ts: ms * 1_000, dur: forMs * 1_000, tdur: busyMs * 1_000 },
  });
  const { frames, scripts, page } = costsOf([
    // The first frame began before the trace: it says nothing.
    event("FireAnimationFrame", 0, 9, 9),
    event("TimerFire", 10, 4, 2),
    event("FunctionCall", 11, 2, 1),
    event("FireAnimationFrame", 16, 5, 1),
    event("Layout", 22, 4, 3),
    event("FunctionCall", 27, 1, 1),
    event("TimerFire", 28, 90, 90, 2),
    event("FireAnimationFrame", 32, 1, 1),
  ]);
  expect(frames).toBe(1);
  expect(scripts).toEqual({ p50: 3, p95: 3, worst: 3 });
  expect(page).toEqual(scripts);
});
