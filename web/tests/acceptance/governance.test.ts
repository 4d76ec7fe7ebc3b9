/** Proposals by name through the unmodified SDK, and the same over their routes: voting, deciding, checking the count. */
import { createHash, randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { TestServer } from "../server";
import { until } from "../until";
import { Friend, status } from "./friend";
import { FORMATS, type Format } from "./guest";

const server = new TestServer();
const mortal = new TestServer();
let here: Friend[] = [];

beforeAll(async () => void (await server.start()));
afterAll(() => Promise.all([server.remove(), mortal.remove()]));
afterEach(() => {
  for (const friend of here) friend.leave();
  here = [];
});

interface Proposal {
  id: string;
  state: string;
  votes: number;
  electorate?: number;
  outcome?: string;
  chosen?: number;
  effect_state: string;
  options: { text: string; votes?: number }[];
  viewer: { elector: boolean; voted: boolean; option?: number };
}

async function call<T>(by: Friend, id: string, input: object): Promise<T> {
  return (await by.client.rpc(by.session, id, input)).payload as T;
}

/** The same function over the socket, which has the format under test. */
async function tell<T>(by: Friend, id: string, input: object): Promise<T> {
  return JSON.parse((await by.socket.rpc(id, JSON.stringify(input))).payload ?? "null") as T;
}

/** Why a socket refused. */
async function refused(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return (error as { message: string }).message;
  }
  throw new Error("it was not refused");
}

/** A group: the first leads, the others are members. */
async function village(format: Format): Promise<{ group: string; people: [Friend, Friend, Friend] }> {
  const other = FORMATS.find((one) => one !== format)!;
  here = [
    await Friend.connected(server, format),
    await Friend.connected(server, other),
    await Friend.connected(server, format),
  ];
  const [ann, bob, cas] = here as [Friend, Friend, Friend];
  const name = `Village ${randomBytes(6).toString("hex")}`;
  const group = (await ann.client.createGroup(ann.session, { name, open: true })).id!;
  await bob.client.joinGroup(bob.session, group);
  await cas.client.joinGroup(cas.session, group);
  return { group, people: [ann, bob, cas] };
}

function closed(by: Friend, group_id: string, proposal_id: string): Promise<Proposal> {
  return until("the count", async () => {
    const seen = await call<Proposal>(by, "governance_get", { group_id, proposal_id });
    return seen.state === "open" ? undefined : seen;
  });
}

const YES_NO = [{ text: "yes" }, { text: "no" }];

