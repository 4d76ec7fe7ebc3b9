import { encode } from "@msgpack/msgpack";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { decodeUpdate, decodeView, ShapeError } from "../../src/farm/decode";
import { Game, SHEAR_GATHER_MS } from "../../src/farm/game";
import { affordable, amountAt, HostClock, msUntil, progressPermille } from "../../src/farm/growth";
import { mergeFarm } from "../../src/farm/merge";
import { herdOf, HERD_SHOWN_MAX } from "../../src/farm/parts/herd";
import { herdShelf } from "../../src/farm/parts/shop";
import { MemoryStore } from "../../src/farm/offline/entries";
import type { Room } from "../../src/farm/offline/errands";
import { Journal } from "../../src/farm/offline/journal";
import { Prediction } from "../../src/farm/prediction";
import { stateOf } from "../../src/farm/rules/state";
import { TOASTS_MAX } from "../../src/farm/toasts";
import { refusalText } from "../../src/farm/words";
import type { Command } from "../../src/farm/shapes";
import { decode } from "@msgpack/msgpack";
import type { CommandId } from "../../src/room/payload";
import { FakeFarm } from "../fake/farm";

const NOW = 1_700_000_000_000;
const freshJournal = () => new Journal(new MemoryStore(), { device: "00".repeat(16), next: 1, entries: [] });
const fake = () => new FakeFarm(() => NOW);
const viewOf = (farm: FakeFarm) => decodeView(encode(farm.view()));

describe("reading", () => {
  test("a view has all its parts, with big numbers as such", () => {
    const farm = fake();
    farm.give({ plain: 2n ** 80n });
    const { content, farm: read } = viewOf(farm);
    expect(read.wools["plain"]?.amount).toBe(2n ** 80n);
    expect(content.buildings[0]).toMatchObject({ id: "meadow_llama", llama: true, rate: 500n });
    expect(read.away).toBeNull();
  });

  test("a missing or misshapen part is named", () => {
    const whole = fake().view() as { content: object; farm: Record<string, unknown> };
    const without = { ...whole, farm: { ...whole.farm, looks: undefined } };
    expect(() => decodeView(encode(without, { ignoreUndefined: true }))).toThrow(
      "view.farm.looks is missing",
    );
    const odd = { ...whole, farm: { ...whole.farm, works_until_ms: "soon" } };
    expect(() => decodeView(encode(odd))).toThrow("view.farm.works_until_ms is not a whole number");
    expect(() => decodeView(Uint8Array.of(0xc1))).toThrow(ShapeError);
    expect(() => decodeUpdate(encode([]))).toThrow(ShapeError);
  });

  test("an event this page does not know leaves the numbers standing", () => {
    const update = decodeUpdate(encode({ farm: { at_ms: 5 }, event: { kind: "eclipse" } }));
    expect(update).toEqual({ farm: { at_ms: 5 }, event: null });
  });
});

describe("merging", () => {
  test("maps by id are merged, everything else is replaced", () => {
    const known = viewOf(fake()).farm;
    const one = { ...known.buildings["meadow_llama"]!, count: 7 };
    const merged = mergeFarm(known, {
      at_ms: NOW + 5,
      buildings: { meadow_llama: one },
      shear: { yield: 9n },
    });
    expect(merged.buildings["meadow_llama"]?.count).toBe(7);
    expect(merged.buildings["hay_barn"]).toBe(known.buildings["hay_barn"]);
    expect(merged.shear.yield).toBe(9n);
    expect(merged.upgrades).toBe(known.upgrades);
    expect(known.buildings["meadow_llama"]?.count).toBe(0);
  });

  test("`away` that is gone is gone", () => {
    const known = { ...viewOf(fake()).farm, away: { from_ms: 1, to_ms: 2, paid_ms: 1, earned: {} } };
    expect(
      mergeFarm(known, decodeUpdate(encode({ farm: { away: null }, event: null })).farm).away,
    ).toBeNull();
  });
});

describe("growth", () => {
  const farm = {
    ...viewOf(fake()).farm,
    at_ms: 1_000,
    works_until_ms: 5_000,
    wools: { plain: { amount: 10_000n, rate: 333n, earned: 0n, rest: [0, 0] as [number, number] } },
  };

  test.each([
    [0, 10_000n],
    [1_000, 10_000n],
    [2_000, 10_333n],
    [2_500.7, 10_499n],
    [5_000, 11_332n],
    [99_000, 11_332n],
  ])("at %d ms", (now, amount) => {
    expect(amountAt(farm, "plain", now)).toBe(amount);
  });

  test("prices, and when they can be paid", () => {
    expect(affordable({ plain: 10_000n }, { plain: 10_000n })).toBe(true);
    expect(affordable({ plain: 10_000n, silky: 1n }, { plain: 10_000n })).toBe(false);
    expect(affordable(null, {})).toBe(false);
    expect(progressPermille({ plain: 40_000n }, { plain: 10_000n })).toBe(250);
    expect(msUntil({ plain: 10_666n }, farm, { plain: 10_000n })).toBe(2_000);
    expect(msUntil({ silky: 1n }, farm, {})).toBeUndefined();
  });

  test("the host's clock follows the last message, not the page's calendar", () => {
    let monotonic = 50;
    const clock = new HostClock(() => monotonic);
    clock.heard(NOW);
    monotonic += 120;
    expect(clock.now()).toBe(NOW + 120);
    clock.heard(NOW + 100);
    expect(clock.now()).toBe(NOW + 100);
  });
});

