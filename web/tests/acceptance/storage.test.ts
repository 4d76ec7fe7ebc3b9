/** Stored objects through the unmodified SDK: versions, permissions, pages; and queries of a studio's server. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { randomHex } from "../../src/random";
import { TestServer } from "../server";
import { FORMATS, Guest } from "./guest";

const server = new TestServer([], "studio");

beforeAll(async () => void (await server.start()));
afterAll(() => server.remove());

/** The status of an HTTP refusal and the code in its body. */
async function refusal(work: Promise<unknown>): Promise<[number, number]> {
  try {
    await work;
    return [200, 0];
  } catch (error) {
    if (!(error instanceof Response)) throw error;
    return [error.status, ((await error.json()) as { code: number }).code];
  }
}

describe.each(FORMATS)("storage, a session with %s", (format) => {
  const player = () => Guest.login(server, format);

  test("objects are written, read with their versions, and deleted", async () => {
    const { client, session } = await player();
    const value = { level: 3, name: "Ann", list: [1, { deep: true }] };
    const written = await client.writeStorageObjects(session, [
      { collection: "saves", key: "one", value },
      { collection: "saves", key: "two", value: {}, permission_read: 2, permission_write: 0 },
    ]);
    const acks = written.acks ?? [];
    expect(acks.map((ack) => ack.key)).toEqual(["one", "two"]);
    expect(acks[1]?.version).toBe("99914b932bd37a50b983c5e7c90ae93b");
    const ids = ["two", "one", "none"].map((key) => ({
      collection: "saves",
      key,
      user_id: session.user_id ?? "",
    }));
    const { objects } = await client.readStorageObjects(session, { object_ids: ids });
    expect(objects.map((object) => object.key)).toEqual(["two", "one"]);
    expect(objects[1]).toMatchObject({
      value,
      permission_read: 1,
      permission_write: 1,
      user_id: session.user_id,
    });
    expect(objects[1]?.version).toBe(acks[0]?.version);
    expect(objects[0]).toMatchObject({ value: {}, permission_read: 2, permission_write: 0 });
    expect(Date.parse(objects[0]?.create_time ?? "")).toBeGreaterThan(Date.now() - 60_000);
    const gone = { object_ids: [{ collection: "saves", key: "one", version: acks[0]?.version ?? "" }] };
    expect(await client.deleteStorageObjects(session, gone)).toBe(true);
    expect((await client.readStorageObjects(session, { object_ids: ids })).objects).toHaveLength(1);
    expect(await refusal(client.deleteStorageObjects(session, gone))).toEqual([400, 3]);
  });

  test("of two writers over one version, one is refused", async () => {
    const { client, session } = await player();
    const write = (n: number, version: string) =>
      client.writeStorageObjects(session, [{ collection: "c", key: "k", value: { n }, version }]);
    const version = (await write(1, "*")).acks?.[0]?.version ?? "";
    expect(await refusal(write(2, "*"))).toEqual([400, 3]);
    const both = await Promise.all([refusal(write(2, version)), refusal(write(3, version))]);
    expect(both.map(([status]) => status).sort()).toEqual([200, 400]);
    expect(await refusal(write(4, ""))).toEqual([200, 0]);
  });

  test("others see what is public, and cannot change it", async () => {
    const [ann, bob] = [await player(), await player()];
    const collection = `c${randomHex(8)}`;
    await ann.client.writeStorageObjects(ann.session, [
      { collection, key: "hidden", value: {}, permission_read: 0, permission_write: 1 },
      { collection, key: "own", value: {} },
      { collection, key: "public", value: { by: "ann" }, permission_read: 2, permission_write: 1 },
    ]);
    const keys = async (guest: Guest, owner?: string) => {
      const list = await guest.client.listStorageObjects(guest.session, collection, owner, 100);
      return list.objects.map((object) => object.key);
    };
    expect(await keys(ann, ann.session.user_id)).toEqual(["own", "public"]);
    expect(await keys(bob, ann.session.user_id)).toEqual(["public"]);
    expect(await keys(bob)).toEqual(["public"]);
    await bob.client.writeStorageObjects(bob.session, [{ collection, key: "public", value: { by: "bob" } }]);
    const id = { collection, key: "public", user_id: ann.session.user_id ?? "" };
    const { objects } = await bob.client.readStorageObjects(bob.session, { object_ids: [id] });
    expect(objects[0]?.value).toEqual({ by: "ann" });
  });

  test("a collection is listed in pages", async () => {
    const { client, session } = await player();
    const all = Array.from({ length: 23 }, (_, n) => `k${String(n).padStart(2, "0")}`);
    await client.writeStorageObjects(
      session,
      all.map((key) => ({ collection: "pages", key, value: { key } })),
    );
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.listStorageObjects(session, "pages", session.user_id, 10, cursor);
      seen.push(...page.objects.map((object) => object.key ?? ""));
      cursor = page.cursor;
    } while (cursor);
    expect(seen).toEqual(all);
    const odd = client.listStorageObjects(session, "pages", session.user_id, 10, "AAAA");
    expect(await refusal(odd)).toEqual([400, 3]);
  });

  test("a studio's index is queried and follows every write", async () => {
    const { client, session } = await player();
    const mark = randomHex(8);
    const hero = (name: string, level: number, permission_read: number) => ({
      collection: "heroes",
      key: `${mark}-${name}`,
      value: { class: mark, level },
      permission_read,
    });
    const find = async (query: string) => {
      const answer = await client.rpc(session, "heroes_find", { query, sort: "level" });
      const { heroes } = answer.payload as { heroes: string[] };
      return heroes.map((key) => key.slice(mark.length + 1));
    };
    await client.writeStorageObjects(session, [hero("ann", 3, 2), hero("bob", 9, 2), hero("cid", 5, 0)]);
    expect(await find(`+value.class:${mark}`)).toEqual(["bob", "ann"]);
    await client.writeStorageObjects(session, [hero("ann", 12, 2)]);
    expect(await find(`+value.class:${mark} +value.level:>=5`)).toEqual(["ann", "bob"]);
    await client.deleteStorageObjects(session, {
      object_ids: [{ collection: "heroes", key: `${mark}-bob` }],
    });
    expect(await find(`+value.class:${mark}`)).toEqual(["ann"]);
    expect((await refusal(client.rpc(session, "heroes_find", { sort: "power" })))[0]).toBe(400);
  });
});
