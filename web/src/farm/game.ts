/**
 * The farm as the page holds it: what the room said, what the player did that it has not said yet, and the words
 * for what happened. With a room or without one, the components read from here and call its verbs.
 */
import { computed, reactive, ref, shallowRef } from "vue";
import type { Phase, RoomEvents } from "../room/client";
import { CLOSING, type CommandId, type Refused } from "../room/payload";
import { decodeUpdate, decodeView, encodeCommandBody } from "./decode";
import { amountAt, amountsAt, HostClock } from "./growth";
import { mergeFarm } from "./merge";
import { newsOf } from "./news";
import { KEPT_SHAPE, type Kept } from "./offline/entries";
import { Errands, type Room } from "./offline/errands";
import type { Doing, Journal } from "./offline/journal";
import { Report, type Returned } from "./offline/report";
import { Prediction } from "./prediction";
import type { FarmService } from "./service";
import { Toasts, type Toast } from "./toasts";
import { eventText, refusalText } from "./words";
import type { Amounts, Away, Command, Content, Farm, FarmEvent } from "./shapes";

/** Clicks are gathered this long before they travel. */
export const SHEAR_GATHER_MS = 120;
/** The shop's affordability and the sleepy herd are looked at this often; the big numbers move every frame. */
export const TICK_MS = 200;
/** A shorter absence is no absence. */
export const AWAY_TOLD_MS_MIN = 60_000;
/** Without a connection clicks are gathered longer: each gathering is one entry of the journal. */
export const OFFLINE_GATHER_MS = 2_000;
/** A shorter time without the server is not called offline: it may be starting again. */
export const OFFLINE_TOLD_MS = 8_000;
/** The newest view is kept on disk this often. */
export const KEEP_MS = 10_000;

export type Bulk = 1 | 10 | "max";

/** How the farm is played now. */
export type Mode =
  /** In the room, or on the way to it for the first time. */
  | "online"
  /** The room cannot be reached: the page goes on by its own rules. */
  | "offline"
  /** The server is there again and is told what was done meanwhile. */
  | "returning"
  /** Another tab of this browser plays; see {@link Game.takeOver}. */
  | "elsewhere";

export class Game implements RoomEvents {
  readonly content = shallowRef<Content>();
  readonly farm = shallowRef<Farm>();
  readonly phaseNow = ref<Phase>("connecting");
  readonly mode = ref<Mode>("online");
  readonly seq = ref(0n);
  readonly bulk = ref<Bulk>(1);
  /** Time away that was not shown yet. */
  readonly away = shallowRef<Away>();
  /** What became of the time offline, until it is dismissed. */
  readonly returned = shallowRef<Returned>();
  /** What was bought and is not answered, by the thing's id: its button shows that it is on its way. */
  readonly underway = reactive(new Map<string, number>());
  /** What the player did that is not yet known to be on the server's disk… */
  readonly unsaved = ref(0);
  /** …and what of it could be done without the server. */
  readonly journalled = ref(0);
  /** Moves with {@link TICK_MS}; reading it makes a computed value follow time. */
  readonly nowMs = ref(0);
  /** The way into the room, once it is there; set by the page. */
  room: Room | undefined;
  /** What the farm asks the server beside the room; set by the page. */
  service: FarmService | undefined;
  /** Called for what deserves more than a number: the scene throws wool, the page reloads the wallet. */
  onEvent: (event: FarmEvent) => void = () => undefined;
  /** Called after each whole view. */
  onView: () => void = () => undefined;
  /** Called when the player wants to play here and not in the other tab. */
  onTakeOver: () => void = () => undefined;

  private readonly clock: HostClock;
  private readonly said = new Toasts();
  private prediction: Prediction | undefined;
  /** The room's newest word. Without the room the prediction stands on what that has come to since. */
  private word: Farm | undefined;
  private errands: Errands | undefined;
  private report: Report | undefined;
  /** Keepsakes that the room has not answered. */
  private readonly asked = new Map<CommandId, Command>();
  private clicks = 0;
  private gather: ReturnType<typeof setTimeout> | undefined;
  private offlineSoon: ReturnType<typeof setTimeout> | undefined;
  private keptOn = 0;

