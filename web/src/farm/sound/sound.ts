/**
 * The farm's sounds: made in code, small, and silent until the player has touched the page once and while they are
 * muted. What they sound like is in `voices.ts`.
 */
import { ref } from "vue";
import { browserStorage, type KeyValue } from "../../room/device";
import { VOICES, type Voice } from "./voices";

/** Sounds at once; what comes on top of them is not heard, and nobody misses it. */
export const SOUNDING_MAX = 8;
/** A held key shears faster than an ear can tell apart. */
export const SHEAR_GAP_MS = 70;

const KEY = "longhouse.farm.sound";
const GESTURES = ["pointerdown", "keydown"] as const;

export type Sounding = keyof typeof VOICES;

export class Sound {
  readonly muted = ref(false);
  private context: AudioContext | undefined;
  private sounding = 0;
  private shornAt = -SHEAR_GAP_MS;

  constructor(
    private readonly storage: KeyValue,
    private readonly open: () => AudioContext | undefined = openContext,
  ) {
    this.muted.value = storage.getItem(KEY) === "off";
  }

  /** Waits for the first gesture: before it a browser lets no page be heard, and no page should want to be. */
  listen(target: Pick<EventTarget, "addEventListener" | "removeEventListener">): void {
    const wake = (): void => {
      for (const gesture of GESTURES) target.removeEventListener(gesture, wake);
      this.context = this.open();
    };
    for (const gesture of GESTURES) target.addEventListener(gesture, wake);
  }

  toggle(): void {
    this.muted.value = !this.muted.value;
    this.storage.setItem(KEY, this.muted.value ? "off" : "on");
    this.play("buy");
  }

  play(name: Sounding): void {
    const { context } = this;
    if (context === undefined || this.muted.value || this.sounding >= SOUNDING_MAX) return;
    const now = context.currentTime * 1000;
    if (name === "shear") {
      if (now - this.shornAt < SHEAR_GAP_MS) return;
      this.shornAt = now;
    }
    // A tab that slept, or a phone that rang, leaves the context suspended.
    if (context.state === "suspended") void context.resume().catch(() => undefined);
    const voice: Voice = VOICES[name];
    this.sounding += 1;
    setTimeout(() => (this.sounding -= 1), voice(context, context.destination) * 1000);
  }
}

function openContext(): AudioContext | undefined {
  // A machine without any sound is no reason for a page not to work.
  try {
    return new AudioContext();
  } catch {
    return undefined;
  }
}

export const sound = new Sound(browserStorage());
