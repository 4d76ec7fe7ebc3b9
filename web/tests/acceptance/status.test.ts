/** Status as the unmodified SDK sees it: who follows whom, and what followers hear. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { TestServer } from "../server";
import { until } from "../until";
import { Friend, refusal } from "./friend";
import { FORMATS } from "./guest";

const server = new TestServer(["--set", "friends.online_notices=true"]);
let here: Friend[] = [];

beforeAll(async () => void (await server.start()));
afterAll(() => server.remove());
afterEach(() => {
  for (const friend of here) friend.leave();
  here = [];
});

/** The newest status that a follower has heard of a user; `null` once the user is gone. */
function heard(follower: Friend, user: Friend): string | null | undefined {
  const about = follower.statuses.flatMap(({ joins, leaves }) => [
    ...(leaves ?? []).filter((one) => one.user_id === user.id).map(() => null),
    ...(joins ?? [])
      .filter((one) => one.user_id === user.id)
      .map((one) => (one as { status?: string }).status ?? ""),
  ]);
  return about.at(-1);
}

describe.each(FORMATS)("%s", (format) => {
  test("followers hear each change, and one who tells nothing seems to be offline", async () => {
    here = await Friend.many(server, format, 3);
    const [ann, bob, cas] = here as [Friend, Friend, Friend];
    expect((await ann.socket.followUsers([bob.id])).presences ?? []).toEqual([]);
    await bob.socket.updateStatus("in the shop");
    await until("the status", () => heard(ann, bob) === "in the shop");
    await bob.socket.updateStatus("on the farm");
    await until("the next one", () => heard(ann, bob) === "on the farm");
    const found = (await cas.socket.followUsers([bob.id])).presences;
    expect(found).toMatchObject([{ user_id: bob.id, username: bob.name, status: "on the farm" }]);

    await ann.socket.unfollowUsers([bob.id]);
    await bob.socket.updateStatus();
    await until("bob to seem offline", () => heard(cas, bob) === null);
    expect(heard(ann, bob)).toBe("on the farm");

    await bob.socket.updateStatus("back");
    await until("bob to be back", () => heard(cas, bob) === "back");
    bob.leave();
    await until("bob to be gone", () => heard(cas, bob) === null);
    // Followers are not seen.
    expect(bob.statuses.every(({ joins }) => (joins ?? []).every((one) => one.user_id === bob.id))).toBe(
      true,
    );
  });

  test("one who connects with a status is there at once, and friends who are online are told", async () => {
    here = await Friend.many(server, format, 2);
    const [ann, cas] = here as [Friend, Friend];
    const bob = await Friend.login(server, format);
    here.push(bob);
    await ann.client.addFriends(ann.session, [bob.id]);
    await bob.client.addFriends(bob.session, [ann.id]);
    await ann.socket.followUsers([bob.id]);
    await bob.socket.connect(bob.session, true);
    await until("bob to be there", () => heard(ann, bob) === "");
    expect(await ann.notified(-101)).toMatchObject({ sender_id: bob.id, content: { username: bob.name } });
    expect(cas.notifications).toEqual([]);
    // It was not kept: one who comes later would only learn what is no longer so.
    const kept = (await ann.client.listNotifications(ann.session, 10)).notifications ?? [];
    expect(kept.map((one) => one.code)).toEqual([-3]);
  });

  test("a status that is too long is refused", async () => {
    here = await Friend.many(server, format, 1);
    const [ann] = here as [Friend];
    expect(await refusal(ann.socket.updateStatus("s".repeat(2_049)))).toMatchObject({ code: 3 });
    expect(await refusal(ann.socket.followUsers(["nobody"]))).toMatchObject({ code: 3 });
    await ann.socket.updateStatus("s".repeat(2_048));
  });
});
