/** The other ways into a war: opponents who are found, seats that are taken, watching, fog; and fingers instead of a mouse. */
import { expect, test } from "vitest";
import { until } from "../until";
import { Fingers } from "./fingers";
import { Soldier, TABLE } from "./soldier";
import { stage } from "./stage";
import { SMALL } from "./visit";

/** How late those are who watch, in steps; a page that draws slowly, with no graphics card, is itself behind by some. */
const LATE_STEPS = 100;
const LATE_STEPS_SEEN = LATE_STEPS / 2;
const { server, visit } = stage([
  ...["--set", `rooms.spectate_delay_ms=${LATE_STEPS * 50}`],
  // Matched quickly, so that the test need not wait for a crowd.
  ...["--set", "matchmaker.interval_ms=200"],
]);
const LONG_MS = 300_000;

async function soldier(): Promise<Soldier> {
  return new Soldier(await visit({ viewport: TABLE, reducedMotion: "reduce" }), server.url);
}
async function phone(): Promise<Soldier> {
  const options = { viewport: SMALL, hasTouch: true, isMobile: true, reducedMotion: "reduce" } as const;
  return new Soldier(await visit(options), server.url);
}
const warOf = ({ page }: Soldier) => new URL(page.url()).searchParams.get("war");

test(
  "two who look for opponents meet in one war; a third finds no seat and watches, some time later",
  async () => {
    const [ada, bob] = [await soldier(), await phone()];
    await ada.arrive("Ada");
    await bob.arrive("Bob");
    // The wait can be broken off, and begun again.
    await ada.seek();
    await ada.visit.picture("war-seek");
    await ada.at("quick").click();
    await ada.page.locator('[data-testid="quick"][aria-pressed="false"]').waitFor();
    await Promise.all([ada.seek(), bob.seek()]);
    await bob.visit.picture("war-seek-phone");
    await Promise.all([ada.drawn(), bob.drawn()]);
    expect(warOf(ada)).toBe(warOf(bob));
    await bob.visit.picture("war-matched-phone");
    await Promise.all([ada.spawn("left"), bob.spawn("right")]);
    expect(await ada.number("me")).not.toBe(await bob.number("me"));
    await Promise.all([ada.phase("war"), bob.phase("war")]);

    // The link leads to a full war: a page says so, and lets one watch.
    const eve = await phone();
    await eve.page.goto(ada.page.url());
    await eve.at("watch-instead").waitFor();
    await eve.visit.picture("war-full-phone");
    await eve.at("watch-instead").click();
    await eve.drawn();
    await eve.line("online");
    const [first, land] = [await eve.number("step"), await eve.points()];
    await ada.grow();
    await until("steps to pass", async () => (await eve.number("step")) > first + 40, 30_000);
    await until("land to change hands", async () => (await eve.points()).owned > land.owned, 30_000);
    await until(
      "to be ahead of who watches",
      async () => {
        const seen = await eve.number("step");
        return (await ada.number("step")) >= seen + LATE_STEPS_SEEN;
      },
      30_000,
    );
    await eve.visit.picture("war-watch-phone");
    expect(await eve.visit.overflow()).toBe(0);

    // Who watches has no nation, no troops, and nothing to command with.
    expect([await eve.number("me"), await eve.war.getAttribute("data-standing")]).toEqual([0, "none"]);
    await eve.act("Enter");
    await eve.pickNation(await ada.number("me"));
    await eve.visit.picture("war-watch-card-phone");
    for (const id of ["troops", "share", "attack", "ally", "boat", "ping", "resign", "help"]) {
      expect(await eve.at(id).count(), id).toBe(0);
    }
    await eve.page.setViewportSize(TABLE);
    await eve.visit.picture("war-watch");

    // The way out leads to the lobby, for those in the war as well.
    await eve.at("leave").click();
    await eve.at("play").waitFor();
  },
  LONG_MS,
);

test(
  "in fog everybody chooses a place unseen, sees what is near it, and who watches sees nothing",
  async () => {
    const [ada, bob] = [await soldier(), await soldier()];
    await bob.arrive("Bob");
    await ada.arrive("Ada");
    await ada.page.getByLabel("fog of war").check();
    await ada.open("Island", { computers: true, seconds: 60 });
    expect(await ada.war.getAttribute("data-fog")).toBe("true");
    const before = await ada.points();
    expect([before.free, before.owned]).toEqual([0, 0]);
    await bob.page.goto(ada.page.url());
    await bob.drawn();
    // By one's own click: the time for choosing is not over, as it is when the dice choose.
    const mine = ada.spawn("left").then(() => ada.war.getAttribute("data-war"));
    await bob.spawn("right");
    expect(await mine).toBe("choosing");
    await Promise.all([ada.phase("war"), bob.phase("war")]);
    await ada.grow();
    for (const [page, other] of [
      [ada, bob],
      [bob, ada],
    ] as const) {
      const { free, fog, owned } = await page.points();
      expect(fog, "most of the land").toBeGreaterThan(free + owned);
      expect(free + owned, "its surroundings").toBeGreaterThan(0);
      const ranking = page.at("ranking");
      expect(await ranking.getByTestId(`rank-${await page.number("me")}`).count()).toBe(1);
      expect(await ranking.getByTestId(`rank-${await other.number("me")}`).count()).toBe(0);
    }
    await ada.visit.picture("war-fog");
    await bob.page.setViewportSize(SMALL);
    await bob.visit.picture("war-fog-phone");

    const eve = await phone();
    await eve.page.goto(ada.page.url().replace("war=", "watch="));
    await eve.drawn();
    await eve.at("blind").waitFor();
    const blind = await eve.points();
    expect([blind.free, blind.owned, await eve.at("ranking").count()]).toEqual([0, 0, 0]);
    await eve.visit.picture("war-fog-watch-phone");
  },
  LONG_MS,
);

