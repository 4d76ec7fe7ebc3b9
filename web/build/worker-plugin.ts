/**
 * Builds the farm's service worker as a file of its own, with the list of the files that the farm's page is made of.
 * It stands at a fixed address without a hash: browsers look there for a newer one.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin, type Rolldown } from "vite";

export interface WorkerOptions {
  /** The page's HTML, as the build emits it. */
  page: string;
  /** The worker's own source. */
  entry: string;
  /** Where it is put. */
  file: string;
  /** Files from `public/` that belong to the page. */
  plain: string[];
}

export function workerPlugin(options: WorkerOptions): Plugin {
  let publicDir = "";
  return {
    name: "longhouse-worker",
    apply: "build",
    enforce: "post",
    configResolved(config) {
      publicDir = config.publicDir;
    },
    generateBundle: {
      order: "post",
      async handler(_, bundle) {
        const hashed = filesOf(bundle, options.page);
        const contents = createHash("sha256");
        for (const path of [options.page, ...hashed]) contents.update(path).update(sourceOf(bundle, path));
        for (const path of options.plain) contents.update(path).update(readFileSync(join(publicDir, path)));
        const files = {
          version: contents.digest("hex").slice(0, 12),
          hashed: hashed.map((path) => `/${path}`),
          plain: options.plain.map((path) => `/${path}`),
        };
        const source = await workerCode(options.entry, files);
        this.emitFile({ type: "asset", fileName: options.file, source });
      },
    },
  };
}

/** Every file that the page may load, now or later: its scripts, what they import, their styles and pictures. */
function filesOf(bundle: Rolldown.OutputBundle, page: string): string[] {
  const files = new Set<string>();
  const add = (name: string) => {
    if (files.has(name)) return;
    files.add(name);
    const output = bundle[name];
    if (output?.type !== "chunk") return;
    for (const inner of [...output.imports, ...output.dynamicImports]) add(inner);
    for (const inner of output.viteMetadata?.importedCss ?? []) add(inner);
    for (const inner of output.viteMetadata?.importedAssets ?? []) add(inner);
  };
  const entry = Object.values(bundle).find(
    (output) => output.type === "chunk" && output.facadeModuleId?.endsWith(page) === true,
  );
  if (entry === undefined) throw new Error(`nothing was built from ${page}`);
  add(entry.fileName);
  return [...files].sort();
}

function sourceOf(bundle: Rolldown.OutputBundle, path: string): string | Uint8Array {
  const output = bundle[path];
  if (output === undefined) throw new Error(`${path} was not built`);
  return output.type === "chunk" ? output.code : output.source;
}

async function workerCode(entry: string, files: object): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    define: { FARM_FILES: JSON.stringify(files) },
    build: {
      write: false,
      target: "es2022",
      modulePreload: false,
      rolldownOptions: { input: entry, output: { format: "iife" } },
    },
  });
  const [chunk] = Array.isArray(built) ? (built[0]?.output ?? []) : "output" in built ? built.output : [];
  if (chunk?.type !== "chunk") throw new Error("the worker was not built");
  return chunk.code;
}
