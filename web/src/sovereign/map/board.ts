/**
 * The map on the screen: one mesh whose shader paints ground, land and borders, and above it signs and names. Each frame
 * sends what changed, moves what moves and draws. It knows the stage; of commands and panels it knows nothing.
 */
import "pixi.js/unsafe-eval";
import {
  BufferImageSource,
  Container,
  Geometry,
  GlProgram,
  Mesh,
  Shader,
  UniformGroup,
  WebGLRenderer,
} from "pixi.js";
import { UNSEEN } from "../bytes/shapes";
import type { Mirror } from "../war/mirror";
import type { Painter, Stage } from "../war/stage";
import { Camera } from "./camera";
import { FrameMeter } from "./frames";
import { firstLook, groundPicture } from "./ground";
import { icons } from "./icons";
import { Labels } from "./labels";
import { Marks } from "./marks";
import { OwnerWords, STAMP_MS, STAMPS, type Rect } from "./owners";
import { colourOf, PALETTE, RELATION, type Relation, type Rgb } from "./palette";
import { Scan } from "./scan";
import { FRAGMENT, VERTEX } from "./shader";

/** Pixels of the screen for one of the picture: more costs more than it shows. */
const RESOLUTION_MAX = 2;
/** Frames after which it is asked whether this machine can keep up, and the pace below which it cannot. */
const FRAMES_ASKED = 12;
const RATE_MIN = 24;
/** A machine that cannot draws fewer pixels, not fewer frames. */
const COARSER = 0.7;
const RESOLUTION_MIN = 0.5;
/** Milliseconds that a frame moves things on by, at most: a page that slept does not leap. */
const FRAME_MS_MAX = 100;
const SEA = 0x3b6680;

/** What belongs to one map. */
interface Shown {
  mirror: Mirror;
  words: OwnerWords;
  owners: BufferImageSource;
  picture: BufferImageSource;
  shader: Shader;
  mesh: Mesh<Geometry, Shader>;
  scan: Scan;
}

export class Board implements Painter {
  readonly camera = new Camera();
  readonly frames = new FrameMeter();
  hover = -1;
  /** A round of the slow look has ended: the small map is new. */
  onScan: ((scan: Scan) => void) | undefined;
  onFrame: ((ms: number, now: number) => void) | undefined;
  private readonly root = new Container();
  private readonly world = new Container();
  private readonly palette = new Uint8Array(PALETTE * 4);
  private readonly paletteSource: BufferImageSource;
  private readonly labels: Labels;
  private readonly marks: Marks;
  private readonly uniforms = new UniformGroup({
    uSize: { value: new Float32Array([1, 1]), type: "vec2<f32>" },
    uScale: { value: 1, type: "f32" },
    uNow: { value: 0, type: "f32" },
    uFlow: { value: 1, type: "f32" },
    uHover: { value: -1, type: "f32" },
    uThick: { value: 1.4, type: "f32" },
  });
  private shown: Shown | undefined;
  private ground: { name: string; bytes: Uint8Array } | undefined;
  private last = 0;
  private running = 0;
  private still = false;
  private readonly began = performance.now();

  private constructor(
    private readonly renderer: WebGLRenderer,
    private readonly stage: Stage,
  ) {
    this.paletteSource = new BufferImageSource({
      ...{ resource: this.palette, width: PALETTE, height: 1, format: "rgba8unorm", scaleMode: "nearest" },
      alphaMode: "no-premultiply-alpha",
    });
    this.labels = new Labels(stage, this.camera);
    this.marks = new Marks(stage, this.camera, icons());
    this.world.addChild(this.marks.layer, this.labels.layer);
    this.root.addChild(this.world);
  }

  /** Rejects where the browser has no WebGL. */
  static async open(host: HTMLElement, stage: Stage): Promise<Board> {
    const renderer = new WebGLRenderer();
    await renderer.init({
      ...{ skipExtensionImports: true, preferWebGLVersion: 2, antialias: false, backgroundColor: SEA },
      ...{ autoDensity: true, resolution: Math.min(RESOLUTION_MAX, window.devicePixelRatio || 1) },
      ...{ width: Math.max(1, host.clientWidth), height: Math.max(1, host.clientHeight) },
    });
    const board = new Board(renderer, stage);
    host.prepend(renderer.canvas);
    board.resize(host.clientWidth, host.clientHeight);
    stage.painter = board;
    board.running = requestAnimationFrame((now) => board.frame(now));
    return board;
  }

