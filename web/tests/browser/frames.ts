/**
 * What a page's frames cost its main thread, from Chromium's own trace: processor time, so that neither a busy machine nor
 * one without a graphics card changes it. A frame's cost is that of its drawing and of everything that ran since the one before:
 * messages, timers, collected garbage.
 */
import type { Browser, Page } from "playwright";

/** WebGL that takes every call and draws nothing: what is left is the page's own work, at the pace of a screen. */
export const NO_DRAWING = ["--use-gl=angle", "--use-angle=null", "--ignore-gpu-blocklist"];

export interface FrameCosts {
  frames: number;
  /** Frames a second. */
  rate: number;
  /** Milliseconds of scripts in a frame. */
  scripts: Quantiles;
  /** Milliseconds of scripts, styles, layout and painting. */
  page: Quantiles;
}

export interface Quantiles {
  p50: number;
  p95: number;
  worst: number;
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  /** Processor time of the thread, in microseconds. */
  tdur?: number;
}

const FRAME = "FireAnimationFrame";
const SCRIPTS = new Set([
  ...[FRAME, "FunctionCall", "TimerFire", "EventDispatch", "RunMicrotasks", "EvaluateScript"],
  ...["v8.callFunction", "MinorGC", "MajorGC", "V8.GCScavenger", "V8.GCIncrementalMarking"],
]);
const PAGE = new Set([...SCRIPTS, "UpdateLayoutTree", "Layout", "PrePaint", "Paint", "Layerize", "Commit"]);
const CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline", "v8", "toplevel"];

export async function frameCosts(browser: Browser, page: Page, seconds: number): Promise<FrameCosts> {
  const cdp = await browser.newBrowserCDPSession();
  const events: TraceEvent[] = [];
  cdp.on("Tracing.dataCollected", ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const ended = new Promise<void>((done) => cdp.once("Tracing.tracingComplete", () => done()));
  await cdp.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { recordMode: "recordUntilFull", includedCategories: CATEGORIES },
  });
  await page.evaluate((ms) => new Promise((done) => setTimeout(done, ms)), seconds * 1_000);
  await cdp.send("Tracing.end");
  await ended;
  await cdp.detach();
  return costsOf(events);
}

export function costsOf(events: TraceEvent[]): FrameCosts {
  const frames = events.filter(({ name, ph }) => name === FRAME && ph === "X");
  // Of all pages' threads, the one that draws.
  const threads = new Map<string, number>();
  for (const { pid, tid } of frames) threads.set(`${pid}/${tid}`, (threads.get(`${pid}/${tid}`) ?? 0) + 1);
  const [busiest] = [...threads].sort(([, a], [, b]) => b - a)[0] ?? [];
  const here = events
    .filter(({ pid, tid, ph, tdur }) => `${pid}/${tid}` === busiest && ph === "X" && tdur !== undefined)
    .sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
  const costs = (names: Set<string>) => perFrame(here.filter(({ name }) => names.has(name)));
  const scripts = costs(SCRIPTS);
  const first = frames[0]?.ts ?? 0;
  const seconds = ((frames.at(-1)?.ts ?? first) - first) / 1e6;
  return {
    frames: scripts.length,
    rate: seconds > 0 ? scripts.length / seconds : 0,
    scripts: quantiles(scripts),
    page: quantiles(costs(PAGE)),
  };
}

/** Milliseconds of the outermost events, from the end of each frame's drawing to that of the next. */
function perFrame(events: TraceEvent[]): number[] {
  const ends = events.filter(({ name }) => name === FRAME).map(({ ts, dur }) => ts + (dur ?? 0));
  const costs: number[] = [];
  let sum = 0;
  let until = 0;
  for (const { ts, dur, tdur } of events) {
    while (costs.length < ends.length && ts >= ends[costs.length]!) {
      costs.push(sum);
      sum = 0;
    }
    // What lies within another is counted with that one.
    if (ts < until) continue;
    until = ts + (dur ?? 0);
    sum += (tdur ?? 0) / 1_000;
  }
  // The first one began before the trace.
  return costs.slice(1);
}

function quantiles(costs: number[]): Quantiles {
  const sorted = [...costs].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return { p50: at(0.5), p95: at(0.95), worst: at(1) };
}
