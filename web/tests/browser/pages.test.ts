/** The pages as a player meets them: a real browser, the real server, nothing in between. */
import type { Browser } from "playwright";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TestServer } from "../server";
import { DESKTOP, launch, PHONE, SMALL, Visit } from "./visit";

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

describe("landing and docs", () => {
  test("the landing page says what this is and leads on", async () => {
    const guest = await visit();
    await guest.page.goto(server.url);
    await guest.page.getByText("This server is ready.").waitFor();
    expect(await guest.page.title()).toBe("Longhouse");
    await guest.picture("landing-desktop");
    for (const path of ["/docs/", "/metrics", "/healthz"]) {
      const answer = await guest.page.request.get(`${server.url}${path}`);
      expect([path, answer.status()]).toEqual([path, 200]);
    }
    await guest.page.getByRole("link", { name: "Play Llama Wool Farm" }).click();
    await guest.phase("online");
  });

  test("the docs open, and their links lead from one document to another", async () => {
    const guest = await visit();
    await guest.page.goto(`${server.url}/docs/`);
    const articles = guest.page.locator("article");
    await articles.locator("h1").waitFor();
    await guest.picture("docs-desktop");
    const names = await guest.page.locator(".docs-nav section > ul > li > a").allInnerTexts();
    expect(names).toContain("Llama Wool Farm");
    await guest.page.locator(".docs-nav").getByRole("link", { name: "Llama Wool Farm", exact: true }).click();
    await articles.locator("h1", { hasText: "Llama Wool Farm" }).waitFor();
    // Its headings can be linked to.
    await guest.page.goto(`${server.url}/docs/#game-farm/commands-client--room-kind-1`);
    await guest.page.locator('h2[id^="commands"]').waitFor();
  });

  test("the API can be read, searched and tried", async () => {
    const guest = await visit();
    await guest.page.goto(`${server.url}/docs/`);
    await guest.page.getByRole("link", { name: "Every route, to try" }).click();
    await guest.page.getByRole("searchbox").fill("rpc post");
    await guest.page.getByRole("navigation").getByRole("link").first().click();
    const card = guest.page.locator("details.api-card[open]");
    await card.getByLabel("id", { exact: false }).first().fill("room_open");
    await card.getByLabel("Body", { exact: true }).fill(JSON.stringify('{"rules":"farm"}'));
    await card.getByRole("button", { name: "Send" }).click();
    await card.locator(".api-reply .good", { hasText: "200" }).waitFor();
    expect(await card.locator(".api-reply pre").first().innerText()).toContain("match_id");
    await guest.picture("api-desktop");
  });

  test.each([
    ["landing", "/"],
    ["docs", "/docs/"],
    ["api", "/docs/api/"],
  ])("%s fits a phone of 360 pixels", async (name, path) => {
    const guest = await visit({ viewport: SMALL, hasTouch: true, isMobile: true });
    await guest.page.goto(`${server.url}${path}`);
    await guest.page.locator("h1").first().waitFor();
    expect(await guest.overflow()).toBe(0);
    await guest.picture(`${name}-phone`);
  });
});

test("on a server with a key of its own, the farm logs in as well", async () => {
  const own = new TestServer(["--set", "keys.server_key=studio-key-7"]);
  await own.start();
  try {
    const player = await visit();
    await player.farm(own.url);
    await player.shear(2);
    await player.saved();
  } finally {
    await own.remove();
  }
});

