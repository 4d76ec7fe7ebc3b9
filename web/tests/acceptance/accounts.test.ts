/** Accounts with the official SDK: logins, links, profiles, ending; with sockets in both formats where they matter. */
import { Session, type Client } from "@heroiclabs/nakama-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { randomHex } from "../../src/random";
import { TestServer } from "../server";
import { until } from "../until";
import { Friend, status } from "./friend";
import { FORMATS, Guest } from "./guest";

const server = new TestServer();
const PASSWORD = "correct horse battery";

beforeAll(async () => void (await server.start()));
afterAll(() => server.remove());

const client = (): Client => Guest.http(server);
const unique = () => randomHex(8);
const address = () => `${unique()}@example.org`;
/** Without the mark of being new: for new sessions the SDK advises on the server's token lifetimes. */
const quiet = (made: Session) => Session.restore(made.token, made.refresh_token);
const player = async () => quiet(await client().authenticateDevice(`device-${unique()}`, true));

/** A call of a server of the studio's. */
async function byServer(path: string, body: unknown): Promise<Record<string, unknown>> {
  const joint = path.includes("?") ? "&" : "?";
  const answer = await fetch(`${server.url}${path}${joint}http_key=defaulthttpkey`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Record<string, unknown>;
}

describe("logging in", () => {
  test("with an e-mail address: made once, the same user afterwards, whatever the case", async () => {
    const email = address();
    const made = await client().authenticateEmail(email, PASSWORD, true, `name-${unique()}`);
    const again = await client().authenticateEmail(email.toUpperCase(), PASSWORD, false);
    expect(made.created).toBe(true);
    expect(again.created).toBe(false);
    expect(again.user_id).toBe(made.user_id);
    expect((await client().getAccount(quiet(again))).email).toBe(email);
    // With the name in the address's place.
    const named = await client().authenticateEmail("", PASSWORD, false, made.username);
    expect(named.user_id).toBe(made.user_id);
  });

  test("a wrong password and an unknown address are refused alike", async () => {
    const email = address();
    await client().authenticateEmail(email, PASSWORD, true);
    const refused = async (email: string) => {
      const answer = await client()
        .authenticateEmail(email, "not the password", false)
        .catch((error: unknown) => error);
      return [(answer as Response).status, await (answer as Response).text()];
    };
    const wrong = await refused(email);
    expect(wrong[0]).toBe(401);
    expect(await refused(address())).toEqual(wrong);
    expect(await status(client().authenticateEmail(address(), "short", true))).toBe(400);
    expect(await status(client().authenticateEmail("nonsense", PASSWORD, true))).toBe(400);
  });

  test("with an id of the studio's own, and with variables that stay in the session", async () => {
    const id = `custom-${unique()}`;
    const made = await client().authenticateCustom(id, true, `name-${unique()}`, { skin: "red" });
    expect((made.vars as Record<string, string>)["skin"]).toBe("red");
    const again = await client().authenticateCustom(id, false);
    expect(again.user_id).toBe(made.user_id);
    expect((await client().getAccount(quiet(again))).custom_id).toBe(id);
    expect(await status(client().authenticateCustom(`custom-${unique()}`, false))).toBe(404);
    expect(await status(client().authenticateCustom("short", true))).toBe(400);
    expect(await status(client().authenticateCustom(`custom-${unique()}`, true, made.username))).toBe(409);
  });
});

describe("links", () => {
  test("each way in belongs to one account, and the last one stays", async () => {
    const [ada, eve] = [await player(), await player()];
    const sdk = client();
    const [custom, device, email] = [`custom-${unique()}`, `device-${unique()}`, address()];
    expect(await sdk.linkCustom(ada, { id: custom })).toBe(true);
    expect(await sdk.linkDevice(ada, { id: device })).toBe(true);
    expect(await sdk.linkEmail(ada, { email, password: PASSWORD })).toBe(true);
    expect(await status(sdk.linkCustom(eve, { id: custom }))).toBe(409);
    expect(await status(sdk.linkDevice(eve, { id: device }))).toBe(409);
    expect(await status(sdk.linkEmail(eve, { email, password: PASSWORD }))).toBe(409);
    for (const login of [
      sdk.authenticateCustom(custom, false),
      sdk.authenticateDevice(device, false),
      sdk.authenticateEmail(email, PASSWORD, false),
    ])
      expect((await login).user_id).toBe(ada.user_id);

    const account = await sdk.getAccount(ada);
    expect(account).toMatchObject({ custom_id: custom, email });
    expect(account.devices?.map((one) => one.id)).toContain(device);
    for (const one of account.devices ?? [])
      expect(await sdk.unlinkDevice(ada, { id: one.id ?? "" })).toBe(true);
    expect(await sdk.unlinkEmail(ada, { email, password: PASSWORD })).toBe(true);
    expect(await status(sdk.unlinkCustom(ada, { id: custom }))).toBe(403);
    expect(await status(sdk.unlinkDevice(ada, { id: device }))).toBe(400);
    expect(await status(sdk.authenticateDevice(device, false))).toBe(404);
    // What she gave up is free.
    expect(await sdk.linkDevice(eve, { id: device })).toBe(true);
  });
});

describe("profiles", () => {
  test("what is named changes, the rest stays, and others see it", async () => {
    const [ada, eve] = [await player(), await player()];
    const sdk = client();
    const username = `Ada-${unique()}`;
    await sdk.updateAccount(ada, {
      username,
      display_name: "Ada the First",
      avatar_url: "https://pictures.example/ada",
      lang_tag: "en",
      location: "London",
      timezone: "Europe/London",
    });
    await sdk.updateAccount(ada, { lang_tag: "de" });
    const seen = {
      id: ada.user_id,
      username,
      display_name: "Ada the First",
      avatar_url: "https://pictures.example/ada",
      lang_tag: "de",
      location: "London",
      timezone: "Europe/London",
    };
    expect((await sdk.getAccount(ada)).user).toMatchObject(seen);
    const { users } = await sdk.getUsers(eve, [ada.user_id ?? ""], [username.toUpperCase()]);
    expect(users).toHaveLength(1);
    expect(users?.[0]).toMatchObject(seen);
    expect(await status(sdk.updateAccount(eve, { username: username.toLowerCase() }))).toBe(409);
    expect((await sdk.getUsers(eve, [], ["nobody-has-this-name"])).users ?? []).toEqual([]);
    const many = Array.from({ length: 101 }, (_, i) => `name-${i}`);
    expect(await status(sdk.getUsers(eve, [], many))).toBe(400);
  });

  test("preferences are the player's own, metadata the server's", async () => {
    const ada = await player();
    const sdk = client();
    expect((await sdk.rpc(ada, "preferences_get", {})).payload).toEqual({});
    await sdk.rpc(ada, "preferences_set", { sound: false, keys: { jump: "space" } });
    expect((await sdk.rpc(ada, "preferences_get", {})).payload).toEqual({
      sound: false,
      keys: { jump: "space" },
    });
    const change = { user_id: ada.user_id, metadata: { rank: "captain" } };
    expect(await status(sdk.rpc(ada, "account_update", change))).toBe(403);
    await byServer("/v2/rpc/account_update?unwrap", change);
    const { user } = await sdk.getAccount(ada);
    expect(user?.metadata).toEqual(JSON.stringify({ rank: "captain" }));
  });
});

describe("tokens for others", () => {
  test("a ticket is good once, for the place it is for", async () => {
    const ada = await player();
    const { payload } = await client().rpc(ada, "ticket_create", { aud: "arena-1" });
    const { ticket } = payload as { ticket: string };
    const worth = (token: string, aud: string) => byServer("/v2/session/introspect", { token, aud });
    expect(await worth(ticket, "arena-2")).toEqual({ active: false });
    expect(await worth(ticket, "arena-1")).toMatchObject({ active: true, sub: ada.user_id, aud: "arena-1" });
    expect(await worth(ticket, "arena-1")).toEqual({ active: false });
  });
});

describe.each(FORMATS)("with sockets, %s", (format) => {
  test("a player is online while a socket is open", async () => {
    const [ada, eve] = [await Friend.login(server, format), await Friend.login(server, format)];
    const online = async () => (await eve.client.getUsers(eve.session, [ada.id])).users?.[0]?.online ?? false;
    expect(await online()).toBe(false);
    await ada.socket.connect(ada.session, false);
    // The answer to a request says that the socket has been let in.
    await ada.socket.rpc("preferences_get", "{}");
    expect(await online()).toBe(true);
    ada.leave();
    await until("her going", async () => !(await online()));
  });

  test("logged out everywhere: every login and every socket ends", async () => {
    const device = `device-${unique()}`;
    const both = [
      await Guest.connected(server, format, device),
      await Guest.connected(server, format, device),
    ];
    const [here, there] = both as [Guest, Guest];
    await here.client.sessionLogout(here.session, "", "");
    await until("the sockets' ends", () => here.closed && there.closed);
    for (const guest of both) {
      expect(await status(guest.client.getAccount(guest.session))).toBe(401);
      expect(await status(guest.client.sessionRefresh(guest.session))).toBe(401);
    }
    const again = await Guest.connected(server, format, device);
    expect((await again.client.getAccount(again.session)).user?.id).toBe(here.session.user_id);
    again.leave();
  });

  test("an erased account is gone: its sockets, its tokens, its friends' lists, its messages", async () => {
    const device = `device-${unique()}`;
    const guest = await Guest.connected(server, format, device);
    const eve = await Friend.connected(server, format);
    const id = guest.session.user_id ?? "";
    await guest.client.addFriends(guest.session, [eve.id]);
    await eve.client.addFriends(eve.session, [id]);
    expect(await eve.friends()).toEqual({ [id]: 0 });
    await guest.client.updateAccount(guest.session, { location: "London" });
    const taken = await fetch(`${server.url}/v2/account/export`, {
      headers: { Authorization: `Bearer ${guest.session.token}` },
    });
    expect(await taken.json()).toMatchObject({
      user_id: id,
      account: { location: "London", devices: [device] },
    });

    expect(await guest.client.deleteAccount(guest.session)).toBe(true);
    await until("the socket's end", () => guest.closed);
    expect(await status(guest.client.getAccount(guest.session))).toBe(401);
    expect(await status(guest.client.sessionRefresh(guest.session))).toBe(401);
    expect((await eve.client.getUsers(eve.session, [id])).users ?? []).toEqual([]);
    expect(await eve.friends()).toEqual({});
    const again = await client().authenticateDevice(device, true);
    expect(again.created).toBe(true);
    expect(again.user_id).not.toBe(id);
    eve.leave();
  });
});
