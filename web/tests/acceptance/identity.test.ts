/** Logins by issuers of OpenID Connect: the certified `oidc-provider`, the official SDK, and the login of pages. */
import { Session } from "@heroiclabs/nakama-js";
import { createHash, randomBytes } from "node:crypto";
import { exportSPKI, importJWK, SignJWT, UnsecuredJWT, type JWTPayload } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLIENT, Issuer, PUBLIC_CLIENT, SECRET } from "../outside/issuer";
import { refusal } from "../outside/refusal";
import { set } from "../outside/stand-in";
import { Surfer, type Stop } from "../outside/surfer";
import { TestServer } from "../server";
import { until } from "../until";
import { Guest } from "./guest";

let issuer: Issuer;
let server: TestServer;

beforeAll(async () => {
  issuer = await Issuer.start();
  const of = (name: string, client: string): [string, string][] => [
    [`identity.${name}.issuer`, issuer.url],
    [`identity.${name}.client_id`, client],
  ];
  server = await new TestServer(
    set(
      ...of("google", CLIENT),
      ["identity.google.serves", "google"],
      ["identity.google.audiences", "our-phone-app"],
      ...of("house", CLIENT),
      ["identity.house.client_secret", SECRET],
      ["identity.house.serves", "custom:house"],
      ["identity.house.scopes", "openid offline_access"],
      ["identity.house.return_origins", "https://game.example"],
      ["identity.house.recheck_seconds", "1"],
      ...of("page", PUBLIC_CLIENT),
      ["session.access_seconds", "3600"],
    ),
  ).start();
  issuer.serve(server.url);
});
afterAll(async () => {
  await server.remove();
  await issuer.stop();
});

const client = () => Guest.http(server);
const person = () => `person-${randomBytes(8).toString("hex")}`;

function post(path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(server.url + path, { method: "POST", headers, body: JSON.stringify(body) });
}

