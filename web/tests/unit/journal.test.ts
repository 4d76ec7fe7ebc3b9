/** What the browser keeps: the store in a database, and the journal in front of it. */
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, test } from "vitest";
import { KEPT_SHAPE, MemoryStore, type Entry, type Kept, type Store } from "../../src/farm/offline/entries";
import { Journal, JOURNAL_ENTRIES_MAX, NUMBERS_BLOCK } from "../../src/farm/offline/journal";
import { DatabaseStore, open } from "../../src/farm/offline/store";
import type { Command } from "../../src/farm/shapes";
import type { CommandId } from "../../src/room/payload";
import { CONTENT, FakeFarm } from "../fake/farm";
import { showFarm } from "../../src/farm/rules/show";

const shear: Command = { do: "shear", count: 3 };
const entry = (n: number): Entry => ({ n, at_ms: 1_000 + n, command: shear, offline: true });
const kept: Kept = {
  shape: KEPT_SHAPE,
  content: CONTENT,
  farm: showFarm(new FakeFarm(() => 5).play),
  ahead_ms: -7,
};

let factory: IDBFactory;
beforeEach(() => (factory = new IDBFactory()));

const STORES: [string, () => Promise<Store>][] = [
  ["a database", async () => new DatabaseStore(await open(factory))],
  ["memory", () => Promise.resolve(new MemoryStore())],
];

describe.each(STORES)("in %s", (_, make) => {
  test("what was put is there in order, and what was dropped is not", async () => {
    const store = await make();
    const first = await store.load("me");
    expect(first).toEqual({
      device: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      next: 1,
      kept: undefined,
      entries: [],
    });
    await store.put([entry(11), entry(9), entry(10)]);
    await store.drop([10]);
    await store.keep(kept);
    await store.reserve(first.device, 77);
    expect(await store.load("me")).toEqual({
      device: first.device,
      next: 77,
      kept,
      entries: [entry(9), entry(11)],
    });
  });

  test("another player's farm is not played on", async () => {
    const store = await make();
    await store.load("me");
    await store.put([entry(1)]);
    await store.keep(kept);
    expect(await store.load("somebody else")).toMatchObject({ kept: undefined, entries: [] });
    expect(await store.load("me")).toMatchObject({ kept: undefined, entries: [] });
  });
});

test("the database outlives the page, and the device keeps its name", async () => {
  const before = new DatabaseStore(await open(factory));
  const { device } = await before.load("me");
  await before.put([entry(3)]);
  const after = new DatabaseStore(await open(factory));
  expect(await after.load("me")).toMatchObject({ device, entries: [entry(3)] });
});

describe("the journal", () => {
  const start = async (store: Store) => new Journal(store, await store.load("me"));

  test("numbers rise, and no page uses one twice, whatever it wrote", async () => {
    const store = new DatabaseStore(await open(factory));
    const first = await start(store);
    const used = [first.add(shear, 1, false), first.add(shear, 2, false)].map((doing) => doing?.n ?? 0);
    expect(used).toEqual([1, 2]);
    await first.flushed();
    const second = await start(store);
    expect(second.size).toBe(0);
    expect(second.add(shear, 3, false)?.n).toBeGreaterThan(2);
    for (let i = 0; i < NUMBERS_BLOCK + 5; i++) {
      second.add(shear, 3, false);
      second.drop(() => true);
    }
    const last = second.add(shear, 3, false)?.n ?? 0;
    await second.flushed();
    expect((await start(store)).add(shear, 4, false)?.n).toBeGreaterThan(last);
  });

  test("online nothing is written; from the loss of the line on everything is", async () => {
    const store = new DatabaseStore(await open(factory));
    const journal = await start(store);
    journal.add(shear, 1, false);
    await journal.flushed();
    expect((await store.load("me")).entries).toEqual([]);
    journal.keepOnDisk(true);
    journal.add({ do: "prestige" }, 2, true);
    await journal.flushed();
    expect((await store.load("me")).entries).toEqual([
      { n: 1, at_ms: 1, command: shear, offline: false },
      { n: 2, at_ms: 2, command: { do: "prestige" }, offline: true },
    ]);
    journal.drop(({ n }) => n === 1);
    await journal.flushed();
    expect((await store.load("me")).entries.map(({ n }) => n)).toEqual([2]);
  });

  test("how far an entry is in the room stays out of the database", async () => {
    const store = new DatabaseStore(await open(factory));
    const journal = await start(store);
    const doing = journal.add(shear, 1, false);
    Object.assign(doing ?? {}, { id: "00" as CommandId, seq: 5n });
    journal.save();
    await journal.flushed();
    expect((await store.load("me")).entries).toEqual([{ n: 1, at_ms: 1, command: shear, offline: false }]);
  });

  test("a clock that is set back does not turn the order round", async () => {
    const journal = await start(new MemoryStore());
    const times = [5_000.9, 2_000, 6_000].map((now) => journal.add(shear, now, true)?.at_ms);
    expect(times).toEqual([5_000, 5_000, 6_000]);
  });

  test("it has an end", async () => {
    const store = new MemoryStore();
    const entries = Array.from({ length: JOURNAL_ENTRIES_MAX - 1 }, (_, i) => entry(i + 1));
    const journal = new Journal(store, { device: "00".repeat(16), next: 1, entries });
    expect(journal.add(shear, 1, true)?.n).toBe(JOURNAL_ENTRIES_MAX);
    expect(journal.full).toBe(true);
    expect(journal.add(shear, 1, true)).toBeUndefined();
  });

  test("a browser that stops storing is told of once, and play goes on", async () => {
    const store = new MemoryStore();
    const journal = await start(store);
    const troubles: unknown[] = [];
    journal.onTrouble = (error) => troubles.push(error);
    store.put = () => Promise.reject(new Error("the disk is full"));
    journal.keepOnDisk(true);
    journal.add(shear, 1, true);
    journal.add(shear, 2, true);
    await journal.flushed();
    expect(journal.size).toBe(2);
    expect(troubles).toHaveLength(1);
  });
});
