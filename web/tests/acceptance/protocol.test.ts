/** The client protocol as the unmodified SDK sees it, against the real server, in both formats of the socket. */
import { Session } from "@heroiclabs/nakama-js";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { decodeUpdate } from "../../src/farm/decode";
import { newCommandId } from "../../src/room/payload";
import { randomHex } from "../../src/random";
import { TestServer } from "../server";
import { until } from "../until";
import { status } from "./friend";
import { balancesOf, FORMATS, Guest, type Format } from "./guest";

const server = new TestServer();
let guests: Guest[] = [];

beforeAll(async () => void (await server.start()));
afterAll(() => server.remove());
afterEach(() => {
  for (const guest of guests) guest.leave();
  guests = [];
});

async function guest(format: Format, device?: string): Promise<Guest> {
  const one = await Guest.connected(server, format, device);
  guests.push(one);
  return one;
}

describe("accounts over HTTP", () => {
  const client = () => Guest.http(server);
  const device = () => randomHex();
  /** Without the mark of being new: for new sessions the SDK advises on the server's token lifetimes. */
  const login = async () => {
    const { token, refresh_token } = await client().authenticateDevice(device(), true);
    return Session.restore(token, refresh_token);
  };

  test("a device logs in: created once, the same user afterwards", async () => {
    const id = device();
    const first = await client().authenticateDevice(id, true);
    const again = await client().authenticateDevice(id, true);
    expect(first.created).toBe(true);
    expect(again.created).toBe(false);
    expect(again.user_id).toBe(first.user_id);
    expect(first.user_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(first.username).toBeTruthy();
  });

  test("without `create` an unknown device is not found", async () => {
    expect(await status(client().authenticateDevice(device(), false))).toBe(404);
  });

  test("a device id that is too short, and a wrong server key, are refused", async () => {
    expect(await status(client().authenticateDevice("short", true))).toBe(400);
    const stranger = Guest.http(server, "not-the-key");
    expect(await status(stranger.authenticateDevice(device(), true))).toBe(401);
  });

  test("the account is whose token it is", async () => {
    const session = await login();
    const account = await client().getAccount(session);
    expect(account.user?.id).toBe(session.user_id);
    expect(account.user?.username).toBe(session.username);
    expect(JSON.parse(account.wallet ?? "{}")).toEqual({});
  });

  test("refresh gives tokens that work, for the same user", async () => {
    const session = await login();
    const { user_id } = session;
    const fresh = await client().sessionRefresh(session);
    expect(fresh.user_id).toBe(user_id);
    expect((await client().getAccount(fresh)).user?.id).toBe(user_id);
  });

  test("a forged token and no token at all are refused", async () => {
    const session = await login();
    const [head, body] = session.token.split(".");
    session.token = `${head}.${body}.${btoa("forged")}`;
    expect(await status(client().getAccount(session))).toBe(401);
    session.token = "";
    expect(await status(client().getAccount(session))).toBe(401);
  });

  test("logged out is logged out: the token, its refresh token, and a socket with it", async () => {
    const session = await login();
    await client().sessionLogout(session, session.token, session.refresh_token);
    expect(await status(client().getAccount(session))).toBe(401);
    expect(await status(client().sessionRefresh(session))).toBe(401);
    const socket = client().createSocket(false, false);
    await expect(socket.connect(session, false)).rejects.toBeDefined();
  });

  test("functions answer over HTTP, and say what is wrong", async () => {
    const session = await login();
    const mine = await client().rpc(session, "room_mine", { rules: "farm" });
    expect(mine.payload).toEqual({ match_id: expect.stringMatching(/^[0-9a-f-]{36}\.longhouse$/) });
    expect(await client().rpc(session, "room_mine", { rules: "farm" })).toEqual(mine);
    expect(await status(client().rpc(session, "no_such_function", {}))).toBe(404);
    expect(await status(client().rpc(session, "room_open", { rules: "no_such_rules" }))).toBe(404);
    expect(
      await status(client().rpc(session, "room_open", { rules: "ledger", setup: { accounts: -1 } })),
    ).toBe(400);
    // What only servers may call is not for players.
    const rewind = { match_id: String((mine.payload as { match_id: string }).match_id), to: "1" };
    expect(await status(client().rpc(session, "room_rewind", rewind))).toBe(403);
  });

  test("errors are the protocol's: a gRPC code and a message", async () => {
    const answer = await fetch(`${server.url}/v2/account`);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: 16, message: expect.any(String) });
  });
});

