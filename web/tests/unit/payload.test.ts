import { describe, expect, test } from "vitest";
import {
  COMMAND_BODY_BYTES_MAX,
  decodeFromRoom,
  encodeCommand,
  newCommandId,
  PayloadError,
  type CommandId,
} from "../../src/room/payload";
import * as room from "../fake/payloads";

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replace(/\s+/g, ""), "hex"));
const id = "0102030405060708090a0b0c0d0e0f10" as CommandId;

describe("golden bytes", () => {
  test("a command", () => {
    const payload = encodeCommand(id, 0x0102n, bytes("c0ffee"), 1);
    const golden = "01 01 01 00  0102030405060708090a0b0c0d0e0f10  0201000000000000  c0ffee";
    expect(Buffer.from(payload).toString("hex")).toBe(golden.replace(/\s+/g, ""));
    // The SDK's JSON adapter sends the whole buffer behind the array.
    expect(payload.buffer.byteLength).toBe(payload.length);
  });

  test("accepted", () => {
    expect(decodeFromRoom(bytes(`01020000 ${id} 0500000000000000`))).toEqual({
      kind: "accepted",
      id,
      seq: 5n,
    });
  });

  test("refused", () => {
    const payload = bytes(`01030000 ${id} 6600 6e6f20776f6f6c`);
    expect(decodeFromRoom(payload)).toEqual({ kind: "refused", id, code: 102, reason: "no wool" });
  });

  test("view", () => {
    const payload = bytes("01040100 0700000000000000 0900000000000000 00e40b5402000000 03000000 02 6162 90");
    expect(decodeFromRoom(payload)).toEqual({
      kind: "view",
      step: 7n,
      seq: 9n,
      atMs: 10_000_000_000,
      seat: 3,
      resumeToken: "ab",
      msgpack: true,
      body: bytes("90"),
    });
  });

  test("updates", () => {
    const payload = bytes(
      "01050100 0700000000000000 0900000000000000 0100000000000000 02000000 0102 00000000 01000000 ff",
    );
    expect(decodeFromRoom(payload)).toEqual({
      kind: "updates",
      step: 7n,
      seq: 9n,
      atMs: 1,
      msgpack: true,
      items: [bytes("0102"), bytes(""), bytes("ff")],
    });
  });

  test("closing", () => {
    const payload = bytes("01060000 0100 02 6162 627965");
    expect(decodeFromRoom(payload)).toEqual({ kind: "closing", code: 1, resumeToken: "ab", reason: "bye" });
  });
});

describe("what is not a payload is refused", () => {
  const rows: [string, string][] = [
    ["nothing", ""],
    ["half a header", "0102"],
    ["another version", "02020000"],
    ["an unknown kind", "01090000"],
    ["a command, which only clients send", `01010000 ${id} 0000000000000000`],
    ["an unknown flag", `01020400 ${id} 0500000000000000`],
    ["a reserved byte", `01020001 ${id} 0500000000000000`],
    ["an answer cut short", `01020000 ${id} 05000000`],
    [
      "a token longer than the payload",
      "01040000 0700000000000000 0900000000000000 0100000000000000 03000000 ff 61",
    ],
    [
      "an update longer than the payload",
      "01050000 0700000000000000 0900000000000000 0100000000000000 ff000000 01",
    ],
    ["a time no date can hold", "01050000 0700000000000000 0900000000000000 ffffffffffffff7f"],
    ["text that is not UTF-8", `01030000 ${id} 6600 ff`],
  ];
  test.each(rows)("%s", (_, hex) => {
    expect(() => decodeFromRoom(bytes(hex))).toThrow(PayloadError);
  });

  test("any cut of a good payload is refused or is a shorter text, and nothing else is ever thrown", () => {
    const whole = room.view(7n, 9n, 1, "token", { farm: 1 });
    for (let end = 0; end < whole.length; end++) {
      try {
        decodeFromRoom(whole.slice(0, end));
      } catch (error) {
        expect(error).toBeInstanceOf(PayloadError);
      }
    }
  });
});

describe("commands", () => {
  test("go through the room's own reading unchanged", () => {
    const payload = encodeCommand(id, 2n ** 63n, bytes("00ff"), 1);
    const read = room.commandOf(Buffer.from(payload));
    expect(read).toEqual({ id, seen: 2n ** 63n, flags: 1, body: Buffer.from([0, 0xff]) });
  });

  test("ids are 32 hex digits and never zero", () => {
    expect(newCommandId()).toMatch(/^[0-9a-f]{32}$/);
    expect(newCommandId()).not.toBe(newCommandId());
    expect(newCommandId(() => undefined)).toBe("00000000000000000000000000000001");
  });

  test("too long a body and a malformed id are errors", () => {
    expect(() => encodeCommand(id, 0n, new Uint8Array(COMMAND_BODY_BYTES_MAX + 1))).toThrow(PayloadError);
    expect(() => encodeCommand("xyz" as CommandId, 0n, new Uint8Array())).toThrow(PayloadError);
  });
});
