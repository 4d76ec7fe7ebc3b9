/** The room's half of the payload codec, written apart from the page's so that the two check each other. */
import { encode } from "@msgpack/msgpack";

function bytes(size: number, kind: number, flags: number, rest: Uint8Array = new Uint8Array()): Uint8Array {
  const all = new Uint8Array(size + rest.length);
  all.set([1, kind, flags, 0]);
  all.set(rest, size);
  return all;
}

const data = (all: Uint8Array) => new DataView(all.buffer);

export function commandOf(all: Buffer): { id: string; seen: bigint; flags: number; body: Buffer } {
  return {
    id: all.subarray(4, 20).toString("hex"),
    seen: all.readBigUInt64LE(20),
    flags: all[2] ?? 0,
    body: all.subarray(28),
  };
}

export function accepted(id: string, seq: bigint): Uint8Array {
  const all = bytes(28, 2, 0);
  all.set(Buffer.from(id, "hex"), 4);
  data(all).setBigUint64(20, seq, true);
  return all;
}

export function refused(id: string, code: number, reason: string): Uint8Array {
  const all = bytes(22, 3, 0, Buffer.from(reason));
  all.set(Buffer.from(id, "hex"), 4);
  data(all).setUint16(20, code, true);
  return all;
}

export function view(step: bigint, seq: bigint, atMs: number, token: string, body: unknown): Uint8Array {
  const all = bytes(33, 4, 1, Buffer.concat([Buffer.from(token), encode(body)]));
  const to = data(all);
  to.setBigUint64(4, step, true);
  to.setBigUint64(12, seq, true);
  to.setBigInt64(20, BigInt(atMs), true);
  to.setUint32(28, 0, true);
  all[32] = token.length;
  return all;
}

export function updates(step: bigint, seq: bigint, atMs: number, items: unknown[]): Uint8Array {
  const parts = items.flatMap((item) => {
    const body = encode(item);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(body.length);
    return [length, Buffer.from(body)];
  });
  const all = bytes(28, 5, 1, Buffer.concat(parts));
  const to = data(all);
  to.setBigUint64(4, step, true);
  to.setBigUint64(12, seq, true);
  to.setBigInt64(20, BigInt(atMs), true);
  return all;
}

export function closing(code: number, token: string, reason: string): Uint8Array {
  const all = bytes(7, 6, 0, Buffer.concat([Buffer.from(token), Buffer.from(reason)]));
  data(all).setUint16(4, code, true);
  all[6] = token.length;
  return all;
}
