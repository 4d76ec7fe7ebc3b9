/** How people played: a scripted player is flagged, an ordinary one is not, and shared addresses and devices are seen. */
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { until } from "../until";
import { camp } from "./camp";
import { operator } from "./farmer";
import { Guest } from "./guest";
import { atWar, QUICK } from "./warrior";

const { server, warrior } = camp();

interface Flag {
  kind: string;
  found: unknown;
  threshold: number;
  replay: string;
}

interface Reported {
  match_id: string;
  flags: number;
  players: { seat: number; user_id?: string; behaviour: Record<string, number>; flags: Flag[] }[];
}

const report = async (match_id: string) =>
  (await operator(server, "war_report", { match_id })) as unknown as Reported;

test("a script is flagged with the step to look at, and an ordinary player is not", async () => {
  const [bot, person] = [await warrior(), await warrior()];
  const { matchId } = await atWar(bot, person);
  // The script says the next as soon as the last was answered; the other plays by what there is to see.
  let taken = 0;
  const script = async () => {
    while (taken < 70) {
      const answer = await bot.order({ do: "ping", tile: taken, sign: 1 });
      if (answer.kind === "accepted") taken += 1;
      else await bot.when("a step", stepAfter((await bot.now()).step));
    }
  };
  const play = async () => {
    for (const [share, tiles] of [
      [300, 80],
      [250, 130],
      [400, 220],
    ] as const) {
      await person.accepted({ do: "attack", on: 0, share });
      await person.when("land", (war) => war.mine!.tiles >= tiles || war.attacks.size === 0);
    }
  };
  await Promise.all([script(), play()]);

  const found = await report(matchId);
  expect(found.players.map(({ seat, user_id }) => [seat, user_id])).toEqual([
    [0, bot.userId],
    [1, person.userId],
  ]);
  const [of, ordinary] = found.players as [Reported["players"][0], Reported["players"][0]];
  expect(of.behaviour["commands"]).toBe(taken + 1);
  expect(of.flags.map(({ kind }) => kind)).toContain("in_ten_seconds");
  expect(ordinary.behaviour["commands"]).toBe(4);
  expect(ordinary.flags).toEqual([]);
  for (const { replay, threshold } of of.flags) {
    const step = new RegExp(`^/sovereign/\\?replay=${matchId}&step=(\\d+)$`).exec(replay)?.[1];
    expect(Number(step)).toBeGreaterThanOrEqual(0);
    expect(threshold).toBeGreaterThan(0);
  }
  // It is noted for operators, without the ordinary one and without who it was; the end of the war does not note it twice.
  const flagged = async () =>
    ((await operator(server, "war_flags", {}))["wars"] as Reported[]).filter(
      (war) => war.match_id === matchId,
    );
  expect((await flagged()).map(({ players }) => players.map(({ seat }) => seat))).toEqual([[0]]);
  expect(JSON.stringify(await flagged())).not.toContain(bot.userId);
  await person.accepted({ do: "resign" });
  await until(
    "the result",
    async () => ((await bot.guest.rpc("war_replays", {}))["replays"] as unknown[]).length > 0,
  );
  expect(await flagged()).toHaveLength(1);
  const metrics = await (await fetch(`${server.url}/metrics`)).text().catch(() => "");
  if (metrics !== "") expect(metrics).toContain('longhouse_sovereign_flags_total{kind="in_ten_seconds"}');
});

const stepAfter = (step: number) => (war: { step: number }) => war.step > step;

/** A player whose socket comes from an address, as a proxy on this machine says it; with a device's name if it has one. */
async function from(address: string, device?: string): Promise<Guest> {
  const plain = globalThis.WebSocket;
  const guest = await Guest.login(server, "json", undefined, device === undefined ? {} : { device });
  globalThis.WebSocket = class extends WebSocket {
    constructor(url: string) {
      super(url, { headers: { "x-forwarded-for": address, "user-agent": "a browser" } });
    }
  } as unknown as typeof globalThis.WebSocket;
  try {
    await guest.socket.connect(guest.session, false);
  } finally {
    globalThis.WebSocket = plain;
  }
  return guest;
}

test("two from one address, or on one device, are named to operators alone, and erased with the account", async () => {
  const opener = await warrior();
  const matchId = await opener.open({ ...QUICK, spawn_seconds: 60 });
  await opener.join(matchId);
  const guests = [
    await from("203.0.113.9", "tablet"),
    await from("203.0.113.9"),
    await from("2001:db8:7::1", "tablet"),
    await from("198.51.100.4", "phone"),
  ];
  for (const guest of guests) await guest.socket.joinMatch(matchId);
  const flags = async () =>
    (await report(matchId)).players.flatMap(({ seat, flags }) =>
      flags.map(({ kind, found }) => [seat, kind, found]),
    );
  await until("the marks", async () => (await flags()).length === 4);
  expect(await flags()).toEqual([
    [1, "shared_address", [2]],
    [1, "shared_device", [3]],
    [2, "shared_address", [1]],
    [3, "shared_device", [1]],
  ]);
  // What is kept can be taken along, and says nothing of where it was.
  const mine = await (
    await fetch(`${server.url}/v2/account/export`, {
      headers: { authorization: `Bearer ${guests[0]!.session.token}` },
    })
  ).text();
  expect(mine).toContain("sovereign_marks");
  expect(mine).not.toContain("203.0.113.9");
  expect(mine).not.toContain("tablet");
  const erased = await fetch(`${server.url}/v2/account`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${guests[0]!.session.token}` },
  });
  expect(erased.status).toBe(200);
  expect(await flags()).toEqual([]);
  for (const guest of guests) guest.leave();
});
