/**
 * Commands that were sent and not yet answered. They are kept in order and sent again under the same id after a
 * reconnect; the room remembers ids, so a command that had arrived is not executed twice.
 */
import { newCommandId, type CommandId } from "./payload";

/** Above this the page is told to wait: a player cannot pile up work for a server that is gone. */
export const PENDING_COMMANDS_MAX = 64;

export interface Pending {
  id: CommandId;
  body: Uint8Array;
}

export class PendingCommands {
  private readonly waiting = new Map<CommandId, Pending>();

  /** `undefined` when the list is full. */
  add(body: Uint8Array): Pending | undefined {
    if (this.waiting.size >= PENDING_COMMANDS_MAX) return undefined;
    const pending = { id: newCommandId(), body };
    this.waiting.set(pending.id, pending);
    return pending;
  }

  /** True when the id was waiting; a second answer to the same command is not news. */
  answered(id: CommandId): boolean {
    return this.waiting.delete(id);
  }

  /** Oldest first, the order in which they must be sent again. */
  inOrder(): Pending[] {
    return [...this.waiting.values()];
  }

  get size(): number {
    return this.waiting.size;
  }
}
