/** What is sent to a war as a command and is none. */
import { encode } from "@msgpack/msgpack";

const text = (words: string) => new TextEncoder().encode(words);

/** Bytes that are no command at all. */
export const MALFORMED: [string, Uint8Array][] = [
  ["nothing", new Uint8Array()],
  ["text", text("attack")],
  ["a byte that MessagePack does not know", Uint8Array.of(0xc1)],
  ["something after it", Uint8Array.of(...encode({ do: "resign" }), 0)],
  ["cut off", encode({ do: "attack", on: 0, share: 500 }).subarray(0, -1)],
  ["257 bytes", encode({ do: "resign", why: "x".repeat(250) })],
  ["a list of a billion", Uint8Array.of(0xdd, 0x40, 0, 0, 0)],
  ["deep nesting", new Uint8Array(250).fill(0x91)],
  ["no such act", encode({ do: "win" })],
  ["no act", encode({ tile: 5 })],
  ["one key too many", encode({ do: "spawn", tile: 5, for: 2 })],
  ["for another player", encode({ do: "spawn", tile: 5, seat: 1 })],
  ["a number that is none", encode({ do: "spawn", tile: NaN })],
  ["no end", encode({ do: "spawn", tile: Infinity })],
  ["a fraction", encode({ do: "attack", on: 0, share: 0.5 })],
  ["a negative tile", encode({ do: "spawn", tile: -1 })],
  ["a tile above 32 bits", encode({ do: "spawn", tile: 2 ** 40 })],
  ["a nation above 16 bits", encode({ do: "attack", on: 70_000, share: 10 })],
  ["a text for a number", encode({ do: "spawn", tile: "5" })],
  ["troops below nothing", encode({ do: "donate", to: 1, troops: -5 })],
  ["a sign above a byte", encode({ do: "ping", tile: 5, sign: 300 })],
  ["a site that there is not", encode({ do: "build", site: "castle", tile: 5 })],
];
