/** Decides which messages of a room are news, by their sequence numbers. */

export class SeenSeq {
  private newest = 0n;
  private step = 0n;
  private fromView = false;

  /** @param runs time goes on between inputs: a view is followed by steps under the same sequence number. */
  constructor(private readonly runs = false) {}

  /** The newest input this client has seen the effect of; 0 before the first view. */
  get seq(): bigint {
    return this.newest;
  }

  /** What a join says of it. */
  get metadata(): Record<string, string> {
    const seq = this.newest.toString();
    return this.runs ? { seq, step: this.step.toString() } : { seq };
  }

  /** A view replaces everything, also by something older: after a rewind the room says where it stands. */
  view(seq: bigint, step: bigint): void {
    this.newest = seq;
    this.step = step;
    this.fromView = true;
  }

  /** True when the updates are to be applied: a view already contains what is not newer than itself. */
  updates(seq: bigint, step: bigint): boolean {
    if (seq < this.newest) return false;
    if (seq === this.newest && ((this.fromView && !this.runs) || step <= this.step)) return false;
    this.newest = seq;
    this.step = step;
    this.fromView = false;
    return true;
  }
}
