/** What a new player is shown, in this order, each until it was done. Kept by the browser. */
import { ref } from "vue";

export const LESSONS = ["spawn", "wait", "attack", "share", "grow", "ally", "win"] as const;
export type Lesson = (typeof LESSONS)[number];

const KEY = "longhouse.sovereign.lessons";
/** What is only said stays for so long. */
const SAID_MS = 9_000;
const SAID: readonly Lesson[] = ["share", "grow", "ally", "win"];

/** What a lesson needs to be true of the war to be shown. */
export interface Moment {
  choosing: boolean;
  fights: boolean;
  placed: boolean;
  /** Seconds since the player fights. */
  seconds: number;
}

export class Lessons {
  readonly now = ref<Lesson>();
  private readonly done: Set<string>;
  private since = 0;

  constructor(private readonly storage: Pick<Storage, "getItem" | "setItem">) {
    this.done = new Set((storage.getItem(KEY) ?? "").split(","));
  }

  did(lesson: Lesson): void {
    if (this.done.has(lesson)) return;
    this.done.add(lesson);
    this.storage.setItem(KEY, [...this.done].filter((name) => name !== "").join(","));
    if (this.now.value === lesson) this.now.value = undefined;
  }

  skip(): void {
    for (const lesson of LESSONS) this.did(lesson);
  }

  /** From the beginning: somebody asks how it goes. */
  again(): void {
    this.done.clear();
    this.now.value = undefined;
  }

  look(moment: Moment, nowMs: number): void {
    const fits: Record<Lesson, boolean> = {
      spawn: moment.choosing && !moment.placed,
      wait: moment.choosing && moment.placed,
      attack: moment.fights,
      share: moment.fights && this.done.has("attack"),
      grow: moment.fights && this.done.has("share"),
      ally: moment.fights && this.done.has("grow") && moment.seconds > 25,
      win: moment.fights && this.done.has("ally") && moment.seconds > 45,
    };
    const shown = this.now.value;
    if (shown !== undefined && SAID.includes(shown) && nowMs - this.since > SAID_MS) this.did(shown);
    if (shown === "wait" && !fits.wait) this.did("wait");
    const next = LESSONS.find((lesson) => fits[lesson] && !this.done.has(lesson));
    if (next === this.now.value) return;
    this.now.value = next;
    this.since = nowMs;
  }
}
