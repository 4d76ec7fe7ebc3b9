/** What a page of a war is made of, however it came about: played, watched, or replayed. */
import type { Mirror } from "./war/mirror";
import type { Person } from "./war/names";
import type { Live } from "./war/live";
import type { Replay } from "./war/replay";
import type { Stage } from "./war/stage";

export interface Theatre {
  stage: Stage;
  live: Live | undefined;
  replay: Replay | undefined;
  /** The link that lets others in. */
  link: string | undefined;
  ground(mirror: Mirror): Promise<Uint8Array>;
  people(): Promise<ReadonlyMap<number, Person>>;
  start(): void | Promise<void>;
  stop(): void;
  storage: Pick<Storage, "getItem" | "setItem">;
}
