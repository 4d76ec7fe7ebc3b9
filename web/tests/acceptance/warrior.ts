/** A player of Sovereign Lines on the unmodified SDK: it sends commands, keeps every byte it hears, and reads them as the page does. */
import { encode } from "@msgpack/msgpack";
import { encodeCommand, FLAG_MSGPACK, KIND, newCommandId } from "../../src/room/payload";
import type { Accepted, CommandId, Refused } from "../../src/room/payload";
import { inflate, openBody } from "../../src/sovereign/bytes/body";
import type { Notice } from "../../src/sovereign/bytes/shapes";
import { updateOf, type Update } from "../../src/sovereign/bytes/update";
import { viewOf, type WarView } from "../../src/sovereign/bytes/view";
import { Mirror } from "../../src/sovereign/war/mirror";
import type { TestServer } from "../server";
import { until } from "../until";
import { operator } from "./farmer";
import { Guest, type Format } from "./guest";

/** What a refusal of the rules is called here; the codes are games/sovereign's. */
export const REFUSED = {
  ...{ malformed: 1, tooFast: 100, wrongPhase: 101, noSuchTile: 102, notAPlace: 103, notAlive: 104 },
  ...{ noSuchNation: 105, yourself: 106, gone: 113, badAmount: 116 },
} as const;

/** A war that two people can be through with in seconds. */
export const QUICK = {
  ...{ size: "tiny", map: 7, seats: 8, tribes: 0, rivals: 0 },
  ...{ spawn_seconds: 3, immunity_seconds: 0 },
};

export interface Ground {
  w: number;
  h: number;
  seed: string;
  ground: string;
  tiles: Uint8Array;
}

/** One body that came, in order. */
export type Came = { view: Uint8Array } | { update: Uint8Array };

export class Warrior {
  readonly notices: Notice[] = [];
  matchId = "";
  /** The war is one in which a whole view is to be asked for, and whether that is so now. */
  mayLack = false;
  lacks = false;
  private mirror: Mirror | undefined;
  private read = 0;
  private reading: Promise<void> = Promise.resolve();

  private constructor(readonly guest: Guest) {}

  static async connected(server: TestServer, format: Format = "json", device?: string): Promise<Warrior> {
    return new Warrior(await Guest.connected(server, format, device));
  }

  get userId(): string {
    return this.guest.session.user_id!;
  }

  async open(setup: object = QUICK): Promise<string> {
    return String((await this.guest.rpc("war_open", { setup }))["match_id"]);
  }

  /** Joins, and waits for the view. */
  async join(matchId: string, metadata: Record<string, string> = {}): Promise<Mirror> {
    this.matchId = matchId;
    const before = this.guest.heard.length;
    await this.guest.socket.joinMatch(matchId, undefined, metadata);
    await until("a view", () => this.guest.heard.slice(before).some(({ kind }) => kind === "view"), 30_000);
    return this.now();
  }

  async ground(): Promise<Ground> {
    const { w, h, seed, ground, terrain } = (await this.guest.rpc("war_map", {
      match_id: this.matchId,
    })) as unknown as Ground & { terrain: string };
    return { w, h, seed, ground, tiles: await inflate(fromBase64(terrain)) };
  }

  /** Sends any bytes as a command. */
  async sendBytes(body: Uint8Array, id = newCommandId()): Promise<CommandId> {
    const payload = encodeCommand(id, 0n, body, FLAG_MSGPACK);
    await this.guest.socket.sendMatchState(this.matchId, KIND.command, payload);
    return id;
  }

  send(command: object): Promise<CommandId> {
    return this.sendBytes(encode(command));
  }

  /** Sends a command and waits for its answer. */
  async order(command: object): Promise<Accepted | Refused> {
    return this.guest.answer(await this.send(command));
  }

  async accepted(command: object): Promise<Accepted> {
    const answer = await this.order(command);
    if (answer.kind === "refused") throw new Error(`${JSON.stringify(command)}: ${answer.reason}`);
    return answer;
  }

  async refused(command: object): Promise<number> {
    const answer = await this.order(command);
    if (answer.kind === "accepted") throw new Error(`${JSON.stringify(command)} was taken`);
    return answer.code;
  }

