/**
 * What the farm's page asks the server beside the room: ranks, achievements, other players' farms, restore points.
 * Each question rejects with a {@link ServiceError} that may be shown; nothing here is kept.
 */
import type { Client, LeaderboardRecord, Session } from "@heroiclabs/nakama-js";
import { decodeContent } from "./catalogue";
import { wholeFarm } from "./decode";
import { Field } from "./field";
import { SyncError, type SyncAnswer, type SyncCall } from "./offline/homecoming";
import { publicFarm, type PublicFarm } from "./public";
import type { Content, Farm } from "./shapes";

/** All time by stars, or this week by what the wool was worth. */
export type Board = "stars" | "weekly";
export type Circle = "all" | "friends" | "around";
const BOARDS: Record<Board, string> = { stars: "farm_stars", weekly: "farm_weekly" };
/** Rows that one look at a board shows. */
export const RANKS_MAX = 25;
/** Answers that would be the same if the same were asked again. */
const SAID_NO = [400, 409, 413, 422];
/** Friends whose records are asked for at once. */
const FRIENDS_MAX = 100;

export interface Person {
  user_id: string;
  username: string;
  display_name: string;
}

export interface Rank {
  rank: number;
  user_id: string;
  name: string;
  /** Stars; for a week a magnitude, which {@link worthOfMagnitude} reads. */
  score: bigint;
  me: boolean;
}

export interface Visited {
  user: Person;
  content: Content;
  farm: PublicFarm;
}

export interface Point {
  seq: string;
  at_ms: number;
  why: string;
  label: { wool_digits?: number; llamas?: number; prestiges?: number };
}

/** A farm before or after a restore. `measures` are the rules' own: `wool.plain.amount`, `stars`, … */
export interface Standing {
  measures: Record<string, bigint>;
  farm: Farm;
}

export interface Restored {
  before: Standing;
  after: Standing;
  /** Wallet changes since then that are not taken back. */
  standing: { seq: string; currency: string; amount: bigint }[];
  /** What is taken out of the wallet or put back, by currency. */
  wallet: Record<string, bigint>;
  ranks: { board: string; before: bigint | null; after: bigint | null }[];
}

export interface AchievementState {
  id: string;
  progress: number;
  steps: number;
  unlocked_ms: number | null;
}

/** What the page needs of the room client. */
export interface Asker {
  ask<T>(question: (client: Client, session: Session) => Promise<T>): Promise<T>;
}

/** The server's word, or that it cannot be reached (`status` 0). */
export class ServiceError extends Error {
  override readonly name = "ServiceError";

  constructor(
    message: string,
    readonly status: number,
    /** The rules' refusal, where it was theirs. */
    readonly code?: number,
  ) {
    super(message);
  }
}

export class FarmService {
  constructor(private readonly asker: Asker) {}

  /** One of the farm's functions. */
  async call(name: string, input: object): Promise<Field> {
    return this.ask(async (client, session) => {
      const answer = await client.rpc(session, name, input);
      return new Field(answer.payload ?? {}, name);
    });
  }

  async me(): Promise<Person> {
    return this.ask(async (client, session) => {
      const user = (await client.getAccount(session)).user;
      return {
        user_id: user?.id ?? "",
        username: user?.username ?? "",
        display_name: user?.display_name ?? "",
      };
    });
  }

  /** What others see above the farm and in the ranks. */
  async rename(displayName: string): Promise<void> {
    await this.ask((client, session) => client.updateAccount(session, { display_name: displayName }));
  }

  /** Asks a player to be friends, or says yes to one who asked before. */
  async befriend(userId: string): Promise<void> {
    await this.ask((client, session) => client.addFriends(session, [userId]));
  }

  async visit(userId: string): Promise<Visited> {
    const answer = await this.call("farm_visit", { user_id: userId });
    const user = answer.at("user");
    return {
      user: {
        user_id: user.at("id").text(),
        username: user.at("username").text(),
        display_name: user.at("display_name").orNull((name) => name.text()) ?? "",
      },
      content: decodeContent(answer.at("content")),
      farm: publicFarm(answer.at("farm")),
    };
  }

  async points(): Promise<Point[]> {
    const answer = await this.call("farm_points", {});
    return answer.at("points").list((point) => ({
      seq: point.at("seq").text(),
      at_ms: point.at("at_ms").int(),
      why: point.at("why").text(),
      label: labelOf(point.at("label").raw),
    }));
  }

  /** With `dryRun` nothing happens: the answer says what would. */
  async restore(seq: string, dryRun: boolean): Promise<Restored> {
    const answer = await this.call("farm_restore", { seq, dry_run: dryRun });
    const numbers = (field: Field) => field.entries((number) => number.big());
    const standing = (field: Field): Standing => ({
      measures: numbers(field.at("measures")),
      farm: wholeFarm(field.at("farm")),
    });
    return {
      before: standing(answer.at("before")),
      after: standing(answer.at("after")),
      standing: answer.at("standing").list((change) => ({
        seq: change.at("seq").text(),
        currency: change.at("currency").text(),
        amount: change.at("amount").big(),
      })),
      wallet: numbers(answer.at("wallet")),
      ranks: answer.at("ranks").list((rank) => ({
        board: rank.at("board").text(),
        before: rank.at("before").orNull((score) => score.big()),
        after: rank.at("after").orNull((score) => score.big()),
      })),
    };
  }

