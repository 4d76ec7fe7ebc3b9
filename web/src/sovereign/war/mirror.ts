/**
 * The war as this page knows it: a view, and the updates since. It says which tiles changed and what happened; it draws
 * nothing and sends nothing. A page that missed something is told so ({@link Taken}) and asks for a whole view: it can
 * never be stuck with a war that is not.
 */
import type { Motion, Nation, Notice, Pact, Phase, Setup, Site, Tick } from "../bytes/shapes";
import type { Ask, Attack, Boat } from "../bytes/shapes";
import { UNSEEN } from "../bytes/shapes";
import { Codes } from "../bytes/tiles";
import type { Change, PactChange, Struck } from "../bytes/lists";
import type { OwnUpdate, Update, WarUpdate } from "../bytes/update";
import type { MapOf, WarView } from "../bytes/view";

/** Steps that a boat takes from one tile to the next; its owner's port makes it swift. */
const BOAT_STEPS = 2;
const BOAT_STEPS_SWIFT = 1;

/** What became of an update: it was taken, it was older than what is known, or something before it is missing. */
export type Taken = "taken" | "old" | "gap";

export interface MirrorEvents {
  /** A tile changed hands. */
  tile(tile: number, from: number, to: number): void;
  notice(notice: Notice, step: number): void;
}

export class Mirror {
  step: number;
  phase: Phase;
  readonly map: MapOf;
  readonly setup: Setup;
  me: number;
  readonly fog: boolean;
  readonly nations = new Map<number, Nation>();
  readonly owners: Uint16Array;
  readonly attacks = new Map<number, Attack>();
  readonly boats = new Map<number, Boat>();
  readonly sites = new Map<number, Site>();
  pacts: Pact[];
  asks: Ask[];
  motions: Motion[];
  tick: Tick;
  /** The step of the newest word about the player's own troops and gold. */
  ownStep: number;
  /** What was voted on until the newest word of it: a decision may be told after it. */
  private motionsBefore: Motion[] = [];
  private readonly codes: Codes;

  constructor(view: WarView) {
    this.step = view.step;
    this.ownStep = view.step;
    this.phase = view.phase;
    this.map = view.map;
    this.setup = view.setup;
    this.me = view.me;
    this.fog = view.fog;
    this.owners = view.owners;
    this.pacts = view.pacts;
    this.asks = view.asks;
    this.motions = view.motions;
    this.tick = view.tick;
    for (const nation of view.nations) this.nations.set(nation.id, nation);
    for (const attack of view.attacks) this.attacks.set(attack.id, attack);
    for (const boat of view.boats) this.boats.set(boat.id, { ...boat, since: view.step });
    for (const site of view.sites) this.sites.set(site.tile, site);
    this.codes = new Codes(view.map.w, view.map.h);
  }

  take(update: Update, events: MirrorEvents): Taken {
    let taken: Taken = "old";
    if (update.all !== undefined) taken = this.takeAll(update.all, events);
    if (update.own !== undefined && taken !== "gap") {
      if (this.takeOwn(update.own, events)) taken = "taken";
    }
    return taken;
  }

  private takeAll(update: WarUpdate, events: MirrorEvents): Taken {
    if (update.step <= this.step) return "old";
    if (update.since > this.step) return "gap";
    this.step = update.step;
    if (update.tiles !== undefined) {
      this.codes.changes(update.tiles, (tile, owner) => this.give(tile, owner, events));
    }
    // After the tiles: these rows count them already.
    for (const nation of update.nations) this.takeNation(nation);
    for (const { id, troops, gold, tiles } of update.amounts) {
      const nation = this.nations.get(id);
      if (nation === undefined) continue;
      if (tiles !== undefined) nation.tiles = tiles;
      if (troops !== undefined) nation.troops = troops;
      if (gold !== undefined) nation.gold = gold;
    }
    for (const told of update.attacks) this.takeAttack(told);
    for (const boat of update.boats) if ("here" in boat) boat.here.since = update.step;
    change(this.boats, update.boats, ({ id }) => id);
    change(this.sites, update.sites, ({ tile }) => tile);
    if (update.pacts.length > 0) this.pacts = otherwise(this.pacts, update.pacts);
    if (update.phase !== undefined) this.phase = update.phase;
    for (const notice of update.notices) events.notice(notice, update.step);
    return "taken";
  }

