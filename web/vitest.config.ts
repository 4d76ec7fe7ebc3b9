import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

/** One run of the real server per file, so a test that starts late has not lost its time to another. */
const WITH_SERVER = { testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false, retry: 0 };

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
      { extends: true, test: { name: "browser", include: ["tests/browser/*.test.ts"], ...WITH_SERVER } },
    ],
  },
});
