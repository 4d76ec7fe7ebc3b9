/**
 * What a frame of a large war costs the page: a million tiles, three hundred nations, most of them at war. A measurement and
 * no test: `npm run frames` prints the figures.
 */
import { expect, test } from "vitest";
import "../socket";
import { Warrior } from "../acceptance/warrior";
import { until } from "../until";
import { frameCosts, NO_DRAWING } from "./frames";
import { Soldier } from "./soldier";
import { stage } from "./stage";
import { DESKTOP } from "./visit";

const here = stage([], NO_DRAWING);
const { server, visit } = here;
/** 1,250 × 800 tiles. */
const SETUP = {
  size: "large",
  map: 7,
  seats: 100,
  tribes: 200,
  rivals: 99,
  difficulty: "fair",
  spawn_seconds: 3,
};
/** By then land changes hands everywhere: the most that a war tells. */
const MID_WAR_STEP = 600;
const SECONDS = 6;

test("what scripts leave of a frame to drawing", async () => {
  const host = await Warrior.connected(server);
  const ada = new Soldier(await visit({ viewport: DESKTOP }), server.url);
  await ada.page.goto(`${server.url}/sovereign/?war=${await host.open(SETUP)}`);
  await ada.drawn();
  await ada.phase("war");
  await until("the middle of the war", async () => (await ada.number("step")) >= MID_WAR_STEP, 240_000);
  const step = await ada.number("step");
  for (const look of ["the whole map", "near"]) {
    if (look === "near") await ada.nearer(4);
    const { frames, rate, scripts, page } = await frameCosts(here.browser, ada.page, SECONDS);
    const words = ({ p50, p95, worst }: typeof scripts) =>
      `p50 ${p50.toFixed(2)}, p95 ${p95.toFixed(2)}, worst ${worst.toFixed(2)} ms`;
    console.log(
      `${look}, from step ${step}, ${frames} frames (${rate.toFixed(0)}/s): scripts ${words(scripts)}; with layout and painting ${words(page)}`,
    );
    expect(frames).toBeGreaterThan(SECONDS);
  }
}, 480_000);
