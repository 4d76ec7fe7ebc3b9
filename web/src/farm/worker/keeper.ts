/**
 * What the service worker does, apart from the events that tell it to: it keeps the files of the farm's page, so that
 * the page starts without the server. Files with a hash in their name come from the cache first; the page itself comes
 * from the server while that answers in time. Everything else, the API above all, passes by.
 */

/** The farm's files, as the build lists them; all paths begin with `/`. */
export interface Files {
  /** Changes when any of them does. */
  version: string;
  /** Names with a hash: what is kept under such a name never changes. */
  hashed: string[];
  /** Names without one: icons, the manifest. */
  plain: string[];
}

/** The page, under the one name it is kept by. */
const PAGE = "/farm/";
const PAGE_NAMES = ["/farm", "/farm/", "/farm/index.html"];
const PREFIX = "longhouse-farm-";
/** A server that says nothing for so long is treated as none. */
export const ANSWER_MS_MAX = 4_000;

type Fetch = (request: Request | string, init?: RequestInit) => Promise<Response>;

export class Keeper {
  private readonly name: string;
  private readonly hashed: ReadonlySet<string>;
  private readonly plain: ReadonlySet<string>;

  constructor(
    private readonly files: Files,
    private readonly origin: string,
    private readonly caches: CacheStorage,
    private readonly fetch: Fetch,
  ) {
    this.name = PREFIX + files.version;
    this.hashed = new Set(files.hashed);
    this.plain = new Set(files.plain);
  }

  /** All or nothing: a cache that lacks a file would be a page that does not start. */
  async install(): Promise<void> {
    const cache = await this.caches.open(this.name);
    await Promise.all([
      ...this.files.hashed.map(async (path) => {
        // An older worker may have it already.
        const known = await this.caches.match(path);
        await cache.put(path, known ?? (await this.whole(path)));
      }),
      ...[PAGE, ...this.files.plain].map(async (path) =>
        cache.put(path, await this.whole(path, { cache: "no-cache" })),
      ),
    ]);
  }

  /** This worker is in charge: what earlier ones kept is not needed any more. */
  async activate(): Promise<void> {
    const names = await this.caches.keys();
    const old = names.filter((name) => name.startsWith(PREFIX) && name !== this.name);
    await Promise.all(old.map((name) => this.caches.delete(name)));
  }

  /** The answer, where the request is one of ours. */
  answer(request: Request): Promise<Response> | undefined {
    const url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== this.origin) return undefined;
    if (request.mode === "navigate")
      return PAGE_NAMES.includes(url.pathname) ? this.serverFirst(request, PAGE) : undefined;
    if (this.hashed.has(url.pathname)) return this.keptFirst(request, url.pathname);
    return this.plain.has(url.pathname) ? this.serverFirst(request, url.pathname) : undefined;
  }

  private async keptFirst(request: Request, path: string): Promise<Response> {
    const cache = await this.caches.open(this.name);
    return (await cache.match(path)) ?? this.fetch(request);
  }

  /**
   * The server's copy is shown and not kept: a newer page belongs to newer files, and both come together with the
   * worker that is built with them.
   */
  private async serverFirst(request: Request, path: string): Promise<Response> {
    const kept = async () => (await this.caches.open(this.name)).match(path);
    try {
      const response = await this.inTime(request);
      // A server in trouble is no better than none; whatever else it says is its word.
      return response.status < 500 ? response : ((await kept()) ?? response);
    } catch (error) {
      const response = await kept();
      if (response === undefined) throw error;
      return response;
    }
  }

  private inTime(request: Request): Promise<Response> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("the server does not answer")), ANSWER_MS_MAX);
      this.fetch(request)
        .then(resolve, reject)
        .finally(() => clearTimeout(late));
    });
  }

  private async whole(path: string, init?: RequestInit): Promise<Response> {
    const response = await this.fetch(path, init);
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response;
  }
}
