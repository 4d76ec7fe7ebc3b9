/** A new player is told one thing at a time, and nothing for long. */
import { expect, test } from "vitest";
import { memoryStorage } from "../../src/room/device";
import { Lessons, type Moment } from "../../src/sovereign/panels/lessons";

const CHOOSING = { choosing: true, fights: false, placed: false, seconds: 0 };
const fights = (seconds: number): Moment => ({ choosing: false, fights: true, placed: true, seconds });

test("what to do stays until it is done, what is only said goes by itself", () => {
  const storage = memoryStorage();
  const lessons = new Lessons(storage);
  const at = (moment: Moment, ms: number) => {
    lessons.look(moment, ms);
    lessons.look(moment, ms);
    return lessons.now.value;
  };
  expect(at(CHOOSING, 0)).toBe("spawn");
  expect(at(CHOOSING, 60_000)).toBe("spawn");
  lessons.did("spawn");
  expect(at({ ...CHOOSING, placed: true }, 61_000)).toBe("wait");
  expect(at(fights(0), 70_000)).toBe("attack");
  expect(at(fights(60), 130_000)).toBe("attack");
  lessons.did("attack");
  // Whoever is content with the share that is set is not reminded of it for the rest of the war.
  const said: unknown[] = [];
  for (let second = 61; second < 110; second++) {
    const now = at(fights(second), 70_000 + second * 1_000);
    if (said.at(-1) !== now) said.push(now);
  }
  expect(said).toEqual(["share", "grow", "ally", "win", undefined]);
  // The browser keeps it: the next war says nothing.
  expect(new Lessons(storage).now.value).toBe(undefined);
});
