/** Whole numbers in as few bytes as they need: seven bits a byte, the lowest first (LEB128). */

/** Bytes that a war cannot mean. The page asks for a whole view when it meets them. */
export class WarBytesError extends Error {
  override readonly name = "WarBytesError";
}

/** Bytes of the longest number: what fits into a double without loss. */
const VARINT_BYTES_MAX = 8;

export class VarintReader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw new WarBytesError("a number is cut off");
    this.at += 1;
    return byte;
  }

  next(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let scale = 0x80;
    for (let i = 1; i < VARINT_BYTES_MAX; i++) {
      byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
      scale *= 0x80;
    }
    throw new WarBytesError("a number is too long");
  }
}
