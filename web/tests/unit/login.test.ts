/** One login for all who ask: a refresh token is good for one refresh. */
import { Session, type Client } from "@heroiclabs/nakama-js";
import { expect, test } from "vitest";
import { Login, TOKEN_LEFT_MS_MIN } from "../../src/room/login";

/** What a server gives, in seconds of its life. */
function token(until: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ uid: "1", usn: "ada", exp: until })}.`;
}

/** A server whose logins and refreshes take a moment; it takes each refresh token once. */
function server() {
  const said: string[] = [];
  let good = 0;
  const give = (from: number) => Session.restore(token(from + 60), `${token(from + 3_600)}${++good}`);
  let now = 0;
  const client = {
    async authenticateDevice() {
      said.push("login");
      await Promise.resolve();
      return give(now);
    },
    async sessionRefresh(session: Session) {
      said.push("refresh");
      await Promise.resolve();
      if (!session.refresh_token.endsWith(`.${good}`)) throw new Response(null, { status: 401 });
      const next = give(now);
      session.update(next.token, next.refresh_token);
      return session;
    },
  } as unknown as Client;
  return { said, client, clock: () => now * 1_000, pass: (seconds: number) => void (now += seconds) };
}

test("whoever asks while one is on its way waits for it", async () => {
  const { said, client, clock, pass } = server();
  const login = new Login(client, "a device", clock);
  const [one, other] = await Promise.all([login.current(), login.current()]);
  expect([said, one === other]).toEqual([["login"], true]);
  pass(60 - TOKEN_LEFT_MS_MIN / 2_000);
  await Promise.all([login.current(), login.current(), login.current()]);
  expect(said).toEqual(["login", "refresh"]);
  await login.current();
  expect(said).toEqual(["login", "refresh"]);
});

test("a login that failed is tried again by the next who asks", async () => {
  const { said, client, clock } = server();
  const { authenticateDevice } = client;
  client.authenticateDevice = () => Promise.reject(new TypeError("Failed to fetch"));
  const login = new Login(client, "a device", clock);
  await expect(Promise.all([login.current(), login.current()])).rejects.toThrow("Failed to fetch");
  client.authenticateDevice = authenticateDevice;
  await login.current();
  expect(said).toEqual(["login"]);
});
