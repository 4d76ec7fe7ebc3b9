/** Friends as the unmodified SDK sees them: asking, accepting, blocking, and lists in pages. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { TestServer } from "../server";
import { Friend, status } from "./friend";
import { FORMATS } from "./guest";

const server = new TestServer();
let here: Friend[] = [];

beforeAll(async () => void (await server.start()));
afterAll(() => server.remove());
afterEach(() => {
  for (const friend of here) friend.leave();
  here = [];
});

const FRIEND = 0;
const SENT = 1;
const RECEIVED = 2;
const BLOCKED = 3;

describe.each(FORMATS)("%s", (format) => {
  test("a request is told, accepted by id or by name, and both are told of each other", async () => {
    here = await Friend.many(server, format, 3);
    const [ann, bob, cas] = here as [Friend, Friend, Friend];
    await ann.client.addFriends(ann.session, [bob.id], [cas.name.toUpperCase()]);
    expect(await ann.friends()).toEqual({ [bob.id]: SENT, [cas.id]: SENT });
    expect(await bob.friends()).toEqual({ [ann.id]: RECEIVED });
    const asked = await bob.notified(-2);
    expect(asked).toMatchObject({ sender_id: ann.id, content: { username: ann.name }, persistent: true });

    await bob.client.addFriends(bob.session, [ann.id]);
    await cas.client.addFriends(cas.session, [], [ann.name]);
    expect(await ann.notified(-3)).toMatchObject({ content: { username: expect.any(String) } });
    expect(await ann.friends(FRIEND)).toEqual({ [bob.id]: FRIEND, [cas.id]: FRIEND });
    expect(await bob.friends(FRIEND)).toEqual({ [ann.id]: FRIEND });
    const { friends } = await bob.client.listFriends(bob.session, FRIEND, 10);
    expect(friends?.[0]?.user).toMatchObject({ username: ann.name, online: true, edge_count: 2 });

    await bob.client.deleteFriends(bob.session, [ann.id]);
    expect(await bob.friends()).toEqual({});
    expect(await ann.friends()).toEqual({ [cas.id]: FRIEND });
  });

  test("a block ends everything, and the other learns nothing of it", async () => {
    here = await Friend.many(server, format, 2);
    const [ann, bob] = here as [Friend, Friend];
    await ann.client.addFriends(ann.session, [bob.id]);
    await bob.client.addFriends(bob.session, [ann.id]);
    await ann.client.blockFriends(ann.session, [bob.id]);
    expect(await ann.friends()).toEqual({ [bob.id]: BLOCKED });
    expect(await bob.friends()).toEqual({});
    await bob.client.addFriends(bob.session, [ann.id]);
    expect(await bob.friends()).toEqual({});
    expect(await ann.friends()).toEqual({ [bob.id]: BLOCKED });
    await expect(bob.socket.joinChat(ann.id, 2, true, false)).rejects.toBeDefined();
    await ann.client.deleteFriends(ann.session, [bob.id]);
    await bob.client.addFriends(bob.session, [ann.id]);
    expect(await ann.friends()).toEqual({ [bob.id]: RECEIVED });
  });

  test("lists come in pages, and friends of friends through whom", async () => {
    here = await Friend.many(server, format, 4);
    const [ann, bob, cas, dan] = here as [Friend, Friend, Friend, Friend];
    const befriend = async (one: Friend, other: Friend) => {
      await one.client.addFriends(one.session, [other.id]);
      await other.client.addFriends(other.session, [one.id]);
    };
    await befriend(ann, bob);
    await befriend(bob, cas);
    await befriend(bob, dan);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await bob.client.listFriends(bob.session, undefined, 1, cursor);
      seen.push(...(page.friends ?? []).map((friend) => friend.user?.id ?? ""));
      cursor = page.cursor;
    } while (cursor);
    expect(seen.sort()).toEqual([ann.id, cas.id, dan.id].sort());
    const found = await ann.client.listFriendsOfFriends(ann.session, 10);
    expect(found.friends_of_friends?.map((one) => [one.referrer, one.user?.id]).sort()).toEqual(
      [
        [bob.id, cas.id],
        [bob.id, dan.id],
      ].sort(),
    );
  });

  test("nonsense is refused in the protocol's words", async () => {
    here = [await Friend.connected(server, format)];
    const [ann] = here as [Friend];
    const { client, session } = ann;
    expect(await status(client.addFriends(session, [ann.id]))).toBe(400);
    expect(await status(client.addFriends(session, []))).toBe(400);
    expect(await status(client.addFriends(session, ["not-an-id"]))).toBe(400);
    expect(await status(client.addFriends(session, [], ["nobody of this name"]))).toBe(400);
    expect(await status(client.listFriends(session, 7, 10))).toBe(400);
    expect(await status(client.listFriends(session, undefined, 1_001))).toBe(400);
    expect(await status(client.listFriends(session, undefined, 10, "forged"))).toBe(400);
    expect(await status(client.listFriendsOfFriends(session, 10, "forged"))).toBe(400);
  });
});
