/**
 * The player's actions from the click until the server is known to have them, in order. Online it is a short list in
 * memory; without a connection it is also on disk, and the return empties it.
 */
import type { CommandId } from "../../room/payload";
import type { Command } from "../shapes";
import { newDevice, type Entry, type Kept, type Loaded, type Store } from "./entries";

/** Above this the player is asked to come online first: about a day of steady clicking. */
export const JOURNAL_ENTRIES_MAX = 40_000;
/** Numbers are taken from the store in such blocks, so that an online click needs no write. */
export const NUMBERS_BLOCK = 4_096;

/** An entry, and how far its way through the room is. */
export interface Doing extends Entry {
  /** Sent into the room under this id. */
  id?: CommandId;
  /** Under which name of this device. */
  device?: string;
  /** Accepted there; what the room shows from this input on contains it. */
  seq?: bigint;
}

export class Journal {
  private doing: Doing[];
  private next: number;
  private reserved: number;
  private saving = false;
  private readonly saved: Set<number>;
  /** Writes happen one after the other; the newest one's end. */
  private written: Promise<void> = Promise.resolve();
  private deviceNow: string;
  /** Told once when the browser does not store any more. */
  onTrouble: (error: unknown) => void = () => undefined;
  private troubled = false;

  constructor(
    private readonly store: Store,
    loaded: Pick<Loaded, "device" | "next" | "entries">,
  ) {
    this.deviceNow = loaded.device;
    this.doing = [...loaded.entries];
    this.saved = new Set(this.doing.map(({ n }) => n));
    const newest = this.doing.at(-1)?.n ?? 0;
    this.next = Math.max(loaded.next, newest + 1);
    this.reserved = this.next;
    this.reserve();
  }

  get device(): string {
    return this.deviceNow;
  }

  get entries(): readonly Doing[] {
    return this.doing;
  }

  get size(): number {
    return this.doing.length;
  }

  get full(): boolean {
    return this.doing.length >= JOURNAL_ENTRIES_MAX;
  }

  /** The time that an action of this moment bears: the clock may be set back, but what was done later is not earlier. */
  stamp(atMs: number): number {
    return Math.max(Math.floor(atMs), this.doing.at(-1)?.at_ms ?? 0);
  }

  /** `undefined` when it is full. */
  add(command: Command, atMs: number, offline: boolean): Doing | undefined {
    if (this.full) return undefined;
    if (this.next >= this.reserved) this.reserve();
    const entry: Doing = { n: this.next, at_ms: this.stamp(atMs), command, offline };
    this.next += 1;
    this.doing.push(entry);
    if (this.saving) this.save();
    return entry;
  }

  byId(id: CommandId): Doing | undefined {
    return this.doing.find((entry) => entry.id === id);
  }

  /** The server has them, or will never have them. */
  drop(gone: (entry: Doing) => boolean): void {
    const stored: number[] = [];
    const left: Doing[] = [];
    for (const entry of this.doing) {
      if (!gone(entry)) left.push(entry);
      else if (this.saved.delete(entry.n)) stored.push(entry.n);
    }
    if (left.length === this.doing.length) return;
    this.doing = left;
    if (stored.length > 0) this.write(() => this.store.drop(stored));
  }

  /** From now on every entry goes to disk as it is made, or none does. */
  keepOnDisk(saving: boolean): void {
    this.saving = saving;
    if (saving) this.save();
  }

  /** Writes what is only in memory so far: the page may be about to end. */
  save(): void {
    const unsaved = this.doing.filter(({ n }) => !this.saved.has(n));
    if (unsaved.length === 0) return;
    for (const { n } of unsaved) this.saved.add(n);
    const plain = unsaved.map(({ n, at_ms, command, offline }) => ({ n, at_ms, command, offline }));
    this.write(() => this.store.put(plain));
  }

  keep(kept: Kept): void {
    this.write(() => this.store.keep(kept));
  }

  /**
   * The server knows higher numbers of this device than this page does (its storage came out of an old copy): the
   * numbers mean nothing any more, so it goes on as a new device.
   */
  renew(): void {
    this.deviceNow = newDevice();
    this.reserve();
  }

  /** Everything that was to be written is. */
  flushed(): Promise<void> {
    return this.written;
  }

  private reserve(): void {
    this.reserved = this.next + NUMBERS_BLOCK;
    const [device, next] = [this.deviceNow, this.reserved];
    this.write(() => this.store.reserve(device, next));
  }

  private write(work: () => Promise<void>): void {
    this.written = this.written.then(work).catch((error: unknown) => {
      if (!this.troubled) this.onTrouble(error);
      this.troubled = true;
    });
  }
}
