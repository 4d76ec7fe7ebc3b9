import vue from "@vitejs/plugin-vue";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { compressPlugin } from "./build/compress-plugin.ts";
import { docsPlugin } from "./build/docs-plugin.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** Where `make dev` runs the server; only the development server of the pages reads this. */
const API = process.env["LONGHOUSE_API"] ?? "http://127.0.0.1:7350";

export default defineConfig({
  appType: "mpa",
  plugins: [vue(), docsPlugin(here("..")), compressPlugin()],
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
