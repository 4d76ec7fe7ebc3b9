/**
 * The payload that a room and its clients exchange inside `match_data`: a small little-endian header, then a
 * body that belongs to the game. This file knows the header only; what a body means is the game's own business.
 */

/** The one version of the header that exists. */
export const PAYLOAD_VERSION = 1;
/** What a room accepts in one frame; the socket's own limit is larger by the envelope. */
export const COMMAND_BODY_BYTES_MAX = 2_800;
/** What a page takes from a room in one frame before it calls the frame broken. */
export const PAYLOAD_BYTES_MAX = 4 * 1024 * 1024;

/** Kinds of payload; the envelope's op code is the same number. */
export const KIND = { command: 1, accepted: 2, refused: 3, view: 4, updates: 5, closing: 6 } as const;

/** Bit 0 of the flags: the body is MessagePack. */
export const FLAG_MSGPACK = 1;
/** Bit 1 of the flags: the body is raw DEFLATE. */
export const FLAG_DEFLATE = 2;

/** 128 bits chosen by the client, as 32 hex digits: a command sent twice under one id is executed once. */
export type CommandId = string & { readonly __commandId: unique symbol };

export interface Accepted {
  kind: "accepted";
  id: CommandId;
  seq: bigint;
}

export interface Refused {
  kind: "refused";
  id: CommandId;
  code: number;
  reason: string;
}

/** Replaces all that the client knows. */
export interface View {
  kind: "view";
  step: bigint;
  seq: bigint;
  atMs: number;
  seat: number;
  resumeToken: string;
  msgpack: boolean;
  body: Uint8Array;
}

export interface Updates {
  kind: "updates";
  step: bigint;
  /** The newest input that these updates include. */
  seq: bigint;
  atMs: number;
  msgpack: boolean;
  items: Uint8Array[];
}

/** Why a room lets a client go. */
export const CLOSING = { goingDown: 1, fault: 2, tooSlow: 3 } as const;

export interface Closing {
  kind: "closing";
  code: number;
  resumeToken: string;
  reason: string;
}

export type FromRoom = Accepted | Refused | View | Updates | Closing;

/** A payload that does not follow the header; the frame is dropped and the view asked for again. */
export class PayloadError extends Error {
  override readonly name = "PayloadError";
}

/** A fresh id; never all zero, which would mean "do not remember". */
export function newCommandId(random: (bytes: Uint8Array) => void = fillRandom): CommandId {
  const bytes = new Uint8Array(16);
  random(bytes);
  if (bytes.every((byte) => byte === 0)) bytes[15] = 1;
  return hex(bytes) as CommandId;
}

function fillRandom(bytes: Uint8Array): void {
  crypto.getRandomValues(bytes);
}

function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/**
 * One command for the room. The array owns its whole buffer: the SDK's JSON adapter encodes `data.buffer`, not
 * the view on it.
 */
export function encodeCommand(id: CommandId, seenSeq: bigint, body: Uint8Array, flags = 0): Uint8Array {
  if (body.length > COMMAND_BODY_BYTES_MAX) {
    throw new PayloadError(
      `a command of ${body.length} bytes is above the limit of ${COMMAND_BODY_BYTES_MAX}`,
    );
  }
  if (!/^[0-9a-f]{32}$/.test(id)) throw new PayloadError("a command id is 32 hex digits");
  const bytes = new Uint8Array(28 + body.length);
  const data = new DataView(bytes.buffer);
  bytes[0] = PAYLOAD_VERSION;
  bytes[1] = KIND.command;
  bytes[2] = flags;
  for (let i = 0; i < 16; i++) bytes[4 + i] = parseInt(id.slice(i * 2, i * 2 + 2), 16);
  data.setBigUint64(20, seenSeq, true);
  bytes.set(body, 28);
  return bytes;
}

/** Reads one payload from the room, or throws a {@link PayloadError} that says what is wrong with it. */
export function decodeFromRoom(bytes: Uint8Array): FromRoom {
  if (bytes.length > PAYLOAD_BYTES_MAX) throw new PayloadError(`a payload of ${bytes.length} bytes`);
  const reader = new Reader(bytes);
  const version = reader.u8();
  if (version !== PAYLOAD_VERSION) throw new PayloadError(`payload version ${version} is not known`);
  const kind = reader.u8();
  const flags = reader.u8();
  if ((flags & ~FLAG_MSGPACK) !== 0) throw new PayloadError(`payload flags ${flags} are not known`);
  if (reader.u8() !== 0) throw new PayloadError("the fourth byte of a payload is 0");
  const msgpack = (flags & FLAG_MSGPACK) !== 0;
  switch (kind) {
    case KIND.accepted:
      return { kind: "accepted", id: reader.commandId(), seq: reader.u64() };
    case KIND.refused:
      return { kind: "refused", id: reader.commandId(), code: reader.u16(), reason: reader.restAsText() };
    case KIND.view:
      return {
        kind: "view",
        step: reader.u64(),
        seq: reader.u64(),
        atMs: reader.i64AsNumber(),
        seat: reader.u32(),
        resumeToken: reader.shortText(),
        msgpack,
        body: reader.rest(),
      };
    case KIND.updates: {
      const step = reader.u64();
      const seq = reader.u64();
      const atMs = reader.i64AsNumber();
      const items: Uint8Array[] = [];
      while (!reader.atEnd()) items.push(reader.take(reader.u32()));
      return { kind: "updates", step, seq, atMs, msgpack, items };
    }
    case KIND.closing:
      return {
        kind: "closing",
        code: reader.u16(),
        resumeToken: reader.shortText(),
        reason: reader.restAsText(),
      };
    default:
      throw new PayloadError(`payload kind ${kind} is not known`);
  }
}

/** Walks a payload; running past its end is a {@link PayloadError}, never a silent zero. */
class Reader {
  private at = 0;
  private readonly data: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  atEnd(): boolean {
    return this.at === this.bytes.length;
  }

  take(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.bytes.length) {
      throw new PayloadError(`a payload ends at byte ${this.bytes.length} where ${end} were promised`);
    }
    const part = this.bytes.subarray(this.at, end);
    this.at = end;
    return part;
  }

  private skip(length: number): number {
    const start = this.at;
    this.take(length);
    return start;
  }

  u8(): number {
    return this.data.getUint8(this.skip(1));
  }

  u16(): number {
    return this.data.getUint16(this.skip(2), true);
  }

  u32(): number {
    return this.data.getUint32(this.skip(4), true);
  }

  u64(): bigint {
    return this.data.getBigUint64(this.skip(8), true);
  }

  i64AsNumber(): number {
    const value = this.data.getBigInt64(this.skip(8), true);
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw new PayloadError(`the time ${value} is out of range`);
    return number;
  }

  commandId(): CommandId {
    return hex(this.take(16)) as CommandId;
  }

  shortText(): string {
    return text(this.take(this.u8()));
  }

  rest(): Uint8Array {
    return this.take(this.bytes.length - this.at);
  }

  restAsText(): string {
    return text(this.rest());
  }
}

function text(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new PayloadError("text in a payload is not UTF-8");
  }
}
