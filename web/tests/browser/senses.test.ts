/** What the page does to eyes and ears: sound that waits and can be muted, motion that can be had less of, and visits. */
import type { Browser } from "playwright";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { TestServer } from "../server";
import { DESKTOP, launch, SMALL, Visit } from "./visit";

const server = new TestServer();
let browser: Browser;
let visits: Visit[] = [];

beforeAll(async () => {
  [browser] = await Promise.all([launch(), server.start()]);
});
afterAll(async () => {
  await browser.close();
  await server.remove();
});
beforeEach(() => void (visits = []));
afterEach(async () => {
  const errors = visits.flatMap((visit) => visit.errors);
  for (const visit of visits) await visit.end();
  expect(errors).toEqual([]);
});

async function visit(options: Parameters<typeof Visit.start>[1] = { viewport: DESKTOP }): Promise<Visit> {
  const one = await Visit.start(browser, options);
  visits.push(one);
  return one;
}

/** Counts the notes that the page strikes, in the page itself. */
function countNotes(): void {
  const heard = { contexts: 0, notes: 0 };
  Object.assign(window, { heard });
  // A recorded sound has a `start` of its own.
  for (const kind of [AudioScheduledSourceNode, AudioBufferSourceNode]) {
    const start = kind.prototype.start;
    kind.prototype.start = function (...when: number[]) {
      heard.notes += 1;
      return start.apply(this, when as [number?]);
    };
  }
  window.AudioContext = new Proxy(window.AudioContext, {
    construct(target, args) {
      heard.contexts += 1;
      return Reflect.construct(target, args) as object;
    },
  });
}
const heard = (player: Visit) =>
  player.page.evaluate(() => (window as unknown as { heard: { contexts: number; notes: number } }).heard);

test("silent until the first gesture, then a sound for a shear, and none when muted, also tomorrow", async () => {
  const player = await visit();
  await player.page.addInitScript(countNotes);
  await player.farm(server.url);
  expect(await heard(player)).toEqual({ contexts: 0, notes: 0 });
  await player.shear(1);
  await player.shears(1);
  const first = await heard(player);
  expect(first.contexts).toBe(1);
  expect(first.notes).toBeGreaterThan(0);

  const button = player.page.getByTestId("sound");
  expect(await button.getAttribute("aria-pressed")).toBe("true");
  await button.click();
  await player.page.locator('[data-testid="sound"][aria-pressed="false"]').waitFor();
  await player.page.reload();
  await player.page.locator('[data-testid="sound"][aria-pressed="false"]').waitFor();
  await player.shears(1);
  await player.shear(2);
  await player.shears(3);
  expect((await heard(player)).notes).toBe(0);
});

test("who wants less motion sees nothing move by itself, in no panel either", async () => {
  const player = await visit({ viewport: DESKTOP, reducedMotion: "reduce" });
  await player.farm(server.url);
  await player.shear(3);
  const moving = () =>
    player.page.evaluate(
      () =>
        document
          .getAnimations()
          .filter((one) => one.playState === "running" && Number(one.effect?.getComputedTiming().endTime) > 1)
          .length,
    );
  expect(await moving()).toBe(0);
  await player.open("wishes", "The sky of wishes");
  expect(await moving()).toBe(0);
});

test("every panel opens by keyboard, keeps the focus, gives it back, and fits 360 pixels", async () => {
  const player = await visit({ viewport: SMALL });
  await player.farm(server.url);
  for (const [door, title] of [
    ["wishes", "The sky of wishes"],
    ["ranks", "Ranks"],
    ["ribbons", "The ribbon shelf"],
    ["visit", "Visits"],
    ["book", "The farm’s book"],
  ] as const) {
    await player.page.getByTestId(`open-${door}`).focus();
    await player.page.keyboard.press("Enter");
    const dialog = player.page.getByRole("dialog", { name: title });
    await dialog.waitFor();
    for (let i = 0; i < 12; i++) await player.page.keyboard.press("Tab");
    // The browser's own frame may have the focus between two rounds; nothing of the page behind has.
    const outside = await player.page.evaluate(
      () => document.activeElement !== document.body && document.activeElement?.closest("dialog") === null,
    );
    expect([door, outside]).toEqual([door, false]);
    expect([door, await player.overflow()]).toEqual([door, 0]);
    await player.picture(`panel-${door}-360`);
    await player.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    const focused = await player.page.evaluate(() => document.activeElement?.getAttribute("data-testid"));
    expect(focused).toBe(`open-${door}`);
  }
});

test("a link shows a farm to somebody else, who can look and not touch", async () => {
  const owner = await visit();
  await owner.farm(server.url);
  await owner.shear(23);
  await owner.buy("meadow_llama");
  await owner.buy("meadow_llama");
  await owner.owns("meadow_llama", 2);
  await owner.saved();
  const panel = await owner.open("visit", "Visits");
  const field = panel.getByTestId("my-link");
  await owner.page.waitForFunction(() => {
    const link = document.querySelector<HTMLInputElement>('[data-testid="my-link"]');
    return link !== null && link.value.includes("?visit=");
  });
  const link = await field.inputValue();
  await owner.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await panel.getByTestId("copy-link").click();
  await panel.getByText("Copied.").waitFor();
  expect(await owner.page.evaluate(() => navigator.clipboard.readText())).toBe(link);

  const friend = await visit({ viewport: SMALL });
  await friend.page.goto(link);
  await friend.phase("seen");
  await friend.page.getByTestId("stock-meadow_llama").getByText("2", { exact: true }).waitFor();
  expect(await friend.page.locator(".herd-animal").count()).toBe(2);
  expect(await friend.page.getByTestId("shear").count()).toBe(0);
  expect(await friend.overflow()).toBe(0);
  await friend.picture("visit-360");
  await friend.page.getByTestId("home").click();
  await friend.phase("online");
  await friend.shears(0);

  const lost = await visit();
  await lost.page.goto(`${server.url}/farm/?visit=nobody`);
  await lost.phase("lost");
  await lost.page.getByText("That is no link to a farm.").waitFor();
});