  constructor(
    private readonly shownAway: { get(): number; set(toMs: number): void },
    monotonicMs?: () => number,
  ) {
    this.clock = new HostClock(monotonicMs, monotonicMs);
  }

  /** This tab plays, with what the browser has kept. */
  attach(journal: Journal, kept?: Kept): void {
    this.errands = new Errands(journal, () => this.room);
    this.errands.part();
    journal.onTrouble = () =>
      this.toast("bad", "This browser stores nothing: what you do without a connection may be lost.");
    this.mode.value = "online";
    if (kept?.shape === KEPT_SHAPE) {
      this.clock.set(kept.ahead_ms);
      this.content.value = kept.content;
      this.take(kept.farm);
    }
    this.count();
    this.parted();
  }

  /** Another tab plays. Resolves when everything of this one is on disk. */
  async detach(): Promise<void> {
    this.sendShears();
    const journal = this.errands?.journal;
    this.errands = undefined;
    clearTimeout(this.offlineSoon);
    this.mode.value = "elsewhere";
    journal?.save();
    await journal?.flushed();
  }

  takeOver(): void {
    if (this.mode.value === "elsewhere") this.onTakeOver();
  }

  /** The page may be about to end: what is only in memory goes to disk. */
  save(): void {
    this.sendShears();
    this.errands?.journal.save();
    this.keep();
  }

  /** What can be spent now, by the tick: the shop's buttons need not change every frame. */
  readonly amounts = computed((): Amounts => {
    const now = this.nowMs.value;
    const farm = this.farm.value;
    return farm === undefined ? {} : amountsAt(farm, now);
  });

  readonly ready = computed(() => this.farm.value !== undefined && this.content.value !== undefined);

  get toasts(): Toast[] {
    return this.said.list;
  }

  tick(): void {
    const now = this.clock.now();
    this.nowMs.value = now;
    const changes = this.farm.value?.rates_until_ms ?? null;
    if (changes !== null && now >= changes && this.prediction !== undefined) {
      this.prediction.pass(now);
      this.farm.value = this.prediction.farm;
    }
    if (this.errands?.joined === true && now - this.keptOn >= KEEP_MS) this.keep();
  }

  /** Milli-wool to show at this moment, with the clicks that are still being gathered. */
  shown(wool: string): bigint {
    const farm = this.farm.value;
    if (farm === undefined) return 0n;
    const known = amountAt(farm, wool, this.clock.now());
    const shorn = wool === this.content.value?.shear.wool;
    return shorn ? known + BigInt(this.clicks) * farm.shear.yield : known;
  }

  // ---- what the player does ----

  shear(): void {
    const content = this.content.value;
    if (content === undefined || this.isElsewhere()) return;
    this.clicks += 1;
    if (this.clicks >= content.shear.count_max) this.sendShears();
    const gatherMs = this.errands?.joined === true ? SHEAR_GATHER_MS : OFFLINE_GATHER_MS;
    this.gather ??= setTimeout(() => this.sendShears(), gatherMs);
    this.count();
  }

  private sendShears(): void {
    clearTimeout(this.gather);
    this.gather = undefined;
    const count = this.clicks;
    this.clicks = 0;
    if (count > 0) this.act({ do: "shear", count });
  }

  buy(building: string): void {
    this.act({ do: "buy", building, count: this.bulk.value });
  }

  upgrade(upgrade: string): void {
    this.act({ do: "upgrade", upgrade });
  }

  craft(recipe: string): void {
    this.act({ do: "craft", recipe, count: this.bulk.value });
  }

  prestige(): void {
    this.act({ do: "prestige" });
  }

  wish(wish: string): void {
    this.act({ do: "wish", wish });
  }

  keepsake(keepsake: string): void {
    this.act({ do: "keepsake", keepsake });
  }

  private act(command: Command): void {
    // What was shorn before a purchase must arrive before it: the room judges in the order of arrival.
    if (command.do !== "shear") this.sendShears();
    const { errands, prediction } = this;
    if (this.isElsewhere() || errands === undefined || prediction === undefined) return;
    if (command.do === "keepsake") this.ask(command);
    else if (errands.joined) {
      const doing = errands.add(command, this.clock.now());
      if (doing === undefined) this.full();
      else {
        prediction.expect(doing);
        this.farm.value = prediction.farm;
      }
    } else this.actAlone(command, errands, prediction);
    this.count();
  }

