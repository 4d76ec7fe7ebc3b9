/**
 * The player's hand: what a tap on the map means just now, how many troops go, what is picked out. A tap on land that can
 * be had attacks it; a long press, or a tap on what cannot be attacked over land, opens the card of that land.
 */
import { ref, shallowRef } from "vue";
import { UNSEEN } from "../bytes/shapes";
import { isLand } from "../map/ground";
import { NOT_REACHABLE, type Command, type Live } from "./live";
import { reaches } from "./reach";
import type { Stage } from "./stage";

export const SHARE_MIN = 10;
export const SHARE_MAX = 1_000;
const SHARE_FIRST = 250;
const SHARE_KEY = "longhouse.sovereign.share";

export type Step = "spawned" | "attacked" | "shared";

export interface Picked {
  tile: number;
  owner: number;
  water: boolean;
}

export class Hand {
  /** Thousandths of the troops at home that go. */
  readonly share = ref(SHARE_FIRST);
  readonly picked = shallowRef<Picked>();
  /** Where the newest attack was pointed to, for a sign on the map. */
  onStep: ((step: Step, tile?: number) => void) | undefined;
  ground: Uint8Array | undefined;

  constructor(
    private readonly stage: Stage,
    private readonly live: Live,
    private readonly storage: Pick<Storage, "getItem" | "setItem">,
  ) {
    const kept = Number(storage.getItem(SHARE_KEY));
    if (kept >= SHARE_MIN && kept <= SHARE_MAX) this.share.value = kept;
    live.onRefused = (command, code) => this.refused(command, code);
  }

  setShare(share: number): void {
    const next = Math.round(Math.min(SHARE_MAX, Math.max(SHARE_MIN, share)));
    if (next === this.share.value) return;
    this.share.value = next;
    this.storage.setItem(SHARE_KEY, String(next));
    this.onStep?.("shared");
  }

  /** The player may still choose where to begin. */
  get choosing(): boolean {
    const mirror = this.stage.mirror.value;
    if (mirror === undefined || mirror.me === 0 || this.live.watching) return false;
    return (
      mirror.phase.kind === "choosing" || (mirror.phase.kind === "war" && mirror.mine?.standing === "waiting")
    );
  }

  get fights(): boolean {
    const mirror = this.stage.mirror.value;
    return mirror?.phase.kind === "war" && mirror.mine?.standing === "alive" && !this.live.watching;
  }

  tap(tile: number): void {
    const mirror = this.stage.mirror.value;
    if (mirror === undefined) return;
    const owner = mirror.owner(tile);
    const land = isLand(this.ground?.[tile]);
    if (this.choosing) {
      // Under fog nobody sees yet whose land it is; the room says no if it is not free.
      const taken = owner !== 0 && owner !== UNSEEN;
      if (!land || taken) this.stage.say("plain", "Begin on free land.");
      else this.send({ do: "spawn", tile });
      return;
    }
    if (!land || owner === UNSEEN) {
      this.picked.value = undefined;
      return;
    }
    const enemy = owner !== mirror.me && (owner === 0 || !mirror.allied(owner, mirror.me));
    if (this.fights && enemy && this.ground !== undefined && reaches(mirror, this.ground, tile)) {
      this.picked.value = undefined;
      this.attack(owner, tile);
      return;
    }
    if (owner === 0 && !this.fights) this.picked.value = undefined;
    else this.pick(tile);
  }

  /** Opens the card of a tile. */
  pick(tile: number): void {
    const mirror = this.stage.mirror.value;
    if (mirror === undefined) return;
    this.picked.value = { tile, owner: mirror.owner(tile), water: !isLand(this.ground?.[tile]) };
  }

  attack(on: number, tile?: number): void {
    this.send({ do: "attack", on, share: this.share.value });
    this.onStep?.("attacked", tile);
  }

  boat(to: number): void {
    this.send({ do: "boat", to, share: this.share.value });
    this.onStep?.("attacked", to);
  }

  send(command: Command): void {
    this.live.send(command);
    if (command.do === "spawn") this.onStep?.("spawned", command.tile);
  }

  /** No common border after all: a boat may still get there. */
  private refused(command: Command, code: number): boolean {
    if (command.do !== "attack" || code !== NOT_REACHABLE || command.on === 0) return false;
    const home = this.stage.mirror.value?.nation(command.on)?.home;
    if (home === undefined) return false;
    this.pick(home);
    this.stage.say("plain", "They are not your neighbours. Send a boat?");
    return true;
  }
}
