/** What the service worker keeps, answers, and lets pass. */
import { beforeEach, expect, test, vi } from "vitest";
import { ANSWER_MS_MAX, Keeper, type Files } from "../../src/farm/worker/keeper";

const ORIGIN = "https://farm.test";
const files: Files = { version: "one", hashed: ["/assets/farm-12345678.js"], plain: ["/icon.svg"] };

/** `caches`, as far as it is used. */
class Caches {
  readonly all = new Map<string, Map<string, Response>>();

  open(name: string): Promise<{ put: (path: string, response: Response) => Promise<void>; match: Match }> {
    const kept = this.all.get(name) ?? new Map<string, Response>();
    this.all.set(name, kept);
    return Promise.resolve({
      put: (path, response) => Promise.resolve(void kept.set(path, response)),
      match: (path) => Promise.resolve(kept.get(path)?.clone()),
    });
  }

  match(path: string): Promise<Response | undefined> {
    const found = [...this.all.values()].flatMap((kept) => kept.get(path) ?? []);
    return Promise.resolve(found[0]?.clone());
  }

  keys(): Promise<string[]> {
    return Promise.resolve([...this.all.keys()]);
  }

  delete(name: string): Promise<boolean> {
    return Promise.resolve(this.all.delete(name));
  }
}
type Match = (path: string) => Promise<Response | undefined>;

let caches: Caches;
let asked: string[];
let answer: (path: string) => Promise<Response>;

beforeEach(() => {
  caches = new Caches();
  asked = [];
  answer = (path) => Promise.resolve(new Response(`server's ${path}`));
});

const keeper = (its: Files = files) =>
  new Keeper(its, ORIGIN, caches as unknown as CacheStorage, (request) => {
    const path = typeof request === "string" ? request : new URL(request.url).pathname;
    asked.push(path);
    return answer(path);
  });

/** Node's own `Request` cannot be a navigation. */
function request(path: string, navigate = false, method = "GET"): Request {
  return { url: new URL(path, ORIGIN).href, method, mode: navigate ? "navigate" : "cors" } as Request;
}
const text = async (response: Promise<Response> | undefined) => (await response)?.text();

test("after the install the farm starts without the server", async () => {
  const worker = keeper();
  await worker.install();
  answer = () => Promise.reject(new TypeError("no network"));
  expect(await text(worker.answer(request("/farm/", true)))).toBe("server's /farm/");
  expect(await text(worker.answer(request("/farm/?from=home", true)))).toBe("server's /farm/");
  expect(await text(worker.answer(request("/assets/farm-12345678.js")))).toBe(
    "server's /assets/farm-12345678.js",
  );
  expect(await text(worker.answer(request("/icon.svg")))).toBe("server's /icon.svg");
});

test("the page comes from the server while there is one, hashed files never do twice", async () => {
  const worker = keeper();
  await worker.install();
  answer = (path) => Promise.resolve(new Response(`newer ${path}`));
  asked = [];
  expect(await text(worker.answer(request("/farm/", true)))).toBe("newer /farm/");
  expect(await text(worker.answer(request("/assets/farm-12345678.js")))).toContain("server's");
  expect(asked).toEqual(["/farm/"]);
  // A newer page belongs to newer files: it is kept with them, and not before.
  answer = () => Promise.reject(new TypeError("no network"));
  expect(await text(worker.answer(request("/farm/", true)))).toBe("server's /farm/");
});

test("the API, other pages, other origins and whatever changes something pass by", () => {
  const worker = keeper();
  for (const passes of [
    request("/v2/rpc/farm_sync"),
    request("/v2/account"),
    request("/ws"),
    request("/docs/", true),
    request("/", true),
    request("/assets/docs-12345678.js"),
    request("/farm/", true, "POST"),
    request("https://elsewhere.test/farm/", true),
  ])
    expect(worker.answer(passes)).toBeUndefined();
  expect(asked).toEqual([]);
});

test("a server in trouble is no better than none, and a refusal is its word", async () => {
  const worker = keeper();
  await worker.install();
  answer = () => Promise.resolve(new Response("broken", { status: 502 }));
  expect(await text(worker.answer(request("/farm/", true)))).toBe("server's /farm/");
  answer = () => Promise.resolve(new Response("gone", { status: 404 }));
  expect(await text(worker.answer(request("/farm/", true)))).toBe("gone");
});

test("a server that does not answer is not waited for", async () => {
  vi.useFakeTimers();
  try {
    const worker = keeper();
    await worker.install();
    answer = () => new Promise(() => undefined);
    const page = text(worker.answer(request("/farm/", true)));
    await vi.advanceTimersByTimeAsync(ANSWER_MS_MAX);
    expect(await page).toBe("server's /farm/");
  } finally {
    vi.useRealTimers();
  }
});

test("an install that misses a file fails as a whole", async () => {
  answer = (path) => Promise.resolve(new Response("", { status: path === "/icon.svg" ? 500 : 200 }));
  await expect(keeper().install()).rejects.toThrow("/icon.svg: 500");
});

test("a newer worker takes over what did not change, and clears away the rest when it is in charge", async () => {
  await keeper().install();
  (await caches.open("somebody else's")).put("/x", new Response("x"));
  asked = [];
  const newer = keeper({ ...files, version: "two", hashed: [...files.hashed, "/assets/more-12345678.js"] });
  await newer.install();
  expect(asked).not.toContain("/assets/farm-12345678.js");
  expect(asked).toContain("/assets/more-12345678.js");
  expect([...caches.all.keys()].sort()).toEqual([
    "longhouse-farm-one",
    "longhouse-farm-two",
    "somebody else's",
  ]);
  await newer.activate();
  expect([...caches.all.keys()].sort()).toEqual(["longhouse-farm-two", "somebody else's"]);
});
