import { encode } from "@msgpack/msgpack";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Client } from "@heroiclabs/nakama-js";
import { RoomClient, type Phase, type RoomEvents } from "../../src/room/client";
import { Login } from "../../src/room/login";
import type { CommandId } from "../../src/room/payload";
import { FakeHouse } from "../fake/house";
import { until } from "../until";

let house: FakeHouse;
let client: RoomClient;
let phases: Phase[];
let heard: string[];

const shear = () => encode({ do: "shear", count: 1 });
const answers = (id: CommandId | undefined) => heard.filter((line) => line === `accepted ${id}`).length;

beforeEach(async () => {
  house = new FakeHouse();
  await house.start();
  phases = [];
  heard = [];
  const events: RoomEvents = {
    phase: (phase) => phases.push(phase),
    view: () => heard.push("view"),
    updates: () => heard.push("updates"),
    accepted: ({ id }) => heard.push(`accepted ${id}`),
    refused: ({ id, code }) => heard.push(`refused ${id} ${code}`),
    closing: ({ code }) => heard.push(`closing ${code}`),
    unreadable: () => heard.push("unreadable"),
  };
  client = new RoomClient({
    endpoint: { host: "127.0.0.1", port: String(house.port), ssl: false },
    serverKey: "defaultkey",
    device: "a-device-for-tests",
    room: { rules: "farm" },
    events,
  });
  client.start();
  await until("online", () => phases.at(-1) === "online" && heard.includes("view"));
});

afterEach(async () => {
  client.stop();
  await house.kill();
});

test("logs in, joins, and hears the answer to a command", async () => {
  const id = client.send(shear());
  await until("the answer", () => answers(id) === 1);
  expect(client.waiting).toBe(0);
  expect(house.executed).toEqual([id]);
});

test("a refusal is heard and nothing waits any longer", async () => {
  const id = client.send(encode({ do: "prestige" }));
  await until("the refusal", () => heard.includes(`refused ${id} 107`));
  expect(client.waiting).toBe(0);
});

test("comes back by itself and sends again what had no answer, which is executed once", async () => {
  house.swallowAnswers = true;
  const id = client.send(shear());
  await until("the command to be executed", () => house.executed.length === 1);
  const { port } = house;
  await house.kill();
  await until("the loss to be noticed", () => phases.at(-1) === "reconnecting");
  // What is done meanwhile waits as well.
  const meanwhile = client.send(shear());
  house.swallowAnswers = false;
  await house.start(port);
  await until("both answers", () => answers(id) === 1 && answers(meanwhile) === 1);
  expect(house.executed).toEqual([id, meanwhile]);
  expect(phases.at(-1)).toBe("online");
  expect(house.joins.at(-1)).toMatchObject({ resume: "token" });
  expect(BigInt(house.joins.at(-1)?.["seq"] ?? 0)).toBeGreaterThan(0n);
});

test("a browser that says there is no network is believed, and the room is asked again", async () => {
  client.lineLost();
  expect(phases.at(-1)).toBe("reconnecting");
  await until("the return", () => phases.at(-1) === "online");
  expect(house.joins).toHaveLength(2);
});

test("a server that says goodbye is waited for", async () => {
  const { port } = house;
  house.sayGoodbye();
  await until("the goodbye", () => phases.at(-1) === "restarting");
  await house.kill();
  await house.start(port);
  await until("the return", () => phases.at(-1) === "online");
  // It never said that the connection was lost: the page knew why it was away.
  expect(phases.filter((phase) => phase === "reconnecting")).toEqual([]);
});

test("a payload that is none ends in a fresh view", async () => {
  heard = [];
  house.sendRaw(5, Uint8Array.of(9, 9, 9, 9));
  await until("a new view", () => heard.includes("view"));
  expect(heard[0]).toBe("unreadable");
  expect(house.joins.at(-1)).toEqual({});
});

test("a token about to expire is refreshed; a refresh token that is refused means a new login", async () => {
  house.tokenSeconds = 5;
  const http = new Client("defaultkey", "127.0.0.1", String(house.port), false, 2_000, false);
  const login = new Login(http, "another-device-for-tests");
  const logins = house.logins;
  await login.current();
  expect([house.logins, house.refreshes]).toEqual([logins + 1, 0]);
  await login.current();
  expect([house.logins, house.refreshes]).toEqual([logins + 1, 1]);
  // The refreshed one is good for a while.
  await login.current();
  expect([house.logins, house.refreshes]).toEqual([logins + 1, 1]);

  const other = new Login(http, "a-third-device-for-tests");
  await other.current();
  house.refuseRefresh = true;
  await other.current();
  expect(house.logins).toBe(logins + 3);
  login.doubt();
  await login.current();
  expect(house.logins).toBe(logins + 4);
});

test("stopped means stopped", async () => {
  client.stop();
  const joins = house.joins.length;
  client.hurry();
  await house.kill();
  expect(phases.at(-1)).toBe("stopped");
  expect(house.joins.length).toBe(joins);
  await house.start();
});
