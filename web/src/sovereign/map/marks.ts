/** What moves and stands on the map: attacks, boats, buildings, signs, the place that was chosen. */
import { Container, Graphics, Sprite, type Texture } from "pixi.js";
import type { Stage } from "../war/stage";
import type { Mirror } from "../war/mirror";
import { PING_MS } from "../war/stage";
import type { Camera } from "./camera";
import { Flow } from "./flow";
import type { Icons } from "./icons";
import type { Scan } from "./scan";

/** Signs of one kind that are drawn at a time. */
const SIGNS_MAX = 400;
/** Attacks of others are drawn from this zoom on. */
const OTHERS_SCALE_MIN = 2.2;
/** Pixels of a sign's picture; it is drawn on a canvas of 96. */
const PX = { arrow: 26, boat: 26, site: 20, ring: 34, flag: 46 };
const CANVAS_PX = 96;

/** Where the troops of an attack are drawn: on the way to the tile that was told last. */
interface Head {
  tile: number;
  x: number;
  y: number;
  /** Milliseconds until it is there. */
  left: number;
}

/** Sprites of one kind, taken again and again. */
class Pool {
  readonly layer = new Container();
  private used = 0;

  begin(): void {
    this.used = 0;
  }

  put(texture: Texture, x: number, y: number, scale: number): Sprite | undefined {
    if (this.used >= SIGNS_MAX) return undefined;
    let sprite = this.layer.children[this.used] as Sprite | undefined;
    if (sprite === undefined) {
      sprite = new Sprite({ texture, anchor: 0.5 });
      this.layer.addChild(sprite);
    }
    this.used += 1;
    if (sprite.texture !== texture) sprite.texture = texture;
    if (!sprite.visible) sprite.visible = true;
    sprite.position.set(x, y);
    sprite.scale.set(scale);
    sprite.rotation = 0;
    sprite.alpha = 1;
    return sprite;
  }

  end(): void {
    for (let i = this.used; i < this.layer.children.length; i++) {
      const sprite = this.layer.children[i]!;
      if (sprite.visible) sprite.visible = false;
    }
  }
}

export class Marks {
  readonly layer = new Container();
  still = false;
  private readonly lines = new Graphics();
  private readonly pool = new Pool();
  private readonly heads = new Map<number, Head>();
  private readonly flow = new Flow();

  constructor(
    private readonly stage: Stage,
    private readonly camera: Camera,
    private readonly icons: Icons,
  ) {
    this.layer.addChild(this.lines, this.pool.layer);
  }

  clear(): void {
    this.heads.clear();
    this.flow.clear();
  }

  step(ms: number, now: number, scan: Scan): void {
    const mirror = this.stage.mirror.value;
    if (mirror === undefined) return;
    const px = 1 / this.camera.scale;
    this.lines.clear();
    this.pool.begin();
    this.sites(mirror, px);
    this.attacks(mirror, ms, now, px, scan);
    this.boats(mirror, px);
    this.signs(mirror, now, px);
    this.pool.end();
  }

  private sites(mirror: Mirror, px: number): void {
    const edge = Math.min(PX.site, Math.max(9, this.camera.scale * 5)) * px;
    const now = this.stage.stepNow();
    for (const { tile, kind, ready } of mirror.sites.values()) {
      const { x, y } = place(mirror, tile);
      const sprite = this.pool.put(this.icons[kind], x, y, edge / CANVAS_PX);
      if (sprite !== undefined && ready > now) sprite.alpha = 0.45;
    }
  }

  private attacks(mirror: Mirror, ms: number, now: number, px: number, scan: Scan): void {
    const others = this.camera.scale >= OTHERS_SCALE_MIN;
    for (const id of this.heads.keys()) if (!mirror.attacks.has(id)) this.heads.delete(id);
    for (const { id, from, on, head, retreating } of mirror.attacks.values()) {
      const mine = from === mirror.me && mirror.me !== 0;
      const foe = on === mirror.me && mirror.me !== 0;
      // Under fog an attack may have no place that is seen.
      if ((!mine && !foe && !others) || head === 0) continue;
      const at = this.headOf(mirror, id, head, ms, now);
      const room = scan.rooms.get(from) ?? { x: at.x, y: at.y - 1 };
      const angle = Math.atan2(at.y - room.y, at.x - room.x) + (retreating ? Math.PI : 0);
      const texture = mine ? this.icons.arrowMine : foe ? this.icons.arrowFoe : this.icons.arrowOther;
      const edge = (mine || foe ? PX.arrow : PX.arrow * 0.6) * px;
      const sprite = this.pool.put(texture, at.x, at.y, edge / CANVAS_PX);
      if (sprite !== undefined) {
        sprite.rotation = angle;
        if (retreating) sprite.alpha = 0.55;
      }
      const far = Math.hypot(at.x - room.x, at.y - room.y);
      if ((mine || foe) && far > 3) this.line(room, at, far, px, mine);
    }
  }

