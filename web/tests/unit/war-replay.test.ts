/** A war watched again: what is asked of the server, and what is on the stage meanwhile. */
import { expect, test } from "vitest";
import { Replay } from "../../src/sovereign/war/replay";
import type { ReplayPart } from "../../src/sovereign/war/service";
import { Stage } from "../../src/sovereign/war/stage";
import { FakeWar } from "../dev/fake-war";
import { until } from "../until";

const LAST = 2_000;
/** Updates that come with a view make it wait: two seconds of them are enough to begin with. */
const STEPS_WITH_A_VIEW_MAX = 40;

/** A war that is over, and a replay of it that notes what it asks for. */
function replay() {
  const stage = new Stage();
  stage.stands = true;
  const asked: { step: number; steps: number; view: boolean }[] = [];
  const fetch = (step: number, steps: number, view: boolean): Promise<ReplayPart> => {
    asked.push({ step, steps, view });
    const war = new FakeWar({ w: 64, h: 64, nations: 4, seed: 3, pace: 30, choosing: 1 });
    while (war.step < step) {
      war.pass();
      war.update();
    }
    const whole = view ? war.view() : undefined;
    const next = Math.min(LAST, step + steps);
    const updates: ReplayPart["updates"] = [];
    while (war.step < next) {
      war.pass();
      const body = war.update();
      if (body !== undefined) updates.push({ step: war.step, body });
    }
    return Promise.resolve({
      step,
      view: whole,
      updates,
      next,
      last: LAST,
      end: next === LAST,
      jumped: false,
    });
  };
  return { stage, asked, it: new Replay(stage, fetch) };
}

test("a step that is gone to comes with few steps, and more are fetched as it plays", async () => {
  const { stage, asked, it } = replay();
  await it.seek(600);
  expect([it.at.value, stage.mirror.value?.step, it.busy.value]).toEqual([600, 600, false]);
  expect(asked.map(({ step, view }) => ({ step, view }))).toEqual([{ step: 600, view: true }]);
  expect(asked[0]!.steps).toBeLessThanOrEqual(STEPS_WITH_A_VIEW_MAX);
  it.play();
  await until("the rest of it", async () => {
    it.advance(50);
    return it.at.value >= 700;
  });
  expect(asked.length).toBeGreaterThan(1);
  expect(asked.slice(1).every(({ view }) => !view)).toBe(true);
  expect(stage.mirror.value?.step).toBe(Math.floor(it.at.value));
});

test("the newest wish counts, whichever is answered first", async () => {
  const { stage, it } = replay();
  await Promise.all([it.seek(900), it.seek(300)]);
  expect([it.at.value, stage.mirror.value?.step]).toEqual([300, 300]);
});
