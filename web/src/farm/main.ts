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
import { MemoryStore } from "./offline/entries";
import { Journal } from "./offline/journal";
import { openStore } from "./offline/store";
import { OneTab } from "./offline/tab";
import { visitOf } from "./panels/link";
import { FarmService } from "./service";
import { ring } from "./sound/events";
import { sound } from "./sound/sound";
import { registerWorker } from "./worker/register";

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
const login = deviceId(storage);

/** The SDK is more than half of what a first visit loads: the page is drawn before it is there. */
async function openRoom(events: RoomEvents, beforeJoin?: () => Promise<void>) {
  const { RoomClient } = await import("../room/client");
  return new RoomClient({
    endpoint: endpointOf(window.location),
    serverKey: SERVER_KEY,
    device: login,
    room: { rules: "farm" },
    events,
    ...(beforeJoin === undefined ? {} : { beforeJoin }),
  });
}

function play(): void {
  const game = new Game({
    get: () => Number(storage.getItem(AWAY_SHOWN) ?? 0),
    set: (toMs) => storage.setItem(AWAY_SHOWN, String(toMs)),
  });
  const fleece = ref<number>();
  createApp({ render: () => h(FarmPage, { game, fleece: fleece.value }) }).mount("#app");
  sound.listen(window);

  const locks = navigator.locks as LockManager | undefined;
  // Where tabs cannot agree on who plays, each one has a journal of its own.
  const store = locks === undefined ? Promise.resolve(new MemoryStore()) : openStore();
  const opened = openRoom(game, () => game.comeHome());
  let mine = false;

  /** What the browser has kept is shown first; the server may be far. */
  async function begin(): Promise<void> {
    const kept = await store;
    const loaded = await kept.load(login);
    if (!mine) return;
    game.attach(new Journal(kept, loaded), loaded.kept);
    if (!navigator.onLine) game.alone();
    const room = await opened;
    if (!mine) return;
    game.room = room;
    game.service = new FarmService(room);
    room.start();
  }

  const tab = new OneTab(
    {
      here: () => {
        mine = true;
        void begin();
      },
      elsewhere: async () => {
        mine = false;
        game.room = undefined;
        const left = game.detach();
        (await opened).stop();
        await left;
      },
    },
    locks,
    "BroadcastChannel" in window ? new BroadcastChannel("longhouse.farm") : undefined,
  );
  game.onTakeOver = () => void tab.takeOver();
  tab.start();

  const askWallet = async (): Promise<void> => {
    const currency = game.content.value?.prestige.currency;
    if (currency === undefined) return;
    try {
      fleece.value = (await (await opened).wallet())[currency] ?? 0;
    } catch {
      // Without an answer the shop shows the last known purse; the room decides anyway.
    }
  };
  game.onEvent = (event) => {
    ring(event);
    if (event.kind === "prestiged" || event.kind === "keepsake") void askWallet();
  };
  game.onView = () => void askWallet();
  setInterval(() => game.tick(), TICK_MS);
  setInterval(() => {
    const wool = game.content.value?.shear.wool;
    if (wool !== undefined) document.title = `${formatMilli(game.shown(wool))} · Llama Wool Farm`;
  }, TITLE_MS);
  const hurry = () => void opened.then((room) => room.hurry());
  window.addEventListener("online", hurry);
  window.addEventListener("offline", () => {
    void opened.then((room) => {
      room.lineLost();
      game.alone();
    });
  });
  window.addEventListener("pagehide", () => game.save());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") hurry();
    else game.save();
  });
}

/** Looks at a farm without waking one's own. */
async function visit(userId: string): Promise<void> {
  const [{ default: VisitPage }, room] = await Promise.all([import("./VisitPage.vue"), openRoom(SILENCE)]);
  createApp(VisitPage, { userId, service: new FarmService(room) }).mount("#app");
}

const whom = visitOf(window.location.search);
if (whom === undefined) play();
else void visit(whom);
if (import.meta.env.PROD) {
  // Not before the page stands: the worker fetches every file once more.
  window.addEventListener("load", () => {
    void registerWorker(navigator.serviceWorker as ServiceWorkerContainer | undefined);
  });
}
