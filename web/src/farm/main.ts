/** Wires the farm's page: storage, room client, game, and the clock that ticks the shop. */
import { createApp, h, ref } from "vue";
import "../style/base.css";
import "./farm.css";
import "./llama.css";
import "./scene.css";
import "./shop.css";
import { RoomClient } from "../room/client";
import { browserStorage, deviceId } from "../room/device";
import { endpointOf } from "../room/endpoint";
import FarmPage from "./FarmPage.vue";
import { formatMilli } from "./format";
import { Game, TICK_MS } from "./game";
import { FarmService } from "./service";

/** The server key names the game, it protects nothing. A server with a key of its own writes it into the page. */
const SERVER_KEY =
  document.querySelector<HTMLMetaElement>('meta[name="server-key"]')?.content ?? "defaultkey";
const TITLE_MS = 1_000;
const AWAY_SHOWN = "longhouse.farm.away";

const storage = browserStorage();
const game = new Game({
  get: () => Number(storage.getItem(AWAY_SHOWN) ?? 0),
  set: (toMs) => storage.setItem(AWAY_SHOWN, String(toMs)),
});
const room = new RoomClient({
  endpoint: endpointOf(window.location),
  serverKey: SERVER_KEY,
  device: deviceId(storage),
  rules: "farm",
  events: game,
});
game.attach(room);
game.service = new FarmService(room);

const fleece = ref<number>();
function askWallet(): void {
  const currency = game.content.value?.prestige.currency;
  if (currency === undefined) return;
  // Without an answer the shop shows the last known purse; the room decides anyway.
  room.wallet().then(
    (wallet) => (fleece.value = wallet[currency] ?? 0),
    () => undefined,
  );
}
game.onEvent = (event) => {
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
createApp({ render: () => h(FarmPage, { game, fleece: fleece.value }) }).mount("#app");
