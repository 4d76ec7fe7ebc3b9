/** What the map reckons before it draws: names where there is room, blocks that changed, a camera that stays over the map. */
import { beforeAll, describe, expect, test } from "vitest";
import { Mirror } from "../../src/sovereign/war/mirror";
import { Camera } from "../../src/sovereign/map/camera";
import { OwnerWords, type Rect } from "../../src/sovereign/map/owners";
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
    words.change(0, 7, 10);
    words.change(70, 7, 10);
    words.change(99 * 200 + 199, 7, 10);
    expect(sent()).toEqual([
      { x: 0, y: 0, w: 128, h: 64 },
      { x: 192, y: 64, w: 8, h: 36 },
    ]);
    expect(words.words[0]).toBe(7 | (10 << 20));
  });

  test("fronts come to rest before their stamps come round", () => {
    const words = new OwnerWords(10, 10);
    words.fill(new Uint16Array(100), new Uint8Array(100).fill(0x80));
    words.change(42, 3, 5);
    for (let i = 0; i < 100; i++) words.sweep(6);
    expect(words.words[42]).toBe((3 | (5 << 20)) >>> 0);
    for (let i = 0; i < 100; i++) words.sweep(60);
    expect(words.words[42]).toBe(3 | (3 << 10));
  });

  test("water belongs to nobody", () => {
    const words = new OwnerWords(2, 1);
    words.fill(new Uint16Array(2), Uint8Array.of(0x20, 0x80));
    const before = words.words[0];
    words.change(0, 5, 1);
    expect(words.words[0]).toBe(before);
  });
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
