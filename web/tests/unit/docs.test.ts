import { expect, test } from "vitest";
import { renderDoc } from "../../build/render-doc";

test("links lead inside the pages, outside, or nowhere", () => {
  const { html } = renderDoc("[a](docs/a.md#x) [b](https://example.org) [c](src/lib.rs) [d](#here)", {
    slug: "me",
    link: (href) => (href.startsWith("docs/a.md") ? "#a/x" : undefined),
  });
  expect(html).toContain('<a href="#a/x">a</a>');
  expect(html).toContain('<a href="https://example.org" rel="noopener noreferrer">b</a>');
  expect(html).toContain('<a class="path" title="src/lib.rs">c</a>');
  expect(html).toContain('<a href="#me/here">d</a>');
});

test("nothing in a document can break the content policy", () => {
  const { html } = renderDoc("<script>x</script>\n\n| a | b |\n| --: | :-: |\n| 1 | 2 |\n", {});
  expect(html).not.toContain("<script");
  expect(html).not.toContain("style=");
  expect(html).toContain('class="align-right"');
});

test("headings get anchors, and the first is the title", () => {
  const { title, headings } = renderDoc("# The *whole* map\n\n## A `b` c\n\n## A `b` c\n", {});
  expect(title).toBe("The whole map");
  expect(headings.map((heading) => heading.id)).toEqual(["a-b-c", "a-b-c-1"]);
});

test("a picture that is not there is its description", () => {
  expect(renderDoc("![a llama](x.png)", {}).html).toContain("a llama");
  expect(renderDoc("![a llama](x.png)", {}).html).not.toContain("<img");
});
