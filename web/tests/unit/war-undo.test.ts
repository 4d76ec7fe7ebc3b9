/** A page of a war that is left while something of it is still on its way: nothing of it stays. */
import { expect, it, vi } from "vitest";
import { onKeys, type Keys } from "../../src/sovereign/panels/keys";
import { Undo } from "../../src/sovereign/undo";

it("ends what was begun, the newest first, and once", () => {
  const undo = new Undo();
  const ended: string[] = [];
  for (const name of ["timer", "board", "gestures"]) undo.later(() => ended.push(name));
  expect(undo.done).toBe(false);
  undo.now();
  undo.now();
  expect(undo.done).toBe(true);
  expect(ended).toEqual(["gestures", "board", "timer"]);
});

it("takes away keys that a page asks for after it was left", () => {
  const keys: Keys = {
    ...{ camera: () => undefined, home: vi.fn(), share: vi.fn(), close: vi.fn() },
    ...{ frames: vi.fn(), pause: vi.fn(), aim: vi.fn(), pick: vi.fn() },
  };
  const heard = new Set<unknown>();
  const target = {
    addEventListener: (_: string, listener: unknown) => heard.add(listener),
    removeEventListener: (_: string, listener: unknown) => heard.delete(listener),
  } as unknown as Window;
  const undo = new Undo();
  undo.later(onKeys(target, keys));
  expect(heard.size).toBe(1);
  undo.now();
  expect(heard.size).toBe(0);
  undo.later(onKeys(target, keys));
  expect(heard.size).toBe(0);
});
