/** Groups as the unmodified SDK sees them: coming in, roles, what the channel and people are told, lists. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { randomHex } from "../../src/random";
import { TestServer } from "../server";
import { until } from "../until";
import { Friend, status } from "./friend";
import { FORMATS, type Format } from "./guest";

const server = new TestServer();
let here: Friend[] = [];

beforeAll(async () => void (await server.start()));
afterAll(() => server.remove());
afterEach(() => {
  for (const friend of here) friend.leave();
  here = [];
});

const [SUPERADMIN, ADMIN, MEMBER, REQUEST, BANNED] = [0, 1, 2, 3, 4];
const JOINED = 3;
const ADDED = 4;
const LEFT = 5;
const KICKED = 6;
const PROMOTED = 7;
const BANISHED = 8;
const DEMOTED = 9;

function named(): string {
  return `Group ${randomHex(6)}`;
}

/** A player and the groups it acts on. */
async function three(format: Format): Promise<[Friend, Friend, Friend]> {
  const other = FORMATS.find((one) => one !== format)!;
  here = [
    await Friend.connected(server, format),
    await Friend.connected(server, other),
    await Friend.connected(server, format),
  ];
  return here as [Friend, Friend, Friend];
}

async function make(by: Friend, open: boolean, max_count = 10): Promise<string> {
  const group = await by.client.createGroup(by.session, { name: named(), open, max_count });
  return group.id ?? "";
}

/** Everybody's role, by id. */
async function roles(by: Friend, group: string, state?: number): Promise<Record<string, number>> {
  const { group_users } = await by.client.listGroupUsers(by.session, group, state, 100);
  return Object.fromEntries((group_users ?? []).map((one) => [one.user?.id ?? "", one.state ?? -1]));
}

/** Codes of what a channel told about somebody, in order. */
function told(by: Friend, about: Friend): (number | undefined)[] {
  return by.messages.filter((message) => message.sender_id === about.id).map((message) => message.code);
}

