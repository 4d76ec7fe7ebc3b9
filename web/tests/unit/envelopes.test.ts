/**
 * The published protobuf adapter and the house's wire crate read and write the same bytes: both are held to one file,
 * which has a message of every kind. The crate's half is crates/wire/tests/sdk_envelopes.rs.
 */
import { readFileSync } from "node:fs";
import { WebSocketAdapterPb } from "@heroiclabs/nakama-js-protobuf";
import { afterEach, beforeEach, expect, test } from "vitest";

interface Row {
  json: Record<string, unknown>;
  protobuf: string;
}

const FILE = new URL("../../../crates/wire/tests/sdk_envelopes.json", import.meta.url);
const rows = JSON.parse(readFileSync(FILE, "utf8")) as Row[];

/** What the adapter wrote last, in place of a connection. */
let written: Uint8Array = new Uint8Array();

class Wire {
  binaryType = "blob";
  onmessage: ((event: { data: ArrayBuffer }) => void) | undefined;

  send(bytes: Uint8Array) {
    written = bytes;
  }
}

const real = globalThis.WebSocket;
let adapter: InstanceType<typeof WebSocketAdapterPb>;

beforeEach(() => {
  globalThis.WebSocket = Wire as unknown as typeof WebSocket;
  adapter = new WebSocketAdapterPb();
  adapter.connect("ws://", "nowhere", "1", true, "token");
});

afterEach(() => {
  globalThis.WebSocket = real;
});

/** JSON has texts where the adapter's own objects have bytes, times and numbers. */
function native(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => native(item));
  if (key === "data" && typeof value === "string" && value !== "{}")
    return Uint8Array.from(Buffer.from(value, "base64"));
  if (key === "op_code") return Number(value);
  if (key.endsWith("_time")) return new Date(value as string);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, native(inner, name)]));
}

test("the file has a message of every kind that the adapter knows", () => {
  expect(rows.length).toBe(49);
});

test.each(rows.map((row) => [Object.keys(row.json)[1] ?? "", row] as const))("%s", (_, row) => {
  const message = native(row.json);
  adapter.send(message);
  expect(Buffer.from(written).toString("hex")).toBe(row.protobuf);

  let heard: unknown;
  adapter.onMessage = (envelope: unknown) => (heard = envelope);
  const bytes = Uint8Array.from(Buffer.from(row.protobuf, "hex"));
  (adapter as unknown as { _socket: Wire })._socket.onmessage?.({ data: bytes.buffer });
  expect(heard).toMatchObject(message as object);
});
