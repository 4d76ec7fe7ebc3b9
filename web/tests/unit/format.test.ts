import { expect, test } from "vitest";
import { formatCounter, formatDuration, formatMilli, formatRate, formatWhole } from "../../src/farm/format";

test.each([
  [0n, "0"],
  [999n, "0.9"],
  [1_000n, "1"],
  [12_345n, "12.3"],
  [99_999n, "99.9"],
  [100_000n, "100"],
  [1_234_567n, "1,234"],
  [9_999_999n, "9,999"],
  [12_345_678n, "12.3 K"],
  [999_999_999n, "999 K"],
  [1_234_567_890n, "1.23 M"],
  [10n ** 12n, "1.00 B"],
  [10n ** 36n, "1.00 Dc"],
  [1_234n * 10n ** 36n, "1.23e36"],
  [10n ** 103n, "1.00e100"],
  [-12_345n, "-12.3"],
])("%d milli-wool", (milli, text) => {
  expect(formatMilli(milli)).toBe(text);
});

test("nothing is ever rounded up", () => {
  for (let digits = 4; digits < 60; digits++) {
    expect(formatMilli(10n ** BigInt(digits) - 1n)).toMatch(/^[\d,. ]*9/);
  }
});

test.each([
  [0n, "0"],
  [500n, "0.5"],
  [1_050n, "1.05"],
  [4_000n, "4"],
  [12_340n, "12.3"],
  [5_000_000n, "5,000"],
])("a rate of %d", (milli, text) => {
  expect(formatRate(milli)).toBe(text);
});

test.each([
  [1_500n, "1.5"],
  [1_234_567_000n, "1,234,567"],
  [9_999_999_999n, "9,999,999"],
  [10_000_000_000n, "10.000 M"],
  [123_456_789_000n, "123.45 M"],
])("a counter at %d", (milli, text) => {
  expect(formatCounter(milli)).toBe(text);
});

test("whole numbers", () => {
  expect(formatWhole(1234n)).toBe("1,234");
  expect(formatWhole(12345n)).toBe("12.3 K");
});

test.each([
  [0, "0 s"],
  [1, "1 s"],
  [59_000, "59 s"],
  [61_000, "1 min 1 s"],
  [3_600_000, "1 h"],
  [5_400_000, "1 h 30 min"],
  [90_061_000, "1 d 1 h"],
  [-5, "0 s"],
])("%d ms", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
