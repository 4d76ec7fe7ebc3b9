/** The game over a line that breaks: it plays on, comes home by `farm_sync`, and shows what became of it. */
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Game } from "../../src/farm/game";
import { DatabaseStore, open } from "../../src/farm/offline/store";
import { Journal } from "../../src/farm/offline/journal";
import { FarmService } from "../../src/farm/service";
import { RoomClient } from "../../src/room/client";
import { FakeHouse } from "../fake/house";
import { until } from "../until";

let house: FakeHouse;
let factory: IDBFactory;
let pages: Page[];

/** A page of one browser: what `main.ts` wires, without a screen. */
class Page {
  readonly game = new Game({ get: () => 0, set: () => undefined });
  readonly room: RoomClient;
  journal: Journal | undefined;

  constructor(port: number) {
    this.room = new RoomClient({
      endpoint: { host: "127.0.0.1", port: String(port), ssl: false },
      serverKey: "defaultkey",
      device: "a-device-for-tests",
      room: { rules: "farm" },
      events: this.game,
      beforeJoin: () => this.game.comeHome(),
    });
    pages.push(this);
  }

  async start(): Promise<this> {
    const store = new DatabaseStore(await open(factory));
    const loaded = await store.load("a-device-for-tests");
    this.journal = new Journal(store, loaded);
    this.game.attach(this.journal, loaded.kept);
    this.game.room = this.room;
    this.game.service = new FarmService(this.room);
    this.room.start();
    return this;
  }

  async online(): Promise<void> {
    await until("online", () => this.game.phaseNow.value === "online" && this.game.ready.value);
  }

  async saved(): Promise<void> {
    await until("saved", () => this.game.mode.value === "online" && this.game.unsaved.value === 0);
  }

  async lost(): Promise<void> {
    await until("the loss", () => this.game.phaseNow.value !== "online");
  }

  /** Closes the tab. */
  async close(): Promise<void> {
    this.game.save();
    await this.journal?.flushed();
    this.room.stop();
  }

  llamas(): number {
    return this.game.farm.value?.buildings["meadow_llama"]?.count ?? 0;
  }

  shears(): bigint {
    return this.game.farm.value?.stats.shears ?? 0n;
  }
}

beforeEach(async () => {
  pages = [];
  factory = new IDBFactory();
  house = new FakeHouse();
  house.farm.give({ plain: 100_000n });
  await house.start();
});

afterEach(async () => {
  for (const { room } of pages) room.stop();
  await house.kill();
});

test("online, the rules of the page show a purchase before the room has said so", async () => {
  const page = await new Page(house.port).start();
  await page.online();
  house.swallowAnswers = true;
  page.game.buy("meadow_llama");
  expect(page.llamas()).toBe(1);
  expect(page.game.unsaved.value).toBe(1);
  expect(page.game.underway.get("meadow_llama")).toBe(1);
});

test("the line is cut, play goes on, and the return tells what was kept", async () => {
  const page = await new Page(house.port).start();
  await page.online();
  const { port } = house;
  await house.kill();
  await page.lost();
  page.game.buy("meadow_llama");
  page.game.shear();
  page.game.upgrade("harvest_festival");
  expect(page.llamas()).toBe(1);
  expect(page.shears()).toBe(1n);
  // What the page's own rules refuse is said at once, and is not kept.
  expect(page.game.toasts.map(({ text }) => text)).toContain("Not enough wool for that yet");
  expect(page.game.journalled.value).toBe(2);
  expect(page.game.mode.value).toBe("online");
  page.game.alone();
  expect(page.game.mode.value).toBe("offline");

  await house.start(port);
  await page.saved();
  expect(house.syncs.flatMap((call) => call.actions.map((action) => action.do))).toEqual(["buy", "shear"]);
  expect(house.farm.state.buildings["meadow_llama"]).toBe(1);
  expect(house.farm.state.shears).toBe(1n);
  expect(page.game.returned.value).toMatchObject({ kept: 2, refused: [] });
  expect(page.game.returned.value?.earned["plain"]).toBeGreaterThanOrEqual(1_000n);
  // The room tells nobody what happened while he was not in it: the page asked for all of it.
  expect(house.joins.at(-1)).toEqual({});
  page.game.dismissReturned();
  expect(page.game.returned.value).toBeUndefined();
});

test("what was on its way when the line was cut happens once", async () => {
  const page = await new Page(house.port).start();
  await page.online();
  const { port } = house;
  house.swallowAnswers = true;
  page.game.buy("meadow_llama");
  await until("the command to arrive", () => house.executed.length === 1);
  await house.kill();
  await page.lost();
  house.swallowAnswers = false;
  await house.start(port);
  await page.saved();
  expect(house.executed).toHaveLength(1);
  expect(house.farm.state.buildings["meadow_llama"]).toBe(1);
  expect(page.llamas()).toBe(1);
  expect(page.game.returned.value).toBeUndefined();
});

