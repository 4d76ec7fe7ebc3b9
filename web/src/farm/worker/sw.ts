/** The farm's service worker: it wires the browser's events to the {@link Keeper}. Built apart from the page. */
import { Keeper, type Files } from "./keeper";

/** Put in by `build/worker-plugin.ts`. */
declare const FARM_FILES: Files;

/** The part of a worker's world that is used; the page's own library knows windows only. */
interface WorkerScope {
  readonly location: { origin: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", heard: (event: Extendable) => void): void;
  addEventListener(type: "fetch", heard: (event: Asked) => void): void;
  addEventListener(type: "message", heard: (event: { data: unknown }) => void): void;
}
interface Extendable {
  waitUntil(work: Promise<unknown>): void;
}
interface Asked {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

const scope = globalThis as unknown as WorkerScope;
const keeper = new Keeper(FARM_FILES, scope.location.origin, caches, (request, init) => fetch(request, init));

scope.addEventListener("install", (event) => event.waitUntil(keeper.install()));
scope.addEventListener("activate", (event) =>
  event.waitUntil(keeper.activate().then(() => scope.clients.claim())),
);
scope.addEventListener("fetch", (event) => {
  const answer = keeper.answer(event.request);
  if (answer !== undefined) event.respondWith(answer);
});
// A page that has just started has all its files: a worker that waits may take over.
scope.addEventListener("message", (event) => {
  if (event.data === "take over") void scope.skipWaiting();
});
