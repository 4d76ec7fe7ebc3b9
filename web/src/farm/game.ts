/**
 * The farm as the page holds it: what the room said, what the player did that it has not said yet, and the words
 * for what happened. It is the only user of the room client; the components read from here and call its verbs.
 */
import { computed, reactive, ref, shallowRef } from "vue";
import type { Phase, RoomEvents } from "../room/client";
import { CLOSING, type CommandId, type Refused } from "../room/payload";
import { decodeUpdate, decodeView, encodeCommandBody } from "./decode";
import { amountAt, amountsAt, HostClock } from "./growth";
import { mergeFarm } from "./merge";
import { newsOf } from "./news";
import { Prediction } from "./prediction";
import type { FarmService } from "./service";
import { eventText, refusalText } from "./words";
import type { Amounts, Away, Command, Content, Farm, FarmEvent } from "./shapes";

/** Clicks are gathered this long before they travel. */
export const SHEAR_GATHER_MS = 120;
/** The shop's affordability and the sleepy herd are looked at this often; the big numbers move every frame. */
export const TICK_MS = 200;
/** A shorter absence is no absence. */
export const AWAY_TOLD_MS_MIN = 60_000;
export const TOASTS_MAX = 4;
export const TOAST_MS = 4_500;

/** The way out for commands: the room client, or a test's stand-in. */
export interface Room {
  send(body: Uint8Array): CommandId | undefined;
  readonly waiting: number;
}

export interface Toast {
  key: number;
  tone: "good" | "bad" | "plain";
  text: string;
}

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

/** What became of the time offline. */
export interface Returned {
  /** How many actions count. */
  kept: number;
  refused: { command: Command; reason: string }[];
  /** What the farm grew and sheared meanwhile, milli-wool. */
  earned: Amounts;
}

export class Game implements RoomEvents {
  readonly content = shallowRef<Content>();
  readonly farm = shallowRef<Farm>();
  readonly phaseNow = ref<Phase>("connecting");
  readonly seq = ref(0n);
  readonly bulk = ref<Bulk>(1);
  /** Time away that was not shown yet. */
  readonly away = shallowRef<Away>();
  readonly toasts = reactive<Toast[]>([]);
  /** What was bought and is not answered, by the thing's id: its button shows that it is on its way. */
  readonly underway = reactive(new Map<string, number>());
  readonly unsaved = ref(0);
  readonly mode = ref<Mode>("online");
  /** Actions that are not yet known to be on the server's disk. */
  readonly journalled = ref(0);
  /** What became of the time offline, until it is dismissed. */
  readonly returned = shallowRef<Returned>();
  /** What the farm asks the server beside the room; set by the page. */
  service: FarmService | undefined;
  /** Moves with {@link TICK_MS}; reading it makes a computed value follow time. */
  readonly nowMs = ref(0);
  /** Called for what deserves more than a number: the scene throws wool, the page reloads the wallet. */
  onEvent: (event: FarmEvent) => void = () => undefined;
  /** Called after each whole view. */
  onView: () => void = () => undefined;

  private readonly clock: HostClock;
  private readonly prediction = new Prediction();
  private readonly sent = new Map<CommandId, Command>();
  private clicks = 0;
  private gather: ReturnType<typeof setTimeout> | undefined;
  private toastKey = 0;
  private room: Room | undefined;

  constructor(
    private readonly shownAway: { get(): number; set(toMs: number): void },
    monotonicMs?: () => number,
  ) {
    this.clock = new HostClock(monotonicMs);
  }

  attach(room: Room): void {
    this.room = room;
  }

  /** What can be spent now, by the tick: the shop's buttons need not change every frame. */
  readonly amounts = computed((): Amounts => {
    const now = this.nowMs.value;
    const farm = this.farm.value;
    return farm === undefined ? {} : amountsAt(farm, now);
  });

  readonly ready = computed(() => this.farm.value !== undefined && this.content.value !== undefined);

  tick(): void {
    this.nowMs.value = this.clock.now();
  }

  /** Milli-wool to show at this moment, with the shears that the room has not confirmed. */
  shown(wool: string): bigint {
    const farm = this.farm.value;
    if (farm === undefined) return 0n;
    const known = amountAt(farm, wool, this.clock.now());
    return wool === this.content.value?.shear.wool
      ? known + this.prediction.total() + this.gathered()
      : known;
  }

  private gathered(): bigint {
    return BigInt(this.clicks) * (this.farm.value?.shear.yield ?? 0n);
  }

  // ---- what the player does ----

  shear(): void {
    const content = this.content.value;
    if (content === undefined) return;
    this.clicks += 1;
    if (this.clicks >= content.shear.count_max) this.sendShears();
    this.gather ??= setTimeout(() => this.sendShears(), SHEAR_GATHER_MS);
  }

