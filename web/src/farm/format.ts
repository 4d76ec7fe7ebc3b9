/** Numbers and times for people. Everything is integer arithmetic: no float ever touches an amount. */

const SHORT = ["", "K", "M", "B", "T", "Qa", "Qi", "Sx", "Sp", "Oc", "No", "Dc"];

/**
 * A milli-amount with three to four figures: `12.3`, `1,234`, `1.23 M`, and from 10^36 on `1.23e36`. Rounds
 * down: the page never shows wool that is not there.
 */
export function formatMilli(milli: bigint): string {
  if (milli < 0n) return `-${formatMilli(-milli)}`;
  const whole = milli / 1000n;
  if (whole < 100n) {
    const tenths = (milli % 1000n) / 100n;
    return tenths === 0n ? whole.toString() : `${whole}.${tenths}`;
  }
  return formatWhole(whole);
}

/** A rate: as {@link formatMilli}, with two places while it is small enough for them to matter. */
export function formatRate(milli: bigint): string {
  if (milli >= 10_000n || milli % 100n === 0n) return formatMilli(milli);
  const hundredths = (milli % 1000n) / 10n;
  return `${milli / 1000n}.${hundredths.toString().padStart(2, "0")}`;
}

/** A counter that should be seen to move: all digits up to ten million, then five figures. */
export function formatCounter(milli: bigint): string {
  const whole = milli / 1000n;
  if (whole < 100n) return formatMilli(milli);
  if (whole < 10_000_000n) return whole.toString().replace(/\B(?=(\d{3})+$)/g, ",");
  return formatWhole(whole, 5);
}

export function formatWhole(whole: bigint, shown = 3): string {
  if (whole < 0n) return `-${formatWhole(-whole, shown)}`;
  const digits = whole.toString();
  if (digits.length <= 4) return digits.length < 4 ? digits : `${digits[0]},${digits.slice(1)}`;
  const group = Math.floor((digits.length - 1) / 3);
  if (group < SHORT.length) return `${figures(digits, digits.length - group * 3, shown)} ${SHORT[group]}`;
  return `${figures(digits, 1, shown)}e${digits.length - 1}`;
}

/** The first `shown` figures of a number whose first `before` digits stand before the point. */
function figures(digits: string, before: number, shown: number): string {
  const after = digits.slice(before, shown);
  return after === "" ? digits.slice(0, before) : `${digits.slice(0, before)}.${after}`;
}

/** `3 h 5 min`, `42 s`: the two largest parts. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor((seconds % 86_400) / 3600), "h"],
    [Math.floor((seconds % 3600) / 60), "min"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}
