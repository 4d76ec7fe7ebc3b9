/**
 * The farm's page without its screen, against the real server: what its rules predict is what the room says, and what
 * is done while the server is gone comes home.
 */
import { IDBFactory } from "fake-indexeddb";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Game } from "../../src/farm/game";
import { Journal } from "../../src/farm/offline/journal";
import { DatabaseStore, open } from "../../src/farm/offline/store";
import { FarmService } from "../../src/farm/service";
import { RoomClient } from "../../src/room/client";
import { TestServer } from "../server";
import { until } from "../until";

const server = new TestServer();
const pages: Page[] = [];
let players = 0;

beforeAll(async () => void (await server.start()));
afterEach(() => {
  for (const { room } of pages) room.stop();
});
afterAll(() => server.remove());

/** A page in a browser of its own, or in `browser`; with the login of `player`. */
class Page {
  readonly game = new Game({ get: () => 0, set: () => undefined });
  readonly room: RoomClient;

  constructor(
    readonly player: string,
    private readonly browser = new IDBFactory(),
  ) {
    this.room = new RoomClient({
      endpoint: { host: "127.0.0.1", port: String(server.port), ssl: false },
      serverKey: "defaultkey",
      device: player,
      room: { rules: "farm" },
      events: this.game,
      beforeJoin: () => this.game.comeHome(),
    });
    pages.push(this);
  }

  async start(): Promise<this> {
    const store = new DatabaseStore(await open(this.browser));
    const loaded = await store.load(this.player);
    this.game.attach(new Journal(store, loaded), loaded.kept);
    this.game.room = this.room;
    this.game.service = new FarmService(this.room);
    this.room.start();
    return this;
  }

  static async fresh(): Promise<Page> {
    players += 1;
    const page = await new Page(`offline-page-${players}-${Date.now()}`).start();
    await page.saved();
    return page;
  }

  async saved(): Promise<void> {
    const { game } = this;
    await until(
      "saved",
      () => game.phaseNow.value === "online" && game.ready.value && game.unsaved.value === 0,
    );
  }

  async gone(): Promise<void> {
    await until("the loss", () => this.game.phaseNow.value !== "online");
  }

  get farm() {
    const farm = this.game.farm.value;
    if (farm === undefined) throw new Error("no farm yet");
    return farm;
  }

  shear(times: number): void {
    for (let i = 0; i < times; i++) this.game.shear();
  }

  llamas(): number {
    return this.farm.buildings["meadow_llama"]?.count ?? 0;
  }
}

test("what the page's rules predict is what the room says", async () => {
  const page = await Page.fresh();
  const began = Date.now();
  page.shear(40);
  page.game.buy("meadow_llama");
  page.game.buy("meadow_llama");
  const predicted = page.farm;
  expect(page.llamas()).toBe(2);
  await page.saved();
  const { buildings, upgrades, shear, recipes, wishes } = predicted;
  expect(page.farm).toMatchObject({ buildings, upgrades, shear, recipes, wishes });
  // Between the prediction and the room's word lies some growth, and nothing else. For the room the llamas begin to
  // grow wool when it hears of them, which is a little later than the page did.
  const [was, is] = [predicted.wools["plain"], page.farm.wools["plain"]];
  expect(is?.rate).toBe(was?.rate);
  const took = BigInt(Date.now() - began);
  const most = ((was?.rate ?? 0n) * took) / 1_000n + 1n;
  const grown = (is?.amount ?? 0n) - (was?.amount ?? 0n);
  expect(grown >= -most && grown <= most, `${grown} grown in ${took} ms`).toBe(true);
});

test("killed while playing: play goes on, comes home once, and what was done is there", async () => {
  const page = await Page.fresh();
  page.shear(20);
  page.game.buy("meadow_llama");
  // No waiting: some of this may be on its way when the server dies.
  await server.kill();
  await page.gone();
  page.game.alone();
  page.shear(15);
  page.game.upgrade("sharp_shears");
  page.game.buy("meadow_llama");
  expect(page.llamas()).toBe(2);
  const { shears } = page.farm.stats;
  await server.start();
  await page.saved();
  expect(page.farm.stats.shears).toBe(shears);
  expect(page.llamas()).toBe(2);
  expect(page.game.returned.value).toMatchObject({ refused: [] });
  expect(page.farm.stats.returns).toBeLessThanOrEqual(1n);
  // And it goes on as before.
  page.shear(3);
  await page.saved();
  expect(page.farm.stats.shears).toBe(shears + 3n);
});

test("two devices played offline: the server's order stands, and the later one is told", async () => {
  const first = await Page.fresh();
  first.shear(20);
  await first.saved();
  const second = await new Page(first.player).start();
  await second.saved();
  expect(second.farm.stats.shears).toBe(20n);
  await server.kill();
  await Promise.all([first.gone(), second.gone()]);
  for (const { game } of [first, second]) game.alone();
  // There is wool for one llama; each device buys it.
  first.game.buy("meadow_llama");
  second.game.buy("meadow_llama");
  expect([first.llamas(), second.llamas()]).toEqual([1, 1]);
  await server.start();
  await Promise.all([first.saved(), second.saved()]);
  await until("both to see the same farm", () => first.llamas() === second.llamas());
  expect(first.llamas()).toBe(1);
  const told = [first, second].map((page) => page.game.returned.value);
  expect(told.map((returned) => returned?.kept).sort()).toEqual([0, 1]);
  const refused = told.flatMap((returned) => returned?.refused ?? []);
  expect(refused).toEqual([
    { command: { do: "buy", building: "meadow_llama", count: 1 }, reason: "Not enough wool for that yet" },
  ]);
});
