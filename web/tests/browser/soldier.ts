/** A player of a war: what a hand does on the page, and what an eye waits for. */
import type { Locator, Page } from "playwright";
import { until } from "../until";
import type { Visit } from "./visit";

/** A place on the map, as shares of its width and height. */
export interface Place {
  x: number;
  y: number;
}

/** Wide enough for every panel, small enough for a processor that draws what a graphics card would. */
export const TABLE = { width: 820, height: 600 };
const WAIT_MS = 60_000;
/** An island whose land reaches far to the left and to the right. */
export const MAP = 7;

export class Soldier {
  constructor(
    readonly visit: Visit,
    private readonly url: string,
  ) {}

  get page(): Page {
    return this.visit.page;
  }

  get war(): Locator {
    return this.page.locator(".war");
  }

  at(id: string): Locator {
    return this.page.getByTestId(id);
  }

  /** In the lobby, under a name. */
  async arrive(name: string): Promise<void> {
    await this.page.goto(`${this.url}/sovereign/`);
    await until("the account's own name", async () => (await this.at("name").inputValue()) !== "");
    await this.at("name").fill(name);
  }

  /** Opens a war of one's own that only its link leads to. */
  async open(size: string, { computers, seconds }: { computers: boolean; seconds: number }): Promise<void> {
    await this.page.getByRole("radio", { name: size }).check();
    if (!computers) await this.page.getByLabel("tribes and rivals").uncheck();
    await this.at("private").check();
    await this.at("seconds").fill(String(seconds));
    await this.at("map-number").fill(String(MAP));
    await this.at("open").click();
    await this.drawn();
  }

  drawn(): Promise<void> {
    return this.page.locator('.war[data-drawn="true"]').waitFor({ timeout: WAIT_MS });
  }

  async number(name: "step" | "tiles" | "me"): Promise<number> {
    return Number(await this.war.getAttribute(`data-${name}`));
  }

  phase(phase: string): Promise<void> {
    return this.page.locator(`.war[data-war="${phase}"]`).waitFor({ timeout: WAIT_MS });
  }

  line(line: string): Promise<void> {
    return this.page.locator(`.war[data-line="${line}"]`).waitFor({ timeout: WAIT_MS });
  }

  news(text: string | RegExp): Promise<void> {
    return this.page.locator(".news li").filter({ hasText: text }).first().waitFor({ timeout: WAIT_MS });
  }

  /** Looks for opponents by the lobby's second door. */
  async seek(): Promise<void> {
    await this.at("quick").click();
    await this.page.locator('[data-testid="quick"][aria-pressed="true"]').waitFor();
  }

  /** The land on the small map, in points: nobody's, in fog, and somebody's. */
  async points(): Promise<{ free: number; fog: number; owned: number }> {
    return this.at("small-map").evaluate((box) => {
      const canvas = box.querySelector("canvas")!;
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      const count = { free: 0, fog: 0, owned: 0 };
      for (let at = 0; at < data.length; at += 4) {
        const colour = `${data[at]},${data[at + 1]},${data[at + 2]}`;
        if (colour === "92,140,156") continue;
        count[colour === "201,190,150" ? "free" : colour === "110,112,120" ? "fog" : "owned"] += 1;
      }
      return count;
    });
  }

  /** What of the map is on the screen, as shares of its width and height: the frame on the small map. */
  async frame(): Promise<{ left: number; top: number; width: number; height: number }> {
    return this.at("small-map")
      .locator("i")
      .evaluate((frame) => {
        const [left, top, width, height] = [
          frame.style.left,
          frame.style.top,
          frame.style.width,
          frame.style.height,
        ].map((size) => parseFloat(size) / 100) as [number, number, number, number];
        return { left, top, width, height };
      });
  }

