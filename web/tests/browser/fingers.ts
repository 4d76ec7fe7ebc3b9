/** Fingers on a page: what Playwright's one tap leaves out. */
import type { CDPSession, Page } from "playwright";

interface Point {
  x: number;
  y: number;
}

/** Touches that a movement is made of. */
const STEPS = 8;

export class Fingers {
  private constructor(private readonly cdp: CDPSession) {}

  static async of(page: Page): Promise<Fingers> {
    return new Fingers(await page.context().newCDPSession(page));
  }

  /** Fingers that go down together, move in straight lines, and go up together. */
  async move(...ways: { from: Point; to: Point }[]): Promise<void> {
    for (let step = 0; step <= STEPS; step++) {
      const share = step / STEPS;
      const touchPoints = ways.map(({ from, to }, id) => ({
        x: from.x + (to.x - from.x) * share,
        y: from.y + (to.y - from.y) * share,
        id,
      }));
      await this.cdp.send("Input.dispatchTouchEvent", {
        type: step === 0 ? "touchStart" : "touchMove",
        touchPoints,
      });
    }
    await this.up();
  }

  /** A finger that stays where it is until it is lifted. */
  async down(at: Point): Promise<void> {
    await this.cdp.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [at] });
  }

  async up(): Promise<void> {
    await this.cdp.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  }
}
