import vue from "@vitejs/plugin-vue";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { compressPlugin } from "./build/compress-plugin.ts";
import { docsPlugin } from "./build/docs-plugin.ts";
import { workerPlugin } from "./build/worker-plugin.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** Where `make dev` runs the server; only the development server of the pages reads this. */
const API = process.env["LONGHOUSE_API"] ?? "http://127.0.0.1:7350";

export default defineConfig({
  appType: "mpa",
  plugins: [
    vue(),
    docsPlugin(here("..")),
    workerPlugin({
      page: "farm/index.html",
      entry: here("src/farm/worker/sw.ts"),
      file: "farm/sw.js",
      plain: [
        "icon.svg",
        "weave.svg",
        "farm/manifest.webmanifest",
        "farm/icons/llama.svg",
        "farm/icons/llama-192.png",
        "farm/icons/llama-512.png",
        "farm/icons/llama-maskable-512.png",
      ],
    }),
    compressPlugin(),
  ],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    // Everything is a file of its own: a page with inlined data would need a laxer content policy.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        landing: here("index.html"),
        farm: here("farm/index.html"),
        sovereign: here("sovereign/index.html"),
        docs: here("docs/index.html"),
        api: here("docs/api/index.html"),
      },
    },
  },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/v2": API,
      "/ws": { target: API, ws: true },
      "/openapi.json": API,
      "/openapi.yaml": API,
      "/metrics": API,
      "/healthz": API,
      "/readyz": API,
      "/healthcheck": API,
    },
  },
});
