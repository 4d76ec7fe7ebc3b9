/** Wallets: servers change them, players see them and their ledger. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestServer } from "../server";
import { FORMATS, Guest } from "./guest";

const server = new TestServer([], "studio");
const HTTP_KEY = "defaulthttpkey";

beforeAll(async () => void (await server.start()));
afterAll(() => server.remove());

type Item = { id: string; changeset: Record<string, number>; metadata: Record<string, unknown> };

async function give(guest: Guest, changeset: Record<string, number>): Promise<unknown> {
  const updates = [{ user_id: guest.session.user_id, changeset, metadata: { why: "test" } }];
  return guest.client.rpcHttpKey(HTTP_KEY, "wallet_update", { updates });
}

async function wallet(guest: Guest): Promise<unknown> {
  return JSON.parse((await guest.client.getAccount(guest.session)).wallet ?? "");
}

test.each(FORMATS)("a wallet and its ledger, over a socket with %s", async (format) => {
  const guest = await Guest.connected(server, format);
  expect(await wallet(guest)).toEqual({});
  await give(guest, { coins: 50, gems: 1 });
  await give(guest, { coins: -20 });
  expect(await wallet(guest)).toEqual({ coins: 30, gems: 1 });
  await expect(give(guest, { coins: -31, gems: 5 })).rejects.toMatchObject({ status: 400 });
  expect(await wallet(guest)).toEqual({ coins: 30, gems: 1 });
  await expect(guest.rpc("wallet_update", { updates: [] })).rejects.toMatchObject({ status: 403 });

  // Over the socket, page by page.
  const page = async (cursor: string) => {
    const answer = await guest.socket.rpc("wallet_ledger_list", JSON.stringify({ limit: 1, cursor }));
    return JSON.parse(answer.payload ?? "") as { items: Item[]; cursor: string };
  };
  const first = await page("");
  expect(first.items[0]).toMatchObject({ changeset: { coins: -20 }, metadata: { why: "test" } });
  const second = await page(first.cursor);
  expect(second.items[0]?.changeset).toEqual({ coins: 50, gems: 1 });
  expect(second.cursor).toBe("");
  guest.leave();
});

test("a purchase takes coins and brings the item together, and the third unlocks an achievement", async () => {
  const guest = await Guest.login(server, "json");
  const buy = (item: string) => guest.rpc("shop_buy", { item });
  await expect(buy("sword")).rejects.toMatchObject({ status: 400 });
  const bag = async () =>
    (await guest.client.listStorageObjects(guest.session, "bag", guest.session.user_id, 10)).objects.map(
      (object) => object.key,
    );
  expect(await bag()).toEqual([]);
  await give(guest, { coins: 35 });
  expect(await buy("sword")).toEqual({ left: { coins: 25 } });
  await expect(buy("sword")).rejects.toMatchObject({ status: 400 });
  await buy("shield");
  await buy("boots");
  expect(await bag()).toEqual(["boots", "shield", "sword"]);
  expect(await wallet(guest)).toEqual({ coins: 5, gems: 1 });
});
