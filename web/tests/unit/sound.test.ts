import { beforeEach, expect, test, vi } from "vitest";
import { Sound, SHEAR_GAP_MS, SOUNDING_MAX } from "../../src/farm/sound/sound";
import { VOICES } from "../../src/farm/sound/voices";
import { memoryStorage } from "../../src/room/device";

/** An audio context that makes no sound and counts what was to be one. */
class Deaf {
  currentTime = 1;
  sampleRate = 8_000;
  state = "running";
  destination = {};
  started = 0;

  private node() {
    const param = () => ({
      value: 0,
      setValueAtTime: () => undefined,
      exponentialRampToValueAtTime: () => undefined,
    });
    const node = {
      frequency: param(),
      gain: param(),
      Q: param(),
      connect: (to: unknown) => to,
      start: () => void (this.started += 1),
      stop: () => undefined,
    };
    return node;
  }
  createOscillator = () => this.node();
  createGain = () => this.node();
  createBufferSource = () => this.node();
  createBiquadFilter = () => this.node();
  createBuffer = (_: number, length: number) => ({ getChannelData: () => new Float32Array(length) });
}

let deaf: Deaf;
let opened: number;
const storage = memoryStorage();

beforeEach(() => {
  vi.useFakeTimers();
  deaf = new Deaf();
  opened = 0;
  storage.setItem("longhouse.farm.sound", "on");
  return () => vi.useRealTimers();
});

function made(): Sound {
  return new Sound(storage, () => {
    opened += 1;
    return deaf as unknown as AudioContext;
  });
}

test("nothing is heard, or opened, before the first gesture", () => {
  const sound = made();
  const page = new EventTarget();
  sound.listen(page);
  sound.play("buy");
  expect([opened, deaf.started]).toEqual([0, 0]);
  page.dispatchEvent(new Event("pointerdown"));
  page.dispatchEvent(new Event("keydown"));
  sound.play("buy");
  expect(opened).toBe(1);
  expect(deaf.started).toBeGreaterThan(0);
});

test("muted is silent, and stays muted in the next visit", () => {
  const sound = made();
  const page = new EventTarget();
  sound.listen(page);
  page.dispatchEvent(new Event("keydown"));
  sound.toggle();
  expect([sound.muted.value, deaf.started]).toEqual([true, 0]);
  sound.play("prestige");
  expect(deaf.started).toBe(0);
  expect(made().muted.value).toBe(true);
  sound.toggle();
  expect(made().muted.value).toBe(false);
});

test("fast shears are one sound, and sounds have a limit", () => {
  const sound = made();
  const page = new EventTarget();
  sound.listen(page);
  page.dispatchEvent(new Event("keydown"));
  sound.play("shear");
  const once = deaf.started;
  sound.play("shear");
  expect(deaf.started).toBe(once);
  deaf.currentTime += (SHEAR_GAP_MS + 1) / 1000;
  sound.play("shear");
  expect(deaf.started).toBe(2 * once);
  vi.runAllTimers();
  deaf.started = 0;
  for (let i = 0; i < 2 * SOUNDING_MAX; i++) sound.play("refuse");
  expect(deaf.started).toBe(SOUNDING_MAX);
  vi.runAllTimers();
  sound.play("refuse");
  expect(deaf.started).toBe(SOUNDING_MAX + 1);
});

test("a machine without sound plays on", () => {
  const sound = new Sound(storage, () => undefined);
  const page = new EventTarget();
  sound.listen(page);
  page.dispatchEvent(new Event("keydown"));
  for (const name of Object.keys(VOICES)) sound.play(name as keyof typeof VOICES);
});
