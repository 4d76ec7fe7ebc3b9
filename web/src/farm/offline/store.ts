/** {@link Store} in IndexedDB. Every call is one transaction: after a crash it is there, or it is not. */
import { MemoryStore, newDevice, type Entry, type Kept, type Loaded, type Store } from "./entries";

const NAME = "longhouse.farm";
const VERSION = 1;
const ACTIONS = "actions";
const FACTS = "facts";
/** A browser that does not open its database by then plays without one. */
const OPEN_MS_MAX = 3_000;

/** The browser's store, or one that forgets where the browser has none. */
export async function openStore(): Promise<Store> {
  try {
    return new DatabaseStore(await open(indexedDB));
  } catch {
    return new MemoryStore();
  }
}

export function open(factory: IDBFactory): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = factory.open(NAME, VERSION);
    const late = setTimeout(() => reject(new Error("the database does not open")), OPEN_MS_MAX);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(ACTIONS, { keyPath: "n" });
      request.result.createObjectStore(FACTS);
    };
    request.onsuccess = () => {
      clearTimeout(late);
      // A newer page wants to change the shape of things: it must not wait for this one.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => {
      clearTimeout(late);
      reject(request.error ?? new Error("the database does not open"));
    };
  });
}

/** The facts, by key. */
interface Facts {
  login: string;
  device: string;
  next: number;
  kept: Kept;
}

export class DatabaseStore implements Store {
  constructor(private readonly database: IDBDatabase) {}

  async load(login: string): Promise<Loaded> {
    let loaded: Loaded | undefined;
    await this.change((actions, facts) => {
      read(facts, "login", (known) => {
        if (known !== undefined && known !== login) {
          actions.clear();
          facts.clear();
        }
        facts.put(login, "login");
        read(facts, "device", (old) => {
          const device = old ?? newDevice();
          if (old === undefined) facts.put(device, "device");
          read(facts, "next", (next = 1) => {
            read(facts, "kept", (kept) => {
              const all = actions.getAll() as IDBRequest<Entry[]>;
              all.onsuccess = () => (loaded = { device, next, kept, entries: all.result });
            });
          });
        });
      });
    });
    if (loaded === undefined) throw new Error("the database said nothing");
    return loaded;
  }

  put(entries: readonly Entry[]): Promise<void> {
    return this.change((actions) => entries.forEach((entry) => actions.put(entry)));
  }

  drop(numbers: readonly number[]): Promise<void> {
    return this.change((actions) => numbers.forEach((n) => actions.delete(n)));
  }

  keep(kept: Kept): Promise<void> {
    return this.change((_, facts) => facts.put(kept, "kept"));
  }

  reserve(device: string, next: number): Promise<void> {
    return this.change((_, facts) => {
      facts.put(device, "device");
      facts.put(next, "next");
    });
  }

  private change(work: (actions: IDBObjectStore, facts: IDBObjectStore) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction([ACTIONS, FACTS], "readwrite");
      transaction.oncomplete = () => resolve();
      transaction.onerror = () => reject(transaction.error ?? new Error("nothing was stored"));
      transaction.onabort = () => reject(transaction.error ?? new Error("nothing was stored"));
      work(transaction.objectStore(ACTIONS), transaction.objectStore(FACTS));
    });
  }
}

function read<K extends keyof Facts>(
  facts: IDBObjectStore,
  key: K,
  then: (fact: Facts[K] | undefined) => void,
): void {
  const request = facts.get(key) as IDBRequest<Facts[K] | undefined>;
  request.onsuccess = () => then(request.result);
}
