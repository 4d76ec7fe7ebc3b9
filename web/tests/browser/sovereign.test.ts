/** A war as two players meet it: spawn, attack, ally, vote, break, a line that is cut; and a war watched again. */
import { expect, test } from "vitest";
import { until } from "../until";
import { MAP, Soldier, TABLE } from "./soldier";
import { stage } from "./stage";
import { DESKTOP, SMALL } from "./visit";

const { server, visit } = stage();
const LONG_MS = 480_000;

async function soldier(): Promise<Soldier> {
  return new Soldier(await visit({ viewport: TABLE, reducedMotion: "reduce" }), server.url);
}

/** Ada opens a war, Bob comes by its link, both have their flags on the map when it begins. */
async function war(): Promise<[Soldier, Soldier]> {
  const [ada, bob] = [await soldier(), await soldier()];
  await bob.arrive("Bob");
  await ada.arrive("Ada");
  await ada.open("Island", { computers: true, seconds: 35 });
  await bob.page.goto(ada.page.url());
  await bob.drawn();
  await ada.spawn("left");
  await bob.spawn("right");
  await Promise.all([ada.phase("war"), bob.phase("war")]);
  return [ada, bob];
}

test(
  "two players spawn, attack, ally, vote and break; one is cut off and returns",
  async () => {
    const [ada, bob] = await war();
    await ada.visit.picture("war-begins");
    // A name holds from the moment it is typed, however one leaves the lobby.
    await ada.pickNation(await bob.number("me"));
    await ada.at("target").getByRole("heading", { name: "Bob", exact: true }).waitFor();
    await ada.grow();
    await bob.grow();
    await ada.visit.picture("war-grows");

    // An alliance is asked for on one page and accepted on the other.
    await ada.pickNation(await bob.number("me"));
    await ada.at("ally").click();
    // Computers may ask at the same time.
    const ask = bob.at("ask").filter({ hasText: "Ada" });
    await ask.waitFor();
    await bob.visit.picture("war-asked");
    await ask.getByTestId("accept").click();
    await ada.news(/You and .+ are allies now/);
    await bob.news(/You and .+ are allies now/);

    // A gift: both are told how much.
    await ada.pickNation(await bob.number("me"));
    await ada.at("give-gold").click();
    await ada.news(/gold went to Bob/);
    await bob.news(/Ada sent you \S+ gold/);

    // A motion of the one is voted on by the other, and carried.
    const third = await ada.otherThan(await ada.number("me"), await bob.number("me"));
    await ada.pickNation(third);
    await ada.at("motions").click();
    await ada.at("move-war").click();
    const motion = bob.at("motion").filter({ hasText: "Ada" });
    await motion.waitFor();
    await bob.visit.picture("war-vote");
    await motion.getByTestId("vote-yes").click();
    await ada.news(/The vote is carried: war on .+/);
    await bob.news(/The vote is carried: war on .+/);

    // Bob's line is cut; the war goes on, and Bob comes back to what is.
    const cutAt = await bob.number("step");
    await bob.visit.cut();
    await bob.line("reconnecting");
    await until("two seconds of war", async () => (await ada.number("step")) > cutAt + 40, 30_000);
    await bob.visit.mend();
    await bob.line("online");
    await until("the steps that were missed", async () => (await bob.number("step")) > cutAt + 40, 30_000);
    // The war goes on between the two looks.
    await until(
      "the same land on both pages, or nearly",
      async () => {
        const id = await ada.number("me");
        const [one = 0, other = 0] = await Promise.all([ada, bob].map((page) => page.shareOf(id)));
        return Math.abs(one - other) <= Math.max(0.2, one / 20);
      },
      30_000,
    );

    // A word is broken, and both hear of it.
    await ada.pickNation(await bob.number("me"));
    await ada.at("break").click();
    await ada.at("break").filter({ hasText: "Truly" }).click();
    await ada.news(/You broke the alliance/);
    await bob.news(/broke the alliance with you/);

    await bob.page.setViewportSize(SMALL);
    expect(await bob.visit.overflow()).toBe(0);
    await bob.visit.picture("war-phone");
    await bob.page.setViewportSize(TABLE);

    // Whoever gives up is beaten, and may watch.
    await bob.pickNation(await bob.number("me"));
    await bob.at("resign").click();
    await bob.at("resign").filter({ hasText: "Truly" }).click();
    await bob.at("end").getByText("Your nation has fallen").waitFor();
    await ada.page.setViewportSize(DESKTOP);
    await ada.visit.picture("war-desktop");
  },
  LONG_MS,
);

test(
  "a war that is over is watched again, from any moment and at any pace",
  async () => {
    // Nobody is there to fight: whoever stands alone, on land by dice, has won as it begins.
    const ada = await soldier();
    await ada.arrive("Ada");
    await ada.open("Island", { computers: false, seconds: 10 });
    await ada.phase("over");
    await ada.at("end").getByText("Victory!").waitFor();
    // The number by which the map comes again is the one that was asked for.
    await ada.at("end-map").getByText(`Map number ${MAP}`, { exact: true }).waitFor();
    await ada.visit.picture("war-over");

    await ada.at("watch-again").click();
    await ada.drawn();
    const replay = ada.at("replay");
    await replay.waitFor();
    const at = async () => Number(await replay.getAttribute("data-step"));
    const nations = (count: number) =>
      ada.page
        .locator(".ranking-head small")
        .filter({ hasText: new RegExp(`^${count} nations?`) })
        .waitFor({ state: "attached" });
    const last = await until("how long the war was", async () =>
      Number(await ada.at("scrub").getAttribute("max")),
    );
    expect(last).toBeGreaterThan(100);

    // To any step, forwards and back. How long it takes, by the page's own clock from the knob's word to the frame that
    // shows it, is said and not judged.
    const took: number[] = [];
    for (const part of [0.8, 0.2, 0.55, 0.9, 0.35]) {
      took.push(await ada.seekTo(Math.floor((last * part) / 20) * 20));
    }
    console.log(`a step of the past is shown after ${took.map(Math.round).join(", ")} ms`);
    await ada.at("scrub").fill("0");
    await until("the beginning", async () => (await at()) === 0);
    await nations(0);
    for (const speed of [2, 4, 8, 16, 32, 64]) {
      await ada.at("speed").click();
      await ada
        .at("speed")
        .filter({ hasText: `${speed}×` })
        .waitFor();
    }
    await ada.at("play").click();
    await until("the end at 64 times the pace", async () => (await at()) >= last, 60_000);
    await ada.phase("over");
    await nations(1);
    await ada.visit.picture("war-replay");
  },
  LONG_MS,
);

test("the lobby fits a phone, and nothing of the map is loaded before there is one", async () => {
  const guest = await visit({ viewport: SMALL, hasTouch: true });
  const scripts: string[] = [];
  guest.page.on("response", (answer) => scripts.push(new URL(answer.url()).pathname));
  await guest.page.goto(`${server.url}/sovereign/`);
  await guest.page.getByRole("button", { name: "Play now" }).waitFor();
  expect(await guest.overflow()).toBe(0);
  expect(scripts.filter((path) => /board|gestures/.test(path))).toEqual([]);
  await guest.picture("war-lobby-phone");
  await guest.page.setViewportSize(DESKTOP);
  await guest.picture("war-lobby-desktop");
});
