/** The end of a run and what outlives it: prestige, golden fleece, keepsakes. On content that makes stars cheap. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestServer } from "../server";
import { DESKTOP, launch, Visit } from "./visit";

const folder = mkdtempSync(join(tmpdir(), "longhouse-content-"));
const content = join(folder, "farm.toml");
const server = new TestServer(["--set", `games.farm.content=${content}`]);
let browser: Browser;

/** The game's own content, with a star for every few shears and no conditions. */
function cheapStars(): string {
  const own = readFileSync("../games/farm/content/farm.toml", "utf8");
  const cheap = own
    .replace(/^worth_per_star = .*$/m, "worth_per_star = 1")
    .replace(/^root = .*$/m, "root = 1");
  const [before = "", rest = ""] = cheap.split("[prestige]");
  return `${before}[prestige]${rest.replace(/^needs = .*$/m, "needs = []")}`;
}

beforeAll(async () => {
  writeFileSync(content, cheapStars());
  [browser] = await Promise.all([launch(), server.start()]);
});
afterAll(async () => {
  await browser.close();
  await server.remove();
  rmSync(folder, { recursive: true, force: true });
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
