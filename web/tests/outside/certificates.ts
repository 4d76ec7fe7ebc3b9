/** Certificates for tests, written by hand: just enough of X.509 for a chain with marks in it. */
import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto";

export interface Signer {
  name: string;
  key: KeyObject;
  der: Buffer;
}

function value(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (...parts: Buffer[]) => value(0x30, ...parts);

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const number of rest) {
    const digits = [number & 0x7f];
    for (let left = number >> 7; left > 0; left >>= 7) digits.unshift(0x80 | (left & 0x7f));
    bytes.push(...digits);
  }
  return value(0x06, Buffer.from(bytes));
}

const name = (text: string) =>
  sequence(value(0x31, sequence(oid("2.5.4.3"), value(0x0c, Buffer.from(text)))));

function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replace(/[-:T]/g, "").slice(0, 14);
  return value(0x18, Buffer.from(`${text}Z`));
}

const algorithm = (key: KeyObject) =>
  key.asymmetricKeyType === "rsa"
    ? sequence(oid("1.2.840.113549.1.1.11"), value(0x05))
    : sequence(oid("1.2.840.10045.4.3.2"));

const extension = (id: string, critical: boolean, content: Buffer) =>
  sequence(oid(id), ...(critical ? [value(0x01, Buffer.from([0xff]))] : []), value(0x04, content));

/** The mark of a certificate that signs Apple's receipts. */
export const RECEIPT_MARK = "1.2.840.113635.100.6.11.1";

export interface Wanted {
  kind?: "ec" | "rsa";
  authority?: boolean;
  marks?: string[];
  /** From when to when it is good, in milliseconds from now. */
  from?: number;
  to?: number;
}

const DAY = 86_400_000;
let serial = 1;

/** A certificate by `by`, or by itself. */
export function certificate(called: string, by?: Signer, wanted: Wanted = {}): Signer {
  const { publicKey, privateKey } =
    wanted.kind === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength: 2_048 })
      : generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signer = by ?? { name: called, key: privateKey, der: Buffer.alloc(0) };
  const extensions = (wanted.marks ?? []).map((mark) => extension(mark, false, value(0x05)));
  if (wanted.authority === true) {
    extensions.unshift(extension("2.5.29.19", true, sequence(value(0x01, Buffer.from([0xff])))));
  }
  serial += 1;
  const signed = sequence(
    value(0xa0, value(0x02, Buffer.from([2]))),
    value(0x02, Buffer.from([1, serial])),
    algorithm(signer.key),
    name(signer.name),
    sequence(time(Date.now() + (wanted.from ?? -DAY)), time(Date.now() + (wanted.to ?? DAY))),
    name(called),
    publicKey.export({ type: "spki", format: "der" }),
    ...(extensions.length > 0 ? [value(0xa3, sequence(...extensions))] : []),
  );
  const signature = createSign("sha256").update(signed).sign(signer.key);
  const der = sequence(signed, algorithm(signer.key), value(0x03, Buffer.from([0]), signature));
  return { name: called, key: privateKey, der };
}