  /** Takes over a save of the local-only game, once. */
  async importSave(save: object): Promise<Farm> {
    return wholeFarm((await this.call("farm_import", { save })).at("farm"));
  }

  /** Tells what was done offline; see `offline/homecoming.ts`. Rejects with a {@link SyncError}. */
  async sync(call: SyncCall): Promise<SyncAnswer> {
    let answer: Field;
    try {
      answer = await this.call("farm_sync", call);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const fate = error.status === 404 ? "no" : SAID_NO.includes(error.status) ? "always" : "later";
      throw new SyncError(error.message, error.code, fate);
    }
    return {
      upto: answer.at("upto").int(),
      results: answer.at("results").list((result) => ({
        n: result.at("n").int(),
        code: result.at("code").orNull((code) => code.int()),
        reason: result.at("reason").orNull((reason) => reason.text()),
        again: result.at("again").or(false, (again) => again.flag()),
      })),
      farm: answer.at("farm").orNull(wholeFarm),
    };
  }

  async ranks(board: Board, circle: Circle): Promise<Rank[]> {
    return this.ask(async (client, session) => {
      const [id, me] = [BOARDS[board], session.user_id ?? ""];
      const weekly = board === "weekly";
      if (circle === "around") {
        const list = weekly
          ? await client.listTournamentRecordsAroundOwner(session, id, me, RANKS_MAX)
          : await client.listLeaderboardRecordsAroundOwner(session, id, me, RANKS_MAX);
        return (list.records ?? []).map((record) => rankOf(record, me));
      }
      const owners = circle === "friends" ? [me, ...(await friendsOf(client, session))] : [];
      const list = weekly
        ? await client.listTournamentRecords(session, id, owners, RANKS_MAX)
        : await client.listLeaderboardRecords(session, id, owners, RANKS_MAX);
      const records = circle === "friends" ? list.owner_records : list.records;
      const ranks = (records ?? []).map((record) => rankOf(record, me));
      // The records of chosen owners come in no promised order.
      return circle === "friends" ? ranks.sort((a, b) => a.rank - b.rank) : ranks;
    });
  }

  async achievements(): Promise<AchievementState[]> {
    const answer = await this.call("achievements_list", {});
    return answer.at("achievements").list((state) => ({
      id: state.at("id").text(),
      progress: Number(state.at("progress").big()),
      steps: Number(state.at("steps").big()),
      unlocked_ms: state.at("unlock_time").orNull((time) => Date.parse(time.text())),
    }));
  }

  private async ask<T>(question: (client: Client, session: Session) => Promise<T>): Promise<T> {
    try {
      return await this.asker.ask(question);
    } catch (error) {
      throw await serviceError(error);
    }
  }
}

/**
 * `floor(log2(x))·2^20` and the next 20 bits of x: the score of a week, which fits a record and keeps the order.
 * Back to about x, in the unit that was measured.
 */
export function worthOfMagnitude(magnitude: bigint): bigint {
  if (magnitude <= 0n) return 0n;
  const [power, bits] = [magnitude >> 20n, magnitude & 0xfffffn];
  const leading = (1n << 20n) | bits;
  return power >= 20n ? leading << (power - 20n) : leading >> (20n - power);
}

/** The SDK rejects with a `Response`, or with whatever `fetch` rejects with. */
export async function serviceError(error: unknown): Promise<Error> {
  // An answer of a shape that this page does not know, or a bug: not the server's word.
  if (error instanceof ServiceError) return error;
  if (!(error instanceof Response)) {
    return error instanceof Error && error.name === "ShapeError"
      ? error
      : new ServiceError("The server cannot be reached.", 0);
  }
  const said: unknown = await error.json().catch(() => undefined);
  const message =
    typeof said === "object" && said !== null && "message" in said && typeof said.message === "string"
      ? said.message
      : `The server answered ${error.status}.`;
  const refusal = /^(\d{1,3})\s+(.*)$/s.exec(message);
  return refusal === null
    ? new ServiceError(message, error.status)
    : new ServiceError(refusal[2] ?? message, error.status, Number(refusal[1]));
}

async function friendsOf(client: Client, session: Session): Promise<string[]> {
  const list = await client.listFriends(session, MUTUAL, FRIENDS_MAX);
  return (list.friends ?? []).flatMap((friend) => (friend.user?.id === undefined ? [] : [friend.user.id]));
}

/** The state of friends who both said yes. */
const MUTUAL = 0;

function rankOf(record: LeaderboardRecord, me: string): Rank {
  const metadata = record.metadata as { name?: unknown } | undefined;
  const name = typeof metadata?.name === "string" ? metadata.name : (record.username ?? "");
  return {
    rank: Number(record.rank ?? 0),
    user_id: record.owner_id ?? "",
    name,
    score: BigInt(record.score ?? 0),
    me: record.owner_id === me,
  };
}

/** The rules' label of a farm is JSON in a text. */
function labelOf(raw: unknown): Point["label"] {
  const label = typeof raw === "string" ? (JSON.parse(raw) as unknown) : raw;
  return typeof label === "object" && label !== null ? label : {};
}
