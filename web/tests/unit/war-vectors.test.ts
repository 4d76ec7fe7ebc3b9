/** Wars as the server told them: a view and the updates after it must lead to what a later view says. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { inflate, openBody } from "../../src/sovereign/bytes/body";
import { updateOf } from "../../src/sovereign/bytes/update";
import { viewOf } from "../../src/sovereign/bytes/view";
import { Mirror } from "../../src/sovereign/war/mirror";
import { fromBase64 } from "../../src/sovereign/war/service";

interface Vector {
  name: string;
  view: string;
  ground: string;
  updates: string[];
  after: string;
  /** What is told in turns, and may be a second old. */
  turns: string[];
}

const file = fileURLToPath(new URL("../../../games/sovereign/tests/vectors.json", import.meta.url));
const vectors = JSON.parse(readFileSync(file, "utf8")) as Vector[];

async function mirrorOf(body: string): Promise<Mirror> {
  return new Mirror(viewOf(await openBody(fromBase64(body))));
}

/** All that is told at once; amounts go round the nations and may be a second old. */
function exact(mirror: Mirror) {
  const sorted = <T>(all: Iterable<T>, key: (one: T) => number) => [...all].sort((a, b) => key(a) - key(b));
  return {
    ...{
      phase: mirror.phase,
      me: mirror.me,
      pacts: mirror.pacts,
      asks: mirror.asks,
      motions: mirror.motions,
    },
    nations: sorted(mirror.nations.values(), ({ id }) => id).map(
      ({ troops, gold, home, tiles, ...rest }) => ({
        ...rest,
        // Under fog the land of others is told like their troops.
        tiles: mirror.fog && rest.id !== mirror.me ? undefined : tiles,
      }),
    ),
    attacks: sorted(mirror.attacks.values(), ({ id }) => id).map(({ troops, head, ...rest }) => rest),
    boats: sorted(mirror.boats.values(), ({ id }) => id).map(({ id, owner, turned }) => ({
      id,
      owner,
      turned,
    })),
    sites: sorted(mirror.sites.values(), ({ tile }) => tile),
  };
}

describe("the mirror follows the server through", () => {
  test.each(vectors)("$name", async ({ view, updates, after, ground }) => {
    const mirror = await mirrorOf(view);
    for (const update of updates) {
      const taken = mirror.take(updateOf(await openBody(fromBase64(update))), {
        tile: () => undefined,
        notice: () => undefined,
      });
      expect(taken).not.toBe("gap");
    }
    const there = await mirrorOf(after);
    expect(mirror.owners).toEqual(there.owners);
    expect(exact(mirror)).toEqual(exact(there));
    // Never farther behind than a second.
    expect(there.step - mirror.step).toBeLessThanOrEqual(20);
    expect((await inflate(fromBase64(ground))).length).toBe(mirror.owners.length);
  });
});

test("an update that is missing is noticed, an old one passed over", async () => {
  const { view, updates } = vectors[0]!;
  const mirror = await mirrorOf(view);
  const silent = { tile: () => undefined, notice: () => undefined };
  const read = async (body: string) => updateOf(await openBody(fromBase64(body)));
  const all = [];
  for (const body of updates) {
    const update = await read(body);
    if (update.all !== undefined) all.push(update);
  }
  expect(mirror.take(all[1]!, silent)).toBe("gap");
  expect(mirror.take(all[0]!, silent)).toBe("taken");
  expect(mirror.take(all[0]!, silent)).toBe("old");
  expect(mirror.take(all[1]!, silent)).toBe("taken");
});
