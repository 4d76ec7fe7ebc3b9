/** The farm as an app of its own: Chromium would install it, and it starts where there is no server. */
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestServer } from "../server";
import { DESKTOP, launch, Visit } from "./visit";

const server = new TestServer();
let browser: Browser;

beforeAll(async () => {
  [browser] = await Promise.all([launch(), server.start()]);
});
afterAll(async () => {
  await browser.close();
  await server.remove();
});

/** The farm, with its worker in charge. */
async function kept(): Promise<Visit> {
  const player = await Visit.start(browser, { viewport: DESKTOP });
  await player.farm(server.url);
  await player.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  return player;
}

test("the worker and the manifest are handed out as browsers want them", async () => {
  const worker = await fetch(`${server.url}/farm/sw.js`);
  expect(worker.status).toBe(200);
  expect(worker.headers.get("content-type")).toContain("text/javascript");
  // Asked for again each time: a newer one must be found.
  expect(worker.headers.get("cache-control")).toBe("no-cache");
  const manifest = await fetch(`${server.url}/farm/manifest.webmanifest`);
  expect(manifest.headers.get("content-type")).toContain("application/manifest+json");
  const { icons } = (await manifest.json()) as { icons: { src: string; type: string }[] };
  for (const { src, type } of icons) {
    const icon = await fetch(new URL(src, manifest.url));
    expect([src, icon.status, icon.headers.get("content-type")]).toEqual([src, 200, type]);
  }
});

test("Chromium would install it", async () => {
  const player = await kept();
  const session = await player.page.context().newCDPSession(player.page);
  const { errors, manifest } = await session.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  expect(manifest).toMatchObject({ name: "Llama Wool Farm", startUrl: `${server.url}/farm/` });
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  // A window that keeps nothing installs nothing, and the tests' windows are such.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito")).toEqual([]);
  expect(player.errors).toEqual([]);
  await player.end();
});

test("no answer of the API is kept", async () => {
  const player = await kept();
  const paths = await player.page.evaluate(async () => {
    const names = await caches.keys();
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map(({ url }) => new URL(url).pathname);
  });
  expect(paths).toContain("/farm/");
  expect(paths.filter((path) => !/^\/(farm|assets)\/|^\/[a-z]+\.svg$/.test(path))).toEqual([]);
  await player.end();
});

test("without the server it starts again, with the farm as it was, and plays on", async () => {
  const player = await kept();
  await player.shear(12);
  await player.buy("meadow_llama");
  await player.saved();
  player.serverGone = true;
  await server.kill();
  await player.phase("reconnecting");
  await player.page.reload();
  await player.owns("meadow_llama", 1);
  await player.shear(3);
  await player.shears(15);
  await player.page.reload();
  await player.shears(15);
  await server.start();
  await player.saved();
  await player.shears(15);
  await player.owns("meadow_llama", 1);
  expect(player.errors).toEqual([]);
  await player.end();
});
