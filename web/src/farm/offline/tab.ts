/**
 * One tab of a browser plays, for the journal and its numbers belong to one page. Another tab says so, takes over when
 * asked, and by itself when the first one closes.
 */

const LOCK = "longhouse.farm";
/** The playing tab has so long to write what it has; then it is taken to be stuck. */
const HANDOVER_MS_MAX = 1_000;

export interface TabEvents {
  /** This tab plays now. */
  here(): void;
  /** Another one does; `here` may come later. Resolves when nothing of this tab is under way any more. */
  elsewhere(): Promise<void>;
}

/** The part of `BroadcastChannel` that is used. */
export interface Line {
  postMessage(word: string): void;
  addEventListener(type: "message", heard: (event: { data: unknown }) => void): void;
}

export class OneTab {
  private holding = false;
  /** Ends the wait for the lock, when this tab takes it instead. */
  private waiting: AbortController | undefined;
  private handedOver: (() => void) | undefined;

  constructor(
    private readonly events: TabEvents,
    /** Not there in a page without a secure context: then every tab plays, and none does so offline for long. */
    private readonly locks: LockManager | undefined,
    private readonly line: Line | undefined,
  ) {
    line?.addEventListener("message", (event) => void this.hear(event.data));
  }

  start(): void {
    const { locks } = this;
    if (locks === undefined) {
      this.events.here();
      return;
    }
    void this.hold(locks, { ifAvailable: true }).then((got) => {
      if (!got) this.queue(locks);
    });
  }

  /** Asks the playing tab to stop, and plays here. */
  async takeOver(): Promise<void> {
    const { locks } = this;
    if (locks === undefined || this.holding) return;
    await new Promise<void>((resolve) => {
      this.handedOver = resolve;
      setTimeout(resolve, HANDOVER_MS_MAX);
      this.line?.postMessage("hand over");
    });
    this.handedOver = undefined;
    this.waiting?.abort();
    this.waiting = undefined;
    void this.hold(locks, { steal: true });
  }

  private async hear(word: unknown): Promise<void> {
    if (word === "hand over" && this.holding) {
      this.holding = false;
      await this.events.elsewhere();
      this.line?.postMessage("handed over");
    } else if (word === "handed over") {
      this.handedOver?.();
    }
  }

  private queue(locks: LockManager): void {
    void this.events.elsewhere();
    this.waiting = new AbortController();
    void this.hold(locks, { signal: this.waiting.signal });
  }

  /** Holds the lock for as long as the tab lives, or until another one takes it. False when it was not to be had. */
  private async hold(locks: LockManager, options: LockOptions): Promise<boolean> {
    let got = false;
    try {
      await locks.request(LOCK, options, (lock) => {
        if (lock === null) return undefined;
        got = true;
        this.holding = true;
        this.waiting = undefined;
        this.events.here();
        return new Promise<never>(() => undefined);
      });
    } catch {
      // Stolen, or the wait was ended in order to steal.
      if (got) {
        this.holding = false;
        this.queue(locks);
      }
    }
    return got;
  }
}