describe.each(FORMATS)("%s", (format) => {
  test("an open vote is cast, changed, counted, and every step can be read", async () => {
    const { group, people } = await village(format);
    const [ann, bob, cas] = people;
    const asked = { group_id: group, title: "A feast?", options: YES_NO, open_sec: 2, changeable: true };
    const opened = await tell<Proposal>(bob, "governance_propose", asked);
    expect(opened).toMatchObject({ state: "open", electorate: 3, votes: 0, viewer: { elector: true } });
    const which = { group_id: group, proposal_id: opened.id };
    await tell(ann, "governance_vote", { ...which, option: 1 });
    await tell(bob, "governance_vote", { ...which, option: 0 });
    await tell(ann, "governance_vote", { ...which, option: 0 });
    const seen = await tell<Proposal>(ann, "governance_get", which);
    expect(seen.options.map((option) => option.votes)).toEqual([2, 0]);
    expect(seen.viewer).toEqual({ elector: true, voted: true, option: 0 });
    expect(await refused(tell(cas, "governance_vote", { ...which, option: 2 }))).toContain("no such option");
    const decided = await closed(cas, group, opened.id);
    expect(decided).toMatchObject({ state: "decided", outcome: "chosen", chosen: 0, votes: 2 });
    expect(await refused(tell(cas, "governance_vote", { ...which, option: 0 }))).toContain("closed");
    const { acts } = await call<{ acts: { act: string; user_id?: string }[] }>(cas, "governance_acts", which);
    expect(acts.map((line) => line.act)).toEqual(["opened", "voted", "voted", "changed", "closed"]);
    expect(acts[1]!.user_id).toBe(ann.id);
    const { ballots } = await call<{ ballots: unknown[] }>(cas, "governance_ballots", which);
    expect(ballots).toHaveLength(2);
    expect(ballots).toContainEqual({ user_id: ann.id, option: 0 });
  });

  test("a secret vote is found by its voter and leads to nobody", async () => {
    const { group, people } = await village(format);
    const [ann, bob, cas] = people;
    const asked = { group_id: group, title: "Who leads?", options: YES_NO, open_sec: 2, secret: true };
    const opened = await tell<Proposal>(ann, "governance_propose", asked);
    const which = { group_id: group, proposal_id: opened.id };
    const receipts = new Map(people.map((one) => [one, randomBytes(24).toString("hex")]));
    expect(await refused(tell(ann, "governance_vote", { ...which, option: 0 }))).toContain("receipt");
    for (const [one, receipt] of receipts) {
      const vote = { ...which, option: one === cas ? 1 : 0, receipt };
      await tell(one, "governance_vote", vote);
      // Sent again, because an answer may get lost.
      await tell(one, "governance_vote", vote);
      expect(await refused(tell(one, "governance_vote", { ...vote, option: 1 - vote.option }))).toContain(
        "before",
      );
    }
    const during = await tell<Proposal>(bob, "governance_get", which);
    expect(during).toMatchObject({ votes: 3, viewer: { voted: true } });
    expect(during.options.map((option) => option.votes)).toEqual([undefined, undefined]);
    expect(during.viewer.option).toBeUndefined();
    expect(await refused(tell(bob, "governance_ballots", which))).toContain("counted");
    const decided = await closed(bob, group, opened.id);
    expect(decided.options.map((option) => option.votes)).toEqual([2, 1]);
    const { ballots } = await call<{ ballots: { tag: string; option: number }[] }>(
      bob,
      "governance_ballots",
      which,
    );
    const tag = createHash("sha256")
      .update(`${opened.id}:${receipts.get(cas)!}`)
      .digest("hex");
    expect(ballots).toContainEqual({ tag, option: 1 });
    expect(ballots.map((ballot) => ballot.tag)).toEqual(ballots.map((ballot) => ballot.tag).sort());
    expect(JSON.stringify(ballots)).not.toContain(ann.id);
    const own = { ...which, receipt: receipts.get(cas) };
    expect(await tell(cas, "governance_verify", own)).toEqual({ tag, option: 1 });
    const forged = { ...which, receipt: "0".repeat(48) };
    expect(await refused(tell(cas, "governance_verify", forged))).toContain("no ballot");
    const { acts } = await call<{ acts: { act: string }[] }>(bob, "governance_acts", which);
    expect(acts.map((line) => line.act)).toEqual(["opened", "closed"]);
  });

  test("what members decide takes effect, where the group's policy lets them", async () => {
    const { group, people } = await village(format);
    const [ann, bob, cas] = people;
    await ann.socket.joinChat(group, 3, true, false);
    const asked = {
      group_id: group,
      title: "Out with Cas",
      options: [{ text: "yes", effect: { expel: { user_id: cas.id, ban: true } } }, { text: "no" }],
      open_sec: 1,
      quorum_permille: 600,
      majority: "absolute",
    };
    expect(await refused(tell(bob, "governance_propose", asked))).toContain("role");
    const policy = {
      polls_state: 2,
      binding_state: 2,
      quorum_permille: 600,
      majority: "absolute",
      open_sec: 1,
    };
    expect(await refused(tell(bob, "governance_policy", { group_id: group, policy }))).toContain("role");
    expect(await tell(ann, "governance_policy", { group_id: group, policy })).toEqual(policy);
    const less = await refused(tell(bob, "governance_propose", { ...asked, quorum_permille: 300 }));
    expect(less).toContain("policy");
    const opened = await tell<Proposal>(bob, "governance_propose", asked);
    const which = { group_id: group, proposal_id: opened.id };
    for (const one of [ann, bob]) await tell(one, "governance_vote", { ...which, option: 0 });
    const decided = await closed(ann, group, opened.id);
    expect(decided).toMatchObject({ state: "decided", chosen: 0, effect_state: "done" });
    const { group_users } = await ann.client.listGroupUsers(ann.session, group, 4);
    expect(group_users).toMatchObject([{ state: 4, user: { id: cas.id } }]);
    await until("the news", () => ann.messages.find((one) => one.code === 8 && one.sender_id === cas.id));
    expect(await refused(tell(cas, "governance_get", which))).toContain("role");
    const { proposals } = await tell<{ proposals: Proposal[] }>(bob, "governance_list", { group_id: group });
    expect(proposals.map((one) => one.id)).toEqual([opened.id]);
  });

  test("too few votes decide nothing, and a proposal can be taken back", async () => {
    const { group, people } = await village(format);
    const [ann, bob, cas] = people;
    const asked = {
      group_id: group,
      title: "More llamas?",
      options: [{ text: "yes", effect: { settings: { description: "llamas" } } }, { text: "no" }],
      open_sec: 1,
      quorum_votes: 3,
    };
    const opened = await tell<Proposal>(ann, "governance_propose", asked);
    await tell(bob, "governance_vote", { group_id: group, proposal_id: opened.id, option: 0 });
    const rejected = await closed(bob, group, opened.id);
    expect(rejected).toMatchObject({
      state: "rejected",
      outcome: "no_quorum",
      effect_state: "none",
      votes: 1,
    });
    const poll = { group_id: group, title: "Blue?", options: YES_NO, open_sec: 60 };
    const back = await tell<Proposal>(bob, "governance_propose", poll);
    const which = { group_id: group, proposal_id: back.id };
    expect(await refused(tell(cas, "governance_withdraw", which))).toContain("role");
    await tell(bob, "governance_withdraw", which);
    expect(await tell(cas, "governance_get", which)).toMatchObject({ state: "withdrawn" });
    const open = await tell<{ proposals?: Proposal[] }>(cas, "governance_list", {
      group_id: group,
      state: "open",
    });
    expect(open.proposals).toEqual([]);
  });
});