describe("the farm", () => {
  test("log in, shear, buy, reload: the same farm", async () => {
    const player = await visit();
    await player.farm(server.url);
    await player.shear(12);
    await player.buy("meadow_llama");
    await player.owns("meadow_llama", 1);
    await player.saved();
    await player.shears(12);

    await player.page.reload();
    await player.owns("meadow_llama", 1);
    await player.shears(12);
    await player.picture("farm-desktop-first-llama");

    // Somebody else has a farm of their own.
    const other = await visit();
    await other.farm(server.url);
    await other.shears(0);
  });

  test("two windows of one player: one plays, the other looks on until it takes over", async () => {
    const player = await visit();
    await player.farm(server.url);
    await player.shear(10);
    await player.saved();
    const other = await player.beside();
    visits.push(other);
    await other.page.goto(`${server.url}/farm/`);
    await other.mode("elsewhere");
    await other.page.getByText("Your farm is open in another tab").waitFor();
    await other.page.getByTestId("take-over").click();
    await other.shears(10);
    await player.mode("elsewhere");
    await other.buy("meadow_llama");
    await other.owns("meadow_llama", 1);
    await other.saved();
  });

  test("the number moves with the click, and the llama's wool flies", async () => {
    const player = await visit();
    await player.farm(server.url);
    await player.page.getByTestId("amount-plain").filter({ hasText: /^0$/ }).waitFor();
    await player.shear(3);
    await player.page.locator(".puff").first().waitFor();
    await player.page.getByTestId("amount-plain").filter({ hasText: /^3$/ }).waitFor();
  });

  test("wool grows by itself once there is a llama", async () => {
    const player = await visit();
    await player.farm(server.url);
    await player.shear(10);
    await player.buy("meadow_llama");
    await player.owns("meadow_llama", 1);
    await player.page
      .getByTestId("amount-plain")
      .filter({ hasText: /^[1-9]/ })
      .waitFor();
  });

  test("the keyboard is enough", async () => {
    const player = await visit();
    await player.farm(server.url);
    const { keyboard } = player.page;
    for (let i = 0; i < 8; i++) await keyboard.press(i % 2 === 0 ? "Space" : "Enter");
    await player.page.keyboard.press("Tab");
    for (let i = 0; i < 40; i++) {
      const focused = await player.page.evaluate(() => document.activeElement?.getAttribute("data-testid"));
      if (focused === "shear") break;
      await keyboard.press("Tab");
    }
    // With the focus on the llama both keys shear as well, once each.
    await keyboard.press("Space");
    await keyboard.press("Enter");
    await player.shears(10);
    await player.page.locator('[data-testid="buy-meadow_llama"][aria-disabled="false"]').waitFor();
    await keyboard.press("1");
    await player.owns("meadow_llama", 1);
    await keyboard.press("]");
    await player.page.locator('#tab-upgrades[aria-selected="true"]').waitFor();
    await keyboard.press("[");
    await keyboard.press("b");
    await player.page.locator('[data-testid="bulk-10"][aria-checked="true"]').waitFor();
    await keyboard.press("?");
    await player.page.getByRole("dialog", { name: "How to farm" }).waitFor();
    await keyboard.press("Escape");
    await player.page.getByRole("dialog").waitFor({ state: "detached" });
    await player.saved();
  });

  test("what the farm refuses is said in words", async () => {
    const player = await visit();
    await player.farm(server.url);
    // No hand is that fast: two full commands, of which the farm takes the first.
    await player.page.getByTestId("shear").evaluate((llama: HTMLElement) => {
      for (let i = 0; i < 100; i++) llama.click();
    });
    await player.page.getByText("Faster than any hands can shear!").waitFor();
    await player.saved();
  });

  test("ten and max say what they cost all together", async () => {
    const player = await visit();
    await player.farm(server.url);
    await player.shear(23);
    await player.shears(23);
    const button = player.page.getByTestId("buy-meadow_llama");
    await player.page.getByTestId("bulk-10").click();
    // 10 12 13 15 16 18 20 23 25 28: one could be paid, ten cannot.
    await button.filter({ hasText: /Buy 10 Meadow llama\s*180/ }).waitFor();
    expect(await button.getAttribute("aria-disabled")).toBe("true");
    await player.page.getByTestId("bulk-max").click();
    await button.filter({ hasText: /Buy 2 Meadow llama\s*22/ }).waitFor();
    await player.buy("meadow_llama");
    await player.owns("meadow_llama", 2);
    await player.page
      .getByTestId("amount-plain")
      .filter({ hasText: /^\d(\.\d)?$/ })
      .waitFor();
    await player.saved();
  });

  test("nothing sticks out of a phone of 360 pixels, on any shelf", async () => {
    const player = await visit({ viewport: SMALL, hasTouch: true, isMobile: true });
    await player.farm(server.url);
    await player.page.getByTestId("shear").tap();
    await player.shears(1);
    for (const tab of ["herd", "upgrades", "weave", "keepsakes", "stars"]) {
      await player.page.locator(`#tab-${tab}`).tap();
      await player.page.locator(`#tab-${tab}[aria-selected="true"]`).waitFor();
      expect([tab, await player.overflow()]).toEqual([tab, 0]);
    }
    await player.picture("farm-360");
  });

  test("who wants less motion gets less", async () => {
    const player = await visit({ viewport: PHONE, reducedMotion: "reduce" });
    await player.farm(server.url);
    const seconds = await player.page
      .locator(".shear .llama-body")
      .evaluate((body) => parseFloat(getComputedStyle(body).animationDuration));
    expect(seconds).toBeLessThan(0.001);
    await player.picture("farm-phone");
  });
});
