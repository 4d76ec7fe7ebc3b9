/**
 * The door to Sovereign Lines. The address says where it leads: `?war=` plays, `?watch=` watches, `?replay=` shows a war
 * again (from `&step=` on), and without any of them there is the lobby.
 */
import { createApp, h, shallowRef } from "vue";
import "../style/base.css";
import "./lobby.css";
import "./war.css";
import "./panels.css";
import { browserStorage, deviceId } from "../room/device";
import { endpointOf } from "../room/endpoint";
import { Guest } from "../room/guest";
import { RoomClient } from "../room/client";
import Lobby from "./lobby/Lobby.vue";
import { Naming } from "./lobby/naming";
import WarPage from "./WarPage.vue";
import type { Theatre } from "./theatre";
import { Live } from "./war/live";
import { Replay } from "./war/replay";
import { WarService } from "./war/service";
import { Stage } from "./war/stage";

/** The server key names the game, it protects nothing. A server with a key of its own writes it into the page. */
const SERVER_KEY =
  document.querySelector<HTMLMetaElement>('meta[name="server-key"]')?.content ?? "defaultkey";

const storage = browserStorage();
const options = { endpoint: endpointOf(window.location), serverKey: SERVER_KEY, device: deviceId(storage) };
const guest = new Guest(options);
const service = new WarService(guest);
const naming = new Naming(storage, (name) => service.rename(name));

type Place = { war: string } | { watch: string } | { replay: string; step: number } | undefined;

function placeOf(search: string): Place {
  const asked = new URLSearchParams(search);
  const [war, watch, replay] = ["war", "watch", "replay"].map((name) => asked.get(name) ?? "");
  if (war) return { war };
  if (watch) return { watch };
  if (replay) return { replay, step: Math.max(0, Number(asked.get("step")) || 0) };
  return undefined;
}

function addressOf(place: Place): string {
  const asked = new URLSearchParams(
    Object.entries(place ?? {}).map(([name, value]) => [name, String(value)]),
  );
  return place === undefined ? "/sovereign/" : `/sovereign/?${asked.toString()}`;
}

function matchOf(place: NonNullable<Place>): string {
  return "war" in place ? place.war : "watch" in place ? place.watch : place.replay;
}

function theatre(place: NonNullable<Place>): Theatre {
  const stage = new Stage();
  const match = matchOf(place);
  const shared = {
    ...{ stage, storage },
    ground: (mirror: { map: Parameters<WarService["ground"]>[1] }) => service.ground(match, mirror.map),
    people: () => service.people(match),
  };
  if ("replay" in place) {
    stage.stands = true;
    const replay = new Replay(stage, (step, steps, view) => service.replay(match, step, steps, view));
    const start = () => void replay.seek(place.step);
    return { ...shared, live: undefined, replay, link: undefined, start, stop: () => replay.pause() };
  }
  const watching = "watch" in place;
  const live = new Live(stage, { watching });
  const room = new RoomClient({
    ...options,
    guest,
    events: live,
    room: { match, spectate: watching, runs: true },
  });
  live.link = room;
  const hurry = () => room.hurry();
  const lost = () => room.lineLost();
  const seen = () => document.visibilityState === "visible" && room.hurry();
  let here = false;
  return {
    ...{ ...shared, live, replay: undefined },
    link: watching ? undefined : new URL(addressOf({ war: match }), window.location.href).href,
    async start() {
      here = true;
      window.addEventListener("online", hurry);
      window.addEventListener("offline", lost);
      document.addEventListener("visibilitychange", seen);
      // The others are told the name that was typed last, even on another page. Without it one can play.
      if (!watching) await naming.settle().catch(() => undefined);
      if (here) room.start();
    },
    stop() {
      here = false;
      window.removeEventListener("online", hurry);
      window.removeEventListener("offline", lost);
      document.removeEventListener("visibilitychange", seen);
      room.stop();
    },
  };
}

const place = shallowRef<Place>(placeOf(window.location.search));
window.addEventListener("popstate", () => (place.value = placeOf(window.location.search)));

function go(to: Place): void {
  history.pushState(undefined, "", addressOf(to));
  place.value = to;
}

let shown: { address: string; theatre: Theatre } | undefined;

createApp({
  render() {
    const now = place.value;
    if (now === undefined) {
      return h(Lobby, {
        ...{ service, naming },
        onPlay: (war: string) => go({ war }),
        onWatch: (watch: string) => go({ watch }),
        onReplay: (replay: string) => go({ replay, step: 0 }),
      });
    }
    const address = addressOf(now);
    return h(WarPage, {
      key: address,
      theatre: theatres(address, now),
      replayLink: addressOf({ replay: matchOf(now), step: 0 }),
      onLeave: () => go(undefined),
      onWatch: () => go({ watch: matchOf(now) }),
    });
  },
}).mount("#app");

/** One theatre for each address, however often the page is drawn. */
function theatres(address: string, at: NonNullable<Place>): Theatre {
  if (shown?.address !== address) shown = { address, theatre: theatre(at) };
  return shown.theatre;
}
