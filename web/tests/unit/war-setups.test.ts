/** What the lobby's numbers become when a war is opened. */
import { expect, test } from "vitest";
import { FIRST_WISH, MAP_MAX, setupOf } from "../../src/sovereign/lobby/setups";

test("the size brings seats and computers, who are not there unless they are wished", () => {
  const tiny = setupOf({ ...FIRST_WISH, size: "tiny", difficulty: "hard", name: " Ours " });
  expect(tiny).toMatchObject({ seats: 8, tribes: 10, rivals: 3, immunity_seconds: 5, name: "Ours" });
  expect(setupOf({ ...FIRST_WISH, computers: false })).toMatchObject({ tribes: 0, rivals: 0 });
});

test("a map that is known comes again, also the first one; any other has a number that can be told", () => {
  for (const map of [0, 7, MAP_MAX]) expect(setupOf({ ...FIRST_WISH, map }).map).toBe(map);
  const maps = Array.from({ length: 50 }, () => setupOf(FIRST_WISH).map);
  expect(new Set(maps).size).toBeGreaterThan(40);
  expect(maps.filter((map) => !Number.isInteger(map) || map < 0 || map > MAP_MAX)).toEqual([]);
});
