/**
 * The project's own markdown as a module: `virtual:docs` is the table of contents, and each document is a module
 * of its own that a page loads when it is opened. Documents that do not exist are left out.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { Plugin } from "vite";
import { renderDoc } from "./render-doc.ts";

const LIST = "virtual:docs";
const DOC = "virtual:docs/";

export interface DocFile {
  slug: string;
  /** Path from the project's root. */
  path: string;
  group: string;
}

/** What there is to read, in the order of the navigation. */
export function docFiles(root: string): DocFile[] {
  const found: DocFile[] = [];
  const add = (path: string, slug: string, group: string) => {
    if (existsSync(join(root, path))) found.push({ slug, path, group });
  };
  const names = (dir: string) => (existsSync(join(root, dir)) ? readdirSync(join(root, dir)).sort() : []);
  add("README.md", "readme", "Start here");
  add("ARCHITECTURE.md", "architecture", "Start here");
  for (const name of names("docs")) {
    if (name.endsWith(".md")) add(`docs/${name}`, slugOf(basename(name, ".md")), "Documents");
  }
  for (const game of names("games")) add(`games/${game}/README.md`, `game-${slugOf(game)}`, "Games");
  add("CHANGELOG.md", "changelog", "Project");
  return found;
}

function slugOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
}

export function docsPlugin(root: string): Plugin {
  let building = false;
  return {
    name: "longhouse-docs",
    configResolved(config) {
      building = config.command === "build";
    },
    resolveId(id) {
      return id === LIST || id.startsWith(DOC) ? `\0${id}` : undefined;
    },
    load(id) {
      if (!id.startsWith(`\0${LIST}`)) return undefined;
      const files = docFiles(root);
      for (const file of files) this.addWatchFile(join(root, file.path));
      if (id === `\0${LIST}`) return listModule(root, files);
      const slug = id.slice(DOC.length + 1);
      const file = files.find((candidate) => candidate.slug === slug);
      if (file === undefined) throw new Error(`there is no document ${slug}`);
      const picture = (path: string): string | undefined => {
        if (!existsSync(path)) return undefined;
        if (!building) return `/@fs${path}`;
        const ref = this.emitFile({ type: "asset", name: basename(path), source: readFileSync(path) });
        return `import.meta.ROLLUP_FILE_URL_${ref}`;
      };
      return docModule(root, files, file, picture);
    },
  };
}

function listModule(root: string, files: DocFile[]): string {
  const rows = files.map((file) => {
    const { title } = renderDoc(readFileSync(join(root, file.path), "utf8"), {});
    const meta = JSON.stringify({
      slug: file.slug,
      path: file.path,
      group: file.group,
      title: title ?? file.path,
    });
    return `{ ...${meta}, load: () => import(${JSON.stringify(DOC + file.slug)}) }`;
  });
  return `export const docs = [\n${rows.join(",\n")}\n];\n`;
}

const PICTURE = "@@picture:";

function docModule(
  root: string,
  files: DocFile[],
  file: DocFile,
  picture: (path: string) => string | undefined,
) {
  const dir = dirname(join(root, file.path));
  const pictures: string[] = [];
  const doc = renderDoc(readFileSync(join(root, file.path), "utf8"), {
    slug: file.slug,
    link(href) {
      const [path = "", anchor] = href.split("#");
      const target = relative(root, resolve(dir, path));
      const known = files.find((candidate) => candidate.path === target);
      if (known === undefined) return undefined;
      return `#${known.slug}${anchor === undefined ? "" : `/${anchor}`}`;
    },
    image(src) {
      const url = picture(resolve(dir, src));
      if (url === undefined) return undefined;
      pictures.push(url);
      return `${PICTURE}${pictures.length - 1}@@`;
    },
  });
  let html = JSON.stringify(doc.html);
  pictures.forEach((url, i) => {
    const code = url.startsWith("import.meta") ? url : JSON.stringify(url);
    html = html.replace(`${PICTURE}${i}@@`, `" + ${code} + "`);
  });
  return `export const html = ${html};\nexport const headings = ${JSON.stringify(doc.headings)};\n`;
}
