/** How long the page's own work takes in each frame, and how far frames are apart; players see it with the key F. */

const FRAMES_KEPT = 240;

export class FrameMeter {
  private readonly work = new Float64Array(FRAMES_KEPT);
  private readonly gaps = new Float64Array(FRAMES_KEPT);
  private count = 0;
  private since = 0;

  note(workMs: number, gapMs: number): void {
    this.work[this.count % FRAMES_KEPT] = workMs;
    this.gaps[this.count % FRAMES_KEPT] = gapMs;
    this.count += 1;
  }

  /** Frames a second by the middle one of the newest few, once there are so many. */
  rate(of: number): number | undefined {
    if (this.count - this.since < of) return undefined;
    const gaps = Array.from({ length: of }, (_, i) => this.gaps[(this.count - 1 - i) % FRAMES_KEPT]!).sort(
      (a, b) => a - b,
    );
    const middle = gaps[of >> 1]!;
    return middle > 0 ? 1_000 / middle : undefined;
  }

  /** What was before says nothing about what comes: the picture has another size now. */
  restart(): void {
    this.since = this.count;
  }

  /** The middle one and the 99th of a hundred of the newest frames, in milliseconds of scripting; frames a second. */
  read(): { middle: number; slow: number; rate: number; frames: number } {
    const frames = Math.min(this.count, FRAMES_KEPT);
    const work = this.work.slice(0, frames).sort();
    const gaps = this.gaps.slice(0, frames).sort();
    const at = (sorted: Float64Array, share: number) => sorted[Math.floor((frames - 1) * share)] ?? 0;
    return {
      ...{ middle: at(work, 0.5), slow: at(work, 0.99), frames: this.count },
      rate: at(gaps, 0.5) > 0 ? 1_000 / at(gaps, 0.5) : 0,
    };
  }
}
