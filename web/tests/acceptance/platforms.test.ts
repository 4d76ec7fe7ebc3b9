/**
 * Platforms that vouch in ways of their own, with the official SDK. Each stands on loopback and answers in the shape that
 * the real one was recorded with.
 */
import { Session } from "@heroiclabs/nakama-js";
import { createHmac, createSign, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { certificate } from "../outside/certificates";
import { refusal } from "../outside/refusal";
import { set, StandIn } from "../outside/stand-in";
import { TestServer } from "../server";
import { Guest } from "./guest";

const APP = "4711";
const SECRET = "facebook-app-secret";
const INSTANT = "instant-games-secret";
const BUNDLE = "example.game";

let there: StandIn;
let server: TestServer;
/** Steam's tickets and Facebook's tokens, and whose they are. */
const people = new Map<string, string>();
const friends = new Map<string, string[]>();
const apple = certificate("Game Center", undefined, { kind: "rsa" });

beforeAll(async () => {
  there = await StandIn.start();
  there
    .on("/ISteamUserAuth/AuthenticateUserTicket/v1/", ({ url }) => {
      if (url.searchParams.get("key") !== "steam-key") return { status: 403, json: {} };
      const steamid = people.get(url.searchParams.get("ticket") ?? "");
      if (steamid === undefined || url.searchParams.get("appid") !== APP) {
        return { json: { response: { error: { errorcode: 101, errordesc: "Invalid ticket" } } } };
      }
      const banned = steamid.startsWith("banned");
      const params = {
        result: "OK",
        steamid,
        ownersteamid: steamid,
        vacbanned: false,
        publisherbanned: banned,
      };
      return { json: { response: { params } } };
    })
    .on("/ISteamUser/GetFriendList/v1/", ({ url }) => {
      const of = friends.get(url.searchParams.get("steamid") ?? "");
      if (of === undefined) return { status: 401, json: {} };
      const list = of.map((steamid) => ({ steamid, relationship: "friend", friend_since: 0 }));
      return { json: { friendslist: { friends: list } } };
    })
    .on("/graph/debug_token", ({ url }) => {
      if (url.searchParams.get("access_token") !== `${APP}|${SECRET}`)
        return { status: 400, json: { error: {} } };
      const token = url.searchParams.get("input_token") ?? "";
      const user_id = people.get(token);
      if (user_id === undefined) return { json: { data: { is_valid: false, error: { code: 190 } } } };
      const app_id = token.startsWith("foreign") ? "666" : APP;
      return { json: { data: { app_id, is_valid: !token.startsWith("old"), user_id, type: "USER" } } };
    })
    .on("/graph/me/friends", ({ url }) => {
      const of = friends.get(people.get(url.searchParams.get("access_token") ?? "") ?? "") ?? [];
      const at = Number(url.searchParams.get("after") ?? 0);
      const paging = {
        cursors: { after: String(at + 1) },
        ...(at + 1 < of.length ? { next: "http://evil" } : {}),
      };
      return { json: { data: of.slice(at, at + 1).map((id) => ({ id })), paging } };
    })
    .on("/keys/gc.cer", () => ({ bytes: apple.der, headers: { "content-type": "application/pkix-cert" } }))
    .on("/keys/moved.cer", () => ({ status: 302, headers: { location: `${there.url}/keys/gc.cer` } }))
    .on("/keys/other.cer", () => ({ bytes: certificate("Somebody", undefined, { kind: "rsa" }).der }))
    .on("/keys/long.cer", () => ({ bytes: Buffer.alloc(1_000_000) }))
    .on("/keys/text.cer", () => ({ bytes: Buffer.from("no certificate") }));
  server = await new TestServer(
    set(
      ["login.steam_key", "steam-key"],
      ["login.steam_app_id", APP],
      ["login.steam_url", there.url],
      ["login.facebook_app_id", APP],
      ["login.facebook_app_secret", SECRET],
      ["login.facebook_url", `${there.url}/graph`],
      ["login.facebook_instant_secret", INSTANT],
      ["login.gamecenter_bundle_ids", `${BUNDLE} another.game`],
      ["login.gamecenter_key_host", "127.0.0.1"],
    ),
  ).start();
});
afterAll(async () => {
  await server.remove();
  await there.stop();
});

const client = () => Guest.http(server);
const hex = () => randomBytes(8).toString("hex");

function person(secret: string, name = hex()): string {
  people.set(secret, name);
  return name;
}

function restored({ token, refresh_token }: Session): Session {
  return Session.restore(token, refresh_token);
}

async function nobody(): Promise<Session> {
  return restored(await client().authenticateDevice(randomBytes(16).toString("hex"), true));
}

describe("Steam", () => {
  test("a ticket makes an account and finds it again", async () => {
    const ticket = hex();
    person(ticket);
    const first = await client().authenticateSteam(ticket, true);
    const again = await client().authenticateSteam(ticket, false);
    expect([first.created, again.created]).toEqual([true, false]);
    expect(again.user_id).toBe(first.user_id);
  });

  test.each([
    ["a ticket that Steam does not take", () => hex(), 401],
    ["no ticket", () => "", 400],
    ["what is no ticket", () => "not hexadecimal", 400],
    ["a very long ticket", () => "ab".repeat(10_000), 400],
    [
      "a player whom the publisher banned",
      () => {
        const ticket = hex();
        person(ticket, `banned-${hex()}`);
        return ticket;
      },
      401,
    ],
  ])("refused: %s", async (_, ticket, status) => {
    expect((await refusal(client().authenticateSteam(ticket(), true))).status).toBe(status);
  });

  test("linked, unlinked, and friends there are friends here", async () => {
    const [mine, theirs] = [hex(), hex()];
    const [me, friend] = [person(mine), person(theirs)];
    friends.set(me, [friend, "a-stranger"]);
    const other = await client().authenticateSteam(theirs, true);
    const session = await nobody();
    expect(await client().linkSteam(session, { account: { token: mine }, sync: false })).toBe(true);
    expect(await client().importSteamFriends(session, { token: mine }, false)).toBe(true);
    const list = await client().listFriends(session, 0, 10);
    expect(list.friends?.map(({ user }) => user?.id)).toEqual([other.user_id]);
    expect(await client().unlinkSteam(session, { token: mine })).toBe(true);
    expect((await refusal(client().authenticateSteam(mine, false))).status).toBe(404);
  });

  test("a private profile has no friends to find", async () => {
    const ticket = hex();
    person(ticket);
    const session = restored(await client().authenticateSteam(ticket, true));
    expect(await client().importSteamFriends(session, { token: ticket }, false)).toBe(true);
    expect((await client().listFriends(session, 0, 10)).friends ?? []).toEqual([]);
  });
});

describe("Facebook", () => {
  test("a token makes an account and finds it again, with friends on the way", async () => {
    const [mine, one, two] = [hex(), hex(), hex()];
    const me = person(mine);
    friends.set(me, [person(one), person(two)]);
    const others = [
      await client().authenticateFacebook(one, true),
      await client().authenticateFacebook(two, true),
    ];
    const session = restored(await client().authenticateFacebook(mine, true, undefined, true));
    const list = await client().listFriends(session, 0, 10);
    const ids = list.friends?.map(({ user }) => user?.id).sort();
    expect(ids).toEqual(others.map((other) => other.user_id).sort());
    expect((await client().authenticateFacebook(mine, false)).user_id).toBe(session.user_id);
  });

  test.each([
    ["nobody's token", ""],
    ["another app's token", "foreign-"],
    ["an expired token", "old-"],
  ])("refused: %s", async (_, prefix) => {
    const token = `${prefix}${hex()}`;
    if (prefix !== "") person(token);
    expect((await refusal(client().authenticateFacebook(token, true))).status).toBe(401);
  });
});

describe("Facebook Instant Games", () => {
  function signed(payload: object, secret = INSTANT): string {
    const body = Buffer.from(JSON.stringify(payload)).toString("base64url");
    return `${createHmac("sha256", secret).update(body).digest("base64url")}.${body}`;
  }
  const info = (player_id: string) => ({
    algorithm: "HMAC-SHA256",
    issued_at: 1,
    player_id,
    request_payload: "",
  });

  test("a signed player makes an account and finds it again", async () => {
    const player = hex();
    const first = await client().authenticateFacebookInstantGame(signed(info(player)), true);
    const again = await client().authenticateFacebookInstantGame(signed(info(player)), false);
    expect(again.user_id).toBe(first.user_id);
  });

  test.each([
    ["under another secret", signed(info("p"), "another"), 401],
    ["in another way", signed({ ...info("p"), algorithm: "none" }), 401],
    ["about nobody", signed(info("")), 401],
    ["without a signature", `.${signed(info("p")).split(".")[1]}`, 401],
    ["not signed at all", "nothing", 400],
    ["nothing", "", 400],
  ])("refused: %s", async (_, text, status) => {
    expect((await refusal(client().authenticateFacebookInstantGame(text, true))).status).toBe(status);
  });
});

describe("Game Center", () => {
  interface Parts {
    bundle: string;
    player: string;
    url: string;
    salt: Buffer;
    time: number;
  }
  const parts = (change: Partial<Parts> = {}): Parts => ({
    bundle: BUNDLE,
    player: `G:${hex()}`,
    url: `${there.url}/keys/gc.cer`,
    salt: randomBytes(4),
    time: Date.now(),
    ...change,
  });
  function signature({ bundle, player, salt, time }: Parts): string {
    const at = Buffer.alloc(8);
    at.writeBigUInt64BE(BigInt(time));
    const sign = createSign("sha256").update(player).update(bundle).update(at).update(salt);
    return sign.sign(apple.key).toString("base64");
  }
  const login = (from: Parts, sign = signature(from), create = true) =>
    client().authenticateGameCenter(
      from.bundle,
      from.player,
      from.url,
      from.salt.toString("base64"),
      sign,
      String(from.time),
      undefined,
      create,
    );

  test("a signed player makes an account and finds it again; the certificate is fetched once", async () => {
    const player = `G:${hex()}`;
    const first = await login(parts({ player }));
    const again = await login(parts({ player }), undefined, false);
    expect(again.user_id).toBe(first.user_id);
    expect(there.asked.filter(({ url }) => url.pathname === "/keys/gc.cer").length).toBe(1);
  });

  test.each<[string, () => Promise<unknown>]>([
    ["another app", () => login(parts({ bundle: "a.strange.game" }))],
    ["another player under the signature", () => login(parts(), signature(parts()))],
    ["too old", () => login(parts({ time: Date.now() - 90_000_000 }))],
    ["from the future", () => login(parts({ time: Date.now() + 3_600_000 }))],
    ["a certificate of somebody else's", () => login(parts({ url: `${there.url}/keys/other.cer` }))],
    ["a certificate that is none", () => login(parts({ url: `${there.url}/keys/text.cer` }))],
    [
      "a host that is not Apple's",
      () => login(parts({ url: "https://static.gc.apple.com.evil.example/gc.cer" })),
    ],
    ["a scheme that is none", () => login(parts({ url: "file:///etc/passwd" }))],
    [
      "Apple's name before the host",
      () => login(parts({ url: `http://apple.com@127.0.0.1:${server.port}/x` })),
    ],
  ])("refused: %s", async (_, work) => {
    expect((await refusal(work())).status).toBe(401);
  });

  test("neither redirects nor floods are followed", async () => {
    expect((await refusal(login(parts({ url: `${there.url}/keys/moved.cer` })))).status).toBe(503);
    expect((await refusal(login(parts({ url: `${there.url}/keys/long.cer` })))).status).toBe(503);
  });
});

describe("without configuration", () => {
  let bare: TestServer;
  let session: Session;
  beforeAll(async () => {
    bare = await new TestServer().start();
    session = restored(await Guest.http(bare).authenticateDevice(randomBytes(16).toString("hex"), true));
  });
  afterAll(() => bare.remove());

  test.each<[string, string, object]>([
    ["/v2/account/authenticate/apple", 'serves = "apple"', { token: "a" }],
    ["/v2/account/authenticate/google", 'serves = "google"', { token: "a" }],
    ["/v2/account/authenticate/facebook", "login.facebook_app_id", { token: "a" }],
    [
      "/v2/account/authenticate/facebookinstantgame",
      "login.facebook_instant_secret",
      { signed_player_info: "a" },
    ],
    ["/v2/account/authenticate/gamecenter", "login.gamecenter_bundle_ids", { player_id: "a" }],
    ["/v2/account/authenticate/steam", "login.steam_key", { token: "a" }],
    ["/v2/account/link/apple", 'serves = "apple"', { token: "a" }],
    ["/v2/account/link/google", 'serves = "google"', { token: "a" }],
    ["/v2/account/link/facebook", "login.facebook_app_id", { token: "a" }],
    ["/v2/account/link/facebookinstantgame", "login.facebook_instant_secret", { signed_player_info: "a" }],
    ["/v2/account/link/gamecenter", "login.gamecenter_bundle_ids", { player_id: "a" }],
    ["/v2/account/link/steam", "login.steam_key", { account: { token: "a" } }],
    ["/v2/friend/facebook", "login.facebook_app_id", { token: "a" }],
    ["/v2/friend/steam", "login.steam_key", { token: "a" }],
    ["/v2/iap/purchase/apple", "receipts.apple_bundle_id", { receipt: "a" }],
    ["/v2/iap/purchase/google", "receipts.google_account_file", { purchase: "a" }],
    ["/v2/iap/purchase/huawei", "receipts.huawei_public_key", { purchase: "a", signature: "a" }],
    ["/v2/iap/purchase/facebookinstant", "receipts.facebook_instant_secret", { signed_request: "a" }],
    ["/v2/iap/subscription/apple", "receipts.apple_bundle_id", { receipt: "a" }],
    ["/v2/iap/subscription/google", "receipts.google_account_file", { receipt: "a" }],
  ])("%s names the setting", async (path, setting, body) => {
    const basic = `Basic ${Buffer.from("defaultkey:").toString("base64")}`;
    const authorization = path.includes("/authenticate/") ? basic : `Bearer ${session.token}`;
    const answer = await fetch(bare.url + path, {
      method: "POST",
      headers: { authorization },
      body: JSON.stringify(body),
    });
    const said = (await answer.json()) as { code: number; message: string };
    expect([answer.status, said.code], said.message).toEqual([400, 9]);
    expect(said.message).toContain("not configured");
    expect(said.message).toContain(setting);
  });
});
