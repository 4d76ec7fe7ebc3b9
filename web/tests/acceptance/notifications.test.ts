/** Notifications as the unmodified SDK sees them: pushed, kept, read on from where one was, and deleted. */
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

describe.each(FORMATS)("%s", (format) => {
  test("what came while one was away is listed, once, and no more after it is deleted", async () => {
    const away = await Friend.login(server, format);
    here = await Friend.many(server, format, 3);
    for (const friend of here) await friend.client.addFriends(friend.session, [away.id]);
    const senders = here.map((friend) => friend.id);

    const seen: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < 3; page++) {
      const list = await away.client.listNotifications(away.session, 2, cursor);
      seen.push(...(list.notifications ?? []).map((one) => one.sender_id ?? ""));
      cursor = list.cacheable_cursor;
    }
    expect(seen).toEqual(senders);

    // The cursor of the newest one gives what comes later, and it alone.
    const [first] = here as [Friend];
    await first.socket.joinChat(away.id, 2, true, false);
    const late = await away.client.listNotifications(away.session, 10, cursor);
    expect(late.notifications).toHaveLength(1);
    expect(late.notifications?.[0]).toMatchObject({
      code: -1,
      sender_id: first.id,
      content: { username: first.name },
      persistent: true,
    });

    const all = await away.client.listNotifications(away.session, 100);
    const ids = (all.notifications ?? []).map((one) => one.id ?? "");
    expect(ids).toHaveLength(4);
    await away.client.deleteNotifications(away.session, ids.slice(1));
    const left = await away.client.listNotifications(away.session, 100);
    expect(left.notifications?.map((one) => one.id)).toEqual(ids.slice(0, 1));
  });

  test("every socket of a user hears a notification, with what the list shows of it", async () => {
    here = await Friend.many(server, format, 2);
    const [ann, bob] = here as [Friend, Friend];
    await ann.client.addFriends(ann.session, [bob.id]);
    const pushed = await bob.notified(-2);
    const listed = (await bob.client.listNotifications(bob.session, 10)).notifications?.[0];
    expect(listed).toMatchObject({ id: pushed.id, subject: pushed.subject, content: pushed.content });
  });

  test("nonsense is refused in the protocol's words", async () => {
    const ann = await Friend.login(server, format);
    expect(await status(ann.client.listNotifications(ann.session, 0))).toBe(400);
    expect(await status(ann.client.listNotifications(ann.session, 10, "forged"))).toBe(400);
    expect(await status(ann.client.deleteNotifications(ann.session, ["x"]))).toBe(400);
    expect(await status(ann.client.deleteNotifications(ann.session, []))).toBe(400);
  });
});
