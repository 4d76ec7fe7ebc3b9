/** The farm's door: one's own farm, or with `?visit=` in the address somebody else's. */
import { createApp, h, ref } from "vue";
import "../style/base.css";
import "./farm.css";
import "./llama.css";
import "./scene.css";
import "./shop.css";
import { browserStorage, deviceId } from "../room/device";
import { endpointOf } from "../room/endpoint";
import type { RoomEvents } from "../room/client";
import FarmPage from "./FarmPage.vue";
import { formatMilli } from "./format";
import { Game, TICK_MS } from "./game";
import { visitOf } from "./panels/link";
import { FarmService } from "./service";
import { ring } from "./sound/events";
import { sound } from "./sound/sound";

/** The server key names the game, it protects nothing. A server with a key of its own writes it into the page. */
const SERVER_KEY =
  document.querySelector<HTMLMetaElement>('meta[name="server-key"]')?.content ?? "defaultkey";
const TITLE_MS = 1_000;
const AWAY_SHOWN = "longhouse.farm.away";
/** What a page hears that is in no room. */
const SILENCE: RoomEvents = {
  phase: () => undefined,
  view: () => undefined,
  updates: () => undefined,
  accepted: () => undefined,
  refused: () => undefined,
  closing: () => undefined,
  unreadable: () => undefined,
};

const storage = browserStorage();

/** The SDK is more than half of what a first visit loads: the page is drawn before it is there. */
async function openRoom(events: RoomEvents) {
  const { RoomClient } = await import("../room/client");
  const [endpoint, device] = [endpointOf(window.location), deviceId(storage)];
  return new RoomClient({ endpoint, serverKey: SERVER_KEY, device, rules: "farm", events });
}

async function play(): Promise<void> {
  const game = new Game({
    get: () => Number(storage.getItem(AWAY_SHOWN) ?? 0),
    set: (toMs) => storage.setItem(AWAY_SHOWN, String(toMs)),
  });
  const fleece = ref<number>();
  createApp({ render: () => h(FarmPage, { game, fleece: fleece.value }) }).mount("#app");
  sound.listen(window);

  const room = await openRoom(game);
  game.attach(room);
  game.service = new FarmService(room);
  const askWallet = (): void => {
    const currency = game.content.value?.prestige.currency;
    if (currency === undefined) return;
    // Without an answer the shop shows the last known purse; the room decides anyway.
    room.wallet().then(
      (wallet) => (fleece.value = wallet[currency] ?? 0),
      () => undefined,
    );
  };
  game.onEvent = (event) => {
    ring(event);
    if (event.kind === "prestiged" || event.kind === "keepsake") askWallet();
  };
  game.onView = askWallet;
  setInterval(() => game.tick(), TICK_MS);
  setInterval(() => {
    const wool = game.content.value?.shear.wool;
    if (wool !== undefined) document.title = `${formatMilli(game.shown(wool))} · Llama Wool Farm`;
  }, TITLE_MS);
  window.addEventListener("online", () => room.hurry());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") room.hurry();
  });
  room.start();
}

/** Looks at a farm without waking one's own. */
async function visit(userId: string): Promise<void> {
  const [{ default: VisitPage }, room] = await Promise.all([import("./VisitPage.vue"), openRoom(SILENCE)]);
  createApp(VisitPage, { userId, service: new FarmService(room) }).mount("#app");
}

const whom = visitOf(window.location.search);
void (whom === undefined ? play() : visit(whom));
