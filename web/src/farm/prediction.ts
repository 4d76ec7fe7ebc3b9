/**
 * Wool from shears that are on their way. The number on the page goes up with the click, and not twice: a guess
 * leaves in the same moment in which the update that contains it is merged.
 */
import type { CommandId } from "../room/payload";

interface Guess {
  amount: bigint;
  /** Known once the command was accepted; the guess stays until an update includes it. */
  seq: bigint | undefined;
}

export class Prediction {
  private readonly guesses = new Map<CommandId, Guess>();

  add(id: CommandId, amount: bigint): void {
    this.guesses.set(id, { amount, seq: undefined });
  }

  accepted(id: CommandId, seq: bigint, seen: bigint): void {
    const guess = this.guesses.get(id);
    if (guess === undefined) return;
    if (seq <= seen) this.guesses.delete(id);
    else guess.seq = seq;
  }

  refused(id: CommandId): void {
    this.guesses.delete(id);
  }

  /** Everything up to `seq` is part of what the page knows. */
  seen(seq: bigint): void {
    for (const [id, guess] of this.guesses) {
      if (guess.seq !== undefined && guess.seq <= seq) this.guesses.delete(id);
    }
  }

  /** A view tells all; what it does not tell is not guessed any longer. */
  clear(): void {
    this.guesses.clear();
  }

  total(): bigint {
    let sum = 0n;
    for (const guess of this.guesses.values()) sum += guess.amount;
    return sum;
  }
}
