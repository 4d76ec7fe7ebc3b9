/** What became of the time offline, gathered while the return goes on and shown at its end. */
import type { Amounts, Command, Farm } from "../shapes";
import type { Tale } from "./homecoming";
import type { Doing } from "./journal";

export interface Returned {
  /** How many actions count. */
  kept: number;
  refused: { command: Command; reason: string }[];
  /** What the farm grew and sheared meanwhile, milli-wool. */
  earned: Amounts;
}

export class Report implements Tale {
  /** The player was told that there is no connection, so the player is told how it ended. */
  noticed = false;
  private count = 0;
  private refusals: Returned["refused"] = [];

  constructor(
    /** The farm as the owner left it. */
    private readonly left: Farm,
    private readonly words: (refusal: { code: number; reason: string }, command: Command) => string,
  ) {}

  kept(doing: Doing): void {
    if (doing.offline) this.count += 1;
  }

  refused({ command }: Doing, code: number, reason: string): void {
    this.refusals.push({ command, reason: this.words({ code, reason }, command) });
  }

  /** Nothing, where the line was only cut for a moment and all went well. */
  told(now: Farm): Returned | undefined {
    if (this.refusals.length === 0 && (this.count === 0 || !this.noticed)) return undefined;
    // A prestige begins the count anew.
    const sameRun = now.prestige.count === this.left.prestige.count;
    const earned: Amounts = {};
    for (const [id, wool] of Object.entries(now.wools)) {
      const grown = wool.earned - (sameRun ? (this.left.wools[id]?.earned ?? 0n) : 0n);
      if (grown > 0n) earned[id] = grown;
    }
    return { kept: this.count, refused: this.refusals, earned };
  }
}
