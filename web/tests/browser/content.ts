/** A content file for a server whose players have little time: the game's own, with cheap stars and an event. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface ContentFile {
  /** The server's flags that make it take this file. */
  flags: string[];
  remove(): void;
}

/** A star for every few shears and no conditions; `more` is appended. */
export function cheapStars(more = ""): ContentFile {
  const folder = mkdtempSync(join(tmpdir(), "longhouse-content-"));
  const path = join(folder, "farm.toml");
  const own = readFileSync("../games/farm/content/farm.toml", "utf8");
  const cheap = own
    .replace(/^worth_per_star = .*$/m, "worth_per_star = 1")
    .replace(/^root = .*$/m, "root = 1");
  const [before = "", rest = ""] = cheap.split("[prestige]");
  writeFileSync(path, `${before}[prestige]${rest.replace(/^needs = .*$/m, "needs = []")}\n${more}`);
  return {
    flags: ["--set", `games.farm.content=${path}`],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** An event that is on whenever the test runs. */
export const FAIR = `
[[event]]
id = "fair"
name = "The county fair"
about = "Every shear counts three times while the judges look on."
from = "2026-01-01T00:00:00Z"
to = "2126-01-01T00:00:00Z"
effect = { kind = "shear", percent = 300 }
`;
