/** What the page asks the server beside the war's own room. Answers are read here; what cannot be read is an error. */
import type { Guest } from "../../room/guest";
import { inflate } from "../bytes/body";
import { TILES_MAX, type MapOf } from "../bytes/view";
import type { Person } from "./names";

/** Wars that a list shows. */
export const WARS_MAX = 30;
/** Maps whose ground this browser keeps. */
const GROUNDS_MAX = 6;
const GROUNDS = "longhouse.ground";

export interface OpenWar {
  match: string;
  name: string;
  size: string;
  phase: string;
  players: number;
  seats: number;
  fog: boolean;
}

export interface PastWar {
  match: string;
  endedMs: number;
  place: number;
  players: number;
  won: boolean;
}

export interface ReplayPart {
  step: number;
  view: Uint8Array | undefined;
  updates: { step: number; body: Uint8Array }[];
  /** The step at which the next part begins, and the war's last one. */
  next: number;
  last: number;
  end: boolean;
  /** The past was set back at the end of this part. */
  jumped: boolean;
}

export interface SetupWish {
  size: string;
  map: number;
  seats: number;
  tribes: number;
  rivals: number;
  difficulty: string;
  fog: boolean;
  hidden_gold: boolean;
  spawn_seconds: number;
  immunity_seconds: number;
  private: boolean;
  name: string;
}

export function fromBase64(text: string): Uint8Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

export class WarService {
  constructor(readonly guest: Guest) {}

  async open(setup: Partial<SetupWish>): Promise<string> {
    return text((await this.guest.call("war_open", { setup }))["match_id"]);
  }

  async wars(query: string): Promise<OpenWar[]> {
    const answer = await this.guest.ask((client, session) =>
      client.listMatches(session, WARS_MAX, true, "", 0, 1_000, query),
    );
    return (answer.matches ?? []).flatMap(({ match_id, label }) => {
      const said = labelOf(label);
      if (match_id === undefined || said === undefined) return [];
      return [
        {
          match: match_id,
          name: typeof said["name"] === "string" ? said["name"] : "",
          size: String(said["size"] ?? ""),
          phase: String(said["phase"] ?? ""),
          players: Number(said["players"] ?? 0),
          seats: Number(said["seats"] ?? 0),
          fog: said["fog"] === true,
        },
      ];
    });
  }

  /** Wars whose places are being chosen. */
  joinable(): Promise<OpenWar[]> {
    return this.wars("+label.rules:sovereign +label.open:T");
  }

  /** Wars that can be watched: who watches one in fog sees nothing. */
  running(): Promise<OpenWar[]> {
    return this.wars("+label.rules:sovereign +label.phase:war -label.private:T -label.fog:T");
  }

  async past(): Promise<PastWar[]> {
    const answer = await this.guest.call("war_replays", {});
    return list(answer["replays"]).map((war) => ({
      match: text(war["match_id"]),
      endedMs: Number(war["at_ms"] ?? 0),
      place: Number(war["place"] ?? 0),
      players: Number(war["players"] ?? 0),
      won: war["won"] === true,
    }));
  }

  async people(match: string): Promise<Map<number, Person>> {
    const answer = await this.guest.call("war_players", { match_id: match });
    return new Map(
      list(answer["players"]).map((player) => {
        const seat = Number(player["seat"]);
        const name = [player["display_name"], player["username"]].find(
          (name): name is string => typeof name === "string" && name !== "",
        );
        return [seat, { seat, userId: String(player["user_id"] ?? ""), name: name ?? `Player ${seat}` }];
      }),
    );
  }

  async rename(name: string): Promise<void> {
    await this.guest.ask((client, session) => client.updateAccount(session, { display_name: name }));
  }

  /** What others call this player, if the player ever said so, and the account's own name. */
  async myName(): Promise<{ said: string; account: string }> {
    const { user } = await this.guest.ask((client, session) => client.getAccount(session));
    return { said: user?.display_name ?? "", account: user?.username ?? "" };
  }

  /** One byte a tile. Kept by this browser under the name that the ground's own bytes give it. */
  async ground(match: string, map: MapOf): Promise<Uint8Array> {
    const tiles = map.w * map.h;
    const known = await keptGround(map.ground);
    if (known?.length === tiles) return known;
    const answer = await this.guest.call("war_map", { match_id: match });
    const ground = await inflate(fromBase64(text(answer["terrain"])), TILES_MAX);
    if (ground.length !== tiles) throw new Error(`the ground of ${ground.length} tiles of ${tiles}`);
    await keepGround(map.ground, ground);
    return ground;
  }

  async replay(match: string, step: number, steps: number, view: boolean): Promise<ReplayPart> {
    const answer = await this.guest.call("war_replay", { match_id: match, step, steps, view });
    const updates = Array.isArray(answer["updates"]) ? (answer["updates"] as [unknown, unknown][]) : [];
    const whole = answer["view"];
    return {
      step: Number(answer["step"] ?? step),
      view: typeof whole === "string" ? fromBase64(whole) : undefined,
      updates: updates.map(([step, body]) => ({ step: Number(step), body: fromBase64(text(body)) })),
      next: Number(answer["next"] ?? step + steps),
      last: Number(answer["last"] ?? 0),
      end: answer["end"] === true,
      jumped: answer["jumped"] === true,
    };
  }
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
}

function text(value: unknown): string {
  if (typeof value !== "string" || value === "") throw new Error("the server's answer lacks a text");
  return value;
}

/** The SDK hands labels on as the list carries them: as text. */
function labelOf(label: unknown): Record<string, unknown> | undefined {
  if (typeof label !== "string") return undefined;
  try {
    const said: unknown = JSON.parse(label);
    return typeof said === "object" && said !== null ? (said as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Browsers that keep nothing (or are on a plain network) ask the server each time. */
async function grounds(): Promise<Cache | undefined> {
  try {
    return await caches.open(GROUNDS);
  } catch {
    return undefined;
  }
}

async function keptGround(name: string): Promise<Uint8Array | undefined> {
  if (name === "") return undefined;
  const kept = await (await grounds())?.match(`/ground/${name}`);
  return kept === undefined ? undefined : new Uint8Array(await kept.arrayBuffer());
}

async function keepGround(name: string, ground: Uint8Array): Promise<void> {
  const cache = name === "" ? undefined : await grounds();
  if (cache === undefined) return;
  try {
    const known = await cache.keys();
    for (const old of known.slice(0, Math.max(0, known.length - GROUNDS_MAX + 1))) await cache.delete(old);
    await cache.put(`/ground/${name}`, new Response(ground as Uint8Array<ArrayBuffer>));
  } catch {
    // A full disk costs the next visit a download.
  }
}
