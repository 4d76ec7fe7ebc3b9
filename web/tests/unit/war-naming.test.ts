/** A name is taken as it is typed, and not lost with the page. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { memoryStorage } from "../../src/room/device";
import { Naming, PAUSE_MS } from "../../src/sovereign/lobby/naming";
import { firstName } from "../../src/sovereign/war/names";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function accounts() {
  const said: string[] = [];
  return { said, rename: async (name: string) => void said.push(name) };
}

test("it is sent once typing pauses, and only if it is another one", async () => {
  const { said, rename } = accounts();
  const naming = new Naming(memoryStorage(), rename);
  naming.is("swift-otter");
  for (const text of ["A", "Ad", "Ada "]) naming.typed(text);
  expect(said).toEqual([]);
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  expect(said).toEqual(["Ada"]);
  naming.typed("");
  naming.typed("Ada");
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  await naming.settle();
  expect([said, naming.wish]).toEqual([["Ada"], undefined]);
});

test("who leaves while typing has it sent by the next page", async () => {
  const { said, rename } = accounts();
  const storage = memoryStorage();
  new Naming(storage, rename).typed("Ada");
  vi.clearAllTimers();
  const next = new Naming(storage, rename);
  expect(next.wish).toBe("Ada");
  await next.settle();
  expect([said, next.wish]).toEqual([["Ada"], undefined]);
  await new Naming(storage, rename).settle();
  expect(said).toEqual(["Ada"]);
});

test("what was typed while one was on its way is sent after it", async () => {
  const said: string[] = [];
  const answers: (() => void)[] = [];
  const naming = new Naming(memoryStorage(), (name) => {
    said.push(name);
    return new Promise((done) => answers.push(done));
  });
  naming.typed("Ada");
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  naming.typed("Adam");
  const both = naming.settle();
  expect(said).toEqual(["Ada"]);
  answers[0]!();
  await vi.advanceTimersByTimeAsync(0);
  expect(said).toEqual(["Ada", "Adam"]);
  answers[1]!();
  await both;
  expect(naming.wish).toBe(undefined);
});

test("a name that is refused is not asked for again, one that met no server is", async () => {
  let answer: unknown = new Response(null, { status: 400 });
  const naming = new Naming(memoryStorage(), () => Promise.reject(answer as Error));
  naming.onTrouble = vi.fn();
  naming.typed("nobody");
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  expect([naming.wish, vi.mocked(naming.onTrouble).mock.calls.length]).toEqual([undefined, 1]);
  answer = new TypeError("Failed to fetch");
  naming.typed("Ada");
  await expect(naming.settle()).rejects.toThrow();
  expect(naming.wish).toBe("Ada");
});

test("who never said a name is called something that can be read aloud, always the same", () => {
  const names = ["MecGBVaeJj", "DGxjSrJtaj", "aaaaaaaaaa", "aaaaaaaaab"].map(firstName);
  for (const name of names) expect(name).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/);
  expect(new Set(names).size).toBe(names.length);
  expect(firstName("MecGBVaeJj")).toBe(names[0]);
});
