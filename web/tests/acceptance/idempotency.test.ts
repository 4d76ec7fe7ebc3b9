/** `Idempotency-Key`: a write of the unmodified SDK that is sent again applies once. The page adds it to `fetch`. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { TestServer } from "../server";
import { FORMATS, Guest } from "./guest";

const server = new TestServer();
const plain = globalThis.fetch;

beforeAll(async () => void (await server.start()));
afterAll(() => server.remove());
afterEach(() => void (globalThis.fetch = plain));

/** Every request goes out under this key, so often, and the last answer is the one that counts. */
function underKey(key: string, times: number, replayed: (string | null)[] = []): void {
  globalThis.fetch = async (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set("Idempotency-Key", key);
    let answer = await plain(input, { ...init, headers });
    for (let again = 1; again < times; again++) answer = await plain(input, { ...init, headers });
    replayed.push(answer.headers.get("idempotency-replayed"));
    return answer;
  };
}

test.each(FORMATS)("a write sent three times is one, with %s", async (format) => {
  const { client, session } = await Guest.login(server, format);
  const write = (n: number) =>
    client.writeStorageObjects(session, [{ collection: "c", key: "k", value: { n }, version: "*" }]);
  const replayed: (string | null)[] = [];
  underKey("first", 3, replayed);
  const acks = await write(1);
  expect(acks.acks).toHaveLength(1);
  expect(replayed).toEqual(["true"]);
  await expect(write(2)).rejects.toMatchObject({ status: 409 });
  underKey("second", 1);
  await expect(write(1)).rejects.toMatchObject({ status: 400 });
});

test("a key outlives a crash of the server", async () => {
  const { client, session } = await Guest.login(server, "json");
  const write = () =>
    client.writeStorageObjects(session, [{ collection: "c", key: "k", value: { n: 1 }, version: "*" }]);
  underKey("before the crash", 1);
  const first = await write();
  await server.kill();
  await server.start();
  expect(await write()).toEqual(first);
});

test("the same rpc of a server twice changes a wallet once", async () => {
  const { client, session } = await Guest.login(server, "json");
  const updates = [{ user_id: session.user_id, changeset: { coins: 5 } }];
  underKey("a gift", 2);
  await client.rpcHttpKey("defaulthttpkey", "wallet_update", { updates });
  globalThis.fetch = plain;
  expect(JSON.parse((await client.getAccount(session)).wallet ?? "")).toEqual({ coins: 5 });
});
