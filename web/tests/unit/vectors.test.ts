/**
 * The page's rules against the server's: `games/farm/tests/vectors.json` is written by the Rust rules, and every number
 * in it must come out here to the last micro-wool. Devices, imports and the wallet are the server's own business: what
 * they lead to is taken over, and the page's rules go on from there.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeContent } from "../../src/farm/catalogue";
import { Field } from "../../src/farm/field";
import { nextChange } from "../../src/farm/rules/calendar";
import { Play, type Outcome } from "../../src/farm/rules/play";
import type { State } from "../../src/farm/rules/state";
import { REFUSAL, type Command } from "../../src/farm/shapes";

interface Told {
  opened_ms: number;
  run_ms: number;
  settled_ms: number;
  lit_ms: number;
  works_until_ms: number;
  hands_free_ms: number;
  present: boolean;
  wools: Record<string, { amount: string; earned: string }>;
  buildings: Record<string, number>;
  upgrades: Record<string, number>;
  wishes: Record<string, number>;
  stars: string;
  spent: string;
  prestiges: number;
  shears: number | string;
  weaves: number | string;
  returns: number | string;
  imported: boolean;
  keepsakes: string[];
  away: null | { from_ms: number; to_ms: number; paid_ms: number; earned: Record<string, string> };
  week: { index: number; earned: string };
  rates: {
    wools: Record<string, string>;
    buildings: Record<string, string>;
    shear: string;
    worth: string;
    away_ms: number;
    until_ms: number | null;
  };
  gain: string;
}

/** `report` is none that a page would send; the rules say so. */
type Late = { n: number; at_ms: number } & (Command | { do: "report" });
type Order =
  | (Command & { by?: unknown })
  | { do: "sync"; device: string; after: number; clock_ms: number; actions: Late[] }
  | { do: "import" }
  | { do: "report" };
type Input =
  | { join: true }
  | { leave: true }
  | { advance: true }
  | { command: Order }
  | { keepsake: string; paid: boolean };

interface Step {
  at_ms: number;
  input: Input;
  outcome: "ok" | { code: number };
  answer?: { upto: number; results: { n: number; code?: number; again?: boolean }[] };
  state: Partial<Told>;
}

interface Vectors {
  contents: Record<string, object>;
  cases: { name: string; content: string; start: Told; steps: Step[] }[];
}

const path = new URL("../../../games/farm/tests/vectors.json", import.meta.url);
const vectors = JSON.parse(readFileSync(path, "utf8")) as Vectors;
const contents = Object.fromEntries(
  Object.entries(vectors.contents).map(([name, content]) => [name, decodeContent(new Field(content, name))]),
);

test("there is something to compare", () => {
  expect(vectors.cases.length).toBeGreaterThan(40);
  const steps = vectors.cases.flatMap((one) => one.steps);
  const done = new Set(
    steps.map(({ input }) => ("command" in input ? input.command.do : Object.keys(input)[0])),
  );
  for (const kind of ["shear", "buy", "upgrade", "craft", "prestige", "wish", "sync", "join", "leave"])
    expect(done).toContain(kind);
});

describe.each(Object.keys(contents))("content %s", (content) => {
  test.each(vectors.cases.filter((one) => one.content === content))("$name", ({ start, steps }) => {
    const catalogue = contents[content];
    if (catalogue === undefined) throw new Error(`no content ${content}`);
    let told = start;
    let play = new Play(catalogue, stateOf(told));
    expect(shown(play), "the start").toEqual(expected(told));
    steps.forEach((step, i) => {
      told = { ...told, ...step.state };
      const where = `step ${i}: ${JSON.stringify(step.input)} at ${step.at_ms}`;
      const outcomes = carryOut(play, step);
      if (outcomes === undefined) {
        play = new Play(catalogue, stateOf(told));
      } else {
        expect(codes(outcomes), where).toEqual(wanted(step));
      }
      expect(shown(play), where).toEqual(expected(told));
    });
  });
});

