/** Relayed matches as the unmodified SDK sees them: created, named, joined, left, data to all and to some, listed. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { randomHex } from "../../src/random";
import { TestServer } from "../server";
import { until } from "../until";
import { FORMATS, type Format } from "./guest";
import { Listener, refused, users } from "./listener";

const server = new TestServer(["--set", "relay.members_max=3"]);
let players: Listener[] = [];

beforeAll(async () => void (await server.start()));
afterAll(() => server.remove());
afterEach(() => {
  for (const player of players) player.leave();
  players = [];
});

async function player(format: Format, device?: string): Promise<Listener> {
  const one = await Listener.connected(server, format, device);
  players.push(one);
  return one;
}

describe.each(FORMATS)("%s", (format) => {
  const other = FORMATS.find((one) => one !== format)!;

  test("data reaches all others, or some, and never the sender", async () => {
    const [a, b, c] = [await player(format), await player(other), await player(format)];
    const created = await a.socket.createMatch();
    expect(created.match_id).toMatch(/^[0-9a-f-]{36}\.$/);
    expect(created.authoritative ?? false).toBe(false);
    expect(created.self.user_id).toBe(a.user);
    expect(created.size).toBe(1);
    const joined = await b.socket.joinMatch(created.match_id);
    expect(users(joined.presences)).toEqual([a.user]);
    expect(joined.size).toBe(2);
    await c.socket.joinMatch(created.match_id);
    await a.first(a.presences, "c's arrival", (event) => users(event.joins ?? []).includes(c.user));

    await a.socket.sendMatchState(created.match_id, 7, "to all");
    await a.socket.sendMatchState(created.match_id, 8, new Uint8Array([1, 2, 3]), [joined.self]);
    await a.socket.sendMatchState(created.match_id, 9, "to all again");
    const name = created.self.username;
    await until("the last at b", () => b.data.length === 3);
    await until("the last at c", () => c.data.length === 2);
    expect(b.texts()).toEqual([`${name} 7 to all`, `${name} 8 \u0001\u0002\u0003`, `${name} 9 to all again`]);
    expect(c.texts()).toEqual([`${name} 7 to all`, `${name} 9 to all again`]);
    expect(b.data[0]!.presence).toMatchObject({ user_id: a.user, session_id: created.self.session_id });
    // What is sent back comes after anything that could have come to the sender.
    await c.socket.sendMatchState(created.match_id, 10, "");
    await until("c's at a", () => a.data.length > 0);
    expect(a.data.map((data) => data.op_code)).toEqual([10]);
  });

  test("whoever leaves or is not in hears nothing, and the last one ends the match", async () => {
    const [a, b] = [await player(format), await player(format)];
    const { match_id } = await a.socket.createMatch();
    await b.socket.joinMatch(match_id);
    await b.socket.leaveMatch(match_id);
    await a.first(a.presences, "b's leave", (event) => users(event.leaves ?? []).includes(b.user));
    await a.socket.leaveMatch(match_id);
    expect(await refused(b.socket.joinMatch(match_id))).toMatchObject({ code: 4 });
    expect(await refused(b.socket.leaveMatch(match_id))).toMatchObject({ code: 4 });
    expect(await refused(b.socket.joinMatch("nonsense"))).toMatchObject({ code: 3 });
    expect(await refused(b.socket.joinMatch(undefined, "not a token"))).toMatchObject({ code: 3 });
  });

  test("it is listed with its size", async () => {
    const [a, b] = [await player(format), await player(format)];
    const { match_id } = await a.socket.createMatch();
    await b.socket.joinMatch(match_id);
    const { client, session } = a.guest;
    const listed = async (...rest: [boolean?, string?, number?, number?, string?]) => {
      const found = await client.listMatches(session, 100, ...rest);
      return (found.matches ?? []).find((one) => one.match_id === match_id);
    };
    expect(await listed()).toMatchObject({ size: 2 });
    expect(await listed(false)).toMatchObject({ size: 2 });
    expect(await listed(false, undefined, 2, 2)).toMatchObject({ size: 2 });
    expect(await listed(true)).toBeUndefined();
    expect(await listed(false, undefined, 3)).toBeUndefined();
    expect(await listed(false, undefined, 0, 1)).toBeUndefined();
    expect(await listed(undefined, "a label")).toBeUndefined();
    expect(await listed(undefined, undefined, undefined, undefined, "+label.mode:x")).toBeUndefined();
  });
});

/** The published protobuf adapter leaves a match's name out, so names are for JSON clients; anybody may join by id. */
test("a name leads to the same match, which has so many places and no more", async () => {
  const name = randomHex(8);
  const [a, b, d] = [await player("json"), await player("json"), await player("json")];
  const first = await a.socket.createMatch(name);
  const second = await b.socket.createMatch(name);
  expect(second.match_id).toBe(first.match_id);
  expect(users(second.presences)).toEqual([a.user]);
  const c = await player("protobuf");
  expect((await c.socket.joinMatch(first.match_id)).size).toBe(3);
  expect(await refused(d.socket.createMatch(name))).toMatchObject({ code: 5 });
  expect(await refused(d.socket.joinMatch(first.match_id))).toMatchObject({ code: 5 });
  expect((await d.socket.createMatch(`${name}?`)).match_id).not.toBe(first.match_id);
});

test("rooms are listed by what their labels say", async () => {
  const a = await player("json");
  const matchId = await a.guest.openLedger(2, 10);
  await a.socket.joinMatch(matchId);
  const { client, session } = a.guest;
  const label = await until("the room's label", async () => {
    const { matches } = await client.listMatches(session, 100, true);
    return (matches ?? []).find((one) => one.match_id === matchId)?.label;
  });
  const found = async (query: string) => {
    const { matches } = await client.listMatches(session, 100, true, undefined, undefined, undefined, query);
    return (matches ?? []).some((one) => one.match_id === matchId);
  };
  expect(await found("*")).toBe(true);
  expect(await found(`label:"${label.replaceAll(/["\\]/g, "\\$&")}"`)).toBe(!label.startsWith("{"));
  expect(await found("+label.no_such_field:>=1")).toBe(false);
  await expect(found("+label:")).rejects.toMatchObject({ status: 400 });
});
