/** A browser and its visits: each visit is a new player with storage of its own, and keeps what went wrong. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from "playwright";
import { CHROMIUM } from "../chromium/executable";

const PICTURES = resolve("test-results");

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };
export const SMALL = { width: 360, height: 640 };

/** What a browser writes to its console when a server is not there; every other error is the page's own. */
const SERVER_GONE =
  /net::ERR_(INTERNET_DISCONNECTED|CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED)|ERR_FAILED|Server unreachable from heartbeat/;

/** With flags of its own, if a test has some. */
export function launch(flags: string[] = []): Promise<Browser> {
  return chromium.launch({ ...CHROMIUM, args: [...CHROMIUM.args, ...flags] });
}

export class Visit {
  readonly errors: string[] = [];
  /** Set while the test has taken the server away. */
  serverGone = false;

  private constructor(readonly page: Page) {}

  static async start(browser: Browser, options: BrowserContextOptions): Promise<Visit> {
    return Visit.watch(await (await browser.newContext(options)).newPage());
  }

  /** Another window of the same player. */
  async beside(): Promise<Visit> {
    return Visit.watch(await this.page.context().newPage());
  }

  /** Another device of the same player: it knows the account, and nothing else. */
  async elsewhere(browser: Browser, options: BrowserContextOptions): Promise<Visit> {
    const account = await this.page.evaluate(() => localStorage.getItem("longhouse.device") ?? "");
    const other = await Visit.start(browser, options);
    await other.page.addInitScript((id) => localStorage.setItem("longhouse.device", id), account);
    return other;
  }

  private static watch(page: Page): Visit {
    const visit = new Visit(page);
    visit.page.setDefaultTimeout(20_000);
    visit.page.on("pageerror", (error) => visit.errors.push(error.message));
    visit.page.on("console", (message) => {
      if (message.type() !== "error") return;
      if (visit.serverGone && SERVER_GONE.test(message.text())) return;
      visit.errors.push(`${message.text()} (${message.location().url})`);
    });
    return visit;
  }

  async end(): Promise<void> {
    await this.page.context().close();
  }

  async picture(name: string): Promise<void> {
    mkdirSync(PICTURES, { recursive: true });
    await this.page.screenshot({ path: join(PICTURES, `${name}.png`) });
  }

  /**
   * How many pixels the page is wider than the screen. Not than the window: a phone zooms out of a page that is
   * too wide, and then says that it fits.
   */
  async overflow(): Promise<number> {
    const width = await this.page.evaluate(() => document.documentElement.scrollWidth);
    return Math.max(0, width - (this.page.viewportSize()?.width ?? 0));
  }

  // ---- the line ----

  /** Cuts the line of this device, and of no other. */
  async cut(): Promise<void> {
    this.serverGone = true;
    await this.page.context().setOffline(true);
  }

  async mend(): Promise<void> {
    await this.page.context().setOffline(false);
  }

  // ---- the farm ----

  mode(mode: string): Promise<void> {
    return this.page.locator(`.farm[data-mode="${mode}"]`).waitFor();
  }

  /** Opens a panel by the board's door of that name. */
  async open(door: string, title: string): Promise<Locator> {
    await this.page.getByTestId(`open-${door}`).click();
    const dialog = this.page.getByRole("dialog", { name: title });
    await dialog.waitFor();
    return dialog;
  }

  /** Closes whatever dialog is open. */
  async shut(): Promise<void> {
    await this.page.keyboard.press("Escape");
    await this.page.getByRole("dialog").waitFor({ state: "detached" });
  }

  async farm(url: string): Promise<void> {
    await this.page.goto(`${url}/farm/`);
    await this.page.locator('.farm[data-phase="online"] .shop .row').first().waitFor();
  }

  phase(phase: string): Promise<void> {
    return this.page.locator(`.farm[data-phase="${phase}"]`).waitFor();
  }

  /** Everything that was done has been acknowledged. */
  saved(): Promise<void> {
    return this.page.locator('.farm[data-phase="online"][data-unsaved="0"]').waitFor();
  }

  /** Is back and everything is acknowledged; what the return had to tell is read and put away. */
  async home(): Promise<void> {
    await this.saved();
    if ((await this.page.locator(".farm").getAttribute("data-returned")) !== "true") return;
    await this.page.getByRole("dialog", { name: "Back on the road" }).waitFor();
    await this.shut();
  }

  /** Waits until the farm counts so many shears of all time. */
  shears(count: number): Promise<void> {
    return this.page.locator(`.farm[data-shears="${count}"]`).waitFor();
  }

  /** Waits until so many of a building are owned. */
  owns(building: string, count: number): Promise<void> {
    return this.page
      .getByTestId(`badge-${building}`)
      .filter({ hasText: new RegExp(`^${count}$`) })
      .waitFor();
  }

  /** Waits until it can be bought, and buys it; from another shelf than the open one when that is named. */
  async buy(id: string, shelf?: string): Promise<void> {
    if (shelf !== undefined) await this.page.locator(`#tab-${shelf}`).click();
    await this.page.locator(`[data-testid="buy-${id}"][aria-disabled="false"]`).click();
  }

  async shear(times: number): Promise<void> {
    const llama = this.page.getByTestId("shear");
    for (let i = 0; i < times; i++) await llama.click();
  }
}
