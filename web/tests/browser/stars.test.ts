/** The end of a run and what outlives it: prestige, golden fleece, keepsakes. On content that makes stars cheap. */
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestServer } from "../server";
import { cheapStars } from "./content";
import { DESKTOP, launch, Visit } from "./visit";

const content = cheapStars();
const server = new TestServer(content.flags);
let browser: Browser;

beforeAll(async () => {
  [browser] = await Promise.all([launch(), server.start()]);
});
afterAll(async () => {
  await browser.close();
  await server.remove();
  content.remove();
});

test("a new beginning brings stars and fleece; a keepsake bought with it stays", async () => {
  const player = await Visit.start(browser, { viewport: DESKTOP });
  await player.farm(server.url);
  await player.shear(20);
  await player.buy("meadow_llama");
  await player.owns("meadow_llama", 1);

  await player.page.locator("#tab-stars").click();
  await player.page.locator('[data-testid="prestige"][aria-disabled="false"]').click();
  const dialog = player.page.getByRole("dialog", { name: "Begin anew?" });
  await dialog.waitFor();
  await player.picture("farm-desktop-prestige");
  await player.page.getByTestId("prestige-yes").click();
  await dialog.waitFor({ state: "detached" });
  await player.page.getByText(/^A new beginning with \d+ more stars$/).waitFor();
  // The herd stays behind.
  await player.page.locator("#tab-herd").click();
  await player.page.getByTestId("badge-meadow_llama").waitFor({ state: "detached" });

  await player.page.locator("#tab-keepsakes").click();
  await player.page.locator('[data-testid="buy-scarecrow"][aria-disabled="false"]').click();
  await player.page.getByTestId("badge-scarecrow").filter({ hasText: "yours" }).waitFor();
  await player.saved();
  await player.picture("farm-desktop-keepsakes");

  await player.page.reload();
  await player.page.locator('.farm[data-phase="online"] #tab-keepsakes').click();
  await player.page.getByTestId("badge-scarecrow").filter({ hasText: "yours" }).waitFor();
  expect(player.errors).toEqual([]);
  await player.end();
});
