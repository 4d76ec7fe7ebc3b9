/** Whatever is wrong, a thousand times in each second of a war: all of it is answered, and nothing else is felt of it. */
import { encode } from "@msgpack/msgpack";
import { expect, test } from "vitest";
import type { CommandId } from "../../src/room/payload";
import { until } from "../until";
import { camp } from "./camp";
import { MALFORMED } from "./malformed";
import { atWar, logged, QUICK, REFUSED, type Warrior } from "./warrior";

// So that nothing but the rules holds it back.
const { server, warrior } = camp(["--set", "limits.socket_command_per_second=100000"]);

/** A second of the war, and what comes in each of its steps. */
const STEPS = 20;
const IN_A_STEP = 50;

/** Commands that can be read, and that are wrong at any time. */
function wrong(me: number, other: number, tiles: number): object[] {
  const [huge, number] = [Number.MAX_SAFE_INTEGER, 2 ** 32 - 1];
  return [
    ...[tiles, number].flatMap((tile) => [
      { do: "spawn", tile },
      { do: "boat", to: tile, share: 10 },
      { do: "build", site: "port", tile },
      { do: "ping", tile, sign: 0 },
    ]),
    ...[0, 1_001, 65_535].map((share) => ({ do: "attack", on: 0, share })),
    ...[me, 999, 65_535].flatMap((of) => [
      { do: "attack", on: of, share: 500 },
      { do: "ally", with: of },
      { do: "break", with: of },
      { do: "decline", from: of },
      { do: "donate", to: of, troops: 1, gold: 1 },
      { do: "move", motion: "war", about: of },
    ]),
    { do: "donate", to: other, troops: huge, gold: huge },
    { do: "retreat", attack: number },
    { do: "turn_back", boat: number },
    { do: "vote", motion: number, yes: true },
    { do: "ping", tile: 5, sign: 200 },
  ];
}

/** Sends a second of it, step by step as another player hears them; all at once where steps tell nothing yet. */
async function flood(from: Warrior, beside: Warrior, bodies: Uint8Array[]): Promise<number[]> {
  const sent: CommandId[] = [];
  const { phase, step: first } = await beside.now();
  for (let done = 0; done < STEPS;) {
    const later = (war: { step: number }) => war.step > first + done;
    const now = phase.kind === "war" ? (await beside.when("the next step", later)).step : Infinity;
    const due = (Math.min(now - first, STEPS) - done) * IN_A_STEP;
    for (let i = 0; i < due; i++) sent.push(await from.sendBytes(bodies[sent.length % bodies.length]!));
    done = now - first;
  }
  return until("every answer", () => {
    const told = new Map<CommandId, number>();
    for (const message of from.guest.heard) {
      if (message.kind === "refused") told.set(message.id, message.code);
      if (message.kind === "accepted") told.set(message.id, 0);
    }
    const codes = sent.flatMap((id) => told.get(id) ?? []);
    return codes.length === sent.length && codes;
  });
}

/** Everything that is wrong, for a second: answered, refused at no cost, and nowhere in the log. */
async function all(matchId: string, from: Warrior, beside: Warrior): Promise<void> {
  const ground = await from.ground();
  const [me, other] = [(await from.now()).me, (await beside.now()).me];
  const commands = wrong(me, other, ground.w * ground.h).map((command) => encode(command));
  const before = (await logged(server, matchId))[0];
  const codes = await flood(from, beside, [...MALFORMED.map(([, bytes]) => bytes), ...commands]);
  expect(codes.length).toBe(STEPS * IN_A_STEP);
  expect(codes).not.toContain(0);
  expect(codes).not.toContain(REFUSED.tooFast);
  expect((await logged(server, matchId))[0]).toBe(before);
}

test("a thousand wrong commands a second before a place is chosen", async () => {
  const [a, b] = [await warrior(), await warrior()];
  const matchId = await a.open({ ...QUICK, spawn_seconds: 120 });
  await a.join(matchId);
  await b.join(matchId);
  await all(matchId, a, b);
  const ground = await a.ground();
  await a.settle(ground, ground.w / 4, ground.h / 2);
  await b.settle(ground, (ground.w * 3) / 4, ground.h / 2);
});

test("a thousand wrong commands a second in the war, and after defeat", async () => {
  const [a, b] = [await warrior("protobuf"), await warrior()];
  // With a computer's nation, so that the war goes on after the defeat of one.
  const { matchId } = await atWar(a, b, { ...QUICK, rivals: 1, difficulty: "easy" });
  // Meanwhile others play, and are answered.
  const orders = [1, 2, 3].map(() => b.accepted({ do: "attack", on: 0, share: 50 }));
  await Promise.all([all(matchId, a, b), ...orders]);
  await a.accepted({ do: "attack", on: 0, share: 100 });

  await a.accepted({ do: "resign" });
  await all(matchId, a, b);
  await b.accepted({ do: "attack", on: 0, share: 50 });
  expect([a, b].some((one) => one.guest.closed)).toBe(false);
});