  private sendShears(): void {
    clearTimeout(this.gather);
    this.gather = undefined;
    if (this.clicks === 0) return;
    const amount = this.gathered();
    const id = this.send({ do: "shear", count: this.clicks });
    if (id !== undefined) this.prediction.add(id, amount);
    this.clicks = 0;
  }

  buy(building: string): void {
    this.send({ do: "buy", building, count: this.bulk.value }, building);
  }

  upgrade(upgrade: string): void {
    this.send({ do: "upgrade", upgrade }, upgrade);
  }

  craft(recipe: string): void {
    this.send({ do: "craft", recipe, count: this.bulk.value }, recipe);
  }

  prestige(): void {
    this.send({ do: "prestige" }, "prestige");
  }

  wish(wish: string): void {
    this.send({ do: "wish", wish }, wish);
  }

  keepsake(keepsake: string): void {
    this.send({ do: "keepsake", keepsake }, keepsake);
  }

  private send(command: Command, thing?: string): CommandId | undefined {
    // What was shorn before a purchase must arrive before it: the room judges in the order of arrival.
    if (command.do !== "shear") this.sendShears();
    const id = this.room?.send(encodeCommandBody(command));
    this.countUnsaved();
    if (id === undefined) {
      this.toast("bad", "The farm is catching up. Give it a moment.");
      return undefined;
    }
    this.sent.set(id, command);
    if (thing !== undefined) this.underway.set(thing, (this.underway.get(thing) ?? 0) + 1);
    return id;
  }

  dismissAway(): void {
    if (this.away.value !== undefined) this.shownAway.set(this.away.value.to_ms);
    this.away.value = undefined;
  }

  dismissReturned(): void {
    this.returned.value = undefined;
  }

  /** Plays here instead of in the other tab. */
  takeOver(): void {
    if (this.mode.value === "elsewhere") this.mode.value = "online";
  }

  toast(tone: Toast["tone"], text: string): void {
    const last = this.toasts.at(-1);
    if (last?.text === text) this.toasts.pop();
    const key = ++this.toastKey;
    this.toasts.push({ key, tone, text });
    if (this.toasts.length > TOASTS_MAX) this.toasts.shift();
    setTimeout(() => this.dropToast(key), TOAST_MS);
  }

  dropToast(key: number): void {
    const at = this.toasts.findIndex((toast) => toast.key === key);
    if (at !== -1) this.toasts.splice(at, 1);
  }

  // ---- what the room says ----

  phase(phase: Phase): void {
    this.phaseNow.value = phase;
  }

  view(view: { seq: bigint; atMs: number; body: Uint8Array }): void {
    const { content, farm } = decodeView(view.body);
    this.content.value = content;
    this.prediction.clear();
    this.learn(farm, view.seq);
    if (worthTelling(farm.away) && farm.away.to_ms > this.shownAway.get()) this.away.value = farm.away;
    this.onView();
  }

  updates(updates: { seq: bigint; items: Uint8Array[] }): void {
    let farm = this.farm.value;
    if (farm === undefined) return;
    const events: FarmEvent[] = [];
    for (const item of updates.items) {
      const update = decodeUpdate(item);
      farm = mergeFarm(farm, update.farm);
      if (update.event !== null) events.push(update.event);
    }
    const { content } = this;
    const before = this.farm.value;
    this.learn(farm, updates.seq);
    for (const event of events) this.happened(event);
    if (before !== undefined && content.value !== undefined) {
      for (const text of newsOf(content.value, before, farm)) this.toast("good", text);
    }
  }

  accepted(answer: { id: CommandId; seq: bigint }): void {
    this.prediction.accepted(answer.id, answer.seq, this.seq.value);
    this.answered(answer.id);
  }

  refused(answer: Refused): void {
    this.prediction.refused(answer.id);
    const command = this.sent.get(answer.id);
    this.answered(answer.id);
    this.toast("bad", refusalText(answer, command, this.content.value));
  }

  closing(closing: { code: number; reason: string }): void {
    if (closing.code === CLOSING.fault) this.toast("bad", `The farm had to close: ${closing.reason}`);
  }

  unreadable(): void {
    this.toast("bad", "This page does not understand the farm any more. Reloading it may help.");
  }

  private learn(farm: Farm, seq: bigint): void {
    this.farm.value = farm;
    this.seq.value = seq;
    this.clock.heard(farm.at_ms);
    this.prediction.seen(seq);
    this.tick();
  }

  private countUnsaved(): void {
    this.unsaved.value = this.room?.waiting ?? 0;
    this.journalled.value = this.unsaved.value;
  }

  private answered(id: CommandId): void {
    const command = this.sent.get(id);
    this.sent.delete(id);
    this.countUnsaved();
    const thing = command === undefined ? undefined : thingOf(command);
    if (thing === undefined) return;
    const left = (this.underway.get(thing) ?? 1) - 1;
    if (left > 0) this.underway.set(thing, left);
    else this.underway.delete(thing);
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