  /** Without a room the page's rules judge: what they refuse is not worth keeping. */
  private actAlone(command: Command, errands: Errands, prediction: Prediction): void {
    const able = prediction.able(command, errands.journal.stamp(this.clock.now()));
    if (errands.journal.full) return this.full();
    const before = prediction.farm;
    const outcome = prediction.expect(able);
    if ("refusal" in outcome) {
      this.toast("bad", refusalText(outcome.refusal, command, this.content.value));
      return;
    }
    errands.add(able.command, able.at_ms);
    this.farm.value = prediction.farm;
    this.news(before, prediction.farm);
    this.happened(outcome.event);
  }

  /** Keepsakes ask the wallet: they go into the room and nowhere else. */
  private ask(command: Command & { do: "keepsake" }): void {
    const id = this.errands?.joined === true ? this.room?.send(encodeCommandBody(command)) : undefined;
    if (id !== undefined) this.asked.set(id, command);
    else this.toast("bad", "Keepsakes are bought from your account: that needs the server.");
  }

  private full(): void {
    this.toast("bad", "More than this cannot be remembered without the server.");
  }

  private isElsewhere(): boolean {
    if (this.mode.value === "elsewhere") this.toast("plain", "You play in another tab.");
    return this.mode.value === "elsewhere";
  }

  dismissAway(): void {
    if (this.away.value !== undefined) this.shownAway.set(this.away.value.to_ms);
    this.away.value = undefined;
  }

  dismissReturned(): void {
    this.returned.value = undefined;
  }

  toast(tone: Toast["tone"], text: string): void {
    this.said.say(tone, text);
  }

  dropToast(key: number): void {
    this.said.drop(key);
  }

  // ---- the way home ----

  /** Tells the server what it does not know, before the room is joined. Rejects when it cannot be told now. */
  async comeHome(): Promise<void> {
    this.sendShears();
    const { errands, service, report } = this;
    if (errands === undefined || service === undefined || report === undefined) return;
    if (errands.journal.size === 0) return;
    try {
      const home = await errands.home(
        async (call) => {
          this.count();
          const answer = await service.sync(call);
          // Not before the server has answered: it is tried again and again while there is none.
          if (this.mode.value === "offline") this.mode.value = "returning";
          return answer;
        },
        () => this.clock.now(),
        report,
      );
      if (this.errands !== errands) return;
      const farm = home?.farm ?? this.farm.value;
      if (farm === undefined) return;
      this.returned.value = report.told(farm);
      if (home?.farm != null) this.clock.heard(farm.at_ms);
      this.take(farm);
      this.count();
    } catch (error) {
      if (this.mode.value === "returning") this.mode.value = "offline";
      throw error;
    }
  }

  private parted(): void {
    clearTimeout(this.offlineSoon);
    this.offlineSoon = setTimeout(() => this.alone(), OFFLINE_TOLD_MS);
  }

  /** There is no server for now: because it was long enough that none was there, or because the browser says so. */
  alone(): void {
    if (this.mode.value !== "online" || this.errands?.joined !== false || !this.ready.value) return;
    this.mode.value = "offline";
    if (this.report !== undefined) this.report.noticed = true;
  }

  /** Keeps the room's word, and with it where the page would go on without the room. */
  private keep(): void {
    const { errands, prediction } = this;
    if (errands?.joined !== true || prediction === undefined) return;
    this.keptOn = this.clock.now();
    const farm = prediction.departed(this.keptOn);
    errands.journal.keep({
      shape: KEPT_SHAPE,
      content: prediction.content,
      farm,
      ahead_ms: this.clock.aheadMs,
    });
  }

  // ---- what the room says ----

  phase(phase: Phase): void {
    this.phaseNow.value = phase;
    const { errands, prediction } = this;
    if (errands === undefined) return;
    if (phase === "online") {
      clearTimeout(this.offlineSoon);
      this.mode.value = "online";
      this.report = undefined;
      errands.join();
    } else if (errands.joined) {
      this.keep();
      errands.part();
      if (prediction !== undefined) this.take(prediction.departed(this.clock.now()));
      if (phase !== "stopped") this.parted();
    }
    this.count();
  }

