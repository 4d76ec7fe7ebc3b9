/**
 * What a war wraps around a view or an update: one byte that says whether the MessagePack after it is deflated. The
 * browser inflates, which takes a turn of its own; {@link Bodies} keeps what comes in the order in which it came.
 */
import { decode } from "@msgpack/msgpack";
import { WarBytesError } from "./varint";

const PLAIN = 0;
const DEFLATED = 1;
/** A view of the largest map, with room; more than that is not a view. */
export const INFLATED_BYTES_MAX = 16 * 1024 * 1024;

/** Reads what was deflated without a header, and no more of it than makes sense. */
export async function inflate(bytes: Uint8Array, bytesMax = INFLATED_BYTES_MAX): Promise<Uint8Array> {
  const owned = bytes as Uint8Array<ArrayBuffer>;
  const stream = new Blob([owned]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const reader = stream.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > bytesMax) {
      await reader.cancel();
      throw new WarBytesError(`more than ${bytesMax} bytes`);
    }
    parts.push(value);
  }
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A body's MessagePack, at once when it is plain. */
export function openBody(body: Uint8Array): unknown {
  const kind = body[0];
  const rest = body.subarray(1);
  if (kind === PLAIN) return decode(rest);
  if (kind === DEFLATED) return inflate(rest).then((bytes) => decode(bytes));
  throw new WarBytesError(`a body of kind ${String(kind)}`);
}

/** Bodies that wait to be inflated; more than that means that the page cannot follow. */
export const BODIES_WAITING_MAX = 2_048;

/** Hands on what was in bodies, in the order of the bodies, as soon as that is possible. */
export class Bodies {
  private tail: Promise<void> | undefined;
  private waiting = 0;
  private life = 0;

  constructor(private readonly broken: (error: unknown) => void) {}

  /** Forgets all that waits: what comes next does not follow from it. */
  clear(): void {
    this.life += 1;
    this.tail = undefined;
    this.waiting = 0;
  }

  take(body: Uint8Array, then: (value: unknown) => void): void {
    const life = this.life;
    if (this.waiting >= BODIES_WAITING_MAX) {
      this.broken(new WarBytesError("too much to read"));
      return;
    }
    const value = openBody(body);
    if (this.tail === undefined && !(value instanceof Promise)) {
      then(value);
      return;
    }
    this.waiting += 1;
    const before = this.tail ?? Promise.resolve();
    const settled = Promise.allSettled([value]);
    const turn: Promise<void> = before
      .then(async () => {
        const [result] = await settled;
        if (this.life !== life) return;
        this.waiting -= 1;
        if (this.tail === turn) this.tail = undefined;
        if (result.status === "rejected") throw result.reason;
        then(result.value);
      })
      .catch((error: unknown) => {
        if (this.life === life) this.broken(error);
      });
    this.tail = turn;
  }
}
