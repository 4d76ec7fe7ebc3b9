/** Chat as the unmodified SDK sees it: in rooms, between two users and in groups, with history and moderation. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { TestServer } from "../server";
import { until } from "../until";
import { Friend, refusal, status } from "./friend";
import { FORMATS } from "./guest";

const server = new TestServer();
let here: Friend[] = [];
let rooms = 0;

beforeAll(async () => void (await server.start()));
afterAll(() => server.remove());
afterEach(() => {
  for (const friend of here) friend.leave();
  here = [];
});

const ROOM = 1;
const DIRECT = 2;
const GROUP = 3;

/** A call with the HTTP key, as a studio's own server makes it. */
async function asServer(id: string, payload: object): Promise<Response> {
  return fetch(`${server.url}/v2/rpc/${id}?http_key=defaulthttpkey&unwrap`, {
    method: "POST",
    body: JSON.stringify(payload),
  });
}

async function history(reader: Friend, channel: string, forward: boolean, limit = 100): Promise<unknown[]> {
  const page = await reader.client.listChannelMessages(reader.session, channel, limit, forward);
  return (page.messages ?? []).map((message) => message.content);
}

describe.each(FORMATS)("%s", (format) => {
  const room = () => `room ${format} ${rooms++}`;

  test("three in a room: who comes and goes, what is said, changed and removed", async () => {
    here = await Friend.many(server, format, 3);
    const [ann, bob, cas] = here as [Friend, Friend, Friend];
    const name = room();
    const channel = await ann.socket.joinChat(name, ROOM, true, false);
    expect(channel.id).toBe(`2...${name}`);
    expect(channel.presences ?? []).toEqual([]);
    expect(channel.self).toMatchObject({ user_id: ann.id, username: ann.name });
    const second = await bob.socket.joinChat(name, ROOM, true, false);
    expect(second.presences?.map((one) => one.user_id)).toEqual([ann.id]);
    await until("ann to see bob", () => ann.comings.some((event) => event.joins?.[0]?.user_id === bob.id));
    // One who hides hears and is not seen.
    await cas.socket.joinChat(name, ROOM, false, true);

    const ack = await ann.socket.writeChatMessage(channel.id, { text: "hello" });
    expect(ack).toMatchObject({ channel_id: channel.id, username: ann.name, code: 0 });
    for (const friend of here) {
      expect(await friend.hears({ text: "hello" })).toMatchObject({
        channel_id: channel.id,
        message_id: ack.message_id,
        sender_id: ann.id,
        username: ann.name,
        code: 0,
        persistent: true,
        room_name: name,
      });
    }
    await ann.socket.updateChatMessage(channel.id, ack.message_id, { text: "good day" });
    expect(await cas.hears({ text: "good day" })).toMatchObject({ message_id: ack.message_id, code: 1 });
    expect(await refusal(bob.socket.updateChatMessage(channel.id, ack.message_id, {}))).toMatchObject({
      code: 3,
    });
    expect(await history(bob, channel.id, true)).toEqual([{ text: "good day" }]);
    await ann.socket.removeChatMessage(channel.id, ack.message_id);
    await until("the removal", () => bob.messages.some((message) => message.code === 2));
    expect(await history(bob, channel.id, true)).toEqual([]);

    // What is not kept is heard all the same.
    const lost = await cas.socket.writeChatMessage(channel.id, { text: "unkept" });
    expect(lost.message_id).toBeTruthy();
    expect(await ann.hears({ text: "unkept" })).toMatchObject({ persistent: false, code: 0 });
    expect(await history(bob, channel.id, true)).toEqual([]);

    await bob.socket.leaveChat(channel.id);
    await until("bob to be gone", () => ann.comings.some((event) => event.leaves?.[0]?.user_id === bob.id));
    expect(await refusal(bob.socket.writeChatMessage(channel.id, {}))).toMatchObject({ code: 3 });
    expect(ann.comings.flatMap((event) => event.joins ?? []).some((one) => one.user_id === cas.id)).toBe(
      false,
    );
  });

  test("history in both directions, by pages, while more is said", async () => {
    here = await Friend.many(server, format, 2);
    const [ann, bob] = here as [Friend, Friend];
    const { id } = await ann.socket.joinChat(room(), ROOM, true, false);
    for (let n = 0; n < 5; n++) await ann.socket.writeChatMessage(id, { n });
    const read = (forward: boolean, cursor?: string) =>
      bob.client.listChannelMessages(bob.session, id, 2, forward, cursor);
    const numbers = (page: Awaited<ReturnType<typeof read>>) =>
      (page.messages ?? []).map((message) => (message.content as { n: number }).n);
    for (const forward of [true, false]) {
      const first = await read(forward);
      const second = await read(forward, first.next_cursor);
      const third = await read(forward, second.next_cursor);
      const all = [...numbers(first), ...numbers(second), ...numbers(third)];
      expect(all).toEqual(forward ? [0, 1, 2, 3, 4] : [4, 3, 2, 1, 0]);
      expect(third.next_cursor ?? "").toBe("");
      expect(first.prev_cursor ?? "").toBe("");
      expect(numbers(await read(forward, second.prev_cursor))).toEqual(numbers(first));
    }
    const newest = await read(false);
    await ann.socket.writeChatMessage(id, { n: 5 });
    expect(numbers(await read(true, newest.cacheable_cursor))).toEqual([5]);
    expect(await status(read(true, newest.next_cursor))).toBe(400);
    expect(await status(read(true, "forged"))).toBe(400);
  });

  test("two users talk: one who is not there is told, nobody else gets in", async () => {
    here = await Friend.many(server, format, 3);
    const [ann, bob, cas] = here as [Friend, Friend, Friend];
    const channel = await ann.socket.joinChat(bob.id, DIRECT, true, false);
    const [one, two] = [ann.id, bob.id].sort();
    expect(channel.id).toBe(`4.${one}.${two}.`);
    expect(await bob.notified(-1)).toMatchObject({ sender_id: ann.id, content: { username: ann.name } });
    expect((await bob.socket.joinChat(ann.id, DIRECT, true, false)).id).toBe(channel.id);
    await bob.socket.writeChatMessage(channel.id, { text: "psst" });
    expect(await ann.hears({ text: "psst" })).toMatchObject({ user_id_one: one, user_id_two: two });
    expect(ann.notifications).toEqual([]);
    expect(await status(cas.client.listChannelMessages(cas.session, channel.id, 10))).toBe(403);
    expect(await refusal(cas.socket.writeChatMessage(channel.id, {}))).toMatchObject({ code: 3 });

    await bob.client.blockFriends(bob.session, [ann.id]);
    expect(await refusal(ann.socket.writeChatMessage(channel.id, {}))).toMatchObject({ code: 3 });
    await expect(ann.socket.joinChat(bob.id, DIRECT, true, false)).rejects.toBeDefined();
  });

  test("a group's channel: members only, told of what happens, out with whoever is kicked", async () => {
    here = await Friend.many(server, format, 3);
    const [ann, bob, cas] = here as [Friend, Friend, Friend];
    const name = `group ${format} ${rooms++}`;
    const group = await ann.client.createGroup(ann.session, { name, open: true });
    const target = group.id ?? "";
    const channel = await ann.socket.joinChat(target, GROUP, true, false);
    expect(channel.id).toBe(`3.${target}..`);
    await expect(bob.socket.joinChat(target, GROUP, true, false)).rejects.toBeDefined();
    await bob.client.joinGroup(bob.session, target);
    await until("the news of bob", () =>
      ann.messages.some((message) => message.code === 3 && message.sender_id === bob.id),
    );
    await bob.socket.joinChat(target, GROUP, true, false);
    const said = await bob.socket.writeChatMessage(channel.id, { text: "rude" });
    expect(await ann.hears({ text: "rude" })).toMatchObject({ group_id: target });
    // A group's admins keep order in their channel.
    await ann.socket.removeChatMessage(channel.id, said.message_id);
    expect(await history(ann, channel.id, true)).not.toContainEqual({ text: "rude" });
    expect(await status(cas.client.listChannelMessages(cas.session, channel.id, 10))).toBe(403);
    await ann.client.kickGroupUsers(ann.session, target, [bob.id]);
    await until("bob to be out", () =>
      ann.comings.some((event) => (event.leaves ?? []).some((one) => one.user_id === bob.id)),
    );
    expect(await refusal(bob.socket.writeChatMessage(channel.id, {}))).toMatchObject({ code: 3 });
  });

  test("servers keep order everywhere: remove, mute, ban", async () => {
    here = await Friend.many(server, format, 2);
    const [ann, bob] = here as [Friend, Friend];
    const name = room();
    const { id } = await ann.socket.joinChat(name, ROOM, true, false);
    await bob.socket.joinChat(name, ROOM, true, false);
    const said = await bob.socket.writeChatMessage(id, { text: "spam" });
    const about = { channel_id: id, user_id: bob.id };
    expect((await asServer("chat_remove", { channel_id: id, message_id: said.message_id })).status).toBe(200);
    expect((await asServer("chat_remove", { channel_id: id, message_id: said.message_id })).status).toBe(404);
    expect((await asServer("chat_mute", about)).status).toBe(200);
    expect(await refusal(bob.socket.writeChatMessage(id, {}))).toMatchObject({ code: 3 });
    expect((await asServer("chat_unmute", about)).status).toBe(200);
    await bob.socket.writeChatMessage(id, { text: "sorry" });
    const listed = (await (await asServer("chat_list", { channel_id: id })).json()) as {
      messages: unknown[];
    };
    expect(listed.messages).toHaveLength(1);
    expect((await asServer("chat_ban", { ...about, seconds: 60 })).status).toBe(200);
    await until("bob to be out", () =>
      ann.comings.some((event) => (event.leaves ?? []).some((one) => one.user_id === bob.id)),
    );
    await expect(bob.socket.joinChat(name, ROOM, true, false)).rejects.toBeDefined();
    expect((await asServer("chat_unban", about)).status).toBe(200);
    await bob.socket.joinChat(name, ROOM, true, false);
    // Players keep no order in rooms.
    expect(await status(ann.client.rpc(ann.session, "chat_mute", about))).toBe(403);
  });

  test("nonsense is refused in the protocol's words", async () => {
    here = await Friend.many(server, format, 1);
    const [ann] = here as [Friend];
    expect(await refusal(ann.socket.joinChat("", ROOM, true, false))).toMatchObject({ code: 3 });
    expect(await refusal(ann.socket.joinChat("r".repeat(65), ROOM, true, false))).toMatchObject({ code: 3 });
    expect(await refusal(ann.socket.joinChat(ann.id, DIRECT, true, false))).toMatchObject({ code: 3 });
    expect(await refusal(ann.socket.joinChat("x", GROUP, true, false))).toMatchObject({ code: 3 });
    const { id } = await ann.socket.joinChat(room(), ROOM, true, false);
    expect(await refusal(ann.socket.writeChatMessage(id, "text"))).toMatchObject({ code: 3 });
    expect(await refusal(ann.socket.removeChatMessage(id, "x"))).toMatchObject({ code: 3 });
    expect(await refusal(ann.socket.leaveChat("2..."))).toMatchObject({ code: 3 });
    expect(await status(ann.client.listChannelMessages(ann.session, "9...x", 10))).toBe(400);
    expect(await status(ann.client.listChannelMessages(ann.session, id, 101))).toBe(400);
  });
});
