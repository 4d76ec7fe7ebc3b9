/**
 * A player's story, in one go: the first minutes, an evening without a line, a second device that was faster, a new
 * beginning and a wish, a name in the ranks, and back to an earlier day. On content that makes stars cheap.
 */
import type { Browser } from "playwright";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { TestServer } from "../server";
import { cheapStars, FAIR } from "./content";
import { DESKTOP, launch, PHONE, Visit } from "./visit";

const content = cheapStars(FAIR);
const server = new TestServer(content.flags);
let browser: Browser;
let ada: Visit;
let phone: Visit;

beforeAll(async () => {
  [browser] = await Promise.all([launch(), server.start()]);
  ada = await Visit.start(browser, { viewport: DESKTOP });
});
afterAll(async () => {
  await browser.close();
  await server.remove();
  content.remove();
});
let chapter = 0;
beforeEach((context) => {
  const at = context.task.file.tasks.indexOf(context.task);
  if (at !== chapter) throw new Error("the story broke off in an earlier chapter");
});
afterEach(() => {
  expect([...ada.errors, ...(phone?.errors ?? [])]).toEqual([]);
});

test("the first minutes: shear under the banner of a fair, buy, take a name", async () => {
  await ada.farm(server.url);
  const banner = ada.page.getByTestId("event-fair");
  await banner.getByText("The county fair").waitFor();
  await banner.getByText("ends in").waitFor();
  // Three wool a shear while the fair is on.
  await ada.shear(4);
  await ada.page.getByTestId("amount-plain").filter({ hasText: /^12$/ }).waitFor();
  await ada.buy("meadow_llama");
  await ada.owns("meadow_llama", 1);
  await ada.shear(20);
  await ada.shears(24);
  await ada.saved();
  await ada.picture("story-fair");

  const ranks = await ada.open("ranks", "Ranks");
  await ranks.getByTestId("display-name").fill("Ada");
  await ranks.getByRole("button", { name: "Rename" }).click();
  await ranks.getByText("You are Ada now.").waitFor();
  await ada.shut();
  chapter += 1;
});

test("the line is cut: the farm goes on here, through a reload, and says what it keeps", async () => {
  await ada.cut();
  await ada.mode("offline");
  await ada.shear(7);
  await ada.page.getByTestId("connection").filter({ hasText: "kept here" }).waitFor();
  await ada.shears(31);
  await ada.picture("story-offline");

  await ada.page.reload();
  await ada.mode("offline");
  await ada.shears(31);
  await ada.owns("meadow_llama", 1);
  await ada.shear(2);
  await ada.shears(33);
  chapter += 1;
});

test("a second device was faster: what it left no wool for does not count, and is said", async () => {
  // Offline there is wool for sharper shears, once…
  await ada.buy("sharp_shears", "upgrades");
  await ada.page.getByTestId("badge-sharp_shears").filter({ hasText: "level 1" }).waitFor();

  // …and the phone, online, knows nothing of it and spends the same wool.
  phone = await ada.elsewhere(browser, { viewport: PHONE, hasTouch: true });
  await phone.farm(server.url);
  await phone.owns("meadow_llama", 1);
  await phone.shears(24);
  await phone.buy("sharp_shears", "upgrades");
  await phone.page.getByTestId("badge-sharp_shears").filter({ hasText: "level 1" }).waitFor();
  await phone.saved();

  await ada.mend();
  const dialog = ada.page.getByRole("dialog", { name: "Back on the road" });
  await dialog.waitFor();
  await dialog
    .getByTestId("returned-kept")
    .filter({ hasText: /kept \d+ things?/ })
    .waitFor();
  await dialog.getByTestId("returned-refused").getByText("Sharp shears").waitFor();
  await ada.picture("story-returned");
  await ada.page.keyboard.press("Escape");
  await ada.saved();
  // Both devices show the same farm, and no shear was lost or counted twice.
  await ada.shears(33);
  await phone.shears(33);
  await ada.page.getByTestId("badge-sharp_shears").filter({ hasText: "level 1" }).waitFor();
  chapter += 1;
});

test("a new beginning brings stars, and a wish made with them stays", async () => {
  await ada.page.locator("#tab-stars").click();
  await ada.page.locator('[data-testid="prestige"][aria-disabled="false"]').click();
  await ada.page.getByTestId("prestige-yes").click();
  await ada.page.getByText(/^A new beginning with \d+ more stars$/).waitFor();
  await ada.page.locator("#tab-herd").click();

  const sky = await ada.open("wishes", "The sky of wishes");
  await sky.locator(".wish-can").first().click();
  const buy = sky.getByTestId("wish-buy");
  await buy.filter({ hasText: /^Wish for/ }).waitFor();
  await ada.picture("story-wishes");
  await buy.click();
  await sky.getByTestId("wish-level").filter({ hasText: /^1 \// }).waitFor();
  await ada.shut();
  await ada.saved();
  chapter += 1;
});

test("the ranks know the name and the stars, alone among friends as well", async () => {
  const ranks = await ada.open("ranks", "Ranks");
  await ranks.getByTestId("board-stars").click();
  const mine = ranks.locator("tr.me");
  await mine.filter({ hasText: "Ada" }).waitFor();
  for (const circle of ["around", "friends", "all"]) {
    await ranks.getByTestId(`circle-${circle}`).click();
    await mine.filter({ hasText: "Ada" }).waitFor();
  }
  await ada.picture("story-ranks");
  await ada.shut();
  chapter += 1;
});

test("the book leads back before the new beginning, and says what that undoes", async () => {
  const book = await ada.open("book", "The farm’s book");
  await book.getByTestId("point-prestige").first().click();
  const trial = book.getByTestId("trial");
  await trial.locator("tr.less", { hasText: "Stars" }).waitFor();
  await ada.picture("story-restore");
  await trial.getByTestId("restore-go").click();
  await book.waitFor({ state: "detached" });
  await ada.owns("meadow_llama", 1);
  await ada.shears(33);
  await phone.page.locator("#tab-herd").click();
  await phone.owns("meadow_llama", 1);
  await ada.saved();
  await ada.end();
  await phone.end();
  chapter += 1;
});
