/** Parties as the unmodified SDK sees them: who gets in, who leads, what is said, and playing together. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { randomHex } from "../../src/random";
import { TestServer } from "../server";
import { until } from "../until";
import { FORMATS, type Format } from "./guest";
import { Listener, refused, text, together, users } from "./listener";

const server = new TestServer(["--set", "matchmaker.interval_ms=100"]);
let players: Listener[] = [];

beforeAll(async () => void (await server.start()));
afterAll(() => server.remove());
afterEach(() => {
  for (const player of players) player.leave();
  players = [];
});

async function player(format: Format): Promise<Listener> {
  const one = await Listener.connected(server, format);
  players.push(one);
  return one;
}

describe.each(FORMATS)("%s", (format) => {
  const other = FORMATS.find((one) => one !== format)!;

  test("anybody joins an open party while there is a place", async () => {
    const [a, b, c] = [await player(format), await player(other), await player(format)];
    const created = await a.socket.createParty(true, 2);
    expect(created).toMatchObject({ open: true, max_size: 2 });
    expect([created.self.user_id, created.leader.user_id]).toEqual([a.user, a.user]);
    expect(users(created.presences)).toEqual([a.user]);
    await b.socket.joinParty(created.party_id);
    const party = await b.first(b.parties, "the party");
    expect(users(party.presences)).toEqual([a.user, b.user].sort());
    expect([party.self.user_id, party.leader.user_id]).toEqual([b.user, a.user]);
    await a.first(a.partyPresences, "b's arrival", (event) => users(event.joins ?? []).includes(b.user));
    expect((await refused(c.socket.joinParty(created.party_id))).message).toContain("full");
    expect((await refused(c.socket.joinParty(`${randomId()}.`))).message).toContain("not found");
    expect((await refused(c.socket.createParty(true, 257))).message).toContain("256");
  });

  test("the leader of another party lets in and refuses", async () => {
    const [a, b, c] = [await player(format), await player(other), await player(format)];
    const { party_id } = await a.socket.createParty(false, 3);
    await b.socket.joinParty(party_id);
    await c.socket.joinParty(party_id);
    await until("both requests", () => a.requests.length === 2);
    expect(users(a.requests.flatMap((request) => request.presences))).toEqual([b.user, c.user].sort());
    const { presences } = await a.socket.listPartyJoinRequests(party_id);
    expect(users(presences)).toEqual([b.user, c.user].sort());
    expect((await refused(b.socket.leaveParty(party_id))).message).toContain("not found");

    const of = (user: string) => presences.find((presence) => presence.user_id === user)!;
    await a.socket.removePartyMember(party_id, of(c.user));
    expect((await refused(a.socket.acceptPartyMember(party_id, of(c.user)))).message).toContain(
      "no such member",
    );
    await a.socket.acceptPartyMember(party_id, of(b.user));
    const party = await b.first(b.parties, "the party");
    expect(users(party.presences)).toEqual([a.user, b.user].sort());
    expect((await a.socket.listPartyJoinRequests(party_id)).presences ?? []).toEqual([]);
    expect((await refused(b.socket.listPartyJoinRequests(party_id))).message).toContain("leader");
    expect(c.parties).toEqual([]);
  });

  test("data goes to the other members", async () => {
    const [a, b, c] = [await player(format), await player(other), await player(format)];
    const party = await together(a, b, c);
    await b.socket.sendPartyData(party, 5, "this way");
    for (const one of [a, c]) {
      const { presence, op_code, data, party_id } = await one.first(one.partyData, "data");
      expect([presence.user_id, op_code, text(data), party_id]).toEqual([b.user, 5, "this way", party]);
    }
    await a.socket.sendPartyData(party, 6, new Uint8Array([0, 255]));
    const heard = await b.first(b.partyData, "data");
    expect([heard.op_code, ...heard.data]).toEqual([6, 0, 255]);
  });

  test("leading is handed over by will and by leaving, and the last one ends the party", async () => {
    const [a, b, c] = [await player(format), await player(other), await player(format)];
    const party = await together(a, b, c);
    const own = c.parties[0]!.self;
    expect((await refused(b.socket.promotePartyMember(party, own))).message).toContain("leader");
    const promoted = await a.socket.promotePartyMember(party, own);
    expect(promoted.presence.user_id).toBe(c.user);
    await b.first(b.leaders, "the new leader", ({ presence }) => presence.user_id === c.user);
    c.leave();
    // The oldest of those who are left.
    await b.first(b.leaders, "the next leader", ({ presence }) => presence.user_id === a.user);
    await a.first(a.partyPresences, "c's leave", (event) => users(event.leaves ?? []).includes(c.user));
    await a.socket.leaveParty(party);
    await b.first(b.leaders, "the last leader", ({ presence }) => presence.user_id === b.user);
    await b.socket.leaveParty(party);
    expect((await refused(a.socket.joinParty(party))).message).toContain("not found");
  });

  test("the leader sends members away and ends the party", async () => {
    const [a, b, c] = [await player(format), await player(other), await player(format)];
    const party = await together(a, b, c);
    await a.socket.removePartyMember(party, b.parties[0]!.self);
    expect((await b.first(b.closed, "being sent away")).party_id).toBe(party);
    await c.first(c.partyPresences, "b's leave", (event) => users(event.leaves ?? []).includes(b.user));
    expect((await refused(c.socket.closeParty(party))).message).toContain("leader");
    await a.socket.closeParty(party);
    expect((await c.first(c.closed, "the end")).party_id).toBe(party);
    expect((await refused(c.socket.joinParty(party))).message).toContain("not found");
  });

  test("a party is matched together", async () => {
    const [a, b, c, d] = [
      await player(format),
      await player(other),
      await player(format),
      await player(other),
    ];
    const mode = randomHex(4);
    const wants = `+properties.mode:${mode}`;
    const party = await together(a, b);
    expect((await refused(b.socket.addMatchmakerParty(party, wants, 3, 3, { mode }))).message).toContain(
      "leader",
    );
    const { ticket } = await a.socket.addMatchmakerParty(party, wants, 3, 3, { mode });
    expect((await b.first(b.tickets, "the party's ticket")).ticket).toBe(ticket);
    await c.socket.addMatchmaker(wants, 3, 3, { mode });
    const matches = await Promise.all([a, b, c].map((one) => one.first(one.matched, "a match")));
    expect(users(matches[0]!.users.map((user) => user.presence))).toEqual([a.user, b.user, c.user].sort());
    expect(matches.slice(0, 2).map((matched) => [matched.ticket, matched.self.party_id])).toEqual([
      [ticket, party],
      [ticket, party],
    ]);
    expect(matches[2]!.self.party_id ?? "").toBe("");
    for (const [index, one] of [a, b, c].entries()) {
      expect((await one.socket.joinMatch(undefined, matches[index]!.token)).size).toBe(index + 1);
    }

    // A ticket ends when the leader says so, and when the party is no longer the same.
    const second = await a.socket.addMatchmakerParty(party, wants, 3, 3, { mode });
    await a.socket.removeMatchmakerParty(party, second.ticket);
    const third = await a.socket.addMatchmakerParty(party, wants, 3, 3, { mode });
    await d.socket.joinParty(party);
    expect((await refused(a.socket.removeMatchmakerParty(party, third.ticket))).message).toContain(
      "not found",
    );
    expect((await refused(a.socket.addMatchmakerParty(party, wants, 2, 2, { mode }))).message).toContain(
      "more members",
    );
  });

  test("parties are listed", async () => {
    const a = await player(format);
    const { party_id } = await a.socket.createParty(true, 7);
    const list = async (query: string) => {
      const headers = { authorization: `Bearer ${a.guest.session.token}` };
      const answer = await fetch(`${server.url}/v2/party?${query}`, { headers });
      return { status: answer.status, ...((await answer.json()) as { parties?: object[]; cursor?: string }) };
    };
    const found = (parties: object[] = []) =>
      parties.some((party) => "party_id" in party && party.party_id === party_id);
    expect((await list("limit=1")).parties).toEqual([{ party_id, open: true, max_size: 7 }]);
    expect(found((await list("open=true")).parties)).toBe(true);
    expect(found((await list("open=false")).parties)).toBe(false);
    expect(found((await list(`query=${encodeURIComponent("+max_size:7 +open:true")}`)).parties)).toBe(true);
    await a.socket.createParty(true, 7);
    const first = await list("limit=1");
    expect((await list(`limit=1&cursor=${first.cursor}`)).parties).toEqual([
      { party_id, open: true, max_size: 7 },
    ]);
    for (const wrong of ["limit=0", "cursor=nonsense", "open=maybe", "query=%2B"]) {
      expect(await list(wrong)).toMatchObject({ status: 400, code: 3 });
    }
  });
});

function randomId(): string {
  return "00000000-0000-4000-8000-" + randomHex(6);
}
