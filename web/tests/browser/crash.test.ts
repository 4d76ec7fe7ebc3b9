/** The server dies and comes back while the page is open; the page carries on by itself. */
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

async function playing(): Promise<Visit> {
  const player = await Visit.start(browser, { viewport: DESKTOP });
  await player.farm(server.url);
  await player.shear(12);
  await player.buy("meadow_llama");
  await player.owns("meadow_llama", 1);
  await player.saved();
  await player.shears(12);
  return player;
}

test("SIGKILL: nothing acknowledged is lost, and what was done meanwhile counts", async () => {
  const player = await playing();
  player.serverGone = true;
  await server.kill();
  await player.phase("reconnecting");
  await player.page.getByText("Reconnecting…").waitFor();
  await player.picture("farm-desktop-reconnecting");
  await player.shear(3);
  await server.start();
  await player.home();
  await player.shears(15);
  await player.owns("meadow_llama", 1);

  // The farm goes on: what is done now is acknowledged as before.
  await player.shear(2);
  await player.shears(17);
  await player.saved();
  expect(player.errors).toEqual([]);
  await player.end();
});

test("killed in the middle of shearing, three times: every shear counts once", async () => {
  const player = await playing();
  player.serverGone = true;
  let shears = 12;
  for (let round = 0; round < 3; round++) {
    // No waiting for answers: some of these are on their way when the server dies.
    await player.shear(5);
    shears += 5;
    await server.kill();
    await player.phase("reconnecting");
    await server.start();
    await player.home();
    await player.shears(shears);
  }
  expect(player.errors).toEqual([]);
  await player.end();
});

test("an orderly restart is announced, and the page waits for it", async () => {
  const player = await playing();
  player.serverGone = true;
  await server.stop();
  await player.phase("restarting");
  await player.page.getByText("Server restarting…").waitFor();
  await server.start();
  await player.saved();
  await player.shears(12);
  await player.owns("meadow_llama", 1);
  expect(player.errors).toEqual([]);
  await player.end();
});
