/** Brings the service worker in, and lets a newer one take over when a page starts, never under a running page. */

const WORKER = "/farm/sw.js";

/** Where there are none (or no secure context, or a page from the development server) the farm plays without. */
export async function registerWorker(container: ServiceWorkerContainer | undefined): Promise<void> {
  if (container === undefined) return;
  try {
    const registration = await container.register(WORKER, { scope: "/farm/", updateViaCache: "none" });
    registration.waiting?.postMessage("take over");
  } catch {
    // A browser that lets no worker in (a private window, say) plays online.
  }
}
