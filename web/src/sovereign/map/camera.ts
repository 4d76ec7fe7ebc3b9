/** Where one looks: a place on the map and pixels a tile. It eases to where it is sent, and stays over the map. */

export const SCALE_MAX = 28;
/** Milliseconds in which half of the way to the goal is gone. */
const HALF_MS = 55;
/** Share of the speed of a thrown map that is left after a second. */
const GLIDE_LEFT = 0.02;
const GLIDE_MIN = 12;

export class Camera {
  x = 0;
  y = 0;
  scale = 1;
  width = 1;
  height = 1;
  /** No easing, no gliding. */
  still = false;
  /** Pixels at the bottom that panels cover. */
  bottom = 0;
  private goal = { x: 0, y: 0, scale: 1 };
  private speed = { x: 0, y: 0 };
  private map = { w: 1, h: 1 };

  over(w: number, h: number): void {
    this.map = { w, h };
    this.goal = { x: w / 2, y: h / 2, scale: this.scaleFit };
    this.jump();
  }

  /** Looks at a place from here on, without a flight. */
  stand(x: number, y: number): void {
    this.goal = { x, y, scale: this.scale };
    this.jump();
  }

  resize(width: number, height: number): void {
    this.width = width;
    this.height = height;
    this.hold();
  }

  /** The scale at which the map fills the screen. */
  get scaleFit(): number {
    return Math.max(this.width / this.map.w, (this.height - this.bottom) / this.map.h);
  }

  get scaleMin(): number {
    return Math.min(this.width / this.map.w, (this.height - this.bottom) / this.map.h) * 0.85;
  }

  get moving(): boolean {
    const { goal, speed } = this;
    return (
      goal.x !== this.x || goal.y !== this.y || goal.scale !== this.scale || speed.x !== 0 || speed.y !== 0
    );
  }

  private hold(): void {
    const { goal, map } = this;
    goal.scale = Math.min(SCALE_MAX, Math.max(this.scaleMin, goal.scale));
    const halfW = this.width / 2 / goal.scale;
    const halfH = this.height / 2 / goal.scale;
    const low = this.bottom / goal.scale;
    const keep = (at: number, half: number, size: number, after: number) =>
      2 * half >= size + after ? (size + after) / 2 : Math.min(size - half + after, Math.max(half, at));
    goal.x = keep(goal.x, halfW, map.w, 0);
    goal.y = keep(goal.y, halfH, map.h, low);
  }

  private jump(): void {
    this.hold();
    Object.assign(this, this.goal);
    this.speed = { x: 0, y: 0 };
  }

  /** Moves by pixels of the screen, at once: the finger is on the map. */
  pan(dx: number, dy: number): void {
    this.goal = { x: this.x - dx / this.scale, y: this.y - dy / this.scale, scale: this.scale };
    this.jump();
  }

  /** Moves by pixels, easing: a key. */
  nudge(dx: number, dy: number): void {
    this.goal.x += dx / this.scale;
    this.goal.y += dy / this.scale;
    this.settle();
  }

  /** Lets go of the map at a speed, in pixels a second. */
  throw(vx: number, vy: number): void {
    if (!this.still) this.speed = { x: vx, y: vy };
  }

  /** Zooms so that what is under a point of the screen stays there. */
  zoom(factor: number, sx: number, sy: number, ease = true): void {
    const { goal } = this;
    const from = ease ? goal.scale : this.scale;
    const scale = Math.min(SCALE_MAX, Math.max(this.scaleMin, from * factor));
    const x = (ease ? goal.x : this.x) + (sx - this.width / 2) * (1 / from - 1 / scale);
    const y = (ease ? goal.y : this.y) + (sy - this.height / 2) * (1 / from - 1 / scale);
    this.goal = { x, y, scale };
    if (ease) this.settle();
    else this.jump();
  }

  goTo(x: number, y: number, scale = this.goal.scale): void {
    this.goal = { x: x + 0.5, y: y + 0.5 + this.bottom / 2 / scale, scale };
    this.settle();
  }

  private settle(): void {
    this.speed = { x: 0, y: 0 };
    this.hold();
    if (this.still) this.jump();
  }

  step(ms: number): void {
    const { goal, speed } = this;
    if (speed.x !== 0 || speed.y !== 0) {
      const seconds = ms / 1_000;
      goal.x = this.x - (speed.x * seconds) / this.scale;
      goal.y = this.y - (speed.y * seconds) / this.scale;
      const left = GLIDE_LEFT ** seconds;
      this.speed =
        Math.hypot(speed.x, speed.y) < GLIDE_MIN ? { x: 0, y: 0 } : { x: speed.x * left, y: speed.y * left };
      this.hold();
      this.x = goal.x;
      this.y = goal.y;
      return;
    }
    const near = Math.abs(goal.scale / this.scale - 1) < 0.002;
    const close = Math.hypot(goal.x - this.x, goal.y - this.y) * this.scale < 0.4;
    if (near && close) {
      Object.assign(this, goal);
      return;
    }
    const share = 1 - 0.5 ** (ms / HALF_MS);
    // Scale and place go together, so that the point under the cursor stays.
    const scale = this.scale * (goal.scale / this.scale) ** share;
    const span = 1 / this.scale - 1 / goal.scale;
    const gone = Math.abs(span) < 1e-9 ? share : (1 / this.scale - 1 / scale) / span;
    this.x += (goal.x - this.x) * gone;
    this.y += (goal.y - this.y) * gone;
    this.scale = scale;
  }

  /** The tile's place under a point of the screen. */
  at(sx: number, sy: number): { x: number; y: number } {
    return {
      x: this.x + (sx - this.width / 2) / this.scale,
      y: this.y + (sy - this.height / 2) / this.scale,
    };
  }

  screen(x: number, y: number): { x: number; y: number } {
    return { x: (x - this.x) * this.scale + this.width / 2, y: (y - this.y) * this.scale + this.height / 2 };
  }
}
