import { expect, test } from "vitest";
import { retryDelayMs, RETRY_MS_MAX, RETRY_MS_MIN } from "../../src/room/backoff";
import { deviceId, memoryStorage } from "../../src/room/device";
import { SeenSeq } from "../../src/room/order";
import { PendingCommands, PENDING_COMMANDS_MAX } from "../../src/room/pending";

test("updates count once, and not when a view already contains them", () => {
  const seen = new SeenSeq();
  seen.view(10n, 5n);
  expect(seen.updates(9n, 6n)).toBe(false);
  expect(seen.updates(10n, 6n)).toBe(false);
  expect(seen.updates(12n, 7n)).toBe(true);
  expect(seen.updates(12n, 7n)).toBe(false);
  // The same input may show again in a later step, with what is transient.
  expect(seen.updates(12n, 8n)).toBe(true);
  expect(seen.updates(11n, 9n)).toBe(false);
  expect(seen.seq).toBe(12n);
});

test("a view is believed even when it goes back: the room was rewound", () => {
  const seen = new SeenSeq();
  seen.view(100n, 50n);
  seen.view(40n, 51n);
  expect(seen.seq).toBe(40n);
  expect(seen.updates(41n, 52n)).toBe(true);
});

test("waits double up to their limit and differ between pages", () => {
  const longest = Array.from({ length: 12 }, (_, attempt) => retryDelayMs(attempt, () => 1));
  expect(longest.slice(0, 4)).toEqual([250, 500, 1000, 2000]);
  expect(Math.max(...longest)).toBe(RETRY_MS_MAX);
  expect(retryDelayMs(0, () => 0)).toBe(RETRY_MS_MIN / 2);
  expect(retryDelayMs(1_000_000, () => 0)).toBe(RETRY_MS_MAX / 2);
});

test("pending commands keep their order and have a limit", () => {
  const pending = new PendingCommands();
  const ids = Array.from({ length: PENDING_COMMANDS_MAX }, (_, i) => pending.add(Uint8Array.of(i))?.id);
  expect(pending.add(Uint8Array.of(0))).toBeUndefined();
  expect(pending.inOrder().map((one) => one.id)).toEqual(ids);
  expect(pending.answered(ids[3]!)).toBe(true);
  expect(pending.answered(ids[3]!)).toBe(false);
  expect(pending.size).toBe(PENDING_COMMANDS_MAX - 1);
});

test("a device keeps its id; a damaged one is replaced", () => {
  const storage = memoryStorage();
  const first = deviceId(storage);
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(deviceId(storage)).toBe(first);
  storage.setItem("longhouse.device", "short");
  expect(deviceId(storage)).not.toBe("short");
});