describe("ID tokens that clients bring", () => {
  test("a person is the same person again, by every algorithm that is taken", async () => {
    const who = person();
    const first = await client().authenticateGoogle(await issuer.sign(issuer.claims(who)), true);
    expect(first.created).toBe(true);
    for (const alg of ["RS256", "PS256", "ES256", "ES384"]) {
      const again = await client().authenticateGoogle(await issuer.sign(issuer.claims(who), { alg }), true);
      expect(again.created, alg).toBe(false);
      expect(again.user_id, alg).toBe(first.user_id);
    }
    const other = await client().authenticateGoogle(await issuer.sign(issuer.claims(person())), true);
    expect(other.user_id).not.toBe(first.user_id);
  });

  test("any issuer by the custom route, under its own name", async () => {
    const who = person();
    const token = await issuer.sign(issuer.claims(who));
    const session = await client().authenticateCustom(`house:${token}`, true);
    const again = await client().authenticateCustom(`house:${token}`, true);
    expect(again.user_id).toBe(session.user_id);
    // The same person by another issuer is somebody else here.
    expect((await client().authenticateGoogle(token, true)).user_id).not.toBe(session.user_id);
    // And an id that only looks like one is a custom id like any other.
    expect((await client().authenticateCustom(`nobody:${who}`, true)).created).toBe(true);
  });

  test("without `create` a stranger is not found, and a name is given to a new account", async () => {
    const token = await issuer.sign(issuer.claims(person()));
    expect(await refusal(client().authenticateGoogle(token, false))).toMatchObject({ status: 404, code: 5 });
    const name = `Named_${randomBytes(4).toString("hex")}`;
    expect((await client().authenticateGoogle(token, true, name, { level: "7" })).username).toBe(name);
  });

  type Row = [string, () => Promise<string>];
  const now = () => Math.floor(Date.now() / 1_000);
  const claimed = (name: string, change: JWTPayload): Row => [
    name,
    () => issuer.sign(issuer.claims("tampered", change)),
  ];
  const without = (name: string, claim: string): Row => [
    name,
    () => {
      const claims = issuer.claims("tampered");
      delete claims[claim];
      return issuer.sign(claims);
    },
  ];
  const cut = async (change: (parts: string[]) => string[]) =>
    change((await issuer.sign(issuer.claims("tampered"))).split(".")).join(".");

  test.each<Row>([
    claimed("another audience", { aud: "somebody-else" }),
    claimed("no audience", { aud: [] }),
    claimed("several audiences, and nobody who asked", { aud: [CLIENT, "somebody-else"] }),
    claimed("asked for by another client", { azp: "somebody-else" }),
    claimed("another issuer", { iss: "https://issuer.example" }),
    claimed("the issuer with a slash", { iss: `${"http://127.0.0.1"}/` }),
    claimed("expired", { exp: now() - 120 }),
    claimed("not valid yet", { nbf: now() + 600 }),
    claimed("made in the future", { iat: now() + 600 }),
    claimed("made long ago, with an end in the future", { iat: now() - 100_000 }),
    claimed("about nobody", { sub: "" }),
    claimed("a logout token", { events: { "http://schemas.openid.net/event/backchannel-logout": {} } }),
    without("no subject", "sub"),
    without("no end", "exp"),
    without("no beginning", "iat"),
    ["an access token of the same issuer", () => issuer.sign(issuer.claims("tampered"), { typ: "at+jwt" })],
    ["an unknown key", () => issuer.sign(issuer.claims("tampered"), { kid: "nobody's" })],
    [
      "a key of another algorithm",
      () => issuer.sign(issuer.claims("tampered"), { alg: "PS256", kid: "RS256" }),
    ],
    ["no signature (alg none)", async () => new UnsecuredJWT(issuer.claims("tampered")).encode()],
    [
      "the public key as a shared secret (HS256)",
      async () => {
        const publicKey = await importJWK(issuer.key("RS256"), "RS256", { extractable: true });
        const secret = new TextEncoder().encode(await exportSPKI(publicKey as never));
        const claims = issuer.claims("tampered");
        return new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: "RS256" }).sign(secret);
      },
    ],
    ["a signature cut off", () => cut(([head = "", body = ""]) => [head, body, ""])],
    [
      "another body under the signature",
      () =>
        cut(([head = "", , signature = ""]) => [
          head,
          Buffer.from(JSON.stringify(issuer.claims("someone-else"))).toString("base64url"),
          signature,
        ]),
    ],
    ["four parts", () => cut((parts) => [...parts, "x"])],
    ["no token", async () => "not a token"],
    ["nothing", async () => ""],
    ["very much", async () => `eyJ${"A".repeat(40_000)}.A.A`],
  ])("refused: %s", async (_, token) => {
    const { status, message } = await refusal(client().authenticateGoogle(await token(), true));
    expect(status, message).toBe(401);
    expect(message).not.toContain("tampered");
  });

  test("taken: several audiences when we asked, and another client of ours", async () => {
    const both = issuer.claims(person(), { aud: [CLIENT, "somebody-else"], azp: CLIENT });
    expect((await client().authenticateGoogle(await issuer.sign(both), true)).created).toBe(true);
    const phone = issuer.claims(person(), { aud: "our-phone-app" });
    expect((await client().authenticateGoogle(await issuer.sign(phone), true)).created).toBe(true);
  });

  test("a new key of the issuer is fetched, and a flood of unknown keys is not a flood of fetches", async () => {
    await issuer.rotate("fresh");
    const token = await issuer.sign(issuer.claims(person()), { kid: "fresh" });
    await until("the new key is known", async () => {
      const answer = await post("/v2/account/authenticate/google", { token }, basic());
      return answer.status === 200;
    });
    const before = issuer.asked.filter((path) => path.startsWith("/jwks")).length;
    const unknown = await issuer.sign(issuer.claims("tampered"), { kid: "unknown" });
    await Promise.all(Array.from({ length: 50 }, () => refusal(client().authenticateGoogle(unknown, true))));
    expect(issuer.asked.filter((path) => path.startsWith("/jwks")).length - before).toBeLessThanOrEqual(1);
  });

  test("linked and unlinked", async () => {
    const { token, refresh_token } = await client().authenticateDevice(randomBytes(16).toString("hex"), true);
    const session = Session.restore(token, refresh_token);
    const proof = await issuer.sign(issuer.claims(person()));
    expect(await client().linkGoogle(session, { token: proof })).toBe(true);
    expect((await client().authenticateGoogle(proof, false)).user_id).toBe(session.user_id);
    expect((await client().getAccount(session)).user).toMatchObject({ id: session.user_id });
    // Somebody else cannot link the same person.
    const other = await client().authenticateDevice(randomBytes(16).toString("hex"), true);
    const theirs = Session.restore(other.token, other.refresh_token);
    expect(await refusal(client().linkGoogle(theirs, { token: proof }))).toMatchObject({ status: 409 });
    expect(await client().unlinkGoogle(session, { token: proof })).toBe(true);
    expect(await refusal(client().authenticateGoogle(proof, false))).toMatchObject({ status: 404 });
  });
});

function basic(): Record<string, string> {
  return { authorization: `Basic ${Buffer.from("defaultkey:").toString("base64")}` };
}