test("the whole house votes on what a server asks", async () => {
  const [ann, bob] = (here = await Friend.many(server, "json", 2)) as [Friend, Friend];
  const ask = async (body: object) => {
    const path = `${server.url}/v2/rpc/governance_propose?unwrap&http_key=defaulthttpkey`;
    return (await fetch(path, { method: "POST", body: JSON.stringify(body) })).json() as Promise<Proposal>;
  };
  const opened = await ask({ title: "Season's name?", options: YES_NO, open_sec: 1 });
  expect(opened.electorate).toBeUndefined();
  const house = "00000000-0000-0000-0000-000000000000";
  const vote = (by: Friend, option: number) =>
    fetch(`${server.url}/v2/group/${house}/proposal/${opened.id}/vote`, {
      method: "POST",
      headers: { authorization: `Bearer ${by.session.token}` },
      body: JSON.stringify({ option }),
    });
  expect((await vote(ann, 1)).status).toBe(200);
  expect((await vote(bob, 1)).status).toBe(200);
  expect((await vote(bob, 0)).status).toBe(409);
  const decided = await closed(ann, house, opened.id);
  expect(decided).toMatchObject({ state: "decided", chosen: 1, votes: 2 });
  const poll = { title: "Mine", options: YES_NO, open_sec: 1 };
  expect(await status(call(ann, "governance_propose", poll))).toBe(403);
  const secret = await ask({ title: "Only Ann", options: YES_NO, open_sec: 60, voter_ids: [ann.id] });
  expect(secret.electorate).toBe(1);
  expect(await status(call(bob, "governance_vote", { proposal_id: secret.id, option: 0 }))).toBe(403);
});

test("what came due while the server was dead is decided when it is back, once", async () => {
  await mortal.start();
  const [ann, bob] = (here = await Friend.many(mortal, "protobuf", 2)) as [Friend, Friend];
  const group = (await ann.client.createGroup(ann.session, { name: "Mortals", open: true })).id!;
  await bob.client.joinGroup(bob.session, group);
  const effect = { role: { user_id: bob.id, state: 0 } };
  const asked = {
    group_id: group,
    title: "Bob leads, too",
    options: [{ text: "yes", effect }, { text: "no" }],
    open_sec: 1,
    majority: "two_thirds",
  };
  const opened = await call<Proposal>(ann, "governance_propose", asked);
  const which = { group_id: group, proposal_id: opened.id };
  for (const one of [ann, bob]) await call(one, "governance_vote", { ...which, option: 0 });
  await mortal.kill();
  await mortal.start();
  // Nobody asks for the proposal: its time alone brings it about.
  await until("bob to lead", async () => {
    const { group_users } = await ann.client.listGroupUsers(ann.session, group, 0);
    return group_users?.length === 2;
  });
  const seen = await call<Proposal>(ann, "governance_get", which);
  expect(seen).toMatchObject({ state: "decided", chosen: 0, votes: 2, effect_state: "done" });
  // Who is demoted afterwards is not promoted again by it.
  await bob.client.demoteGroupUsers(bob.session, group, [bob.id]);
  await mortal.kill();
  await mortal.start();
  await call(ann, "governance_get", which);
  const { group_users } = await ann.client.listGroupUsers(ann.session, group, 1);
  expect(group_users).toMatchObject([{ user: { id: bob.id }, state: 1 }]);
  const { acts } = await call<{ acts: { act: string }[] }>(ann, "governance_acts", which);
  expect(acts.map((line) => line.act)).toEqual(["opened", "voted", "voted", "closed", "applied"]);
});