describe("prediction", () => {
  const shear = { at_ms: NOW, command: { do: "shear", count: 5 } } as const;

  test("what is expected is shown on top of the room's word, by the rules", () => {
    const { content, farm } = viewOf(fake());
    const prediction = new Prediction(content, farm, [shear]);
    expect(prediction.farm.wools["plain"]?.amount).toBe(5_000n);
    prediction.expect({ at_ms: NOW, command: { do: "shear", count: 5 } });
    prediction.expect({ at_ms: NOW, command: { do: "buy", building: "meadow_llama", count: 1 } });
    expect(prediction.farm.wools["plain"]).toMatchObject({ amount: 0n, rate: 500n, earned: 10_000n });
    expect(prediction.farm.buildings["meadow_llama"]?.count).toBe(1);
    expect(prediction.word).toBe(farm);
  });

  test("what the rules refuse changes nothing", () => {
    const { content, farm } = viewOf(fake());
    const prediction = new Prediction(content, farm);
    const refused = prediction.expect({ at_ms: NOW, command: { do: "upgrade", upgrade: "sharp_shears" } });
    expect(refused).toMatchObject({ refusal: { code: 102 } });
    expect(prediction.farm).toBe(farm);
  });

  test("a farm shown and read again is the same farm", () => {
    const farm = fake();
    farm.give({ plain: 123_456_789n });
    farm.own({ meadow_llama: 30, suri_llama: 3 });
    farm.play.book(NOW + 12_345);
    const read = viewOf(farm);
    expect(stateOf(read.content, read.farm)).toEqual(farm.state);
  });
});

