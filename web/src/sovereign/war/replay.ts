/**
 * Steps here are the room's, 50 ms each since it was opened; the war's own steps are fewer where it stood still.
 *
 * A war that is over, watched again: parts of it come from the server as they came to players, any step can be gone to,
 * and time runs at 1 to 64 times its pace. Parts are fetched ahead so that it does not stop.
 */
import { ref, shallowRef } from "vue";
import { openBody } from "../bytes/body";
import { STEPS_A_SECOND } from "../bytes/shapes";
import { updateOf, type Update } from "../bytes/update";
import { viewOf } from "../bytes/view";
import type { ReplayPart } from "./service";
import type { Stage } from "./stage";

export const SPEEDS = [1, 2, 4, 8, 16, 32, 64] as const;
export type Speed = (typeof SPEEDS)[number];
/** Steps that come with a whole view: few, for every one of them makes the view wait. */
const PART_STEPS_FIRST = 40;
/** Steps of one part; at most what the server gives at a time. */
const PART_STEPS = 400;
const PART_STEPS_FAST = 2_000;
/** Seconds of watching that are fetched ahead. */
const AHEAD_SECONDS = 3;

export type Fetch = (step: number, steps: number, view: boolean) => Promise<ReplayPart>;

export class Replay {
  /** Where it is, in steps; between whole ones while it plays. */
  readonly at = ref(0);
  readonly last = ref(0);
  readonly playing = ref(false);
  readonly speed = ref<Speed>(1);
  readonly busy = ref(false);
  readonly trouble = shallowRef<string>();
  private queue: { step: number; update: Update }[] = [];
  /** Up to which step the queue holds all there is. */
  private fetched = 0;
  private ended = false;
  /** Where the past was set back: what follows is another present, and begins with a whole view. */
  private jumped = false;
  /** The step of the newest update that was shown. */
  private heard = 0;
  private fetching: Promise<void> | undefined;
  private life = 0;

  constructor(
    private readonly stage: Stage,
    private readonly fetch: Fetch,
  ) {}

  /** Goes to a step: a whole view of it, shown before anything that follows it is read. */
  async seek(step: number): Promise<void> {
    const life = ++this.life;
    this.busy.value = true;
    this.trouble.value = undefined;
    try {
      const part = await this.fetch(Math.max(0, Math.floor(step)), PART_STEPS_FIRST, true);
      if (this.life !== life || part.view === undefined) return;
      const view = viewOf(await openBody(part.view));
      if (this.life !== life) return;
      this.stage.show(view);
      this.at.value = this.heard = part.step;
      this.stage.ahead = 0;
      this.note(part);
      // Time stands until this is read: `busy`.
      const queue = await opened(part);
      if (this.life === life) this.queue = queue;
    } catch (error) {
      if (this.life === life) this.trouble.value = wordsOf(error);
    } finally {
      if (this.life === life) this.busy.value = false;
    }
  }

  play(): void {
    if (this.ended && this.at.value >= this.last.value) void this.seek(0);
    this.playing.value = true;
  }

  pause(): void {
    this.playing.value = false;
  }

  /** Time passes on the page; called at each frame. */
  advance(ms: number): void {
    if (!this.playing.value || this.busy.value) return;
    const speed = this.speed.value;
    const wish = this.at.value + (ms / 1_000) * STEPS_A_SECOND * speed;
    const to = Math.min(wish, this.fetched);
    let taken = 0;
    for (const { step, update } of this.queue) {
      if (step > to) break;
      // What does not follow was skipped over: the whole view of this step stands for it.
      if (this.stage.take(update) === "gap") {
        void this.seek(step);
        return;
      }
      this.heard = step;
      taken += 1;
    }
    if (taken > 0) this.queue.splice(0, taken);
    this.at.value = to;
    this.stage.ahead = to - this.heard;
    if (this.jumped && to >= this.fetched) void this.seek(this.fetched);
    else if (this.ended && to >= this.fetched) this.pause();
    else if (this.fetched - to < AHEAD_SECONDS * STEPS_A_SECOND * speed) this.more();
  }

  private more(): void {
    if (this.ended || this.jumped || this.fetching !== undefined) return;
    const life = this.life;
    const steps = this.speed.value > 8 ? PART_STEPS_FAST : PART_STEPS;
    const from = this.fetched;
    this.fetching = this.fetch(from, steps, false)
      .then(async (part) => {
        const queue = await opened(part);
        if (this.life !== life) return;
        this.queue.push(...queue.filter(({ step }) => step > from));
        this.note(part);
      })
      .catch((error: unknown) => {
        if (this.life !== life) return;
        this.trouble.value = wordsOf(error);
        this.pause();
      })
      .finally(() => (this.fetching = undefined));
  }

  private note(part: ReplayPart): void {
    this.ended = part.end;
    this.jumped = part.jumped;
    this.fetched = part.end ? Math.max(part.last, this.at.value) : part.next;
    this.last.value = Math.max(part.last, this.fetched);
  }
}

async function opened(part: ReplayPart): Promise<{ step: number; update: Update }[]> {
  const updates = await Promise.all(part.updates.map(async ({ body }) => updateOf(await openBody(body))));
  return updates.map((update, i) => ({ step: part.updates[i]!.step, update }));
}

function wordsOf(error: unknown): string {
  if (error instanceof Response) {
    if (error.status === 403) return "This war is not over yet. When it is, it can be watched again.";
    return error.status === 404 ? "This war is not known." : "This war cannot be watched now.";
  }
  return error instanceof Error ? error.message : "This war cannot be read.";
}
