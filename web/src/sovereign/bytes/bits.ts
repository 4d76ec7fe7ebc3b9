/**
 * Whole numbers in single bits, the highest bit of a byte first: exponential Golomb codes. The code of order `k` of a
 * number is what comes out when 2^k is added to it, in binary, behind a zero for each bit that this has more than k + 1.
 */
import { WarBytesError } from "./varint";

/** Bits of the longest number, with 2^k added to it. */
const BITS_MAX = 31;

export class BitReader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** So many bits as a number, at most 31. */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      const byte = this.bytes[this.at >> 3];
      if (byte === undefined) throw new WarBytesError("bits are cut off");
      value = (value << 1) | ((byte >> (7 - (this.at & 7))) & 1);
      this.at += 1;
    }
    return value;
  }

  /** A number in the code of order `k`. */
  number(k: number): number {
    let width = k + 1;
    while (this.bits(1) === 0) {
      width += 1;
      if (width > BITS_MAX) throw new WarBytesError("a number is too long");
    }
    // The one that ended the zeros is the highest bit.
    return ((1 << (width - 1)) | this.bits(width - 1)) - (1 << k);
  }
}