  view(view: { seq: bigint; atMs: number; body: Uint8Array }): void {
    const { content, farm } = decodeView(view.body);
    this.content.value = content;
    this.errands?.seenAll();
    this.learn(farm, view.seq);
    if (worthTelling(farm.away) && farm.away.to_ms > this.shownAway.get()) {
      // Who just came home has been told already.
      if (this.returned.value === undefined) this.away.value = farm.away;
      else this.shownAway.set(farm.away.to_ms);
    }
    this.onView();
  }

  updates(updates: { seq: bigint; items: Uint8Array[] }): void {
    let farm = this.word;
    if (farm === undefined) return;
    const before = farm;
    const events: FarmEvent[] = [];
    for (const item of updates.items) {
      const update = decodeUpdate(item);
      farm = mergeFarm(farm, update.farm);
      if (update.event !== null) events.push(update.event);
    }
    this.errands?.seen(updates.seq);
    this.learn(farm, updates.seq);
    for (const event of events) this.happened(event);
    this.news(before, farm);
  }

  accepted(answer: { id: CommandId; seq: bigint }): void {
    this.asked.delete(answer.id);
    this.errands?.accepted(answer.id, answer.seq, this.seq.value);
    this.count();
  }

  refused(answer: Refused): void {
    const fate = this.errands?.refused(answer.id, answer.code);
    const command = fate === "again" ? undefined : (fate ?? this.asked.get(answer.id));
    this.asked.delete(answer.id);
    if (fate !== "again") this.toast("bad", refusalText(answer, command, this.content.value));
    if (this.word !== undefined) this.take(this.word);
    this.count();
  }

  closing(closing: { code: number; reason: string }): void {
    if (closing.code === CLOSING.fault) this.toast("bad", `The farm had to close: ${closing.reason}`);
  }

  unreadable(): void {
    this.toast("bad", "This page does not understand the farm any more. Reloading it may help.");
  }

  private learn(farm: Farm, seq: bigint): void {
    this.word = farm;
    this.seq.value = seq;
    this.clock.heard(farm.at_ms);
    this.take(farm);
    this.tick();
    this.count();
  }

  /** What is shown from now on: this, and what is still to come on top of it. */
  private take(word: Farm): void {
    const content = this.content.value;
    if (content === undefined) return;
    this.prediction = new Prediction(content, word, this.errands?.journal.entries);
    this.farm.value = this.prediction.farm;
    if (word.left_ms !== null)
      this.report ??= new Report(word, (refusal, command) =>
        refusalText(refusal, command, this.content.value),
      );
  }

  private count(): void {
    const entries = this.errands?.journal.entries ?? [];
    this.journalled.value = entries.length;
    this.unsaved.value = entries.length + this.asked.size + (this.clicks > 0 ? 1 : 0);
    const things = new Map<string, number>();
    const wait = (command: Command) => {
      const thing = thingOf(command);
      if (thing !== undefined) things.set(thing, (things.get(thing) ?? 0) + 1);
    };
    if (this.errands?.joined === true) entries.forEach((doing: Doing) => wait(doing.command));
    this.asked.forEach(wait);
    for (const thing of this.underway.keys()) if (!things.has(thing)) this.underway.delete(thing);
    for (const [thing, count] of things) this.underway.set(thing, count);
  }

  private news(before: Farm, after: Farm): void {
    const content = this.content.value;
    if (content === undefined) return;
    for (const text of newsOf(content, before, after)) this.toast("good", text);
  }

  private happened(event: FarmEvent): void {
    const text = eventText(event, this.content.value);
    if (text !== undefined)
      this.toast(event.kind === "keepsake" && event.state === "refused" ? "bad" : "good", text);
    this.onEvent(event);
  }
}

function worthTelling(away: Away | null): away is Away {
  return (
    away !== null && away.paid_ms >= AWAY_TOLD_MS_MIN && Object.values(away.earned).some((wool) => wool > 0n)
  );
}

function thingOf(command: Command): string | undefined {
  switch (command.do) {
    case "shear":
      return undefined;
    case "buy":
      return command.building;
    case "upgrade":
      return command.upgrade;
    case "craft":
      return command.recipe;
    case "prestige":
      return "prestige";
    case "wish":
      return command.wish;
    case "keepsake":
      return command.keepsake;
  }
}