test("a moment without the server in which all went well is not made a fuss of", async () => {
  const page = await new Page(house.port).start();
  await page.online();
  const { port } = house;
  await house.kill();
  await page.lost();
  page.game.buy("meadow_llama");
  await house.start(port);
  await page.saved();
  expect(page.llamas()).toBe(1);
  expect(page.game.returned.value).toBeUndefined();
});

test("what never arrived goes home once, and is not sent into the room as well", async () => {
  const page = await new Page(house.port).start();
  await page.online();
  const { port } = house;
  house.deaf = true;
  page.game.buy("meadow_llama");
  await house.kill();
  await page.lost();
  house.deaf = false;
  await house.start(port);
  await page.saved();
  page.game.buy("meadow_llama");
  await page.saved();
  expect(house.farm.state.buildings["meadow_llama"]).toBe(2);
  expect(house.syncs.flatMap((call) => call.actions)).toHaveLength(1);
  expect(house.executed).toHaveLength(1);
  expect(page.game.toasts.filter(({ tone }) => tone === "bad")).toEqual([]);
});

test("a page that starts without the server plays on from what was kept", async () => {
  const first = await new Page(house.port).start();
  await first.online();
  first.game.buy("meadow_llama");
  await first.saved();
  await first.close();
  const { port } = house;
  await house.kill();

  const second = await new Page(port).start();
  expect(second.game.ready.value).toBe(true);
  expect(second.llamas()).toBe(1);
  second.game.buy("meadow_llama");
  expect(second.llamas()).toBe(2);
  await second.close();

  // The next day, still without a server: it is all there.
  const third = await new Page(port).start();
  expect(third.llamas()).toBe(2);
  expect(third.game.journalled.value).toBe(1);
  third.game.alone();
  await house.start(port);
  await third.saved();
  expect(house.farm.state.buildings["meadow_llama"]).toBe(2);
  expect(third.game.returned.value).toMatchObject({ kept: 1, refused: [] });
});

test("another device was faster: what the farm refuses is told with the reason", async () => {
  const page = await new Page(house.port).start();
  await page.online();
  const { port } = house;
  await house.kill();
  await page.lost();
  page.game.bulk.value = 10;
  page.game.buy("meadow_llama");
  expect(page.llamas()).toBe(0);
  page.game.bulk.value = 1;
  page.game.buy("meadow_llama");
  page.game.buy("meadow_llama");
  expect(page.llamas()).toBe(2);
  for (const stock of Object.values(house.farm.state.wools)) stock.amount = 12_000_000n;
  await house.start(port);
  await page.saved();
  expect(page.llamas()).toBe(1);
  expect(page.game.returned.value).toMatchObject({
    kept: 1,
    refused: [{ command: { do: "buy", building: "meadow_llama" }, reason: "Not enough wool for that yet" }],
  });
});

test("a server that cannot take it now is asked again, and the farm is not joined before", async () => {
  const page = await new Page(house.port).start();
  await page.online();
  const { port } = house;
  await house.kill();
  await page.lost();
  page.game.shear();
  page.game.save();
  house.refuseSync = 503;
  await house.start(port);
  const joins = house.joins.length;
  const logins = house.logins;
  await until("two attempts", () => house.logins >= logins + 2);
  expect(house.joins).toHaveLength(joins);
  expect(page.game.journalled.value).toBe(1);
  house.refuseSync = undefined;
  await page.saved();
  expect(house.farm.state.shears).toBe(1n);
});

test("a server without the function hears of it in the room", async () => {
  const page = await new Page(house.port).start();
  await page.online();
  const { port } = house;
  await house.kill();
  await page.lost();
  page.game.buy("meadow_llama");
  house.refuseSync = 404;
  await house.start(port);
  await page.saved();
  expect(house.farm.state.buildings["meadow_llama"]).toBe(1);
  expect(page.llamas()).toBe(1);
});

test("numbers that the server knows already mean a copied browser: it goes on under a new name", async () => {
  const page = await new Page(house.port).start();
  await page.online();
  house.farm.knows(page.journal?.device ?? "", 1_000_000);
  page.game.buy("meadow_llama");
  page.game.shear();
  await page.saved();
  expect(house.farm.state.buildings["meadow_llama"]).toBe(1);
  expect(house.farm.state.shears).toBe(1n);
  expect(page.game.toasts.filter(({ tone }) => tone === "bad")).toEqual([]);
});

test("another tab takes over: this one stops and says so, and goes on from what the other one kept", async () => {
  const first = await new Page(house.port).start();
  await first.online();
  first.game.shear();
  first.room.stop();
  await first.game.detach();
  expect(first.game.mode.value).toBe("elsewhere");
  first.game.buy("meadow_llama");
  expect(first.game.toasts.at(-1)?.text).toBe("You play in another tab.");

  const second = await new Page(house.port).start();
  await second.saved();
  expect(house.farm.state.shears).toBe(1n);
  second.game.buy("meadow_llama");
  await second.saved();
  second.room.stop();
  await second.game.detach();

  await first.start();
  await first.saved();
  expect(first.llamas()).toBe(1);
  first.game.buy("meadow_llama");
  await first.saved();
  expect(house.farm.state.buildings["meadow_llama"]).toBe(2);
});