describe.each(FORMATS)("%s", (format) => {
  test("a group is made, shown, changed and deleted", async () => {
    const [ann, bob] = await three(format);
    const name = named();
    const asked = { name, description: "We bake", lang_tag: "de", avatar_url: "http://a/b.png", open: false };
    const made = await ann.client.createGroup(ann.session, { ...asked, max_count: 7 });
    expect(made).toMatchObject({ ...asked, max_count: 7, edge_count: 1, creator_id: ann.id, metadata: {} });
    expect(made.create_time).toMatch(/Z$/);
    expect(await roles(bob, made.id!)).toEqual({ [ann.id]: SUPERADMIN });
    expect(await status(bob.client.createGroup(bob.session, { name: name.toUpperCase() }))).toBe(409);
    expect(await status(bob.client.createGroup(bob.session, { name: " " }))).toBe(400);
    expect(await status(bob.client.updateGroup(bob.session, made.id!, { description: "no" }))).toBe(403);
    await ann.client.updateGroup(ann.session, made.id!, { description: "", open: true });
    const { groups } = await bob.client.listGroups(bob.session, name);
    expect(groups).toHaveLength(1);
    expect(groups![0]).toMatchObject({ id: made.id, open: true, lang_tag: "de", edge_count: 1 });
    expect(groups![0]!.description ?? "").toBe("");
    expect(await status(bob.client.deleteGroup(bob.session, made.id!))).toBe(403);
    expect(await ann.client.deleteGroup(ann.session, made.id!)).toBe(true);
    expect(await status(bob.client.listGroupUsers(bob.session, made.id!))).toBe(404);
    expect((await bob.client.listGroups(bob.session, name)).groups ?? []).toEqual([]);
  });

  test("an open group is joined at once, its channel is told, and its channel is for members", async () => {
    const [ann, bob, cas] = await three(format);
    const group = await make(ann, true);
    await ann.socket.joinChat(group, 3, true, false);
    await expect(bob.socket.joinChat(group, 3, true, false)).rejects.toBeDefined();
    await bob.client.joinGroup(bob.session, group);
    await bob.client.joinGroup(bob.session, group);
    const joined = await until("the news", () => ann.messages.find((one) => one.code === JOINED));
    expect(joined).toMatchObject({ sender_id: bob.id, username: bob.name, group_id: group });
    const channel = await bob.socket.joinChat(group, 3, true, false);
    await bob.socket.writeChatMessage(channel.id, { say: "hello" });
    await ann.hears({ say: "hello" });
    await ann.client.promoteGroupUsers(ann.session, group, [bob.id]);
    await ann.client.demoteGroupUsers(ann.session, group, [bob.id]);
    await ann.client.kickGroupUsers(ann.session, group, [bob.id]);
    await until("bob's end in the channel", () => told(ann, bob).includes(KICKED));
    expect(told(ann, bob).filter((code) => code !== 0)).toEqual([JOINED, PROMOTED, DEMOTED, KICKED]);
    await expect(bob.socket.writeChatMessage(channel.id, { say: "still" })).rejects.toBeDefined();
    await ann.client.addGroupUsers(ann.session, group, [cas.id]);
    await until("cas in the news", () => told(ann, cas).includes(ADDED));
    await cas.client.leaveGroup(cas.session, group);
    await until("cas's leaving", () => told(ann, cas).includes(LEFT));
    const { messages } = await ann.client.listChannelMessages(ann.session, channel.id, 20, true);
    expect(messages?.map((message) => message.code)).toEqual([
      JOINED,
      0,
      PROMOTED,
      DEMOTED,
      KICKED,
      ADDED,
      LEFT,
    ]);
  });

  test("a closed group is asked; admins are told, and let in, decline and ban", async () => {
    const [ann, bob, cas] = await three(format);
    const group = await make(ann, false);
    await bob.client.joinGroup(bob.session, group);
    const request = await ann.notified(-5);
    expect(request).toMatchObject({ sender_id: bob.id, content: { username: bob.name, group_id: group } });
    expect(await roles(cas, group)).toEqual({ [ann.id]: SUPERADMIN, [bob.id]: REQUEST });
    expect(await status(cas.client.addGroupUsers(cas.session, group, [bob.id]))).toBe(403);
    await ann.client.addGroupUsers(ann.session, group, [bob.id]);
    expect(await bob.notified(-4)).toMatchObject({ sender_id: ann.id, content: { group_id: group } });
    await cas.client.joinGroup(cas.session, group);
    expect(await status(bob.client.kickGroupUsers(bob.session, group, [cas.id]))).toBe(403);
    await ann.client.promoteGroupUsers(ann.session, group, [bob.id]);
    await bob.client.kickGroupUsers(bob.session, group, [cas.id]);
    expect(await roles(ann, group)).toEqual({ [ann.id]: SUPERADMIN, [bob.id]: ADMIN });
    await bob.client.banGroupUsers(bob.session, group, [cas.id]);
    expect(await status(cas.client.joinGroup(cas.session, group))).toBe(403);
    expect(await status(ann.client.addGroupUsers(ann.session, group, [cas.id]))).toBe(403);
    expect(await roles(ann, group, BANNED)).toEqual({ [cas.id]: BANNED });
    expect(await status(bob.client.banGroupUsers(bob.session, group, [ann.id]))).toBe(403);
    expect(await status(bob.client.promoteGroupUsers(bob.session, group, [bob.id]))).toBe(400);
    await bob.client.kickGroupUsers(bob.session, group, [cas.id]);
    await cas.client.joinGroup(cas.session, group);
    expect(await roles(ann, group, REQUEST)).toEqual({ [cas.id]: REQUEST });
    await cas.client.leaveGroup(cas.session, group);
    expect(await roles(ann, group, REQUEST)).toEqual({});
  });

  test("a ban puts a member out of the channel, and the last superadmin stays until alone", async () => {
    const [ann, bob, cas] = await three(format);
    const group = await make(ann, true, 2);
    await ann.socket.joinChat(group, 3, true, false);
    await bob.client.joinGroup(bob.session, group);
    expect(await status(cas.client.joinGroup(cas.session, group))).toBe(400);
    expect(await status(ann.client.leaveGroup(ann.session, group))).toBe(400);
    expect(await status(ann.client.demoteGroupUsers(ann.session, group, [ann.id]))).toBe(400);
    await ann.client.promoteGroupUsers(ann.session, group, [bob.id]);
    await ann.client.promoteGroupUsers(ann.session, group, [bob.id]);
    expect(await roles(cas, group)).toEqual({ [ann.id]: SUPERADMIN, [bob.id]: SUPERADMIN });
    await ann.client.banGroupUsers(ann.session, group, [bob.id]);
    await until("the news of the ban", () => told(ann, bob).includes(BANISHED));
    await ann.client.leaveGroup(ann.session, group);
    expect(await status(cas.client.listGroupUsers(cas.session, group))).toBe(404);
    expect(await status(cas.client.joinGroup(cas.session, group))).toBe(404);
  });

  test("groups are found by name, and lists come in pages", async () => {
    const [ann, bob] = await three(format);
    const prefix = randomHex(6);
    const ids: string[] = [];
    for (const end of ["one", "THREE", "two"]) {
      const group = await ann.client.createGroup(ann.session, { name: `${prefix} ${end}`, open: true });
      ids.push(group.id!);
    }
    const first = await bob.client.listGroups(bob.session, `${prefix.toUpperCase()}%`, undefined, 2);
    expect(first.groups?.map((group) => group.id)).toEqual(ids.slice(0, 2));
    const rest = await bob.client.listGroups(bob.session, `${prefix.toUpperCase()}%`, first.cursor, 2);
    expect(rest.groups?.map((group) => group.id)).toEqual(ids.slice(2));
    expect(rest.cursor ?? "").toBe("");
    const tampered = `${first.cursor!.slice(0, -1)}${first.cursor!.endsWith("A") ? "B" : "A"}`;
    expect(await status(bob.client.listGroups(bob.session, `${prefix}%`, tampered, 2))).toBe(400);
    expect(await status(bob.client.listGroups(bob.session, "other%", first.cursor, 2))).toBe(400);
    await bob.client.joinGroup(bob.session, ids[0]!);
    await bob.client.joinGroup(bob.session, ids[2]!);
    // The SDK sends these two the other way round than it names them: the limit comes first.
    const mine = await ann.client.listUserGroups(ann.session, bob.id, 1, undefined);
    expect(mine.user_groups).toMatchObject([{ state: MEMBER, group: { id: ids[0], edge_count: 2 } }]);
    const more = await ann.client.listUserGroups(ann.session, bob.id, 1, undefined, mine.cursor);
    expect(more.user_groups).toMatchObject([{ state: MEMBER, group: { id: ids[2] } }]);
    expect(more.cursor ?? "").toBe("");
    const led = await bob.client.listUserGroups(bob.session, ann.id, 100, SUPERADMIN);
    expect(led.user_groups).toHaveLength(3);
    const page = await ann.client.listGroupUsers(ann.session, ids[0]!, undefined, 1);
    expect(page.group_users).toMatchObject([{ state: SUPERADMIN, user: { id: ann.id, username: ann.name } }]);
    const next = await ann.client.listGroupUsers(ann.session, ids[0]!, undefined, 1, page.cursor);
    expect(next.group_users).toMatchObject([{ state: MEMBER, user: { id: bob.id, online: true } }]);
    expect(await status(ann.client.listGroupUsers(ann.session, ids[0]!, 5))).toBe(400);
    expect(await status(ann.client.listGroupUsers(ann.session, "not-an-id"))).toBe(400);
  });
});
