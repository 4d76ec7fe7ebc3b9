/** Fingers, mouse and wheel over the map: drag, throw, pinch, tap, long press. Keys are the page's matter. */
import type { Camera } from "./camera";

/** Pixels that a tap may wander. */
const TAP_PX_MAX = 9;
const PRESS_MS = 480;
/** Drags older than this say nothing about the speed at the end. */
const SPEED_MS = 90;
const WHEEL = 0.0016;

export interface Taps {
  tap(sx: number, sy: number): void;
  /** A long press, or the other mouse button. */
  press(sx: number, sy: number): void;
  hover(sx: number, sy: number): void;
  leave(): void;
}

interface Finger {
  x: number;
  y: number;
}

export class Gestures {
  private readonly fingers = new Map<number, Finger>();
  private start: Finger | undefined;
  private moved = false;
  private pressed: ReturnType<typeof setTimeout> | undefined;
  private trail: { at: number; x: number; y: number }[] = [];
  private readonly stop = new AbortController();

  constructor(
    private readonly element: HTMLElement,
    private readonly camera: Camera,
    private readonly taps: Taps,
  ) {
    const { signal } = this.stop;
    const on = <K extends keyof HTMLElementEventMap>(name: K, act: (event: HTMLElementEventMap[K]) => void) =>
      element.addEventListener(name, act, { signal, passive: false });
    on("pointerdown", (event) => this.down(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.up(event));
    on("pointercancel", (event) => this.cancel(event));
    on("pointerleave", () => this.taps.leave());
    on("wheel", (event) => {
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1;
      const { x, y } = this.place(event);
      this.camera.zoom(Math.exp(-event.deltaY * lines * WHEEL), x, y);
    });
    on("contextmenu", (event) => {
      event.preventDefault();
      const { x, y } = this.place(event);
      this.forget();
      this.taps.press(x, y);
    });
  }

  end(): void {
    this.stop.abort();
    this.forget();
  }

  private place(event: MouseEvent): Finger {
    const box = this.element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  private forget(): void {
    clearTimeout(this.pressed);
    this.pressed = undefined;
    this.start = undefined;
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0) return;
    const place = this.place(event);
    this.element.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, place);
    this.camera.throw(0, 0);
    this.trail = [];
    if (this.fingers.size > 1) {
      this.forget();
      return;
    }
    this.start = place;
    this.moved = false;
    if (event.pointerType !== "mouse") {
      this.pressed = setTimeout(() => {
        if (this.start === undefined || this.moved) return;
        this.forget();
        this.taps.press(place.x, place.y);
      }, PRESS_MS);
    }
  }

  private move(event: PointerEvent): void {
    const place = this.place(event);
    const finger = this.fingers.get(event.pointerId);
    if (finger === undefined) {
      if (event.pointerType === "mouse") this.taps.hover(place.x, place.y);
      return;
    }
    if (this.fingers.size === 1) {
      const { start } = this;
      if (start !== undefined && Math.hypot(place.x - start.x, place.y - start.y) > TAP_PX_MAX)
        this.moved = true;
      if (this.moved || start === undefined) {
        clearTimeout(this.pressed);
        this.camera.pan(place.x - finger.x, place.y - finger.y);
        this.trail.push({ at: event.timeStamp, x: place.x, y: place.y });
        if (this.trail.length > 16) this.trail.shift();
        Object.assign(finger, place);
      }
      return;
    }
    const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other !== undefined) {
      const before = Math.hypot(finger.x - other.x, finger.y - other.y);
      const now = Math.hypot(place.x - other.x, place.y - other.y);
      this.camera.pan((place.x - finger.x) / 2, (place.y - finger.y) / 2);
      if (before > 8) {
        this.camera.zoom(now / before, (place.x + other.x) / 2, (place.y + other.y) / 2, false);
      }
    }
    Object.assign(finger, place);
  }

  private up(event: PointerEvent): void {
    if (!this.fingers.delete(event.pointerId)) return;
    const { start, moved } = this;
    this.forget();
    if (this.fingers.size > 0) return;
    if (start !== undefined && !moved) {
      this.taps.tap(start.x, start.y);
      return;
    }
    const last = this.trail.at(-1);
    const first = this.trail.find(({ at }) => event.timeStamp - at < SPEED_MS);
    if (first === undefined || last === undefined || last.at === first.at) return;
    const seconds = (last.at - first.at) / 1_000;
    this.camera.throw((last.x - first.x) / seconds, (last.y - first.y) / seconds);
  }

  private cancel(event: PointerEvent): void {
    this.fingers.delete(event.pointerId);
    this.forget();
  }
}
