/** What the map reckons before it draws: names where there is room, blocks that changed, a camera that stays over the map. */
import { beforeAll, describe, expect, test } from "vitest";
import { Mirror } from "../../src/sovereign/war/mirror";
import { Camera } from "../../src/sovereign/map/camera";
import { firstLook } from "../../src/sovereign/map/ground";
import { Flow, FLOW_MS_MAX, FLOW_MS_MIN } from "../../src/sovereign/map/flow";
import { FLOW_UNIT_MS, OwnerWords, STAMP_MS, STAMPS, type Rect } from "../../src/sovereign/map/owners";
import { colourOf, oklch } from "../../src/sovereign/map/palette";
import { Scan } from "../../src/sovereign/map/scan";

beforeAll(() => {
  // Node has no pictures; the scan needs no more of one than its bytes.
  globalThis.ImageData ??= class {
    readonly data: Uint8ClampedArray;
    constructor(
      readonly width: number,
      readonly height: number,
    ) {
      this.data = new Uint8ClampedArray(width * height * 4);
    }
  } as unknown as typeof ImageData;
});

function mirror(rows: string[]): Mirror {
  const [w, h] = [rows[0]!.length, rows.length];
  const owners = Uint16Array.from(rows.join(""), (letter) =>
    letter === "." ? 0 : letter.charCodeAt(0) - 64,
  );
  return new Mirror({
    ...{ step: 0, phase: { kind: "war" }, map: { w, h, seed: "1", ground: "" }, me: 1, nations: [], owners },
    ...{ attacks: [], boats: [], sites: [], pacts: [], asks: [], motions: [], fog: false },
    setup: { size: "tiny", name: "", seats: 1, fog: false, hiddenGold: false, private: false },
    tick: { costs: { city: 0, fort: 0, port: 0 }, cap: 0, boatsMax: 3, attacksMax: 16 },
  });
}

const land = (war: Mirror) => new Uint8Array(war.owners.length).fill(0x80);

describe("names", () => {
  test("stand in the middle of land that is round", () => {
    const war = mirror([".AAA...", "AAAAA..", "AAAAA..", "AAAAA..", ".AAA..."]);
    const scan = new Scan(war, land(war), () => [0, 0, 0]);
    scan.round();
    expect(scan.rooms.get(1)).toEqual({ x: 2.5, y: 2.5, side: 3 });
  });

  test("stand in the largest square of their nation", () => {
    const war = mirror(["AA......", "AA..BBB.", "A...BBB.", "....BBB."]);
    const scan = new Scan(war, land(war), () => [0, 0, 0]);
    scan.round();
    expect(scan.rooms.get(2)).toEqual({ x: 5.5, y: 2.5, side: 3 });
    expect(scan.rooms.get(1)).toEqual({ x: 1, y: 1, side: 2 });
  });

  test("stay where they are while there is as good as the best room, and go with their land", () => {
    const war = mirror(["AAAA......", "AAAA......", "AAAA......", "AAAA......", ".........."]);
    const scan = new Scan(war, land(war), () => [0, 0, 0]);
    scan.round();
    const before = scan.rooms.get(1);
    for (let tile = 0; tile < 50; tile++) if (tile % 10 < 5) war.owners[tile] = 1;
    scan.round();
    expect(scan.rooms.get(1)).toEqual(before);
    war.owners.fill(1);
    war.owners.fill(0, 0, 10);
    scan.round();
    expect(scan.rooms.get(1)).not.toEqual(before);
    war.owners.fill(0);
    scan.round();
    expect(scan.rooms.size).toBe(0);
  });
});

describe("owners", () => {
  test("are sent whole at first, then by the blocks that changed, neighbours in one", () => {
    const words = new OwnerWords(200, 100);
    words.fill(new Uint16Array(20_000), new Uint8Array(20_000).fill(0x80));
    const sent = (): Rect[] | "whole" => {
      const rects: Rect[] = [];
      let whole = false;
      words.flush(
        () => (whole = true),
        (rect) => rects.push(rect),
      );
      return whole ? "whole" : rects;
    };
    expect(sent()).toBe("whole");
    expect(sent()).toEqual([]);
    words.change(0, 7, 500);
    words.change(70, 7, 500);
    words.change(99 * 200 + 199, 7, 500);
    expect(sent()).toEqual([
      { x: 0, y: 0, w: 128, h: 64 },
      { x: 192, y: 64, w: 8, h: 36 },
    ]);
    // A step's stamp, and the swiftest of flows: nobody knows yet how this front moves.
    expect(words.words[0]).toBe(
      (7 | ((500 / STAMP_MS) << 20) | (Math.round(FLOW_MS_MIN / FLOW_UNIT_MS) << 28)) >>> 0,
    );
  });

  test("fronts come to rest before their stamps come round, also after the page slept", () => {
    const words = new OwnerWords(200, 100);
    words.fill(new Uint16Array(20_000), new Uint8Array(20_000).fill(0x80));
    const moves = (tile: number) => (words.words[tile]! & 1_023) !== ((words.words[tile]! >>> 10) & 1_023);
    words.change(42, 3, 250);
    words.change(19_999, 3, 250);
    // Looked at, but still on the way.
    for (let now = 250; now < 700; now += 16) words.sweep(now, 16);
    expect([moves(42), moves(19_999)]).toEqual([true, true]);
    const round = STAMPS * STAMP_MS;
    for (let now = 700; now < round; now += 16) words.sweep(now, 16);
    expect([moves(42), moves(19_999)]).toEqual([false, false]);
    // A slow machine gets round in time as well.
    words.change(42, 5, 0);
    for (let now = 0; now < round; now += 900) words.sweep(now, 900);
    expect(moves(42)).toBe(false);
    words.change(42, 7, 0);
    words.sweep(round + 100, round + 100);
    expect(words.words[42]).toBe(7 | (7 << 10));
  });

  test("a front that is told of once a second flows for a second, whoever else moves", () => {
    const words = new OwnerWords(10, 10);
    words.fill(new Uint16Array(100), new Uint8Array(100).fill(0x80));
    const flow = (tile: number) => (words.words[tile]! >>> 28) * FLOW_UNIT_MS;
    for (let now = 0; now <= 2_000; now += 50) {
      if (now % 1_000 === 0) words.change(now / 1_000, 3, now);
      words.change(20 + now / 50, 4, now);
    }
    expect([flow(0), flow(1), flow(2)]).toEqual([300, 1_000, 1_000]);
    expect([flow(20), flow(60)]).toEqual([300, 300]);
  });

  test("water belongs to nobody", () => {
    const words = new OwnerWords(2, 1);
    words.fill(new Uint16Array(2), Uint8Array.of(0x20, 0x80));
    const before = words.words[0];
    words.change(0, 5, 1);
    expect(words.words[0]).toBe(before);
  });
});