  /** The head of an attack, moved on towards its tile at the pace of its front. */
  private headOf(mirror: Mirror, id: number, tile: number, ms: number, now: number): Head {
    const to = place(mirror, tile);
    let at = this.heads.get(id);
    if (at === undefined) this.heads.set(id, (at = { tile, ...to, left: 0 }));
    if (at.tile !== tile) {
      at.tile = tile;
      at.left = this.flow.moved(id, now);
    }
    const share = this.still || at.left <= ms ? 1 : ms / at.left;
    at.x += (to.x - at.x) * share;
    at.y += (to.y - at.y) * share;
    at.left = Math.max(0, at.left - ms);
    return at;
  }

  /** A bent line from the middle of a land to where its troops are. */
  private line(
    from: { x: number; y: number },
    to: { x: number; y: number },
    far: number,
    px: number,
    mine: boolean,
  ): void {
    const bend = far * 0.18;
    const x = (from.x + to.x) / 2 - ((to.y - from.y) / far) * bend;
    const y = (from.y + to.y) / 2 + ((to.x - from.x) / far) * bend;
    this.lines.moveTo(from.x, from.y).quadraticCurveTo(x, y, to.x, to.y);
    this.lines.stroke({
      width: 3 * px,
      color: mine ? 0xfff6e2 : 0xb3141f,
      alpha: mine ? 0.8 : 0.75,
      cap: "round",
    });
  }

  private boats(mirror: Mirror, px: number): void {
    const now = this.stage.stepNow();
    for (const boat of mirror.boats.values()) {
      const at = mirror.boatAt(boat, now);
      const here = place(mirror, boat.way[Math.floor(at)] ?? 0);
      const next = place(mirror, boat.way[Math.ceil(at)] ?? boat.way[Math.floor(at)] ?? 0);
      const part = at % 1;
      const [x, y] = [here.x + (next.x - here.x) * part, here.y + (next.y - here.y) * part];
      const mine = boat.owner === mirror.me;
      if (mine) {
        const goal = boat.turned ? boat.way[0] : boat.way.at(-1);
        const beach = place(mirror, goal ?? 0);
        this.pool.put(this.icons.ring, beach.x, beach.y, (PX.ring * 0.6 * px) / CANVAS_PX);
      }
      this.pool.put(this.icons.boat, x, y, ((mine ? PX.boat : PX.boat * 0.8) * px) / CANVAS_PX);
    }
  }

  private signs(mirror: Mirror, now: number, px: number): void {
    const { pings } = this.stage;
    for (let i = pings.length - 1; i >= 0; i--) {
      const { tile, since } = pings[i]!;
      const age = (now - since) / PING_MS;
      if (age >= 1) {
        pings.splice(i, 1);
        continue;
      }
      const { x, y } = place(mirror, tile);
      const wave = this.still ? 0.6 : (age * 3) % 1;
      const sprite = this.pool.put(this.icons.ring, x, y, (PX.ring * (0.6 + wave) * px) / CANVAS_PX);
      if (sprite !== undefined) sprite.alpha = 1 - wave * 0.8;
    }
    const me = mirror.mine;
    if (mirror.phase.kind === "choosing" && me !== undefined && me.standing === "alive") {
      const { x, y } = place(mirror, me.home);
      const sway = this.still ? 0 : Math.sin(now / 180) * 2 * px;
      this.pool.put(this.icons.flag, x, y + sway, (PX.flag * px) / CANVAS_PX);
    }
  }
}

function place(mirror: Mirror, tile: number): { x: number; y: number } {
  const { w } = mirror.map;
  return { x: (tile % w) + 0.5, y: Math.floor(tile / w) + 0.5 };
}
