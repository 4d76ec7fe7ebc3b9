/**
 * What the panels and the map look at: one war, live or replayed, and what was said of it lately. Panels follow `beat`,
 * a few times a second; the painter hears of every tile at once.
 */
import { reactive, ref, shallowRef } from "vue";
import type { Notice } from "../bytes/shapes";
import { STEP_MS, STEPS_A_SECOND, UNSEEN } from "../bytes/shapes";
import type { Update } from "../bytes/update";
import type { WarView } from "../bytes/view";
import { Mirror, type MirrorEvents, type Taken } from "./mirror";
import { nameOf, type Person } from "./names";
import { few, MOTION_WORDS } from "./words";

/** Times a second that panels are told anew. */
export const BEATS_A_SECOND = 5;
/** News that is on the page at a time, and for how long. */
export const NEWS_MAX = 5;
export const NEWS_MS = 6_000;
/** Signs on the map at a time. */
export const PINGS_MAX = 32;
export const PING_MS = 4_000;

/** Steps that are reckoned on without a word from the room; then the line is gone, or time stands. */
const RECKONED_STEPS_MAX = 40;

/** Whoever draws the map. */
export interface Painter {
  /** Another war, or the same one from a whole view. */
  reset(mirror: Mirror): void;
  tile(tile: number, from: number, to: number): void;
}

export interface News {
  key: number;
  tone: "plain" | "good" | "bad";
  text: string;
  /** Where it happened. */
  tile?: number;
}

export interface Ping {
  tile: number;
  sign: number;
  by: number;
  since: number;
}

export class Stage implements MirrorEvents {
  readonly mirror = shallowRef<Mirror>();
  readonly beat = ref(0);
  readonly news = reactive<News[]>([]);
  readonly pings: Ping[] = [];
  /** People by their seats. */
  readonly people = shallowRef<ReadonlyMap<number, Person>>(new Map());
  painter: Painter | undefined;
  /** Time passes only by what is told: a replay. */
  stands = false;
  /** In a replay: steps since the newest one that was told. */
  ahead = 0;
  private key = 0;
  /** When the newest step was heard of, by the page's clock. */
  private heardMs = 0;

  show(view: WarView): void {
    const mirror = new Mirror(view);
    this.heardMs = performance.now();
    this.mirror.value = mirror;
    this.painter?.reset(mirror);
    this.beat.value += 1;
  }

  take(update: Update): Taken {
    const mirror = this.mirror.value;
    if (mirror === undefined) return "gap";
    this.heardMs = performance.now();
    return mirror.take(update, this);
  }

  /** The step that it is now, as the page reckons: quiet steps are not told. */
  stepNow(): number {
    const mirror = this.mirror.value;
    if (mirror === undefined) return 0;
    if (mirror.phase.kind === "over") return mirror.step;
    const gone = this.stands ? this.ahead : (performance.now() - this.heardMs) / STEP_MS;
    return mirror.step + Math.min(gone, RECKONED_STEPS_MAX);
  }

  /** Seconds until a step, never less than none. */
  secondsTo(step: number): number {
    return Math.max(0, (step - this.stepNow()) / STEPS_A_SECOND);
  }

  tile(tile: number, from: number, to: number): void {
    this.painter?.tile(tile, from, to);
  }

  name(id: number): string {
    if (id === 0) return "Wild land";
    if (id === UNSEEN) return "Fog";
    const mirror = this.mirror.value;
    const nation = mirror?.nation(id);
    if (nation === undefined || mirror === undefined) return `Nation ${id}`;
    return nameOf(nation, mirror.map.seed, this.people.value);
  }

  say(tone: News["tone"], text: string, tile?: number): void {
    if (this.news.at(-1)?.text === text) this.news.pop();
    const key = ++this.key;
    this.news.push(tile === undefined ? { key, tone, text } : { key, tone, text, tile });
    if (this.news.length > NEWS_MAX) this.news.shift();
    setTimeout(() => {
      const at = this.news.findIndex((item) => item.key === key);
      if (at !== -1) this.news.splice(at, 1);
    }, NEWS_MS);
  }

  /** Everybody hears of every vote; those who could not vote do not know what it was about. */
  private decided(mirror: Mirror, { motion, carried }: { motion: number; carried: boolean }): void {
    const put = mirror.motion(motion);
    if (put === undefined) return;
    const words = MOTION_WORDS[put.kind];
    const whom = put.about === mirror.me ? "you" : this.name(put.about);
    this.say("plain", carried ? words.carried(whom) : words.failed(whom));
  }

  notice(notice: Notice): void {
    const mirror = this.mirror.value;
    if (mirror === undefined) return;
    const { me } = mirror;
    const name = (id: number) => (id === me ? "you" : this.name(id));
    const Name = (id: number) => (id === me ? "You" : this.name(id));
    const have = (id: number) => (id === me ? "have" : "has");
    switch (notice.kind) {
      case "beaten": {
        if (notice.who === me) this.say("bad", "Your nation has fallen.");
        else if (notice.by === 0) this.say("plain", `${Name(notice.who)} is no more.`);
        else if (notice.by === me || mirror.nation(notice.who)?.kind !== "tribe") {
          const tone = notice.by === me ? "good" : "plain";
          this.say(tone, `${Name(notice.by)} ${have(notice.by)} beaten ${name(notice.who)}.`);
        }
        break;
      }
      case "broke":
        this.say(
          notice.to === me ? "bad" : "plain",
          `${Name(notice.by)} broke the alliance with ${name(notice.to)}.`,
        );
        break;
      case "allied": {
        const mine = notice.a === me || notice.b === me;
        const [first, second] = notice.b === me ? [notice.b, notice.a] : [notice.a, notice.b];
        if (mine || me === 0) this.say("good", `${Name(first)} and ${name(second)} are allies now.`);
        break;
      }
      case "ping":
        this.pings.push({ tile: notice.tile, sign: notice.sign, by: notice.by, since: performance.now() });
        if (this.pings.length > PINGS_MAX) this.pings.shift();
        if (notice.by !== me) this.say("plain", `${Name(notice.by)} points something out.`, notice.tile);
        break;
      case "gave": {
        const gift = [
          notice.troops > 0 && `${few(notice.troops)} troops`,
          notice.gold > 0 && `${few(notice.gold)} gold`,
        ]
          .filter((part) => part !== false)
          .join(" and ");
        if (notice.to === me) this.say("good", `${Name(notice.by)} sent you ${gift}.`);
        if (notice.by === me) this.say("good", `${gift} went to ${name(notice.to)}.`);
        break;
      }
      case "decided":
        this.decided(mirror, notice);
        break;
      case "landed":
        if (notice.by === me) this.say("good", "Your boat has landed.", notice.tile);
        break;
    }
  }
}
