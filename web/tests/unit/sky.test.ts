import { describe, expect, test } from "vitest";
import { neighbour, skyOf } from "../../src/farm/panels/sky";
import type { WishKind } from "../../src/farm/shapes";

function wish(id: string, ...needs: string[]): WishKind {
  return {
    id,
    name: id,
    about: "",
    cost: 1n,
    ratio_percent: 200,
    level_max: 3,
    effect: { kind: "all", percent: 110 },
    needs: needs.map((other) => ({ wish: other, level: 2 })),
  };
}

/** Two roots; one branches, and one star hangs on both branches. */
const WISHES = [
  wish("root"),
  wish("left", "root"),
  wish("right", "root"),
  wish("top", "left", "right"),
  wish("lone"),
];

describe("the sky of wishes", () => {
  test("what a wish needs is below it, and no two stars are in one place", () => {
    const { spots, rows } = skyOf(WISHES);
    const y = (id: string) => spots.find((spot) => spot.id === id)?.y ?? Number.NaN;
    expect(rows).toBe(3);
    expect(y("left")).toBeGreaterThan(y("root") + 0.5);
    expect(y("top")).toBeGreaterThan(y("right") + 0.5);
    for (const one of spots) {
      expect(one.x).toBeGreaterThan(0);
      expect(one.x).toBeLessThan(100);
      const near = spots.filter((other) => Math.abs(other.x - one.x) < 8 && Math.abs(other.y - one.y) < 0.5);
      expect(near).toEqual([one]);
    }
  });

  test("every need is a line with its level, and a line leads nowhere unknown", () => {
    const { lines } = skyOf([...WISHES, wish("stray", "gone")]);
    expect(lines.map(({ from, to, level }) => `${from.id}-${to.id}-${level}`)).toEqual([
      "root-left-2",
      "root-right-2",
      "left-top-2",
      "right-top-2",
    ]);
  });

  test("arrows go to the nearest star that way, and stay where there is none", () => {
    const sky = skyOf(WISHES);
    expect(neighbour(sky, "left", "right")).toBe("right");
    expect(neighbour(sky, "right", "left")).toBe("left");
    expect(neighbour(sky, "top", "up")).toBe("top");
    expect(["left", "right"]).toContain(neighbour(sky, "root", "up"));
    // From every star every other can be reached.
    const reached = new Set(["root"]);
    for (const id of reached) {
      for (const way of ["left", "right", "up", "down"] as const) reached.add(neighbour(sky, id, way));
    }
    expect(reached.size).toBe(WISHES.length);
  });

  test("a sky without wishes is empty", () => {
    expect(skyOf([])).toEqual({ spots: [], lines: [], rows: 0, columns: 0 });
  });
});
