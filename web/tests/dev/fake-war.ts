/**
 * A war that nobody plays: nations spread over a made-up map, in the bytes of the real one. It knows no rules worth the
 * name; it is there to draw, to measure drawing, and to try the page without a server.
 */
import { decode } from "@msgpack/msgpack";
import type { Command, Link } from "../../src/sovereign/war/live";
import type { RoomEvents } from "../../src/room/client";
import { newCommandId, type CommandId } from "../../src/room/payload";
import type { Row } from "../../src/sovereign/bytes/shapes";
import { Codes } from "../../src/sovereign/bytes/tiles";
import { amounts, attacks, changes, keyed, owners, plain } from "./war-bytes";

const LAND = 0x80;
const SHORE = 0x40;
const SEA = 0x20;

/** A stream of numbers below 1 that is the same for the same seed. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), 1 | state);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Ground with continents, one byte a tile as in games/sovereign. */
export function fakeGround(w: number, h: number, seed: number): Uint8Array {
  const roll = dice(seed);
  const layers = [96, 48, 24, 12, 6].map((cell, i) => {
    const across = Math.ceil(w / cell) + 2;
    const grid = Float32Array.from({ length: across * (Math.ceil(h / cell) + 2) }, () => roll());
    return { cell, across, grid, weight: 1 / 1.9 ** i };
  });
  const total = layers.reduce((sum, { weight }) => sum + weight, 0);
  const ground = new Uint8Array(w * h);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      let level = 0;
      for (const { cell, across, grid, weight } of layers) {
        const [gx, gy] = [Math.floor(x / cell), Math.floor(y / cell)];
        const [fx, fy] = [x / cell - gx, y / cell - gy].map((f) => f * f * (3 - 2 * f)) as [number, number];
        const at = gy * across + gx;
        const top = grid[at]! * (1 - fx) + grid[at + 1]! * fx;
        const low = grid[at + across]! * (1 - fx) + grid[at + across + 1]! * fx;
        level += (top * (1 - fy) + low * fy) * weight;
      }
      const edge = Math.min(x, y, w - 1 - x, h - 1 - y) / (Math.min(w, h) * 0.12);
      const value = level / total - 0.47 - (edge < 1 ? (1 - edge) * 0.2 : 0);
      ground[y * w + x] =
        value > 0
          ? LAND | Math.min(31, Math.floor(value * 110))
          : SEA | Math.min(31, Math.floor(-value * 110));
    }
  }
  for (let tile = 0; tile < w * h; tile++) {
    const land = (ground[tile]! & LAND) !== 0;
    const beside = [tile % w > 0 ? tile - 1 : tile, tile % w < w - 1 ? tile + 1 : tile, tile - w, tile + w];
    if (beside.some((next) => ground[next] !== undefined && ((ground[next] & LAND) !== 0) !== land)) {
      ground[tile]! |= SHORE;
    }
  }
  return ground;
}

interface FakeNation {
  id: number;
  kind: number;
  seat: number | null;
  alive: boolean;
  troops: number;
  gold: number;
  tiles: number;
  home: number;
  vigour: number;
  edge: number[];
  built: [number, number, number];
  target: number;
}

export interface FakeOptions {
  w: number;
  h: number;
  nations: number;
  seed: number;
  /** Tiles that change in a step, at most. */
  pace: number;
  /** Steps in which places are chosen. */
  choosing: number;
}

export class FakeWar {
  step = 0;
  readonly ground: Uint8Array;
  readonly owners: Uint16Array;
  readonly nations: FakeNation[] = [];
  readonly me = 1;
  private readonly codes: Codes;
  private readonly roll: () => number;
  private readonly land: number[] = [];
  private dirty = new Set<number>();
  private boats: { id: number; owner: number; way: number[]; since: number }[] = [];
  private sites: [number, number, number, number][] = [];
  private next = 1;
  private told = 0;

