/**
 * What the browser tests share: one server and one browser for a file, and the visits of each test, which end with it. A
 * test whose page wrote an error fails.
 */
import type { Browser, BrowserContextOptions } from "playwright";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { TestServer } from "../server";
import { DESKTOP, launch, Visit } from "./visit";

export interface Stage {
  readonly server: TestServer;
  readonly browser: Browser;
  /** A new player in this test. */
  visit(options?: BrowserContextOptions): Promise<Visit>;
  /** A visit that was made otherwise, to end with the test. */
  keep(visit: Visit): Visit;
}

/** Sets the hooks of the file that calls it. */
export function stage(flags: string[] = [], browserFlags: string[] = []): Stage {
  const server = new TestServer(flags);
  let browser: Browser | undefined;
  let visits: Visit[] = [];

  beforeAll(async () => {
    [browser] = await Promise.all([launch(browserFlags), server.start()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server.remove();
  });
  beforeEach(() => void (visits = []));
  afterEach(async () => {
    const errors = visits.flatMap((visit) => visit.errors);
    for (const visit of visits) await visit.end();
    expect(errors).toEqual([]);
  });

  const it: Stage = {
    server,
    get browser() {
      if (browser === undefined) throw new Error("there is no browser outside of tests");
      return browser;
    },
    keep(visit) {
      visits.push(visit);
      return visit;
    },
    async visit(options = { viewport: DESKTOP }) {
      return it.keep(await Visit.start(it.browser, options));
    },
  };
  return it;
}
