/** The login of pages in a real browser: out to the certified issuer and back, cookies and fragments as browsers keep them. */
import { randomBytes } from "node:crypto";
import type { Browser, BrowserContext, Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CLIENT, Issuer, SECRET } from "../outside/issuer";
import { set } from "../outside/stand-in";
import { TestServer } from "../server";
import { launch } from "./visit";

let issuer: Issuer;
let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  issuer = await Issuer.start();
  server = await new TestServer(
    set(
      ["identity.house.issuer", issuer.url],
      ["identity.house.client_id", CLIENT],
      ["identity.house.client_secret", SECRET],
    ),
  ).start();
  issuer.serve(server.url);
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
  await server.remove();
  await issuer.stop();
});

interface Answer {
  status: number;
  body: { token?: string; created?: boolean; user?: { id?: string } };
}

/** What a page of ours does with what it finds in its fragment. */
function trade(page: Page): Promise<Answer> {
  return page.evaluate(async () => {
    const found = new URLSearchParams(location.hash.slice(1));
    const answer = await fetch(`/auth/oidc/${found.get("login")}/session`, {
      method: "POST",
      body: JSON.stringify({ code: found.get("login_code") }),
    });
    return { status: answer.status, body: (await answer.json()) as Answer["body"] };
  });
}

function account(page: Page, token: string): Promise<Answer> {
  return page.evaluate(async (bearer) => {
    const answer = await fetch("/v2/account", { headers: { authorization: `Bearer ${bearer}` } });
    return { status: answer.status, body: (await answer.json()) as Answer["body"] };
  }, token);
}

async function loggedIn(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${server.url}/auth/oidc/house/login?return=${encodeURIComponent("/docs/?from=login")}`);
  await page.waitForURL(/#login=house&login_code=/);
  return page;
}

test("a page logs its player in, and no token is ever in an address", async () => {
  issuer.person = `person-${randomBytes(8).toString("hex")}`;
  const context = await browser.newContext();
  const page = await loggedIn(context);
  expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe("/docs/?from=login");
  const first = await trade(page);
  expect([first.status, first.body.created]).toEqual([200, true]);
  expect((await account(page, first.body.token ?? "")).body.user?.id).toMatch(/^[0-9a-f-]{36}$/);
  expect((await trade(page)).status).toBe(401);
  // Scripts see none of the cookies.
  expect(await page.evaluate(() => document.cookie)).toBe("");
  expect(page.url()).not.toContain(first.body.token ?? "a token");

  // Already logged in at the issuer: the second time nobody is asked, and it is the same account.
  const again = await trade(await loggedIn(context));
  expect([again.status, again.body.created ?? false]).toEqual([200, false]);
  await context.close();
});

test("two tabs log in at once, and neither takes the other's place", async () => {
  issuer.person = `person-${randomBytes(8).toString("hex")}`;
  const context = await browser.newContext();
  // Known at the issuer already: it takes one first login at a time.
  await loggedIn(context);
  const place = `${server.url}/auth/oidc/house/login?return=/docs/`;
  const tabs = [await context.newPage(), await context.newPage()];
  await Promise.all(tabs.map((tab) => tab.goto(place)));
  for (const tab of tabs) await tab.waitForURL(/#login=house&login_code=/);
  for (const tab of tabs) expect((await trade(tab)).status).toBe(200);
  await context.close();
});

test("somebody else's code, opened in this browser, logs nobody in", async () => {
  issuer.person = "an-attacker";
  const attacker = await browser.newContext();
  const theirs = await loggedIn(attacker);
  const victim = await browser.newContext();
  const page = await victim.newPage();
  await page.goto(theirs.url());
  expect((await trade(page)).status).toBe(401);
  await attacker.close();
  await victim.close();
});