  constructor(readonly options: FakeOptions) {
    const { w, h, seed } = options;
    this.ground = fakeGround(w, h, seed);
    this.owners = new Uint16Array(w * h);
    this.codes = new Codes(w, h);
    this.roll = dice(seed ^ 0x5eed);
    this.ground.forEach((byte, tile) => (byte & LAND) !== 0 && this.land.push(tile));
    for (let id = 1; id <= options.nations; id++) {
      const kind = id === this.me ? 0 : id % 4 === 0 ? 2 : id < options.nations / 10 ? 0 : 1;
      this.nations.push({
        ...{
          id,
          kind,
          seat: kind === 0 ? id : null,
          alive: id !== this.me,
          troops: 2_500,
          gold: 0,
          tiles: 0,
        },
        ...{
          home: 0,
          vigour: 0.4 + this.roll() * (kind === 1 ? 0.5 : 1),
          edge: [],
          built: [0, 0, 0],
          target: 0,
        },
      });
      if (id !== this.me) this.settle(id, this.land[Math.floor(this.roll() * this.land.length)]!);
    }
  }

  settle(id: number, tile: number): boolean {
    const nation = this.nations[id - 1]!;
    const { w } = this.options;
    if ((this.ground[tile]! & LAND) === 0 || this.owners[tile] !== 0) return false;
    nation.alive = true;
    nation.home = tile;
    for (let dy = -4; dy <= 4; dy++) {
      for (let dx = -4; dx <= 4; dx++) {
        const at = tile + dy * w + dx;
        if (
          dx * dx + dy * dy > 17 ||
          ((tile % w) + dx) / w !== Math.min(Math.max(((tile % w) + dx) / w, 0), 1)
        ) {
          continue;
        }
        if ((this.ground[at] ?? 0) & LAND && this.owners[at] === 0) this.give(at, nation);
      }
    }
    return true;
  }

  private give(tile: number, to: FakeNation): void {
    const from = this.nations[this.owners[tile]! - 1];
    if (from !== undefined) {
      from.tiles -= 1;
      if (from.tiles === 0) from.alive = false;
    }
    this.owners[tile] = to.id;
    to.tiles += 1;
    to.edge.push(tile);
    this.dirty.add(tile);
  }

  /** One step: whoever is strong takes something. */
  pass(): void {
    this.step += 1;
    if (this.step <= this.options.choosing) return;
    const { w, pace, nations } = this.options;
    const around = [-1, 1, -w, w];
    for (const nation of this.nations) {
      if (!nation.alive) continue;
      nation.troops = Math.min(20_000 + nation.tiles * 60, nation.troops * 1.002 + 3);
      nation.gold += 20;
      let tries = Math.ceil(((pace / nations) * 6 * nation.vigour * (1 + nation.tiles / 2_000)) / 2);
      for (; tries > 0 && nation.edge.length > 0; tries--) {
        const at = Math.floor(this.roll() * nation.edge.length);
        const tile = nation.edge[at]!;
        const next = tile + around[Math.floor(this.roll() * 4)]!;
        const other = this.owners[next];
        if (other === undefined || (this.ground[next]! & LAND) === 0 || other === nation.id) {
          if (this.roll() < 0.12) {
            nation.edge[at] = nation.edge.at(-1)!;
            nation.edge.pop();
          }
          continue;
        }
        const loser = this.nations[other - 1];
        if (loser !== undefined && loser.vigour * (0.6 + this.roll()) > nation.vigour) continue;
        nation.target = other;
        this.give(next, nation);
      }
    }
  }

  private attacks(): Row[] {
    return this.nations
      .filter((nation) => nation.alive && nation.edge.length > 0)
      .map(({ id, target, troops, edge }) => [id, id, target, Math.floor(troops / 3), edge.at(-1), false]);
  }

  /** What is told of the step, or nothing. */
  update(): Uint8Array | undefined {
    const rows: [number, unknown][] = [
      [0, this.step],
      [1, this.told],
    ];
    if (this.dirty.size > 0) rows.push([2, changes(this.codes, this.dirty, (tile) => this.owners[tile]!)]);
    const round = this.nations.filter(({ id }) => id % 20 === this.step % 20);
    if (round.length > 0) rows.push([3, amounts(round)]);
    if (this.step % 4 === 0) rows.push([4, attacks(this.attacks())]);
    if (this.step === this.options.choosing + 1) rows.push([11, [1]]);
    this.dirty.clear();
    this.told = this.step;
    return plain(keyed(rows));
  }

