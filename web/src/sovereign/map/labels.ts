/** Names and troops on the land, as large as there is room for them. */
import { BitmapText, Container, TextStyle } from "pixi.js";
import type { Nation } from "../bytes/shapes";
import type { Stage } from "../war/stage";
import { short } from "../war/names";
import { few } from "../war/words";
import type { Camera } from "./camera";
import type { Scan } from "./scan";

/** Letters are laid out at this size and drawn at any. */
const FONT_PX = 32;
/** Names smaller than this on the screen are left out; larger ones hide the land. */
const PX_MIN = 8;
const PX_MAX = 44;
/** Of the square's edge: how high letters are, how wide a name may be. */
const HIGH = 0.36;
const WIDE = 1.35;
/** Milliseconds in which the numbers of all labels are looked at: new ones are laid out anew, which costs. */
const FRESH_MS = 900;
/** Milliseconds in which half of the way to a new place is gone. */
const HALF_MS = 140;

/** Two styles for all: letters are drawn once for each style and used again. */
function lettering(fill: string, edge: string): TextStyle {
  return new TextStyle({
    fontFamily: ["DejaVu Sans Condensed", "Segoe UI", "Roboto", "sans-serif"],
    ...{ fontWeight: "700", fontSize: FONT_PX, fill },
    stroke: { color: edge, width: 5, join: "round" },
  });
}
const MINE = lettering("#fffdf6", "#5c1c0d");
const THEIRS = lettering("#2a1f20", "#fff8ea");

interface Label {
  id: number;
  box: Container;
  name: BitmapText;
  troops: BitmapText;
  /** Width of the name at a height of 1. */
  wide: number;
  x: number;
  y: number;
  side: number;
}

export class Labels {
  readonly layer = new Container();
  still = false;
  private readonly labels = new Map<number, Label>();
  private order: number[] = [];
  private next = 0;
  /** Looks that are due. */
  private owed = 0;

  constructor(
    private readonly stage: Stage,
    private readonly camera: Camera,
  ) {}

  clear(): void {
    for (const label of this.labels.values()) label.box.destroy({ children: true });
    this.labels.clear();
    this.order = [];
  }

  step(ms: number, scan: Scan): void {
    const { camera, still } = this;
    const share = still ? 1 : 1 - 0.5 ** (ms / HALF_MS);
    const left = camera.at(0, 0);
    const right = camera.at(camera.width, camera.height);
    for (const [id, room] of scan.rooms) {
      const label = this.labels.get(id) ?? this.make(id, room);
      if (label === undefined) continue;
      label.x += (room.x - label.x) * share;
      label.y += (room.y - label.y) * share;
      label.side += (room.side - label.side) * share;
      const high = Math.min(label.side * HIGH, (label.side * WIDE) / label.wide, PX_MAX / camera.scale);
      const px = high * camera.scale;
      const half = (label.wide * high) / 2;
      const seen =
        px >= PX_MIN &&
        label.x + half > left.x &&
        label.x - half < right.x &&
        label.y + high > left.y &&
        label.y - high < right.y;
      if (label.box.visible !== seen) label.box.visible = seen;
      if (!seen) continue;
      label.box.position.set(label.x, label.y);
      label.box.scale.set(high / FONT_PX);
    }
    this.freshen(ms, scan);
  }

  private make(id: number, room: { x: number; y: number; side: number }): Label | undefined {
    const nation = this.stage.mirror.value?.nation(id);
    if (nation === undefined) return undefined;
    const style = id === this.stage.mirror.value?.me ? MINE : THEIRS;
    const name = new BitmapText({
      text: "",
      style,
      anchor: { x: 0.5, y: 0.9 },
    });
    const troops = new BitmapText({
      text: "",
      style,
      anchor: { x: 0.5, y: -0.05 },
      scale: 0.72,
    });
    const box = new Container({ children: [name, troops] });
    const label: Label = { id, box, name, troops, wide: 1, x: room.x, y: room.y, side: room.side };
    this.write(label, nation);
    this.layer.addChild(box);
    this.labels.set(id, label);
    this.order.push(id);
    return label;
  }

  private write(label: Label, nation: Nation): void {
    const name = short(this.stage.name(nation.id));
    if (label.name.text !== name) {
      label.name.text = name;
      label.wide = Math.max(1.5, label.name.width / FONT_PX);
    }
    const troops = nation.troops === undefined ? "" : few(nation.troops);
    if (label.troops.text !== troops) label.troops.text = troops;
  }

  /** A few labels at a time get their newest numbers; those without land go. */
  private freshen(ms: number, scan: Scan): void {
    this.owed = Math.min(this.order.length, this.owed + (this.order.length * ms) / FRESH_MS);
    for (; this.owed >= 1; this.owed--) {
      this.next = (this.next + 1) % this.order.length;
      const label = this.labels.get(this.order[this.next]!)!;
      const nation = this.stage.mirror.value?.nation(label.id);
      if (nation !== undefined && scan.rooms.has(label.id)) {
        if (label.box.visible || label.name.text === "") this.write(label, nation);
        continue;
      }
      label.box.destroy({ children: true });
      this.labels.delete(label.id);
      this.order.splice(this.next, 1);
      if (this.order.length === 0) return;
    }
  }
}