test(
  "the gold of others is on their cards where it is no secret, and nowhere else",
  async () => {
    for (const secret of [true, false]) {
      const ada = await soldier();
      await ada.arrive("Ada");
      await ada.page.getByLabel("gold is secret").setChecked(secret);
      await ada.open("Island", { computers: true, seconds: 60 });
      await ada.pickNation(await ada.otherThan(await ada.number("me")));
      const figures = await ada.at("figures").innerText();
      expect(figures).toMatch(
        secret ? /^\d\S* troops · \d+ tiles$/ : /^\d\S* troops · \d+ tiles · \d\S* gold$/,
      );
      if (!secret) await ada.visit.picture("war-gold");
      // By keys alone: a card that a key opens has the next key, and gives it back to the map.
      await ada.act("e");
      await ada.page.locator('[data-testid="target"] :focus').waitFor();
      await ada.page.keyboard.press("Escape");
      await ada.page.locator(".war-map:focus").waitFor();
    }
  },
  LONG_MS,
);

test(
  "a war by fingers alone: drag, pinch, tap, hold",
  async () => {
    const ada = await phone();
    const fingers = await Fingers.of(ada.page);
    await ada.arrive("Ada");
    await ada.open("Island", { computers: true, seconds: 30 });
    const [x, y] = [SMALL.width / 2, SMALL.height / 2];
    await until("the frame on the small map", async () => (await ada.frame()).height > 0);

    const whole = await ada.frame();
    await fingers.move(
      { from: { x: x - 20, y }, to: { x: x - 120, y } },
      { from: { x: x + 20, y }, to: { x: x + 120, y } },
    );
    const near = await until("a nearer look", async () => {
      const frame = await ada.frame();
      return frame.width < whole.width / 2 && frame;
    });
    await fingers.move({ from: { x: x + 60, y }, to: { x: x - 60, y } });
    const right = await until("a look to the right", async () => {
      const frame = await ada.frame();
      return frame.left > near.left && frame;
    });
    // The map followed the finger and nothing else: it is as near as before, and nothing was chosen.
    expect(right.width).toBeCloseTo(near.width, 1);
    expect(await ada.war.getAttribute("data-standing")).toBe("waiting");

    // Away from the map's upper and lower edge, so that one's land can be in the middle of the screen.
    const inland = (await ada.land("left")).filter((place) => Math.abs(place.y - 0.5) < 0.18);
    for (const place of inland.slice(0, 12)) {
      await ada.look(place);
      await ada.page.touchscreen.tap(x, y);
      const stands = async () => (await ada.war.getAttribute("data-standing")) === "alive";
      if (await until("a flag", stands, 4_000).catch(() => false)) break;
    }
    expect(await ada.war.getAttribute("data-standing")).toBe("alive");
    await ada.visit.picture("war-placed-phone");
    await ada.phase("war");
    await ada.at("lesson").getByText("Tap land beside yours").waitFor();

    const before = await ada.number("tiles");
    const close = ada.at("target").getByRole("button", { name: "Close" });
    await ada.page.getByRole("button", { name: "To my land" }).tap();
    await until(
      "more land by a tap beside one's own",
      async () => {
        // All around: there may be sea or another nation on some sides.
        for (let turn = 0; turn < 8; turn++) {
          if ((await ada.number("tiles")) > before) return true;
          const [dx, dy] = [Math.cos((turn * Math.PI) / 4) * 60, Math.sin((turn * Math.PI) / 4) * 60];
          await ada.page.touchscreen.tap(x + dx, y + dy);
          // What cannot be attacked over land shows its card, which lies where the next tap goes.
          if ((await close.count()) > 0) await close.tap();
        }
        return (await ada.number("tiles")) > before;
      },
      40_000,
    );
    await ada.visit.picture("war-tapped-phone");

    // To hold a finger on one's land opens its card; the map below it has not moved.
    await ada.page.getByRole("button", { name: "To my land" }).tap();
    await fingers.down({ x, y });
    await ada.at("build-city").waitFor();
    await fingers.up();
    await ada.visit.picture("war-card-phone");
    expect(await ada.visit.overflow()).toBe(0);
    await close.tap();
    await ada.at("target").waitFor({ state: "detached" });
  },
  LONG_MS,
);
