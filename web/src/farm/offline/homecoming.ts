/**
 * The return: what was done without the server is told to it in order, in chunks, before the room is joined. Every
 * chunk may be told again without harm, for the farm remembers each device's numbers; what it has answered leaves the
 * journal for good.
 */
import type { Command, Farm } from "../shapes";
import { REFUSAL } from "../shapes";
import type { Doing, Journal } from "./journal";

/** Actions that one call carries. */
export const CHUNK_ACTIONS_MAX = 50;

/** What `farm_sync` is called with. */
export interface SyncCall {
  device: string;
  after: number;
  clock_ms: number;
  actions: ({ n: number; at_ms: number } & Command)[];
}

export interface SyncResult {
  n: number;
  code: number | null;
  reason: string | null;
  again: boolean;
}

export interface SyncAnswer {
  upto: number;
  results: SyncResult[];
  /** Left out where it is too large for an answer. */
  farm: Farm | null;
}

/** Something was told, and the farm is so. */
export interface Home {
  farm: Farm | null;
}

/**
 * What a refused call means: it may be asked again `later`, the same would be refused `always`, or the server has `no`
 * such function, and the room has to be told instead.
 */
export type SyncFate = "later" | "always" | "no";

/** The call was not carried out. `code` is the rules' refusal. */
export class SyncError extends Error {
  override readonly name = "SyncError";

  constructor(
    message: string,
    readonly code: number | undefined,
    readonly fate: SyncFate,
  ) {
    super(message);
  }
}

/** What became of each action; told as the answers come, so that a return in several attempts tells all. */
export interface Tale {
  kept(entry: Doing): void;
  refused(entry: Doing, code: number, reason: string): void;
}

/**
 * Empties the journal. Answers with the farm as the server has it then, or with nothing if the server took nothing.
 * Rejects when the server cannot be asked; what it has answered until then stays answered.
 */
export async function comeHome(
  journal: Journal,
  sync: (call: SyncCall) => Promise<SyncAnswer>,
  clockMs: () => number,
  tale: Tale,
): Promise<Home | undefined> {
  let home: Home | undefined;
  // 0 claims nothing. From the first answer on, a chunk that did not arrive is missed by the server.
  let after = 0;
  while (journal.size > 0) {
    const chunk = journal.entries.slice(0, CHUNK_ACTIONS_MAX);
    const answer = await tell(chunk, after);
    if (answer === "no") return home;
    if (answer === "forgotten") {
      after = 0;
      continue;
    }
    if (answer !== undefined) {
      home = { farm: answer.farm };
      after = answer.upto;
    }
    const told = new Set(chunk.map(({ n }) => n));
    journal.drop(({ n }) => told.has(n));
  }
  return home;

  async function tell(
    chunk: readonly Doing[],
    after: number,
  ): Promise<SyncAnswer | "forgotten" | "no" | undefined> {
    const actions = chunk.map(({ n, at_ms, command }) => ({ n, at_ms, ...command }));
    const call = { device: journal.device, after, clock_ms: Math.floor(clockMs()), actions };
    let answer: SyncAnswer;
    try {
      answer = await sync(call);
    } catch (error) {
      if (!(error instanceof SyncError) || error.fate === "later") throw error;
      if (error.fate === "no") return "no";
      // The farm was restored to an earlier day, or has met too many devices since: it knows less than was said.
      if (error.code === REFUSAL.outOfOrder && after > 0) return "forgotten";
      // It will never take this chunk. The player is told, and the farm goes on without it.
      for (const entry of chunk) tale.refused(entry, error.code ?? 0, error.message);
      return undefined;
    }
    const results = new Map(answer.results.map((result) => [result.n, result]));
    for (const entry of chunk) {
      const result = results.get(entry.n);
      if (result?.code == null) tale.kept(entry);
      else tale.refused(entry, result.code, result.reason ?? "");
    }
    return answer;
  }
}