  /** Only the whole of an attack tells of one that was not known. */
  private takeAttack(told: Change<Attack> | Struck): void {
    if (!("struck" in told)) return change(this.attacks, [told], ({ id }) => id);
    const attack = this.attacks.get(told.struck);
    if (attack === undefined) return;
    attack.troops = told.troops;
    attack.head = told.head ?? attack.head;
  }

  private takeOwn(update: OwnUpdate, events: MirrorEvents): boolean {
    if (update.step < this.ownStep) return false;
    this.ownStep = update.step;
    const me = this.nations.get(this.me);
    if (update.asks !== undefined) this.asks = update.asks;
    if (update.motions !== undefined) {
      this.motionsBefore = this.motions;
      this.motions = update.motions;
    }
    if (update.cap !== undefined) this.tick.cap = update.cap;
    if (update.prices !== undefined) {
      const [city = 0, fort = 0, port = 0] = update.prices;
      this.tick.costs = { city, fort, port };
    }
    if (me !== undefined && update.gold !== undefined) me.gold = update.gold;
    if (me !== undefined && update.troops !== undefined) me.troops = update.troops;
    for (const notice of update.notices) events.notice(notice, update.step);
    return true;
  }

  /** A row that everybody gets leaves out the gold that one's own updates say. */
  private takeNation(nation: Nation): void {
    const known = this.nations.get(nation.id);
    if (known !== undefined) {
      nation.gold ??= known.gold;
      nation.troops ??= known.troops;
    }
    this.nations.set(nation.id, nation);
  }

  private give(tile: number, to: number, events: MirrorEvents): void {
    const from = this.owners[tile]!;
    if (from === to) return;
    this.owners[tile] = to;
    // Fog that falls over land hides what stands there.
    if (to === UNSEEN) this.sites.delete(tile);
    const loser = this.counted(from);
    if (loser !== undefined && loser.tiles > 0) loser.tiles -= 1;
    const winner = this.counted(to);
    if (winner !== undefined) winner.tiles += 1;
    events.tile(tile, from, to);
  }

  /** A nation whose tiles can be counted here: under fog one sees all of one's own land alone, and is told the rest. */
  private counted(id: number): Nation | undefined {
    return this.fog && id !== this.me ? undefined : this.nations.get(id);
  }

  // ---- what pages ask ----

  get mine(): Nation | undefined {
    return this.nations.get(this.me);
  }

  nation(id: number): Nation | undefined {
    return this.nations.get(id);
  }

  owner(tile: number): number {
    return this.owners[tile] ?? 0;
  }

  /** A motion that the player may vote on, or just could. */
  motion(id: number): Motion | undefined {
    return [...this.motions, ...this.motionsBefore].find((motion) => motion.id === id);
  }

  pact(a: number, b: number): Pact | undefined {
    return this.pacts.find((pact) => (pact.a === a && pact.b === b) || (pact.a === b && pact.b === a));
  }

  allied(a: number, b: number): boolean {
    return this.pact(a, b) !== undefined;
  }

  /** Where a boat is on its way, between two of its tiles; steps are reckoned. */
  boatAt(boat: Boat, step: number): number {
    const swift = (this.nations.get(boat.owner)?.ports ?? 0) > 0;
    const gone = Math.max(0, step - boat.since) / (swift ? BOAT_STEPS_SWIFT : BOAT_STEPS);
    const at = boat.turned ? boat.at - gone : boat.at + gone;
    return Math.min(boat.way.length - 1, Math.max(0, at));
  }
}

/** Alliances after some of them have changed, in their order. */
function otherwise(pacts: Pact[], changes: PactChange[]): Pact[] {
  const all = new Map(pacts.map((pact) => [`${pact.a} ${pact.b}`, pact]));
  for (const { a, b, now } of changes) {
    if (now === undefined) all.delete(`${a} ${b}`);
    else all.set(`${a} ${b}`, now);
  }
  return [...all.values()].sort((one, other) => one.a - other.a || one.b - other.b);
}

function change<T>(all: Map<number, T>, changes: Change<T>[], key: (one: T) => number): void {
  for (const one of changes) {
    if ("gone" in one) all.delete(one.gone);
    else all.set(key(one.here), one.here);
  }
}
