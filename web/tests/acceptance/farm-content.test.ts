/** Balance that changes while farms run: published content, what it may take from nobody, and a weekend of golden wool. */
import { decode } from "@msgpack/msgpack";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestServer } from "../server";
import { until } from "../until";
import { contentWith } from "./contents";
import { Device, joined, operator, player, refusal, type FarmState } from "./farmer";
import { FORMATS, Guest, type Format } from "./guest";

const server = new TestServer();

beforeAll(async () => void (await server.start()));
afterAll(() => server.remove());

const LLAMA = "rate = 500\n";
const publish = (content: string, accept_losses = false) =>
  operator(server, "content_publish", { rules: "farm", content, accept_losses });
const check = (content: string) => operator(server, "content_check", { rules: "farm", content });

/** The newest view of a room that a socket was shown. */
function newestView(guest: Guest): { content: { events: object[] }; farm: FarmState } | undefined {
  const view = guest.heard.filter((message) => message.kind === "view").at(-1);
  return view && (decode(view.body) as { content: { events: object[] }; farm: FarmState });
}

async function farmWithLlamas(device: Device): Promise<FarmState> {
  const acts = [
    device.act("shear", { count: 30 }),
    device.act("buy", { building: "meadow_llama", count: 2 }),
  ];
  return (await device.sync(acts)).farm;
}

test.each(FORMATS)(
  "farms awake (on %s) and asleep move to what is published, with all they have",
  async (format: Format) => {
    const awake = new Device(await Guest.connected(server, format));
    const asleep = await player(server);
    await farmWithLlamas(asleep);
    await farmWithLlamas(awake);
    await joined(awake.guest);
    expect(newestView(awake.guest)!.farm.buildings["meadow_llama"]).toMatchObject({ count: 2, rate: "1000" });

    const richer = contentWith({ [LLAMA]: "rate = 700\n" });
    expect(await check(richer)).toMatchObject({ worse: [], stuck: 0 });
    await publish(richer);
    const moved = await until("the view under the new content", () => {
      const view = newestView(awake.guest);
      return view?.farm.buildings["meadow_llama"]!.rate === "1400" && view;
    });
    expect(moved.farm.buildings["meadow_llama"]!.count).toBe(2);
    expect((await asleep.sync([])).farm.buildings["meadow_llama"]).toMatchObject({ count: 2, rate: "1400" });
    const young = await player(server);
    expect((await farmWithLlamas(young)).buildings["meadow_llama"]!.rate).toBe("1400");

    // The other way round players would lose something, and that is said and refused.
    const poorer = contentWith({ [LLAMA]: "rate = 100\n" });
    const found = (await check(poorer)) as { rooms: number; worse: { measure: string; rooms: number }[] };
    expect(found.rooms).toBeGreaterThanOrEqual(3);
    expect(found.worse.map((row) => row.measure)).toContain("wool.plain.rate");
    const no = await refusal(publish(poorer));
    expect(no).toMatchObject({ status: 400, code: 9 });
    expect((await asleep.sync([])).farm.buildings["meadow_llama"]!.rate).toBe("1400");

    // What was published is still there after a crash, and wins over what is built in.
    await server.kill();
    await server.start();
    const after = await Guest.login(server, format);
    expect((await farmWithLlamas(new Device(after))).buildings["meadow_llama"]!.rate).toBe("1400");
    await publish(contentWith({}), true);
    expect((await asleep.sync([])).farm.buildings["meadow_llama"]!.rate).toBe("1000");
    awake.guest.leave();
  },
);

test("a weekend of golden wool is an event in the content: published, it begins and is seen by those who play", async () => {
  const device = new Device(await Guest.connected(server, "json"));
  await farmWithLlamas(device);
  const before = await joined(device.guest);
  expect(before.events).not.toContain("test_weekend");
  const time = (ms: number) => new Date(ms).toISOString().slice(0, 19) + "Z";
  const from = Date.now() - 3_600_000;
  const event = `
[[event]]
id = "test_weekend"
name = "A weekend of golden wool"
about = "Everything grows three times as fast."
from = "${time(from)}"
to = "${time(from + 48 * 3_600_000)}"
effect = { kind = "all", percent = 300 }
`;
  await publish(contentWith({}) + event, true);
  const during = await until("the event", () => {
    const view = newestView(device.guest);
    return view?.farm.events.includes("test_weekend") && view;
  });
  const rate = (farm: FarmState) => BigInt(farm.wools["plain"]!.rate);
  expect(rate(during.farm)).toBe(3n * rate(before));
  expect(during.farm.rates_until_ms).toBeLessThanOrEqual(from + 48 * 3_600_000);
  expect(during.content.events).toContainEqual(expect.objectContaining({ id: "test_weekend" }));
  // Ending it again takes nothing that is kept: rates of events are not what a check compares.
  expect(await check(contentWith({}))).toMatchObject({ stuck: 0 });
  await publish(contentWith({}), true);
  await until("its end", () => newestView(device.guest)?.farm.events.includes("test_weekend") === false);
  device.guest.leave();
});

test("an achievement of a new content is there at once", async () => {
  const guest = await Guest.login(server, "json");
  const ids = async () =>
    ((await guest.rpc("achievements_list", {}))["achievements"] as { id: string }[]).map((state) => state.id);
  expect(await ids()).not.toContain("test_handful");
  const achievement = `
[[achievement]]
id = "test_handful"
name = "A handful"
about = "Shear five times."
stat = "shears"
goal = 5
fleece = 1
`;
  await publish(contentWith({}) + achievement, true);
  expect(await ids()).toContain("test_handful");
  const device = new Device(guest);
  await device.sync([device.act("shear", { count: 5 })]);
  await until("the achievement", async () => {
    const states = (await guest.rpc("achievements_list", {}))["achievements"] as {
      id: string;
      unlock_time: string | null;
    }[];
    return states.some((state) => state.id === "test_handful" && state.unlock_time !== null);
  });
  await publish(contentWith({}), true);
  expect(await ids()).not.toContain("test_handful");
});

test("a wrong content is refused with its lines, and players may not publish", async () => {
  const wrong = contentWith({ [LLAMA]: "rate = -5\n", 'wool = "silky"': 'wool = "glass"' });
  for (const function_ of ["content_check", "content_publish"]) {
    const no = await refusal(operator(server, function_, { rules: "farm", content: wrong }));
    expect(no).toMatchObject({ status: 400, code: 3 });
    expect(no.message).toMatch(/farm\.toml:\d+: .*/);
    const guest = await Guest.login(server, "json");
    const content = contentWith({});
    expect(await refusal(guest.rpc(function_, { rules: "farm", content }))).toMatchObject({ status: 403 });
    const unknown = operator(server, function_, { rules: "chess", content });
    expect(await refusal(unknown)).toMatchObject({ status: 404 });
    expect(await refusal(operator(server, function_, { rules: "farm" }))).toMatchObject({ status: 400 });
  }
});
