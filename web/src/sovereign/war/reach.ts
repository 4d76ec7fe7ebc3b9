/** Whether land leads from a tile to one's own: a look over the land of its owner, not farther than makes sense. */
import { isLand } from "../map/ground";
import type { Mirror } from "./mirror";

/** Tiles that are looked at; land larger than that has a border with everybody. */
export const LOOKED_MAX = 400_000;

/** A piece of land of one owner that holds a tile touches land of the player's. */
export function reaches(mirror: Mirror, ground: Uint8Array, tile: number): boolean {
  const { owners, me } = mirror;
  const { w } = mirror.map;
  const owner = owners[tile];
  if (me === 0 || owner === undefined || !isLand(ground[tile])) return false;
  if (owner === me) return true;
  const seen = new Uint8Array(owners.length);
  const queue = [tile];
  seen[tile] = 1;
  for (let at = 0; at < queue.length && at < LOOKED_MAX; at++) {
    const here = queue[at]!;
    const x = here % w;
    const look = (next: number): boolean => {
      if (next < 0 || next >= owners.length || seen[next] === 1 || !isLand(ground[next])) return false;
      seen[next] = 1;
      if (owners[next] === me) return true;
      if (owners[next] === owner) queue.push(next);
      return false;
    };
    if (look(here - w) || look(here + w) || (x > 0 && look(here - 1)) || (x < w - 1 && look(here + 1)))
      return true;
  }
  return queue.length > LOOKED_MAX;
}
