/**
 * What the farm will be when the room has heard everything: its newest word, and on top of it, by the page's own rules,
 * the actions that it has not answered. Whenever the room speaks, its word is taken and the rest is worked out anew.
 */
import { Play, type Outcome } from "./rules/play";
import { showFarm, showPurse } from "./rules/show";
import { stateOf } from "./rules/state";
import type { Command, Content, Farm } from "./shapes";

/** An action on its way, at its time by the host's clock. */
export interface Expected {
  at_ms: number;
  command: Command;
}

export class Prediction {
  private play: Play;
  private shown: Farm;

  constructor(
    readonly content: Content,
    /** The room's newest word. */
    readonly word: Farm,
    expected: Iterable<Expected> = [],
  ) {
    this.play = new Play(content, stateOf(content, word));
    this.shown = word;
    let any = false;
    for (const { command, at_ms } of expected) {
      any = true;
      this.play.act(command, at_ms);
    }
    if (any) this.shown = showFarm(this.play);
  }

  get farm(): Farm {
    return this.shown;
  }

  /** One more action; refused by the page's rules, it changes nothing. */
  expect({ command, at_ms }: Expected): Outcome {
    const outcome = this.play.act(command, at_ms);
    if ("refusal" in outcome) return outcome;
    const much = command.do !== "shear" && command.do !== "craft";
    this.shown = much ? showFarm(this.play) : { ...this.shown, ...showPurse(this.play) };
    return outcome;
  }

  /** Of shears as many as the hands can do at that moment; the clicks beyond were too fast. */
  able(command: Command, at_ms: number): Expected {
    if (command.do !== "shear") return { command, at_ms };
    const { interval_ms, burst } = this.content.shear;
    const ahead = Math.max(0, this.play.state.hands_free_ms - at_ms);
    const able = Math.floor(burst - ahead / interval_ms);
    return { command: { do: "shear", count: Math.min(command.count, Math.max(1, able)) }, at_ms };
  }

  /** An event of the content has begun or ended by now: rates are different from there on. */
  pass(nowMs: number): void {
    this.play.book(Math.floor(nowMs));
    this.shown = showFarm(this.play);
  }

  /** The room's word as it stands when the owner goes at `nowMs`: what the page plays on without the room. */
  departed(nowMs: number): Farm {
    const play = new Play(this.content, stateOf(this.content, this.word));
    play.depart(Math.max(Math.floor(nowMs), this.word.at_ms));
    return showFarm(play);
  }
}
