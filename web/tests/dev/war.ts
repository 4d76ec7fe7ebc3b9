/** The war's page over a war that nobody plays: `npm run dev`, then /tests/dev/war.html?w=1250&h=800&nations=300&pace=600. */
import { createApp } from "vue";
import "../../src/style/base.css";
import "../../src/sovereign/war.css";
import "../../src/sovereign/panels.css";
import { memoryStorage } from "../../src/room/device";
import { Live } from "../../src/sovereign/war/live";
import { Stage } from "../../src/sovereign/war/stage";
import WarPage from "../../src/sovereign/WarPage.vue";
import { FakeLink, FakeWar } from "./fake-war";

const asked = new URLSearchParams(location.search);
const number = (name: string, otherwise: number) => Number(asked.get(name) ?? otherwise);

const stage = new Stage();
const live = new Live(stage);
const war = new FakeWar({
  ...{ w: number("w", 625), h: number("h", 400), nations: number("nations", 73), seed: number("seed", 4) },
  ...{ pace: number("pace", 200), choosing: number("choosing", 200) },
});
const link = new FakeLink(war, live);
live.link = link;
for (let skip = number("skip", 0); skip > 0; skip--) war.pass();

createApp(WarPage, {
  theatre: {
    ...{ stage, live, replay: undefined, link: location.href, storage: memoryStorage() },
    ground: () => Promise.resolve(war.ground),
    people: () => Promise.resolve(new Map([[1, { seat: 1, userId: "", name: "Ada" }]])),
    start: () => link.start(),
    stop: () => link.stop(),
  },
}).mount("#app");
