/** The device id: the one secret that makes this browser's player the same player tomorrow. */
import { randomHex } from "../random";

const KEY = "longhouse.device";

/** Where the id is kept: `localStorage` in a page, a map in tests. */
export type KeyValue = Pick<Storage, "getItem" | "setItem">;

/** Forgets with the page: what remains when a browser refuses to store anything. */
export function memoryStorage(): KeyValue {
  const values = new Map<string, string>();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
  };
}

/** The stored id, or a new one; the protocol wants 10–128 bytes. */
export function deviceId(storage: KeyValue): string {
  const known = storage.getItem(KEY);
  if (known !== null && known.length >= 10 && known.length <= 128) return known;
  const id = randomHex();
  storage.setItem(KEY, id);
  return id;
}

/** `localStorage` if this browser lets the page use it. */
export function browserStorage(): KeyValue {
  try {
    localStorage.getItem(KEY);
    return localStorage;
  } catch {
    return memoryStorage();
  }
}