  /** Free land on the small map, or land in fog, away from its edges, the farthest to the left or to the right first. */
  async land(side: "left" | "right"): Promise<Place[]> {
    const found = await this.at("small-map").evaluate((box) => {
      const canvas = box.querySelector("canvas")!;
      const { width, height } = canvas;
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, width, height);
      const free = (x: number, y: number) => [201, 110].includes(data[(y * width + x) * 4]!);
      const places: { x: number; y: number }[] = [];
      for (let y = Math.floor(height * 0.2); y < height * 0.8; y += 4) {
        for (let x = Math.floor(width * 0.2); x < width * 0.8; x += 4) {
          let all = true;
          for (let dy = -6; dy <= 6; dy += 3)
            for (let dx = -6; dx <= 6; dx += 3) all &&= free(x + dx, y + dy);
          if (all) places.push({ x: (x + 0.5) / width, y: (y + 0.5) / height });
        }
      }
      return places;
    });
    return found.sort((a, b) => (side === "left" ? a.x - b.x : b.x - a.x));
  }

  /** Looks at a place by the small map, near enough that its tile is in the middle of the screen. */
  async look(place: Place): Promise<void> {
    const box = (await this.at("small-map").boundingBox())!;
    await this.page.mouse.click(box.x + place.x * box.width, box.y + place.y * box.height);
  }

  async nearer(times: number): Promise<void> {
    for (let i = 0; i < times; i++) await this.page.getByRole("button", { name: "Nearer" }).click();
  }

  /** Acts at the cross in the middle of the map, by the keyboard. */
  async act(key: "Enter" | "e"): Promise<void> {
    await this.page.locator(".war-map").focus();
    await this.page.keyboard.press(key);
  }

  /** Tries place after place until the flag stands. */
  async spawn(side: "left" | "right"): Promise<void> {
    await this.nearer(5);
    const places = await this.land(side);
    const stands = () => this.page.locator('.war[data-standing="alive"]').count();
    for (const place of places.slice(0, 12)) {
      // A slow machine may have let the time for choosing pass: then the dice have chosen.
      if ((await stands()) > 0) return;
      await this.look(place);
      await this.act("Enter");
      const stood = await until("an answer", async () => (await stands()) > 0, 4_000).catch(() => false);
      if (stood) return;
    }
    await until(`a place among ${places.length}, or by dice`, async () => (await stands()) > 0, WAIT_MS);
  }

  /** Takes wild land beside one's own until there is more of it. */
  async grow(): Promise<void> {
    // Whoever lives beside it takes land as well, so that more is more than the least there was.
    let least = await this.number("tiles");
    const more = async () => {
      const tiles = await this.number("tiles");
      least = Math.min(least, tiles);
      return tiles > least;
    };
    await this.page.getByRole("button", { name: "To my land" }).click();
    await this.at("share").fill("300");
    const around = [-1, 1].flatMap((x) => [-1, 0, 1].map((y) => ({ x, y })));
    const canvas = this.page.locator(".war-map canvas");
    const { width, height } = (await canvas.boundingBox())!;
    await until(
      "more land",
      async () => {
        for (const { x, y } of around) {
          if (await more()) return true;
          await canvas.click({ position: { x: width / 2 + x * 105, y: height / 2 + y * 90 }, force: true });
          await this.page.keyboard.press("Escape");
        }
        return more();
      },
      WAIT_MS,
    );
  }

  /** Moves the knob of a replay to a step. The milliseconds until a frame of that step was drawn. */
  seekTo(step: number): Promise<number> {
    return this.page.evaluate(
      ({ step, patience }) =>
        new Promise<number>((done, fail) => {
          const replay = document.querySelector('[data-testid="replay"]')!;
          const scrub = replay.querySelector<HTMLInputElement>('[data-testid="scrub"]')!;
          const begun = performance.now();
          const timer = setTimeout(() => fail(new Error(`step ${step} was not shown`)), patience);
          const seen = new MutationObserver(() => {
            if (Number(replay.getAttribute("data-step")) !== step) return;
            seen.disconnect();
            clearTimeout(timer);
            // The next frame draws it; at the one after that it is on the screen.
            requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - begun)));
          });
          seen.observe(replay, { attributes: true });
          scrub.value = String(step);
          scrub.dispatchEvent(new Event("change", { bubbles: true }));
        }),
      { step, patience: WAIT_MS },
    );
  }

  private async ranking(): Promise<Locator> {
    const ranking = this.at("ranking");
    const head = ranking.locator(".ranking-head");
    if ((await head.getAttribute("aria-expanded")) === "false") await head.click();
    const all = ranking.getByRole("button", { name: "All", exact: true });
    if ((await all.count()) > 0) await all.click();
    return ranking;
  }

  /** Opens the card of a nation by its row in the ranking. */
  async pickNation(id: number): Promise<void> {
    await (await this.ranking()).getByTestId(`rank-${id}`).getByRole("button").click();
    await this.at("target").waitFor();
  }

  /** A nation that is none of these. */
  async otherThan(...ids: number[]): Promise<number> {
    const rows = await (
      await this.ranking()
    )
      .locator("li")
      .evaluateAll((items) =>
        items.map((item) => Number(item.getAttribute("data-testid")?.slice("rank-".length))),
      );
    const found = rows.find((id) => !ids.includes(id));
    if (found === undefined) throw new Error("there is nobody else");
    return found;
  }

  /** What the ranking says of a nation's land, in hundredths of the map's. */
  async shareOf(id: number): Promise<number> {
    return parseFloat(await (await this.ranking()).getByTestId(`rank-${id}`).locator(".share").innerText());
  }
}
