/** What is kept in the browser: the actions that the server does not have, and the newest view. */
import type { Command, Content, Farm } from "../shapes";

/** Something the player did, until the server is known to have it. */
export interface Entry {
  /** Counts this device's actions; never used twice. */
  n: number;
  /** By this page's reckoning of the host's time. */
  at_ms: number;
  command: Command;
  /** Done without a connection: the return tells what became of it. */
  offline: boolean;
}

/** Changes when the page's shapes do: what an older page kept is then not read. */
export const KEPT_SHAPE = 1;

/** The newest view, so that the page starts without the server. */
export interface Kept {
  shape: number;
  content: Content;
  /** As it was when it was kept, with the owner gone. */
  farm: Farm;
  /** How far the host's clock is ahead of this device's. */
  ahead_ms: number;
}

export interface Loaded {
  /** Names this browser among the player's devices: 32 hex digits, and no secret. */
  device: string;
  /** No action has this number or a higher one. */
  next: number;
  kept: Kept | undefined;
  /** In the order of `n`. */
  entries: Entry[];
}

/** Where all of it is kept: IndexedDB in a page ({@link openStore}). */
export interface Store {
  /** What was kept for this login; what was kept for another one is cleared away. */
  load(login: string): Promise<Loaded>;
  put(entries: readonly Entry[]): Promise<void>;
  drop(numbers: readonly number[]): Promise<void>;
  keep(kept: Kept): Promise<void>;
  /** Numbers below `next` may be used up. A new `device` counts from there. */
  reserve(device: string, next: number): Promise<void>;
}

export function newDevice(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Forgets with the page: what remains when a browser refuses to store anything. */
export class MemoryStore implements Store {
  private readonly entries = new Map<number, Entry>();
  private kept: Kept | undefined;
  private login = "";
  private device = newDevice();
  private next = 1;

  load(login: string): Promise<Loaded> {
    if (login !== this.login) {
      this.entries.clear();
      this.kept = undefined;
      this.login = login;
    }
    const entries = [...this.entries.values()].sort((a, b) => a.n - b.n);
    return Promise.resolve({ device: this.device, next: this.next, kept: this.kept, entries });
  }

  put(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) this.entries.set(entry.n, entry);
    return Promise.resolve();
  }

  drop(numbers: readonly number[]): Promise<void> {
    for (const n of numbers) this.entries.delete(n);
    return Promise.resolve();
  }

  keep(kept: Kept): Promise<void> {
    this.kept = kept;
    return Promise.resolve();
  }

  reserve(device: string, next: number): Promise<void> {
    this.device = device;
    this.next = next;
    return Promise.resolve();
  }
}
