/** Topics as the unmodified SDK sees them, on the example of a studio's own server. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { TestServer } from "../server";
import { until } from "../until";
import { Friend, refusal, status } from "./friend";
import { FORMATS } from "./guest";

const server = new TestServer([], "studio");
let here: Friend[] = [];

beforeAll(async () => void (await server.start()));
afterAll(() => server.remove());
afterEach(() => {
  for (const friend of here) friend.leave();
  here = [];
});

async function send(data: string): Promise<unknown> {
  const path = "/v2/rpc/news_send?http_key=defaulthttpkey&unwrap";
  return (await fetch(server.url + path, { method: "POST", body: data })).json();
}

describe.each(FORMATS)("%s", (format) => {
  test("those who listen hear what the server sends, until they have enough", async () => {
    here = await Friend.many(server, format, 3);
    const [ann, bob, cas] = here as [Friend, Friend, Friend];
    const news = JSON.stringify({ name: "news" });
    await ann.socket.rpc("topic_subscribe", news);
    await bob.socket.rpc("topic_subscribe", news);
    expect(await send('{"n":1}')).toEqual({ listeners: 2 });
    for (const friend of [ann, bob]) {
      const heard = await until("the news", () => friend.data[0]);
      expect(heard).toMatchObject({ stream: { mode: 16, label: "news" }, data: '{"n":1}' });
    }
    await bob.socket.rpc("topic_unsubscribe", news);
    expect(await send('{"n":2}')).toEqual({ listeners: 1 });
    await until("more news", () => ann.data.length === 2);
    expect(bob.data).toHaveLength(1);
    expect(cas.data).toEqual([]);
  });

  test("only what the studio declared, and only over a socket", async () => {
    here = await Friend.many(server, format, 1);
    const [ann] = here as [Friend];
    expect(await refusal(ann.socket.rpc("topic_subscribe", '{"name":"other"}'))).toHaveProperty("code");
    expect(await refusal(ann.socket.rpc("topic_subscribe", "{}"))).toHaveProperty("code");
    expect(await status(ann.client.rpc(ann.session, "topic_subscribe", { name: "news" }))).toBe(403);
  });
});
