/** A war that goes on: the room's bytes into the stage, the player's wishes into the room. */
import { encode } from "@msgpack/msgpack";
import { ref } from "vue";
import type { Phase, RoomEvents } from "../../room/client";
import type { Accepted, Closing, CommandId, Refused, Updates, View } from "../../room/payload";
import { Bodies } from "../bytes/body";
import type { MotionKind, SiteKind } from "../bytes/shapes";
import { updateOf } from "../bytes/update";
import { viewOf } from "../bytes/view";
import type { Stage } from "./stage";
import { refusal } from "./words";

/** What a player may do; numbers are those of views. */
export type Command =
  | { do: "spawn"; tile: number }
  | { do: "attack"; on: number; share: number }
  | { do: "boat"; to: number; share: number }
  | { do: "retreat"; attack: number }
  | { do: "turn_back"; boat: number }
  | { do: "build"; site: SiteKind; tile: number }
  | { do: "ally"; with: number }
  | { do: "decline"; from: number }
  | { do: "break"; with: number }
  | { do: "donate"; to: number; troops: number; gold: number }
  | { do: "ping"; tile: number; sign: number }
  | { do: "move"; motion: MotionKind; about: number }
  | { do: "vote"; motion: number; yes: boolean }
  | { do: "resign" };

/** What of the room client a war needs. */
export interface Link {
  start(): void;
  stop(): void;
  send(body: Uint8Array): CommandId | undefined;
  lookAgain(): void;
}

/** The refusal that means: there is no common border. */
export const NOT_REACHABLE = 107;

export class Live implements RoomEvents {
  readonly phaseNow = ref<Phase>("connecting");
  readonly turnedAwayBy = ref<string>();
  /** Watches only. */
  readonly watching: boolean;
  /** Set by whoever wants to hear of a refusal first; true: nothing more is to be said. */
  onRefused: ((command: Command, code: number) => boolean) | undefined;
  /** Another view than the first: the war may have been set back. */
  onView: (() => void) | undefined;
  link: Link | undefined;
  private readonly bodies: Bodies;
  private readonly asked = new Map<CommandId, Command>();

  constructor(
    private readonly stage: Stage,
    { watching = false } = {},
  ) {
    this.watching = watching;
    this.bodies = new Bodies((error) => this.unreadable(error));
  }

  send(command: Command): void {
    if (this.watching) return;
    const id = this.link?.send(encode(command));
    if (id === undefined) this.stage.say("bad", "The line is too slow; wait a moment.");
    else this.asked.set(id, command);
  }

  // ---- what the room says ----

  phase(phase: Phase): void {
    this.phaseNow.value = phase;
    if (phase === "online") this.turnedAwayBy.value = undefined;
  }

  view(view: View): void {
    // What waits to be read is older than this.
    this.bodies.clear();
    this.bodies.take(view.body, (value) => {
      const before = this.stage.mirror.value;
      const shown = viewOf(value);
      this.stage.show(shown);
      if (before !== undefined && shown.step < before.step) {
        this.stage.say("plain", "The war was set back by its keepers.");
      }
      this.onView?.();
    });
  }

  updates(updates: Updates): void {
    for (const item of updates.items) {
      this.bodies.take(item, (value) => {
        if (this.stage.take(updateOf(value)) === "gap") this.link?.lookAgain();
      });
    }
  }

  accepted(answer: Accepted): void {
    this.asked.delete(answer.id);
  }

  refused(answer: Refused): void {
    const command = this.asked.get(answer.id);
    this.asked.delete(answer.id);
    if (command !== undefined && this.onRefused?.(command, answer.code) === true) return;
    this.stage.say("bad", refusal(answer.code, answer.reason));
  }

  closing(_closing: Closing): void {}

  unreadable(_error: unknown): void {
    this.bodies.clear();
    this.link?.lookAgain();
  }

  turnedAway(reason: string): void {
    this.turnedAwayBy.value = reason;
  }
}
