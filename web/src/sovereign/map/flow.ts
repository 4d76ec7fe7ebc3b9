/**
 * How long a front flows from one place to the next: as long as it rested before, so that one that is told of once a second
 * moves without standing still in between, and one that moves at every step does not lag behind.
 */

/** A front that moves at every step flows for so many milliseconds. */
export const FLOW_MS_MIN = 320;
/** One that rested for longer than this begins anew, swiftly: nobody knows when it moves again. */
export const FLOW_MS_MAX = 1_500;
/** Moves so near to each other are one: what a step told comes in one go. */
const ONE_MOVE_MS = 20;
/** Fronts whose pace is known; beyond, those that rest are forgotten. */
const FRONTS_MAX = 4_096;

interface Front {
  at: number;
  flowMs: number;
}

export class Flow {
  private readonly fronts = new Map<number, Front>();

  /** The front moves now. How long it is on its way. */
  moved(front: number, now: number): number {
    const known = this.fronts.get(front);
    if (known === undefined) {
      if (this.fronts.size >= FRONTS_MAX) this.forget(now);
      this.fronts.set(front, { at: now, flowMs: FLOW_MS_MIN });
      return FLOW_MS_MIN;
    }
    const pause = now - known.at;
    if (pause < ONE_MOVE_MS) return known.flowMs;
    known.at = now;
    known.flowMs = pause > FLOW_MS_MAX ? FLOW_MS_MIN : Math.max(FLOW_MS_MIN, pause);
    return known.flowMs;
  }

  get size(): number {
    return this.fronts.size;
  }

  clear(): void {
    this.fronts.clear();
  }

  private forget(now: number): void {
    for (const [front, { at }] of this.fronts) if (now - at > FLOW_MS_MAX) this.fronts.delete(front);
    // All of them move: then none is slow.
    if (this.fronts.size >= FRONTS_MAX) this.fronts.clear();
  }
}
