/** One tab plays. The locks are a small stand-in that follows the browser's rules for one name. */
import { expect, test } from "vitest";
import { OneTab, type Line } from "../../src/farm/offline/tab";
import { until } from "../until";

type Granted = (lock: Lock | null) => Promise<unknown> | undefined;

/** `navigator.locks` for one name: granted in order, given up when the callback's promise ends, stolen on demand. */
class Locks {
  private held: { lose: (error: Error) => void } | undefined;
  private readonly waiting: (() => void)[] = [];

  readonly request = (_name: string, options: LockOptions, granted: Granted): Promise<unknown> => {
    if (options.steal === true) {
      this.held?.lose(new DOMException("stolen", "AbortError"));
      this.held = undefined;
      return this.grant(granted);
    }
    if (this.held === undefined) return this.grant(granted);
    if (options.ifAvailable === true) return Promise.resolve(granted(null));
    return new Promise((resolve, reject) => {
      const turn = () => void this.grant(granted).then(resolve, reject);
      this.waiting.push(turn);
      options.signal?.addEventListener("abort", () => {
        this.waiting.splice(this.waiting.indexOf(turn), 1);
        reject(new DOMException("not any more", "AbortError"));
      });
    });
  };

  /** The tab that holds it is closed. */
  release(): void {
    this.held = undefined;
    this.waiting.shift()?.();
  }

  private grant(granted: Granted): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.held = { lose: reject };
      void granted({ name: "", mode: "exclusive" })?.then(resolve);
    });
  }
}

/** Tabs that hear each other. */
class Street {
  private readonly houses: { line: Line; heard: (event: { data: unknown }) => void }[] = [];
  silent = false;

  line(): Line {
    const line: Line = {
      postMessage: (word) => {
        if (this.silent) return;
        for (const house of this.houses)
          if (house.line !== line) queueMicrotask(() => house.heard({ data: word }));
      },
      addEventListener: (_, heard) => void this.houses.push({ line, heard }),
    };
    return line;
  }
}

function browser() {
  const [locks, street] = [new Locks(), new Street()];
  const open = () => {
    const told: string[] = [];
    const tab = new OneTab(
      {
        here: () => void told.push("here"),
        elsewhere: () => Promise.resolve(void told.push("elsewhere")),
      },
      locks as unknown as LockManager,
      street.line(),
    );
    tab.start();
    return { tab, told };
  };
  return { locks, street, open };
}

test("the first tab plays, the second says that it does not", async () => {
  const { open } = browser();
  const [first, second] = [open(), open()];
  await until("the second tab's word", () => second.told.length > 0);
  expect([first.told, second.told]).toEqual([["here"], ["elsewhere"]]);
});

test("when the playing tab closes, the waiting one plays", async () => {
  const { open, locks } = browser();
  const [first, second] = [open(), open()];
  await until("the second tab's word", () => second.told.length > 0);
  locks.release();
  await until("the second tab's turn", () => second.told.length > 1);
  expect([first.told, second.told]).toEqual([["here"], ["elsewhere", "here"]]);
});

test("a tab takes over, and may be taken over again", async () => {
  const { open } = browser();
  const [first, second] = [open(), open()];
  await until("the second tab's word", () => second.told.length > 0);
  await second.tab.takeOver();
  await until("the change", () => second.told.at(-1) === "here" && first.told.at(-1) === "elsewhere");
  await first.tab.takeOver();
  await until("the change back", () => first.told.at(-1) === "here" && second.told.at(-1) === "elsewhere");
  // Who plays already has nothing to take over.
  const words = first.told.length;
  await first.tab.takeOver();
  expect(first.told).toHaveLength(words);
});

test("a tab that does not answer is not waited for", async () => {
  const { open, street } = browser();
  const [first, second] = [open(), open()];
  await until("the second tab's word", () => second.told.length > 0);
  street.silent = true;
  await second.tab.takeOver();
  await until("the change", () => second.told.at(-1) === "here" && first.told.at(-1) === "elsewhere");
});

test("without locks every tab plays", () => {
  const told: string[] = [];
  new OneTab(
    { here: () => void told.push("here"), elsewhere: () => Promise.resolve() },
    undefined,
    undefined,
  ).start();
  expect(told).toEqual(["here"]);
});
