/** Markdown to HTML under the pages' content policy: no inline styles, no raw HTML, links that stay inside. */
import MarkdownIt from "markdown-it";

export interface Heading {
  id: string;
  text: string;
  level: number;
}

export interface Rendered {
  html: string;
  title: string | undefined;
  headings: Heading[];
}

export interface DocLinks {
  /** Prefix for anchors inside the document. */
  slug?: string;
  /** Where a relative link leads, or `undefined` for a file that the pages do not have. */
  link?(href: string): string | undefined;
  image?(src: string): string | undefined;
}

const OUTSIDE = /^(https?:|mailto:)/;

export function renderDoc(markdown: string, links: DocLinks): Rendered {
  const md = new MarkdownIt({ html: false, linkify: false, typographer: false });
  const headings: Heading[] = [];
  const used = new Map<string, number>();
  let title: string | undefined;

  md.core.ruler.push("longhouse", (state) => {
    state.tokens.forEach((token, i) => {
      if (token.type === "heading_open") {
        const text = plainText(state.tokens[i + 1]?.children ?? []);
        const level = Number(token.tag.slice(1));
        title ??= text;
        const id = anchorOf(text, used);
        token.attrSet("id", id);
        if (level === 2 || level === 3) headings.push({ id, text, level });
      }
      // The alignment of a column comes as an inline style, which the content policy forbids.
      const align = /text-align:(\w+)/.exec(String(token.attrGet("style") ?? ""))?.[1];
      if (align !== undefined) {
        token.attrs = (token.attrs ?? []).filter(([name]) => name !== "style");
        token.attrJoin("class", `align-${align}`);
      }
      for (const child of token.children ?? []) {
        if (child.type === "image") {
          const src = String(child.attrGet("src") ?? "");
          const url = OUTSIDE.test(src) ? src : links.image?.(src);
          if (url === undefined) {
            // A picture that is not there yet: its description stands in for it.
            Object.assign(child, { type: "text", tag: "", content: child.content, children: null });
          } else {
            child.attrSet("src", url);
            child.attrSet("loading", "lazy");
          }
        }
        if (child.type === "link_open") retarget(child, links);
      }
    });
  });

  const html = md.render(markdown).replace(/<table>/g, '<div class="table"><table>');
  return { html: html.replace(/<\/table>/g, "</table></div>"), title, headings };
}

type Token = ReturnType<InstanceType<typeof MarkdownIt>["parse"]>[number];

function retarget(token: Token, links: DocLinks): void {
  const href = String(token.attrGet("href") ?? "");
  if (OUTSIDE.test(href)) {
    token.attrSet("rel", "noopener noreferrer");
    return;
  }
  const to = href.startsWith("#") ? `#${links.slug ?? ""}/${href.slice(1)}` : links.link?.(href);
  if (to !== undefined) {
    token.attrSet("href", to);
  } else {
    // A source file: named, but not part of the pages.
    token.attrs = [
      ["class", "path"],
      ["title", href],
    ];
  }
}

function plainText(tokens: Token[]): string {
  return tokens.map((token) => (token.type === "softbreak" ? " " : token.content)).join("");
}

/** Anchors as forges write them, so that links inside a document work here and there. */
function anchorOf(text: string, used: Map<string, number>): string {
  const base = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replace(/ /g, "-");
  const count = used.get(base) ?? 0;
  used.set(base, count + 1);
  return count === 0 ? base : `${base}-${count}`;
}