  get canvas(): HTMLCanvasElement {
    return this.renderer.canvas;
  }

  resize(width: number, height: number): void {
    this.renderer.resize(Math.max(1, width), Math.max(1, height));
    this.camera.resize(width, height);
  }

  /** Less motion: fronts leap, the camera jumps. */
  calm(still: boolean): void {
    this.still = this.camera.still = this.labels.still = this.marks.still = still;
  }

  end(): void {
    cancelAnimationFrame(this.running);
    if (this.stage.painter === this) this.stage.painter = undefined;
    this.renderer.destroy({ removeView: true });
  }

  // ---- the war ----

  /** The ground of a map, by the name that views give it. It may come before the view or after. */
  lay(name: string, bytes: Uint8Array): void {
    this.ground = { name, bytes };
    const mirror = this.stage.mirror.value;
    if (mirror !== undefined) this.reset(mirror);
  }

  reset(mirror: Mirror): void {
    const { ground } = this;
    if (ground === undefined || ground.name !== groundName(mirror)) return;
    const { w, h } = mirror.map;
    const known = this.shown;
    const same = known !== undefined && known.mirror.map.ground === mirror.map.ground && known.words.w === w;
    const shown = same ? known : this.build(w, h, mirror, ground.bytes);
    shown.mirror = mirror;
    shown.words.fill(mirror.owners, ground.bytes);
    shown.scan = new Scan(mirror, ground.bytes, (owner) => this.colour(owner));
    this.shown = shown;
    this.marks.clear();
    this.labels.clear();
    this.paint();
    shown.scan.round();
    this.onScan?.(shown.scan);
    if (!same) this.lookFirst(w, h, ground.bytes);
  }

  private lookFirst(w: number, h: number, ground: Uint8Array): void {
    const { camera } = this;
    camera.over(w, h);
    const { scale } = camera;
    camera.stand(...firstLook(ground, w, h, camera.width / scale, camera.height / scale));
  }

  private build(w: number, h: number, mirror: Mirror, ground: Uint8Array): Shown {
    this.shown?.mesh.destroy();
    const words = new OwnerWords(w, h);
    const size = { width: w, height: h };
    const owners = new BufferImageSource({
      ...{
        ...size,
        resource: words.words,
        format: "r32uint",
        scaleMode: "nearest",
        autoGarbageCollect: false,
      },
    });
    const picture = new BufferImageSource({
      ...{ ...size, resource: groundPicture(ground, w, h), format: "rgba8unorm", scaleMode: "linear" },
      alphaMode: "no-premultiply-alpha",
    });
    const shader = new Shader({
      glProgram: GlProgram.from({ vertex: VERTEX, fragment: FRAGMENT, name: "sovereign-map" }),
      resources: { uOwners: owners, uGround: picture, uPalette: this.paletteSource, board: this.uniforms },
    });
    const geometry = new Geometry({
      attributes: { aPosition: [0, 0, w, 0, w, h, 0, h] },
      indexBuffer: [0, 1, 2, 0, 2, 3],
    });
    const mesh = new Mesh({ geometry, shader });
    this.world.addChildAt(mesh, 0);
    this.uniforms.uniforms.uSize = new Float32Array([w, h]);
    const scan = new Scan(mirror, ground, (owner) => this.colour(owner));
    return { mirror, words, owners, picture, shader, mesh, scan };
  }

  tile(tile: number, _from: number, to: number): void {
    this.shown?.words.change(tile, to, this.clock());
  }

  /** The page's own clock in milliseconds: fronts flow as they arrive, whatever the pace of a replay. */
  private clock(): number {
    return performance.now() - this.began;
  }

  /** Colours and relations of all nations; called when they may have changed. */
  paint(): void {
    const mirror = this.stage.mirror.value;
    if (mirror === undefined) return;
    const foes = new Set<number>();
    for (const { from, on } of mirror.attacks.values()) if (on === mirror.me && on !== 0) foes.add(from);
    for (const nation of mirror.nations.values()) {
      const relation: Relation =
        nation.id === mirror.me
          ? "me"
          : mirror.me !== 0 && mirror.allied(nation.id, mirror.me)
            ? "ally"
            : foes.has(nation.id)
              ? "foe"
              : "none";
      const at = OwnerWords.shown(nation.id) * 4;
      this.palette.set([...colourOf(nation, mirror.me), RELATION[relation]], at);
    }
    this.paletteSource.update();
  }

