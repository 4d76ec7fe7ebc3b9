/** What was acknowledged is there after SIGKILL, and what is sent again is not done again. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newCommandId } from "../../src/room/payload";
import { randomHex } from "../../src/random";
import { TestServer } from "../server";
import { until } from "../until";
import { FORMATS, Guest } from "./guest";

const server = new TestServer();

beforeAll(async () => void (await server.start()));
afterAll(() => server.remove());

describe.each(FORMATS)("%s", (format) => {
  test("a killed server comes back with every acknowledged transfer, once", async () => {
    const device = randomHex();
    const before = await Guest.connected(server, format, device);
    const matchId = await before.openLedger(2, 1_000);
    await before.socket.joinMatch(matchId);
    const view = await before.view();
    const ids = Array.from({ length: 20 }, () => newCommandId());
    for (const id of ids) await before.transfer(matchId, 0, 1, 1n, id);
    for (const id of ids) expect(await before.answer(id)).toMatchObject({ kind: "accepted" });

    await server.kill();
    await until("the socket to close", () => before.closed);
    await server.start();

    const after = await Guest.connected(server, format, device);
    expect(after.session.user_id).toBe(before.session.user_id);
    await after.socket.joinMatch(matchId, undefined, { resume: view.resumeToken, seq: view.seq.toString() });
    // Sent again under the same ids: answered, with the same numbers, and not done again.
    for (const id of ids) await after.transfer(matchId, 0, 1, 1n, id);
    for (const id of ids) expect(await after.answer(id)).toEqual(await before.answer(id));
    after.leave();

    const fresh = await Guest.connected(server, format, device);
    await fresh.socket.joinMatch(matchId);
    expect(await fresh.balances()).toEqual([980n, 1_020n]);
    fresh.leave();
  });

  test("an orderly shutdown says so to those who are there, with a token to come back", async () => {
    const guest = await Guest.connected(server, format);
    const matchId = await guest.openLedger(2, 10);
    await guest.socket.joinMatch(matchId);
    await guest.view();
    await server.stop();
    const closing = guest.heard.find((message) => message.kind === "closing");
    expect(closing).toMatchObject({ kind: "closing", code: 1 });
    await until("the socket to close", () => guest.closed);
    await server.start();
  });
});
