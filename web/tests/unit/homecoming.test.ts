/** The return against a farm of the page's own rules: chunks, resends, losses on the way, clocks that are wrong. */
import { decode, encode } from "@msgpack/msgpack";
import { describe, expect, test } from "vitest";
import { wholeFarm } from "../../src/farm/decode";
import { Field } from "../../src/farm/field";
import { MemoryStore } from "../../src/farm/offline/entries";
import {
  CHUNK_ACTIONS_MAX,
  comeHome,
  SyncError,
  type SyncAnswer,
  type SyncCall,
} from "../../src/farm/offline/homecoming";
import { Journal, type Doing } from "../../src/farm/offline/journal";
import type { Command } from "../../src/farm/shapes";
import { FakeFarm } from "../fake/farm";

const LEFT = 1_700_000_000_000;
const HOUR = 3_600_000;

/** A farm that was left, and a device that played on and is back after three hours. */
class Story {
  now = LEFT;
  readonly farm = new FakeFarm(() => this.now);
  readonly calls: SyncCall[] = [];
  readonly told: string[] = [];
  /** Called before each answer; may throw in its place. */
  before: () => void = () => undefined;
  /** Called after the farm has taken a chunk; throws where the answer is lost. */
  after: () => void = () => undefined;

  constructor() {
    this.farm.give({ plain: 5_000_000n });
    this.farm.depart();
    this.now = LEFT + 3 * HOUR;
  }

  readonly sync = (call: SyncCall): Promise<SyncAnswer> => {
    this.calls.push(structuredClone(call));
    try {
      this.before();
      const answer = this.farm.sync(call);
      this.after();
      if ("code" in answer) throw new SyncError(answer.reason, answer.code, "always");
      // As it travels.
      const farm = wholeFarm(new Field(decode(encode(answer.farm)), "farm"));
      const results = answer.results.map((result) => ({
        n: 0,
        code: null,
        reason: null,
        again: false,
        ...result,
      }));
      return Promise.resolve({ upto: answer.upto, results, farm });
    } catch (error) {
      return Promise.reject(error as Error);
    }
  };

  home(journal: Journal, clock = () => this.now) {
    return comeHome(journal, this.sync, clock, {
      kept: ({ n }) => this.told.push(`${n} kept`),
      refused: ({ n }, code) => this.told.push(`${n} refused ${code}`),
    });
  }

  get state(): unknown {
    return { ...structuredClone(this.farm.state) };
  }
}

/** Shears, llamas, barns and impossible wishes over three hours, by the device's clock. */
function played(count: number, aheadMs = 0): Journal {
  const journal = new Journal(new MemoryStore(), { device: "ab".repeat(16), next: 1, entries: [] });
  const deeds: Command[] = [
    { do: "shear", count: 30 },
    { do: "buy", building: "meadow_llama", count: 2 },
    { do: "shear", count: 10 },
    { do: "upgrade", upgrade: "sharp_shears" },
    { do: "wish", wish: "early_birds" },
    { do: "buy", building: "hay_barn", count: "max" },
  ];
  for (let i = 0; i < count; i++) {
    const at = LEFT + Math.floor(((i + 1) * 3 * HOUR) / (count + 1));
    journal.add(deeds[i % deeds.length] ?? { do: "prestige" }, at + aheadMs, true);
  }
  return journal;
}

function all(journal: Journal): Doing[] {
  return [...journal.entries];
}