describe("the login of pages", () => {
  const start = (name: string, query = "") => `${server.url}/auth/oidc/${name}/login${query}`;
  const callback = (url: string) => url.includes("/callback?");
  const fragment = (stop: Stop) => new URLSearchParams(new URL(stop.location ?? "").hash.slice(1));

  /** Goes out and comes back; the last redirect is the one to the page. */
  async function surf(surfer: Surfer, name = "house", query = "?return=/docs/"): Promise<Stop> {
    return surfer.go(start(name, query), (url) => url.includes("#"));
  }

  async function trade(surfer: Surfer, body: object, name = "house"): Promise<Stop> {
    return surfer.step(`${server.url}/auth/oidc/${name}/session`, {
      method: "POST",
      body: JSON.stringify(body),
    });
  }

  async function loggedIn(surfer: Surfer): Promise<Session> {
    const code = fragment(await surf(surfer)).get("login_code");
    const answer = await trade(surfer, { code });
    expect(answer.status, answer.body).toBe(200);
    const { token, refresh_token } = JSON.parse(answer.body) as { token: string; refresh_token: string };
    return Session.restore(token, refresh_token);
  }

  test("out to the issuer, back, and into a session; the code is good once", async () => {
    issuer.person = person();
    const surfer = new Surfer();
    const out = await surfer.step(start("house", "?return=/docs/"));
    expect(out.status).toBe(302);
    const asked = new URL(out.location ?? "").searchParams;
    expect(asked.get("code_challenge_method")).toBe("S256");
    expect(asked.get("response_type")).toBe("code");
    expect(asked.get("scope")).toBe("openid offline_access");
    const other = new URL((await new Surfer().step(start("house"))).location ?? "").searchParams;
    for (const secret of ["state", "nonce", "code_challenge"]) {
      expect(other.get(secret), secret).not.toBe(asked.get(secret));
    }
    const arrived = await surfer.go(out.location ?? "", (url) => url.includes("#"));
    expect(arrived.status, arrived.body).toBe(302);
    const place = new URL(arrived.location ?? "");
    expect(place.origin + place.pathname + place.search).toBe(`${server.url}/docs/`);
    const code = fragment(arrived).get("login_code");
    expect(fragment(arrived).get("login")).toBe("house");
    const answer = await trade(surfer, { code, vars: { from: "a page" } });
    expect(answer.status, answer.body).toBe(200);
    const { token, refresh_token, created } = JSON.parse(answer.body) as Record<string, string>;
    expect(created).toBe(true);
    const session = Session.restore(token ?? "", refresh_token ?? "");
    expect(session.vars).toEqual({ from: "a page" });
    expect((await client().getAccount(session)).user?.id).toBe(session.user_id);
    expect((await trade(surfer, { code })).status).toBe(401);
    // The same person with a token of their own is the same account.
    const token2 = await issuer.sign(issuer.claims(issuer.person));
    expect((await client().authenticateCustom(`house:${token2}`, false)).user_id).toBe(session.user_id);
  });

  test("a public client needs no secret", async () => {
    issuer.person = person();
    const surfer = new Surfer();
    const code = fragment(await surf(surfer, "page", "")).get("login_code");
    expect((await trade(surfer, { code }, "page")).status).toBe(200);
  });

  test("a page of another origin brings what its challenge was made of", async () => {
    issuer.person = person();
    const verifier = randomBytes(32).toString("base64url");
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    const query = `?return=${encodeURIComponent("https://game.example/play?a=b")}&challenge=${challenge}`;
    const login = async () => {
      const stop = await surf(new Surfer(), "house", query);
      expect(stop.location).toMatch(/^https:\/\/game\.example\/play\?a=b#/);
      return fragment(stop).get("login_code");
    };
    const stranger = new Surfer();
    expect((await trade(stranger, { code: await login() })).status).toBe(401);
    expect((await trade(stranger, { code: await login(), verifier: "another" })).status).toBe(401);
    expect((await trade(stranger, { code: await login(), verifier })).status).toBe(200);
  });

  test("a code that was sent to a victim is worth nothing in the victim's browser", async () => {
    issuer.person = person();
    const code = fragment(await surf(new Surfer())).get("login_code");
    expect((await trade(new Surfer(), { code })).status).toBe(401);
  });

  test("a person who says no comes back with the reason", async () => {
    issuer.refuses = true;
    const stop = await surf(new Surfer());
    expect(fragment(stop).get("login_error")).toBe("access_denied");
    expect(fragment(stop).get("login_code")).toBeNull();
  });

  test("what comes back is taken once, in the browser that went out, within its time and nowhere else", async () => {
    issuer.person = person();
    const surfer = new Surfer();
    const stop = await surfer.go(start("house"), callback);
    const back = stop.location ?? "";
    // Another browser, without the cookie.
    expect((await new Surfer().step(back)).status).toBe(401);
    // Another state, another issuer's route, another issuer's name in the answer.
    const changed = (change: (query: URLSearchParams) => void) => {
      const url = new URL(back);
      change(url.searchParams);
      return url.href;
    };
    const state = new URL(back).searchParams.get("state") ?? "";
    const other = `${state.slice(0, -1)}${state.endsWith("A") ? "B" : "A"}`;
    expect((await surfer.step(changed((query) => query.set("state", other)))).status).toBe(401);
    expect((await surfer.step(changed((query) => query.delete("state")))).status).toBe(401);
    expect((await surfer.step(back.replace("/oidc/house/", "/oidc/page/"))).status).toBe(401);
    expect((await surfer.step(changed((query) => query.set("iss", "https://evil.example")))).status).toBe(
      401,
    );
    // A browser that kept its cookie and comes twice.
    const keeper = new Surfer();
    for (const [name, cookie] of surfer.cookies) keeper.cookies.set(name, cookie);
    expect((await surfer.step(back)).status).toBe(302);
    expect((await keeper.step(back)).status).toBe(401);
  });

  test("a token that answers another login is refused: the nonce", async () => {
    issuer.person = person();
    const surfer = new Surfer();
    const out = await surfer.step(start("house"));
    // Whoever sits between changes the nonce; the issuer signs that one.
    const url = new URL(out.location ?? "");
    url.searchParams.set("nonce", "of-another-login");
    const stop = await surfer.go(url.href, (next) => next.includes("#"));
    expect(stop.status).toBe(401);
    expect(stop.body).toContain("another login");
  });

  test("a code without its verifier is refused by the issuer: PKCE", async () => {
    issuer.person = person();
    const surfer = new Surfer();
    const out = await surfer.step(start("house"));
    const url = new URL(out.location ?? "");
    url.searchParams.set("code_challenge", createHash("sha256").update("another").digest("base64url"));
    expect((await surfer.go(url.href, (next) => next.includes("#"))).status).toBe(401);
  });

  test.each([
    "//evil.example",
    "/\\evil.example",
    "https://evil.example/",
    "https://game.example.evil.example/",
    "https://game.example@evil.example/",
    "http://game.example/",
    "https://game.example:444/",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "/docs/#login_code=stolen",
    "/docs/\r\nSet-Cookie: a=b",
    `/${"a".repeat(3_000)}`,
  ])("no way out through `return`: %s", async (place) => {
    const stop = await new Surfer().step(start("house", `?return=${encodeURIComponent(place)}`));
    expect(stop.status, stop.body).toBe(400);
    expect(JSON.parse(stop.body)).toMatchObject({ code: 3 });
  });

  test("an issuer that is not there is said so", async () => {
    const stop = await new Surfer().step(start("nobody"));
    expect(stop.status).toBe(404);
    expect(stop.body).toContain("[identity.nobody]");
  });

  test("cookies are for the server's eyes, on these routes alone", async () => {
    const answer = await fetch(start("house"), { redirect: "manual" });
    const [line = ""] = answer.headers.getSetCookie();
    expect(line).toMatch(/; Path=\/auth\/oidc\/house; Max-Age=600; HttpOnly; SameSite=Lax$/);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  describe("an issuer takes its word back", () => {
    test("logged out there: the sessions and sockets here end", async () => {
      issuer.person = person();
      const surfer = new Surfer();
      const session = await loggedIn(surfer);
      const socket = client().createSocket(false, false);
      let closed = false;
      socket.ondisconnect = () => (closed = true);
      await socket.connect(session, false);
      // A session of the same person that came another way, from another session there, stays.
      const phone = await client().authenticateCustom(
        `house:${await issuer.sign(issuer.claims(issuer.person, { sid: "the phone's" }))}`,
        false,
      );
      const form = await surfer.go(`${issuer.url}/session/end`);
      const xsrf = /name="xsrf" value="([^"]+)"/.exec(form.body)?.[1] ?? "";
      const init = {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ xsrf, logout: "yes" }).toString(),
      };
      await surfer.step(`${issuer.url}/session/end/confirm`, init);
      await until("the socket is closed", () => closed);
      expect(await refusal(client().getAccount(session))).toMatchObject({ status: 401 });
      expect(await refusal(client().sessionRefresh(session))).toMatchObject({ status: 401 });
      const other = Session.restore(phone.token, phone.refresh_token);
      expect((await client().getAccount(other)).user?.id).toBe(session.user_id);
    });

    test("disabled there: a refresh here asks, and the session ends", async () => {
      issuer.person = person();
      let session = await loggedIn(new Surfer());
      session = await client().sessionRefresh(session);
      issuer.disabled.add(issuer.person);
      const ended = await until("the issuer was asked again", async () => {
        try {
          session = await client().sessionRefresh(session);
          return false;
        } catch (error) {
          return error instanceof Response ? error : false;
        }
      });
      expect(ended.status).toBe(401);
      expect(await refusal(client().getAccount(session))).toMatchObject({ status: 401 });
    });

    test("asked again, an issuer that stands by it gives a new token each time", async () => {
      issuer.person = person();
      let session = await loggedIn(new Surfer());
      const asked = () => issuer.asked.filter((path) => path === "/token").length;
      for (let round = 0; round < 2; round += 1) {
        const before = asked();
        await until("the issuer is asked again", async () => {
          session = await client().sessionRefresh(session);
          return asked() > before;
        });
      }
      expect((await client().getAccount(session)).user?.id).toBe(session.user_id);
    });

    const EVENT = { events: { "http://schemas.openid.net/event/backchannel-logout": {} } };
    const told = (token: string) =>
      fetch(`${server.url}/auth/oidc/house/backchannel-logout`, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ logout_token: token }).toString(),
      });

    test("by a subject all its sessions end; a logout token is taken once", async () => {
      const who = person();
      const login = async (sid: string) =>
        client().authenticateCustom(`house:${await issuer.sign(issuer.claims(who, { sid }))}`, true);
      const sessions = [await login("one"), await login("two")].map((session) =>
        Session.restore(session.token, session.refresh_token),
      );
      const token = await issuer.sign(issuer.claims(who, { ...EVENT, jti: person() }), { typ: "logout+jwt" });
      const answer = await told(token);
      expect(answer.status, await answer.text()).toBe(200);
      expect(answer.headers.get("cache-control")).toBe("no-store");
      for (const session of sessions) {
        expect(await refusal(client().getAccount(session))).toMatchObject({ status: 401 });
      }
      expect((await told(token)).status).toBe(400);
    });

    test.each<[string, (told: string, other: string) => string | Promise<string>]>([
      [
        "another body under the signature",
        (told, other) => [told.split(".")[0], other.split(".")[1], told.split(".")[2]].join("."),
      ],
      ["a signature cut off", (told) => `${told.split(".").slice(0, 2).join(".")}.`],
      [
        "no signature (alg none)",
        (told) => {
          const body = Buffer.from(told.split(".")[1] ?? "", "base64url").toString();
          return new UnsecuredJWT(JSON.parse(body) as JWTPayload).encode();
        },
      ],
    ])("a logout token that the issuer did not sign is refused: %s", async (_, forge) => {
      const who = person();
      const login = await client().authenticateCustom(`house:${await issuer.sign(issuer.claims(who))}`, true);
      const sign = (about: string) =>
        issuer.sign(issuer.claims(about, { ...EVENT, jti: person() }), { typ: "logout+jwt" });
      const answer = await told(await forge(await sign(who), await sign(who)));
      expect(answer.status, await answer.text()).toBe(400);
      const session = Session.restore(login.token, login.refresh_token);
      expect((await client().getAccount(session)).user?.id).toBe(session.user_id);
    });

    test.each<[string, JWTPayload, string[]]>([
      ["for another audience", { aud: "somebody-else" }, []],
      ["from another issuer", { iss: "https://issuer.example" }, []],
      ["expired", { exp: 1 }, []],
      ["with a nonce", { nonce: "a" }, []],
      ["without the event", { events: {} }, []],
      [
        "with the event as text",
        { events: { "http://schemas.openid.net/event/backchannel-logout": "yes" } },
        [],
      ],
      ["about nobody", {}, ["sub"]],
      ["without an id", {}, ["jti"]],
      ["without events: an ID token", {}, ["events"]],
    ])("a logout token is refused: %s", async (_, change, dropped) => {
      const who = person();
      const login = await client().authenticateCustom(`house:${await issuer.sign(issuer.claims(who))}`, true);
      const claims = { ...issuer.claims(who, { ...EVENT, jti: person() }), ...change };
      for (const claim of dropped) delete claims[claim];
      const answer = await told(await issuer.sign(claims, { typ: "logout+jwt" }));
      expect(answer.status, await answer.text()).toBe(400);
      const session = Session.restore(login.token, login.refresh_token);
      expect((await client().getAccount(session)).user?.id).toBe(session.user_id);
    });
  });
});