  view(): Uint8Array {
    const { w, h, seed, choosing } = this.options;
    return plain({
      ...{ v: 1, step: this.step, me: this.me, fog: false },
      phase: this.step <= choosing ? [0, choosing] : [1],
      map: { w, h, seed: String(seed), ground: "" },
      setup: { size: "medium", name: "The fake war", seats: 20 },
      nations: this.nations.map((nation) => [
        ...[nation.id, nation.kind, nation.seat, nation.alive ? 1 : nation.tiles > 0 ? 2 : 0],
        ...[Math.floor(nation.troops), nation.id === this.me ? Math.floor(nation.gold) : null, nation.tiles],
        ...[nation.home, 0, 0, ...nation.built],
      ]),
      owners: owners(this.owners),
      attacks: this.attacks(),
      boats: this.boats.map(({ id, owner, way, since }) => [id, owner, 900, false, way, this.step - since]),
      sites: this.sites,
      tick: { costs: { city: 125_000, fort: 50_000, port: 80_000 }, cap: 120_000 },
    });
  }

  /** The player's wishes, as far as this war understands them. */
  command(command: Command): number {
    const me = this.nations[this.me - 1]!;
    switch (command.do) {
      case "spawn":
        return this.settle(this.me, command.tile) ? 0 : 103;
      case "attack":
        me.vigour = 2;
        return 0;
      case "build": {
        const kind = ["city", "fort", "port"].indexOf(command.site);
        if (this.owners[command.tile] !== this.me) return 112;
        this.sites.push([command.tile, kind, this.me, this.step + 100]);
        return 0;
      }
      case "boat":
        this.boats.push({ id: this.next++, owner: this.me, way: [me.home, command.to], since: this.step });
        return 0;
      default:
        return 113;
    }
  }
}

/** Steps that one turn of the page's clock may catch up with. */
const STEPS_AT_ONCE_MAX = 4;

/** Plays a fake war into a page as the room client would. */
export class FakeLink implements Link {
  private timer: ReturnType<typeof setInterval> | undefined;
  private since = 0;
  private base = 0;

  constructor(
    readonly war: FakeWar,
    private readonly events: RoomEvents,
  ) {}

  start(): void {
    this.events.phase("online");
    this.lookAgain();
    this.since = performance.now();
    this.base = this.war.step;
    this.timer = setInterval(() => this.turn(), 25);
  }

  private turn(): void {
    const due = this.base + Math.floor((performance.now() - this.since) / 50);
    for (let i = 0; i < STEPS_AT_ONCE_MAX && this.war.step < due; i++) {
      this.war.pass();
      const item = this.war.update();
      if (item !== undefined) this.tell([item]);
    }
    if (due - this.war.step > 40) {
      this.since = performance.now();
      this.base = this.war.step;
    }
  }

  private tell(items: Uint8Array[]): void {
    const step = BigInt(this.war.step);
    this.events.updates({ kind: "updates", step, seq: 1n, atMs: 0, msgpack: true, items });
  }

  stop(): void {
    clearInterval(this.timer);
    this.events.phase("stopped");
  }

  send(body: Uint8Array): CommandId | undefined {
    const id = newCommandId();
    const code = this.war.command(decode(body) as Command);
    queueMicrotask(() => {
      if (code === 0) this.events.accepted({ kind: "accepted", id, seq: 1n });
      else this.events.refused({ kind: "refused", id, code, reason: "no" });
      const own = { 20: this.war.step, 21: Math.floor(this.war.nations[0]!.gold), 22: 2_500 };
      this.tell([plain(keyed(Object.entries(own).map(([key, value]) => [Number(key), value])))]);
      if (code === 0) this.lookAgain();
    });
    return id;
  }

  lookAgain(): void {
    const step = BigInt(this.war.step);
    this.events.view({
      ...{ kind: "view", step, seq: 1n, atMs: 0, seat: 1, resumeToken: "", msgpack: true },
      body: this.war.view(),
    });
  }
}