describe("the return", () => {
  test("tells everything in order, in chunks, and empties the journal", async () => {
    const story = new Story();
    const journal = played(2 * CHUNK_ACTIONS_MAX + 7);
    const home = await story.home(journal);
    expect(story.calls.map((call) => [call.after, call.actions.length])).toEqual([
      [0, CHUNK_ACTIONS_MAX],
      [CHUNK_ACTIONS_MAX, CHUNK_ACTIONS_MAX],
      [2 * CHUNK_ACTIONS_MAX, 7],
    ]);
    expect(journal.size).toBe(0);
    expect(story.told).toHaveLength(107);
    expect(story.told).toContain("1 kept");
    expect(story.told).toContain("5 refused 102");
    expect(home?.farm?.buildings["meadow_llama"]?.count).toBeGreaterThan(10);
  });

  test("nothing to tell is not told", async () => {
    const story = new Story();
    expect(await story.home(played(0))).toBeUndefined();
    expect(story.calls).toEqual([]);
  });

  test("however it is cut into chunks, the farm is the same", async () => {
    const whole = new Story();
    await whole.home(played(60));
    for (const size of [1, 7, 23]) {
      const story = new Story();
      const [journal, every] = [played(0), all(played(60))];
      for (let i = 0; i < every.length; i += size) {
        for (const { command, at_ms } of every.slice(i, i + size)) journal.add(command, at_ms, true);
        await story.home(journal);
      }
      expect(story.calls.length).toBe(Math.ceil(60 / size));
      expect(story.state).toEqual(whole.state);
      expect(story.told).toEqual(whole.told);
    }
  });

  test("an answer that is lost is asked for again, and nothing happens twice", async () => {
    const once = new Story();
    await once.home(played(120));
    const story = new Story();
    const journal = played(120);
    let answers = 0;
    story.after = () => {
      answers += 1;
      if (answers % 2 === 1) throw new SyncError("the line is cut", undefined, "later");
    };
    for (let attempt = 0; journal.size > 0; attempt++) {
      expect(attempt).toBeLessThan(10);
      await story.home(journal).catch(() => undefined);
    }
    expect(story.state).toEqual(once.state);
    expect(story.calls.length).toBeGreaterThan(once.calls.length);
  });

  test("a farm that knows less than was said is told from where this device stands", async () => {
    const story = new Story();
    const journal = played(2 * CHUNK_ACTIONS_MAX);
    let chunks = 0;
    story.before = () => {
      chunks += 1;
      if (chunks === 2) story.farm.forget();
    };
    await story.home(journal);
    expect(story.calls.map((call) => [call.after, call.actions[0]?.n])).toEqual([
      [0, 1],
      [50, 51],
      [0, 51],
    ]);
    expect(journal.size).toBe(0);
  });

  test("a chunk that will never be taken is told as refused, and does not block the way home", async () => {
    const story = new Story();
    const journal = played(CHUNK_ACTIONS_MAX + 1);
    let chunks = 0;
    story.before = () => {
      chunks += 1;
      if (chunks === 1) throw new SyncError("not such a thing", 1, "always");
    };
    await story.home(journal);
    expect(story.told.slice(0, 50).every((line) => line.endsWith("refused 1"))).toBe(true);
    expect(story.told[50]).toBe("51 kept");
    expect(journal.size).toBe(0);
  });

  test("a server in trouble is asked later: nothing leaves the journal", async () => {
    const story = new Story();
    const journal = played(3);
    story.before = () => {
      throw new SyncError("too busy", undefined, "later");
    };
    await expect(story.home(journal)).rejects.toThrow("too busy");
    expect(journal.size).toBe(3);
    expect(story.told).toEqual([]);
  });

  test.each([
    ["a year ahead", 365 * 24 * HOUR],
    ["a day behind", -24 * HOUR],
    ["two minutes behind", -120_000],
  ])("a clock that is %s does not matter", async (_, aheadMs) => {
    const right = new Story();
    await right.home(played(30));
    const story = new Story();
    await story.home(played(30, aheadMs), () => story.now + aheadMs);
    expect(story.state).toEqual(right.state);
  });

  test("a clock that was set years ahead in between wins no wool", async () => {
    const story = new Story();
    const journal = played(6);
    // The last click claims to be of the year after; the call's clock is right again.
    journal.add({ do: "shear", count: 1 }, LEFT + 365 * 24 * HOUR, true);
    await story.home(journal);
    expect(story.farm.state.settled_ms).toBe(story.now);
    const alone = new Story();
    await alone.home(played(6));
    alone.farm.play.book(alone.now);
    const wool = (it: Story) => it.farm.state.wools["plain"]?.earned ?? 0n;
    expect(wool(story)).toBe(wool(alone) + story.farm.play.ratesAt(story.now).shear * 1_000n);
  });

  test("of two devices the server's order stands, and each is told what it kept", async () => {
    const story = new Story();
    const first = new Journal(new MemoryStore(), { device: "01".repeat(16), next: 1, entries: [] });
    const second = new Journal(new MemoryStore(), { device: "02".repeat(16), next: 1, entries: [] });
    for (const journal of [first, second])
      journal.add({ do: "buy", building: "meadow_llama", count: 28 }, LEFT + 1_000, true);
    await story.home(first);
    await story.home(second);
    expect(story.told).toEqual(["1 kept", "1 refused 102"]);
    expect(story.farm.state.buildings["meadow_llama"]).toBe(28);
  });
});