  private colour(owner: number): Rgb {
    if (owner === 0) return [201, 190, 150];
    if (owner === UNSEEN) return [110, 112, 120];
    const at = OwnerWords.shown(owner) * 4;
    return [this.palette[at]!, this.palette[at + 1]!, this.palette[at + 2]!];
  }

  /** Where a nation's name stands. */
  room(id: number): { x: number; y: number; side: number } | undefined {
    return this.shown?.scan.rooms.get(id);
  }

  /** The tile under a point of the screen. */
  tileAt(sx: number, sy: number): number | undefined {
    const { x, y } = this.camera.at(sx, sy);
    const mirror = this.shown?.mirror;
    if (mirror === undefined || x < 0 || y < 0 || x >= mirror.map.w || y >= mirror.map.h) return undefined;
    return Math.floor(y) * mirror.map.w + Math.floor(x);
  }

  /** The newest slow look, once there is a map. */
  get scan(): Scan | undefined {
    return this.shown?.scan;
  }

  // ---- frames ----

  private frame(now: number): void {
    this.running = requestAnimationFrame((next) => this.frame(next));
    const ms = Math.min(FRAME_MS_MAX, now - this.last);
    const gap = now - this.last;
    this.last = now;
    const begin = performance.now();
    this.onFrame?.(ms, now);
    this.camera.step(ms);
    const { shown, camera, uniforms } = this;
    if (shown !== undefined) {
      const clock = this.clock();
      shown.words.sweep(clock, gap);
      shown.words.flush(
        () => shown.owners.update(),
        (rect) => this.send(shown, rect),
      );
      if (shown.scan.step(ms)) this.onScan?.(shown.scan);
      this.labels.step(ms, shown.scan);
      this.marks.step(ms, now, shown.scan);
      const u = uniforms.uniforms;
      u.uScale = camera.scale * this.renderer.resolution;
      u.uNow = (clock / STAMP_MS) % STAMPS;
      // Less motion: fronts leap.
      u.uFlow = this.still ? 0 : 1;
      u.uHover = this.hover;
      u.uThick = (camera.scale > 6 ? 2 : 1.4) * this.renderer.resolution;
      uniforms.update();
    }
    this.world.scale.set(camera.scale);
    this.world.position.set(
      camera.width / 2 - camera.x * camera.scale,
      camera.height / 2 - camera.y * camera.scale,
    );
    this.renderer.render({ container: this.root });
    this.frames.note(performance.now() - begin, gap);
    this.keepUp();
  }

  /** Graphics that are slow (old phones, no graphics card at all) get a coarser picture. */
  private keepUp(): void {
    const { resolution } = this.renderer;
    if (this.shown === undefined || resolution <= RESOLUTION_MIN) return;
    const rate = this.frames.rate(FRAMES_ASKED);
    if (rate === undefined || rate >= RATE_MIN) return;
    this.frames.restart();
    this.renderer.resolution = Math.max(RESOLUTION_MIN, resolution * COARSER);
    this.resize(this.camera.width, this.camera.height);
  }

  /** Sends one rectangle of words to the graphics card, straight from the whole map's array. */
  private send(shown: Shown, { x, y, w, h }: Rect): void {
    const { gl, texture } = this.renderer;
    texture.bindSource(shown.owners, 0);
    const multiplied: unknown = gl.getParameter(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL);
    if (multiplied === true) gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, shown.words.w);
    gl.pixelStorei(gl.UNPACK_SKIP_PIXELS, x);
    gl.pixelStorei(gl.UNPACK_SKIP_ROWS, y);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, x, y, w, h, gl.RED_INTEGER, gl.UNSIGNED_INT, shown.words.words);
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, 0);
    gl.pixelStorei(gl.UNPACK_SKIP_PIXELS, 0);
    gl.pixelStorei(gl.UNPACK_SKIP_ROWS, 0);
    if (multiplied === true) gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
  }
}

/** Views of one map name the same ground; wars that name none have their seed. */
export function groundName({ map }: Mirror): string {
  return `${map.ground}/${map.seed}/${map.w}x${map.h}`;
}