  /** The war as everything that came until now tells it. */
  async now(): Promise<Mirror> {
    this.reading = this.reading.then(() => this.catchUp());
    await this.reading;
    if (this.mirror === undefined) throw new Error("no view has come");
    return this.mirror;
  }

  /** Waits until the war is like this. */
  async when(what: string, like: (war: Mirror) => boolean, deadlineMs = 30_000): Promise<Mirror> {
    return until(
      what,
      async () => {
        const war = await this.now();
        return like(war) && war;
      },
      deadlineMs,
    );
  }

  /** Chooses the land tile that is nearest to a place and free, and waits until it is there. */
  async settle(ground: Ground, x: number, y: number): Promise<number> {
    for (const tile of nearest(ground, x, y)) {
      const answer = await this.order({ do: "spawn", tile });
      if (answer.kind === "accepted") return tile;
      if (answer.code !== REFUSED.notAPlace) throw new Error(answer.reason);
    }
    throw new Error("there is no land");
  }

  async whenAtWar(): Promise<Mirror> {
    return this.when("the war to begin", (war) => war.phase.kind === "war" && war.mine?.standing === "alive");
  }

  /** Every body that came, in order. */
  bodies(): Came[] {
    return this.guest.heard.flatMap((message): Came[] => {
      if (message.kind === "view") return [{ view: message.body }];
      return message.kind === "updates" ? message.items.map((update) => ({ update })) : [];
    });
  }

  /** Every view and update that came, read. */
  async all(): Promise<{ views: WarView[]; updates: Update[] }> {
    const views: WarView[] = [];
    const updates: Update[] = [];
    for (const came of this.bodies()) {
      if ("view" in came) views.push(viewOf(await openBody(came.view)));
      else updates.push(updateOf(await openBody(came.update)));
    }
    return { views, updates };
  }

  leave(): void {
    this.guest.leave();
  }

  private async catchUp(): Promise<void> {
    for (; this.read < this.guest.heard.length; this.read++) {
      const message = this.guest.heard[this.read]!;
      if (message.kind === "view") this.mirror = new Mirror(viewOf(await openBody(message.body)));
      if (message.kind !== "updates") continue;
      for (const item of message.items) {
        const update = updateOf(await openBody(item));
        const taken = this.mirror?.take(update, {
          tile: () => undefined,
          notice: (notice) => this.notices.push(notice),
        });
        if (taken !== "gap") continue;
        if (!this.mayLack) throw new Error("an update does not follow from what came before");
        this.lacks = true;
      }
    }
  }
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

/** Land tiles, the nearest to a place first, some apart from each other. */
export function nearest(ground: Ground, x: number, y: number): number[] {
  const far = (tile: number) => ((tile % ground.w) - x) ** 2 + (Math.floor(tile / ground.w) - y) ** 2;
  const land: number[] = [];
  ground.tiles.forEach((byte, tile) => {
    if ((byte & 0x80) !== 0 && tile % 3 === 0) land.push(tile);
  });
  return land.sort((a, b) => far(a) - far(b)).slice(0, 200);
}

/** Commands that the log of a war has, by seat. */
export async function logged(server: TestServer, match_id: string): Promise<number[]> {
  const { players } = await operator(server, "war_report", { match_id });
  return (players as { behaviour: { commands: number } }[]).map(({ behaviour }) => behaviour.commands);
}

/** Asks for the log of a war as a file. */
export function log(by: Warrior, matchId: string): Promise<Response> {
  const { session, client } = by.guest;
  const authorization = `Bearer ${session.token}`;
  return fetch(`http://${client.host}:${client.port}/v2/match/${matchId}/log`, {
    headers: { authorization },
  });
}

/** Two people at war on a map of their own. */
export async function atWar(
  a: Warrior,
  b: Warrior,
  setup: object = QUICK,
): Promise<{ matchId: string; ground: Ground; homes: [number, number] }> {
  const matchId = await a.open(setup);
  // Before anybody is there: the countdown waits for the first.
  a.matchId = matchId;
  const ground = await a.ground();
  await Promise.all([a.join(matchId), b.join(matchId)]);
  const homes = await Promise.all([
    a.settle(ground, ground.w / 4, ground.h / 2),
    b.settle(ground, (ground.w * 3) / 4, ground.h / 2),
  ]);
  await Promise.all([a.whenAtWar(), b.whenAtWar()]);
  return { matchId, ground, homes };
}