/** What the page's rules make of it: one outcome, or one for each action; nothing where the server alone decides. */
function carryOut(play: Play, { at_ms, input, outcome, answer }: Step): Outcome[] | undefined {
  const ok: Outcome = { event: { kind: "imported" } };
  if ("join" in input) play.arrive(at_ms);
  else if ("leave" in input) play.depart(at_ms);
  else if ("advance" in input) {
    if (play.state.present) play.settle(at_ms);
  } else if ("keepsake" in input) return undefined;
  else {
    const order = input.command;
    const refused = outcome === "ok" ? undefined : outcome.code;
    // Numbers of devices are known to the server alone, and so is who may speak.
    if (refused === 100 || refused === 110 || refused === 111 || refused === 1) return undefined;
    if (order.do === "import" || order.do === "report" || order.do === "keepsake") return undefined;
    if (order.do !== "sync") return [play.act(plain(order), at_ms)];
    const again = new Set(answer?.results.filter((result) => result.again === true).map(({ n }) => n));
    return order.actions
      .filter(({ n }) => !again.has(n))
      .map((late): Outcome => {
        if (late.do === "report") return { refusal: { code: REFUSAL.onlineOnly, reason: "" } };
        const t = Math.max(play.state.opened_ms, Math.min(at_ms, late.at_ms + at_ms - order.clock_ms));
        return play.late(plain(late), t);
      });
  }
  return [ok];
}

/** Without what names the device. */
function plain(order: Command & { by?: unknown; n?: number; at_ms?: number }): Command {
  const { by: _by, n: _n, at_ms: _at, ...command } = order;
  return command;
}

const codes = (outcomes: Outcome[]) => outcomes.map((one) => ("refusal" in one ? one.refusal.code : "ok"));

function wanted({ outcome, answer }: Step): (number | "ok")[] {
  if (outcome !== "ok") return [outcome.code];
  if (answer === undefined) return ["ok"];
  return answer.results.filter((result) => result.again !== true).map((result) => result.code ?? "ok");
}

const bigs = (amounts: Record<string, string>) =>
  Object.fromEntries(Object.entries(amounts).map(([id, amount]) => [id, BigInt(amount)]));

function stateOf(told: Told): State {
  return {
    opened_ms: told.opened_ms,
    run_ms: told.run_ms,
    settled_ms: told.settled_ms,
    present: told.present,
    lit_ms: told.lit_ms,
    hands_free_ms: told.hands_free_ms,
    wools: Object.fromEntries(
      Object.entries(told.wools).map(([id, { amount, earned }]) => [
        id,
        { amount: BigInt(amount), earned: BigInt(earned) },
      ]),
    ),
    buildings: { ...told.buildings },
    upgrades: { ...told.upgrades },
    wishes: { ...told.wishes },
    keepsakes: Object.fromEntries(told.keepsakes.map((id) => [id, "owned"])),
    stars: BigInt(told.stars),
    spent: BigInt(told.spent),
    prestiges: told.prestiges,
    shears: BigInt(told.shears),
    weaves: BigInt(told.weaves),
    returns: BigInt(told.returns),
    week: { index: told.week.index, earned: BigInt(told.week.earned) },
    away: told.away === null ? null : { ...told.away, earned: bigs(told.away.earned) },
    imported: told.imported,
    looks: 0,
  };
}

/** What both sides say of a farm, in one form. */
function expected(told: Told): object {
  // How often offline play came home is counted by the server.
  const { returns: _, ...state } = stateOf(told);
  const { wools, buildings, shear, worth, away_ms, until_ms } = told.rates;
  return {
    state,
    works_until_ms: told.works_until_ms,
    gain: BigInt(told.gain),
    until_ms,
    rates: {
      wools: bigs(wools),
      buildings: bigs(buildings),
      shear: BigInt(shear),
      worth: BigInt(worth),
      away_ms,
    },
  };
}

function shown(play: Play): object {
  const { returns: _, ...state } = play.state;
  return {
    state: structuredClone(state),
    works_until_ms: play.worksUntil(),
    gain: play.gain(),
    until_ms: nextChange(play.content, state.settled_ms),
    rates: play.ratesAt(state.settled_ms),
  };
}
