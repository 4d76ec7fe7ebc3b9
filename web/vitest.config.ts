import vue from "@vitejs/plugin-vue";
import { playwright } from "@vitest/browser-playwright";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { commands } from "./tests/chromium/commands.ts";
import { CHROMIUM } from "./tests/chromium/executable.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** One run of the real server per file, so a test that starts late has not lost its time to another. */
const WITH_SERVER = { testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false, retry: 0 };

/** Acceptance that a page cannot have a part in. */
const NODE_ONLY = [
  // What stands in for Apple, Steam and the other outsiders serves from the test itself, and keeps its secrets there.
  ...["identity", "platforms", "receipts"],
  // Connections that break without a goodbye.
  "losses",
  // Contents that an operator reads from files.
  ...["farm-content", "farm-ranks", "farm-restore"],
  // The farm's page without a screen; with one it is the browser tests' matter.
  "offline",
  // Calls of a studio's own client, with nothing of the SDK's but the login.
  "governance",
  // Sockets that say where they come from, and logs that are read as bytes.
  ...["sovereign-report", "sovereign-past"],
].map((name) => `tests/acceptance/${name}.test.ts`);

export default defineConfig({
  plugins: [vue()],
  test: {
    projects: [
      {
        extends: true,
        test: { name: "unit", include: ["tests/unit/*.test.ts"], setupFiles: ["tests/socket.ts"] },
      },
      {
        extends: true,
        test: {
          name: "acceptance",
          include: ["tests/acceptance/*.test.ts"],
          setupFiles: ["tests/socket.ts"],
          ...WITH_SERVER,
        },
      },
      {
        // The same files, run by a page of another origin than the server's: its `fetch`, its `WebSocket`, its rules.
        extends: true,
        resolve: { alias: [{ find: /^\.\.\/server$/, replacement: here("tests/chromium/server.ts") }] },
        // Found before the first page, which would be loaded anew for each that is found later.
        optimizeDeps: {
          include: ["@heroiclabs/nakama-js", "@heroiclabs/nakama-js-protobuf", "@msgpack/msgpack"],
        },
        test: {
          name: "in a page",
          include: ["tests/acceptance/*.test.ts"],
          exclude: NODE_ONLY,
          ...WITH_SERVER,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: CHROMIUM }),
            instances: [{ browser: "chromium", name: "chromium" }],
            commands,
          },
        },
      },
      { extends: true, test: { name: "browser", include: ["tests/browser/*.test.ts"], ...WITH_SERVER } },
      // Measured, not tested.
      {
        extends: true,
        test: { name: "frames", include: ["tests/browser/frames.measure.ts"], ...WITH_SERVER },
      },
    ],
  },
});