describe("a front flows", () => {
  const FRONT = 7;
  const flows = (...at: number[]) => {
    const flow = new Flow();
    return at.map((now) => flow.moved(FRONT, now));
  };

  test("as long as it rested, so that it arrives when it moves on", () => {
    expect(flows(0, 1_000, 2_000, 2_900)).toEqual([FLOW_MS_MIN, 1_000, 1_000, 900]);
    expect(flows(0, 500, 1_000)).toEqual([FLOW_MS_MIN, 500, 500]);
  });

  test("swiftly where it moves at every step, and where it begins anew after a long rest", () => {
    expect(flows(0, 50, 100, 150)).toEqual([FLOW_MS_MIN, FLOW_MS_MIN, FLOW_MS_MIN, FLOW_MS_MIN]);
    expect(flows(0, FLOW_MS_MAX, 2 * FLOW_MS_MAX + 1)).toEqual([FLOW_MS_MIN, FLOW_MS_MAX, FLOW_MS_MIN]);
  });

  test("at one pace with all that the same step told", () => {
    expect(flows(0, 1_000, 1_000, 1_004, 2_000)).toEqual([FLOW_MS_MIN, 1_000, 1_000, 1_000, 1_000]);
  });

  test("and is forgotten when there are too many", () => {
    const flow = new Flow();
    for (let front = 0; front < 10_000; front++) flow.moved(front, front);
    expect(flow.size).toBeLessThanOrEqual(4_096);
  });
});

test("a screen that cannot show all looks at the land first", () => {
  const [w, h] = [100, 10];
  const ground = new Uint8Array(w * h).fill(0x20);
  for (let y = 2; y < 8; y++) for (let x = 70; x < 90; x++) ground[y * w + x] = 0x80;
  const [x, y] = firstLook(ground, w, h, 20, 10);
  expect([x, y]).toEqual([80, 5]);
  // As near to the middle as shows as much.
  expect(firstLook(ground, w, h, 40, 10)).toEqual([70, 5]);
  expect(firstLook(ground, w, h, 300, 300)).toEqual([50, 5]);
});

describe("the camera", () => {
  test("keeps what is under the cursor while it zooms", () => {
    const camera = new Camera();
    camera.resize(800, 600);
    camera.over(1_250, 800);
    camera.still = true;
    const before = camera.at(500, 200);
    camera.zoom(3, 500, 200);
    const after = camera.at(500, 200);
    expect(after.x).toBeCloseTo(before.x, 6);
    expect(after.y).toBeCloseTo(before.y, 6);
  });

  test("stays over the map, however it is thrown", () => {
    const camera = new Camera();
    camera.resize(800, 600);
    camera.over(1_250, 800);
    camera.zoom(4, 0, 0, false);
    camera.throw(90_000, 90_000);
    for (let i = 0; i < 200; i++) camera.step(16);
    expect(camera.at(0, 0).x).toBeGreaterThanOrEqual(-0.001);
    expect(camera.at(0, 0).y).toBeGreaterThanOrEqual(-0.001);
    expect(camera.moving).toBe(false);
  });
});

test("colours: white is white, and neighbours by number differ in lightness", () => {
  expect(oklch(1, 0, 0)).toEqual([255, 255, 255]);
  const weigh = ([r, g, b]: readonly [number, number, number]) => 0.3 * r + 0.6 * g + 0.1 * b;
  for (let id = 2; id < 100; id++) {
    const [one, next] = [id, id + 1].map((id) => weigh(colourOf({ id, kind: "rival" }, 1))) as [
      number,
      number,
    ];
    expect(Math.abs(one - next)).toBeGreaterThan(12);
  }
});
