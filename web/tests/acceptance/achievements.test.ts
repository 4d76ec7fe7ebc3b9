/** Achievements: declared by a studio, gone on with by servers, unlocked once, and told to the player. */
import type { Notification } from "@heroiclabs/nakama-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestServer } from "../server";
import { until } from "../until";
import { FORMATS, Guest } from "./guest";

const server = new TestServer([], "studio");

beforeAll(async () => void (await server.start()));
afterAll(() => server.remove());

type State = { id: string; progress: number; steps: number; unlock_time: string | null };

test.each(FORMATS)(
  "steps add up, the reward comes once, and the socket with %s hears of it",
  async (format) => {
    const guest = await Guest.connected(server, format);
    const told: Notification[] = [];
    guest.socket.onnotification = (notification) => void told.push(notification);
    const states = async () => (await guest.rpc("achievements_list", {}))["achievements"] as State[];
    const step = async (by: number) => {
      const input = { user_id: guest.session.user_id, id: "collector", by };
      return (await guest.client.rpcHttpKey("defaulthttpkey", "achievements_progress", input)).payload;
    };
    expect(await states()).toMatchObject([{ id: "collector", progress: 0, steps: 3, unlock_time: null }]);
    expect(await step(2)).toMatchObject({ progress: 2, unlocked_now: false });
    expect(await step(2)).toMatchObject({ progress: 3, unlocked_now: true });
    expect(await step(2)).toMatchObject({ progress: 3, unlocked_now: false });
    const [state] = await states();
    expect(Date.parse(state?.unlock_time ?? "")).toBeGreaterThan(Date.now() - 60_000);
    expect(JSON.parse((await guest.client.getAccount(guest.session)).wallet ?? "")).toEqual({ gems: 1 });
    await until("the player is told", () => told.length > 0);
    expect(told[0]).toMatchObject({ code: -102, content: { id: "collector" }, persistent: true });

    const listed = await fetch(`${server.url}/v2/achievement`, {
      headers: { Authorization: `Bearer ${guest.session.token}` },
    });
    expect(await listed.json()).toMatchObject({
      achievements: [{ id: "collector", progress: "3", steps: "3", reward: { gems: "1" } }],
    });
    const kept = await guest.client.listNotifications(guest.session, 10);
    expect(kept.notifications?.map((notification) => notification.code)).toEqual([-102]);
    guest.leave();
  },
);