describe("the game", () => {
  let sent: Command[];
  let full: boolean;
  let game: Game;
  let monotonic: number;

  beforeEach(() => {
    vi.useFakeTimers();
    sent = [];
    full = false;
    monotonic = 0;
    const room: Room = {
      forget: () => undefined,
      wholeView: () => undefined,
      send(body) {
        if (full) return undefined;
        const { by, ...command } = decode(body) as Command & { by: unknown };
        expect(by).toEqual([expect.any(Uint8Array), expect.any(Number)]);
        sent.push(command);
        return `${sent.length}` as CommandId;
      },
    };
    game = new Game({ get: () => 0, set: () => undefined }, () => monotonic);
    game.room = room;
    game.attach(freshJournal());
    game.view({ seq: 1n, atMs: NOW, body: encode(fake().view()) });
    game.phase("online");
    return () => vi.useRealTimers();
  });

  test("clicks travel gathered, and count at once", () => {
    for (let i = 0; i < 5; i++) game.shear();
    expect(sent).toEqual([]);
    expect(game.shown("plain")).toBe(5_000n);
    vi.advanceTimersByTime(SHEAR_GATHER_MS);
    expect(sent).toEqual([{ do: "shear", count: 5 }]);
    expect(game.shown("plain")).toBe(5_000n);
  });

  test("no shear command is larger than the farm takes", () => {
    for (let i = 0; i < 51; i++) game.shear();
    expect(sent).toEqual([{ do: "shear", count: 50 }]);
    vi.advanceTimersByTime(SHEAR_GATHER_MS);
    expect(sent.at(-1)).toEqual({ do: "shear", count: 1 });
  });

  test("what was shorn before a purchase arrives before it", () => {
    game.shear();
    game.bulk.value = "max";
    game.buy("meadow_llama");
    expect(sent).toEqual([
      { do: "shear", count: 1 },
      { do: "buy", building: "meadow_llama", count: "max" },
    ]);
    expect(game.underway.has("meadow_llama")).toBe(true);
    game.accepted({ id: "1" as CommandId, seq: 2n });
    game.accepted({ id: "2" as CommandId, seq: 3n });
    expect(game.underway.has("meadow_llama")).toBe(true);
    game.updates({ seq: 3n, items: [] });
    expect(game.underway.has("meadow_llama")).toBe(false);
    expect(game.unsaved.value).toBe(0);
  });

  test("a shear that the room confirms is not shown twice", () => {
    game.shear();
    vi.advanceTimersByTime(SHEAR_GATHER_MS);
    const farm = fake();
    const update = farm.execute(encode({ do: "shear", count: 1 }));
    game.accepted({ id: "1" as CommandId, seq: 2n });
    expect(game.shown("plain")).toBe(1_000n);
    game.updates({ seq: 2n, items: [encode(update)] });
    expect(game.shown("plain")).toBe(1_000n);
  });

  test("a refusal becomes words, and the guess goes", () => {
    game.shear();
    vi.advanceTimersByTime(SHEAR_GATHER_MS);
    game.refused({ kind: "refused", id: "1" as CommandId, code: 104, reason: "too fast" });
    expect(game.shown("plain")).toBe(0n);
    expect(game.toasts.map((toast) => toast.text)).toEqual(["Faster than any hands can shear!"]);
  });

  test("what the room has no place for now goes as soon as it has", () => {
    full = true;
    game.upgrade("sharp_shears");
    game.shear();
    vi.advanceTimersByTime(SHEAR_GATHER_MS);
    expect(sent).toEqual([]);
    expect(game.unsaved.value).toBe(2);
    full = false;
    game.buy("meadow_llama");
    expect(sent.map((command) => command.do)).toEqual(["upgrade", "shear", "buy"]);
  });

  test("toasts have a limit and leave by themselves", () => {
    for (let i = 0; i < TOASTS_MAX + 3; i++) game.toast("plain", `news ${i}`);
    expect(game.toasts).toHaveLength(TOASTS_MAX);
    vi.runAllTimers();
    expect(game.toasts).toHaveLength(0);
  });

  test("time away is shown once", () => {
    const farm = fake();
    farm.state.away = { from_ms: 1_000, to_ms: 90_000, paid_ms: 60_000, earned: { plain: 5_000n } };
    let shown = 0;
    const again = new Game({ get: () => shown, set: (toMs) => (shown = toMs) });
    again.view({ seq: 1n, atMs: NOW, body: encode(farm.view()) });
    expect(again.away.value?.earned["plain"]).toBe(5n);
    again.dismissAway();
    again.view({ seq: 2n, atMs: NOW, body: encode(farm.view()) });
    expect(again.away.value).toBeUndefined();
  });

  test("a short absence, or one that brought nothing, is not made a fuss of", () => {
    for (const away of [
      { from_ms: 1_000, to_ms: 40_000, paid_ms: 39_000, earned: { plain: 5_000n } },
      { from_ms: 1_000, to_ms: 900_000, paid_ms: 899_000, earned: { plain: 0n } },
    ]) {
      const farm = fake();
      farm.state.away = away;
      game.view({ seq: 9n, atMs: NOW, body: encode(farm.view()) });
      expect(game.away.value).toBeUndefined();
    }
  });

  test("milestones and new things are told", () => {
    const farm = fake();
    farm.give({ plain: 10n ** 9n });
    const bought = farm.execute(encode({ do: "buy", building: "meadow_llama", count: 10 }));
    game.updates({ seq: 2n, items: [encode(bought)] });
    const said = game.toasts.map((toast) => toast.text);
    expect(said).toContain("New on the farm: Hay barn");
    expect(said).toContain("10 × Meadow llama: each brings twice as much!");
  });
});

describe("what is shown", () => {
  test("the herd is never larger than the meadow, and shows every breed", () => {
    const farm = fake();
    farm.own({ meadow_llama: 900, suri_llama: 40, moon_llama: 1, sun_llama: 2 });
    const { content, farm: read } = viewOf(farm);
    const herd = herdOf(content, read);
    expect(herd.length).toBeLessThanOrEqual(HERD_SHOWN_MAX);
    for (const kind of ["meadow", "suri", "moon", "sun"]) {
      expect(herd.some((animal) => animal.key.startsWith(kind))).toBe(true);
    }
    expect(herdOf(content, read)).toEqual(herd);
  });

  test("the shelf offers what is unlocked and names what is not", () => {
    const farm = fake();
    farm.give({ plain: 10_000n });
    const { content, farm: read } = viewOf(farm);
    const { wares, locked } = herdShelf({ content, farm: read, amounts: { plain: 10_000n } }, 1);
    expect(wares[0]).toMatchObject({ id: "meadow_llama", can: true, verb: "Buy 1" });
    expect(locked[0]?.needs).toContain("5 × ");
  });

  test("refusals that the page does not know keep the room's words", () => {
    expect(refusalText({ code: 777, reason: "the moon is wrong" }, undefined, undefined)).toBe(
      "the moon is wrong",
    );
    expect(refusalText({ code: 777, reason: "" }, undefined, undefined)).toContain("777");
  });
});
