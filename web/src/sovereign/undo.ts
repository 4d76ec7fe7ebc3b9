/** What a page has begun and must end with it: listeners, timers, whatever is drawn. What it begins too late ends at once. */
export class Undo {
  private rest: (() => void)[] | undefined = [];

  /** The page is gone. */
  get done(): boolean {
    return this.rest === undefined;
  }

  /** How to end what was just begun. */
  later(end: () => void): void {
    if (this.rest === undefined) end();
    else this.rest.push(end);
  }

  /** Ends all of it, the newest first, and from now on whatever else begins. */
  now(): void {
    const all = this.rest ?? [];
    this.rest = undefined;
    for (const end of all.reverse()) end();
  }
}
