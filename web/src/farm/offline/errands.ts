/**
 * The way of actions to the server, whichever way there is: into the room while it is joined, into the journal while
 * it is not, and from there home by {@link comeHome} before the next join.
 */
import type { CommandId } from "../../room/payload";
import { encodeCommandBody } from "../decode";
import { REFUSAL, type Command } from "../shapes";
import { comeHome, type Home, type SyncAnswer, type SyncCall, type Tale } from "./homecoming";
import type { Doing, Journal } from "./journal";

/** The way into the room: the room client, or a test's stand-in. */
export interface Room {
  send(body: Uint8Array): CommandId | undefined;
  forget(id: CommandId): void;
  wholeView(): void;
}

export class Errands {
  /** The room is joined. */
  joined = false;

  constructor(
    readonly journal: Journal,
    private readonly room: () => Room | undefined,
  ) {}

  /** `undefined` when the journal is full. */
  add(command: Command, atMs: number): Doing | undefined {
    const doing = this.journal.add(command, atMs, !this.joined);
    this.pump();
    return doing;
  }

  /** The room is there: whatever has not been told goes straight in. */
  join(): void {
    this.joined = true;
    this.journal.keepOnDisk(false);
    this.pump();
  }

  /** The room is gone. What it did not answer goes home with the rest, so it is not sent by itself again. */
  part(): void {
    this.joined = false;
    for (const doing of this.journal.entries) {
      if (doing.id === undefined) continue;
      this.room()?.forget(doing.id);
      delete doing.id;
    }
    this.journal.keepOnDisk(true);
  }

  /** True when it was one of these. `seen` is the newest input that the page shows. */
  accepted(id: CommandId, seq: bigint, seen: bigint): boolean {
    const doing = this.journal.byId(id);
    if (doing === undefined) return false;
    doing.seq = seq;
    this.seen(seen);
    this.pump();
    return true;
  }

  /** The command that was refused, if it was one of these, or "again" when it is on its way once more. */
  refused(id: CommandId, code: number): Command | "again" | undefined {
    const doing = this.journal.byId(id);
    if (doing === undefined) return undefined;
    if (code === REFUSAL.repeated) {
      // The first to hear of it changes the name; whatever else is on its way under the old one hears it for itself.
      if (doing.device === this.journal.device) this.journal.renew();
      delete doing.id;
      this.pump();
      return "again";
    }
    this.journal.drop((entry) => entry === doing);
    this.pump();
    return doing.command;
  }

  /** Everything up to `seq` is part of what the page shows. */
  seen(seq: bigint): void {
    this.journal.drop((doing) => doing.seq !== undefined && doing.seq <= seq);
  }

  /** A view tells all: whatever was accepted is in it. */
  seenAll(): void {
    this.journal.drop((doing) => doing.seq !== undefined);
  }

  async home(
    sync: (call: SyncCall) => Promise<SyncAnswer>,
    clockMs: () => number,
    tale: Tale,
  ): Promise<Home | undefined> {
    const home = await comeHome(this.journal, sync, clockMs, tale);
    // The room tells nobody who is not in it: what the return did is in no update.
    if (home !== undefined) this.room()?.wholeView();
    return home;
  }

  private pump(): void {
    const room = this.room();
    if (!this.joined || room === undefined) return;
    for (const doing of this.journal.entries) {
      if (doing.id !== undefined || doing.seq !== undefined) continue;
      const by: [Uint8Array, number] = [bytesOf(this.journal.device), doing.n];
      const id = room.send(encodeCommandBody({ ...doing.command, by }));
      // As many as may be on their way are: the next answer makes room.
      if (id === undefined) return;
      doing.id = id;
      doing.device = this.journal.device;
    }
  }
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(i * 2, i * 2 + 2), 16));
}