describe.each(FORMATS)("the socket, %s", (format) => {
  test("functions answer over the socket, and errors have codes", async () => {
    const one = await guest(format);
    const answer = await one.socket.rpc("room_mine", JSON.stringify({ rules: "farm" }));
    expect(JSON.parse(answer.payload ?? "")).toEqual({ match_id: expect.stringMatching(/\.longhouse$/) });
    await expect(one.socket.rpc("no_such_function", "{}")).rejects.toMatchObject({
      code: expect.any(Number),
    });
  });

  test("ping is answered", async () => {
    const one = await guest(format);
    // The SDK has no verb of its own for it; this is what its heartbeat sends.
    const raw = one.socket as unknown as { send(message: object): Promise<{ pong?: object }> };
    expect((await raw.send({ ping: {} })).pong).toBeDefined();
  });

  test("a room that is not there, and one that is no room, are errors", async () => {
    const one = await guest(format);
    const nowhere = "00000000-0000-7000-8000-0000000000aa.longhouse";
    await expect(one.socket.joinMatch(nowhere)).rejects.toMatchObject({ code: 4 });
    await expect(one.socket.joinMatch("not a match")).rejects.toMatchObject({ code: 3 });
  });

  test("two players in one ledger: join, presences, data, leave", async () => {
    const host = await guest(format);
    const other = await guest(format === "json" ? "protobuf" : "json");
    const matchId = await host.openLedger(4, 100);

    const opened = await host.socket.joinMatch(matchId);
    expect(opened.match_id).toBe(matchId);
    expect(opened.authoritative).toBe(true);
    expect(opened.self.user_id).toBe(host.session.user_id);
    expect(await host.balances()).toEqual([100n, 100n, 100n, 100n]);

    const joined = await other.socket.joinMatch(matchId);
    expect(joined.presences.map((presence) => presence.user_id)).toContain(host.session.user_id);
    expect((await other.view()).seat).not.toBe((await host.view()).seat);
    await until("the host to hear of the other", () =>
      host.presences.some((event) => event.joins?.some((who) => who.user_id === other.session.user_id)),
    );

    const id = await host.transfer(matchId, 0, 1, 30n);
    expect(await host.answer(id)).toMatchObject({ kind: "accepted" });
    // Only who asked is answered; what changed is there for the other as well.
    expect(other.heard.some((message) => message.kind === "accepted")).toBe(false);

    other.heard.length = 0;
    await other.socket.joinMatch(matchId);
    expect(await other.balances()).toEqual([70n, 130n, 100n, 100n]);

    const refused = await other.transfer(matchId, 0, 1, 1_000n);
    expect(await other.answer(refused)).toMatchObject({ kind: "refused", code: 101 });

    await other.socket.leaveMatch(matchId);
    await until("the host to hear that the other left", () =>
      host.presences.some((event) => event.leaves?.some((who) => who.user_id === other.session.user_id)),
    );
    const outside = await other.transfer(matchId, 0, 1, 1n);
    expect(await other.answer(outside)).toMatchObject({ kind: "refused", code: 2 });
  });

  test("the room is listed with its label and size while somebody is in it", async () => {
    const one = await guest(format);
    const matchId = await one.openLedger(2, 1);
    await one.socket.joinMatch(matchId);
    const mine = await until("the listing", async () => {
      const list = await one.client.listMatches(one.session, 100, true);
      return list.matches?.find((match) => match.match_id === matchId);
    });
    expect(mine).toMatchObject({ authoritative: true, size: 1 });
  });

  test("a command sent twice under one id is executed once", async () => {
    const one = await guest(format);
    const matchId = await one.openLedger(2, 100);
    await one.socket.joinMatch(matchId);
    const id = newCommandId();
    await one.transfer(matchId, 0, 1, 10n, id);
    const first = await one.answer(id);
    one.heard.length = 0;
    await one.transfer(matchId, 0, 1, 10n, id);
    expect(await one.answer(id)).toEqual(first);

    one.heard.length = 0;
    await one.socket.joinMatch(matchId);
    expect(await one.balances()).toEqual([90n, 110n]);
  });

  test("after a dropped socket the client resumes with what it missed", async () => {
    const device = randomHex();
    const stays = await guest(format, device);
    const matchId = await stays.farm();
    await stays.socket.joinMatch(matchId);
    await stays.view();

    const before = await guest(format, device);
    await before.socket.joinMatch(matchId);
    const view = await before.view();
    before.leave();

    const id = await stays.command(matchId, { do: "shear", count: 3 });
    const answer = await stays.answer(id);
    if (answer.kind !== "accepted") throw new Error(`the shear was refused: ${answer.reason}`);
    // Both sockets of one player see the same farm: what one did, the other is told.
    await until("the update", () =>
      stays.heard.find((message) => message.kind === "updates" && message.seq >= answer.seq),
    );

    const after = await guest(format, device);
    const metadata = { resume: view.resumeToken, seq: view.seq.toString() };
    await after.socket.joinMatch(matchId, undefined, metadata);
    const missed = await until("what was missed", () => after.updates()[0]);
    expect(missed.seq).toBeGreaterThanOrEqual(answer.seq);
    const events = missed.items.map((item) => decodeUpdate(item).event);
    expect(events).toContainEqual({ kind: "sheared", count: 3, wool: "plain", amount: 3_000n });
    expect(after.heard.some((message) => message.kind === "view")).toBe(false);
  });

  test("a server takes a room back in time, and who is there is shown where it stands", async () => {
    const one = await guest(format);
    const matchId = await one.openLedger(2, 100);
    await one.socket.joinMatch(matchId);
    const kept = await one.answer(await one.transfer(matchId, 0, 1, 10n));
    await one.answer(await one.transfer(matchId, 0, 1, 50n));
    if (kept.kind !== "accepted") throw new Error(`the transfer was refused: ${kept.reason}`);

    one.heard.length = 0;
    const order = { match_id: matchId, to: kept.seq.toString() };
    const done = await one.client.rpcHttpKey("defaulthttpkey", "room_rewind", order);
    expect(done.payload).toMatchObject({ to: kept.seq.toString() });
    expect(await one.balances()).toEqual([90n, 110n]);
    // The numbers go on: what comes now is newer than all that was undone.
    const next = await one.answer(await one.transfer(matchId, 0, 1, 1n));
    if (next.kind !== "accepted") throw new Error(`the transfer was refused: ${next.reason}`);
    expect(next.seq).toBeGreaterThan(kept.seq + 1n);
  });

  test("a token of somebody else's brings no resume, only a view", async () => {
    const host = await guest(format);
    const matchId = await host.openLedger(2, 100);
    await host.socket.joinMatch(matchId);
    const { resumeToken, seq } = await host.view();
    const other = await guest(format);
    await other.socket.joinMatch(matchId, undefined, { resume: resumeToken, seq: seq.toString() });
    expect(balancesOf((await other.view()).body)).toEqual([100n, 100n]);
  });

  test("logging out closes the sockets of the session", async () => {
    const one = await guest(format);
    await one.client.sessionLogout(one.session, one.session.token, one.session.refresh_token);
    await until("the socket to close", () => one.closed);
  });

  test("what is not an envelope ends the socket or is refused, and the server goes on", async () => {
    const one = await guest(format);
    const raw = new WebSocket(`ws://127.0.0.1:${server.port}/ws?token=${one.session.token}&format=${format}`);
    await new Promise((open, fail) => {
      raw.onopen = open;
      raw.onerror = fail;
    });
    const told = new Promise<string>((done) => {
      raw.onmessage = () => done("refused");
      raw.onclose = () => done("closed");
    });
    raw.send(format === "json" ? '{"match_join": [' : new Uint8Array([0xff, 0xff, 0xff]));
    expect(["refused", "closed"]).toContain(await told);
    raw.close();
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});
