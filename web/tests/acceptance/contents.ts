/** Contents of the farm for tests: the game's own file with some lines changed, put in force as an operator does. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { TestServer } from "../server";
import { operator } from "./farmer";

/** The game's own content, with some of its lines changed: each of `changes` must be there. */
export function contentWith(changes: Record<string, string>): string {
  let content = readFileSync(resolve("../games/farm/content/farm.toml"), "utf8");
  for (const [line, changed] of Object.entries(changes)) {
    if (!content.includes(line)) throw new Error(`farm.toml has no ${line}`);
    content = content.replace(line, changed);
  }
  return content;
}

/** A shear is worth a star, and everybody may trade the farm at once. */
export const QUICK = {
  "yield = 1_000\n": "yield = 1_000_000_000\n",
  "worth_per_star = 5_000_000_000": "worth_per_star = 1_000_000",
  'needs = [{ building = "moon_llama", count = 5 }]': "needs = []",
};

/** Puts a content in force, whatever players lose by it. */
export async function publish(server: TestServer, content: string): Promise<void> {
  await operator(server, "content_publish", { rules: "farm", content, accept_losses: true });
}
