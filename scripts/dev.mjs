// Watches the Rust sources, rebuilds the server when they change and restarts it; runs the pages' own server beside it.
//
// A build that fails leaves the old server running. Changes during a build start one more build after it. Ends with
// Ctrl-C, and takes both children with it.

import { spawn } from "node:child_process";
import { watch } from "node:fs";
import { join } from "node:path";

const root = process.env.ROOT ?? process.cwd();
const listen = process.env.LISTEN ?? "127.0.0.1:7350";
const data = process.env.DATA ?? join(root, "data");
const binary = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug", "longhouse");
const watched = ["crates", "games", "Cargo.toml", "Cargo.lock"];

// Editors write a file in several steps; one build for all of them.
const QUIET_MS = 200;
// Children that heard Ctrl-C themselves have this long before they are told again.
const CTRL_C_MS = 5_000;
// A server that has not ended by then is killed: its store is made for that.
const STOP_MS_MAX = 10_000;

const bold = (text) => (process.stdout.isTTY ? `\x1b[1m${text}\x1b[0m` : text);
const say = (text) => console.log(`${bold("longhouse:")} ${text}`);

let server = null;
let pages = null;
let building = false;
let changed = false;
let ending = false;
let timer = null;

const ended = (child) => child.exitCode !== null || child.signalCode !== null;

function run(command, args, options = {}) {
  return spawn(command, args, { cwd: root, stdio: "inherit", ...options });
}

function exit(child) {
  return new Promise((resolve) => (ended(child) ? resolve() : child.once("exit", resolve)));
}

async function stop(child, grace_ms = 0) {
  if (!child || ended(child)) return;
  if (grace_ms > 0) {
    await Promise.race([exit(child), new Promise((resolve) => setTimeout(resolve, grace_ms))]);
    if (ended(child)) return;
  }
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
  await exit(child);
  clearTimeout(late);
}

async function build() {
  if (building) {
    changed = true;
    return;
  }
  building = true;
  do {
    changed = false;
    say("building the server …");
    const began = Date.now();
    const cargo = run("cargo", ["build", "-p", "longhouse"]);
    await exit(cargo);
    if (ending) return;
    if (cargo.exitCode !== 0) {
      const before = server && !ended(server) ? "; the server that runs is the one before" : "";
      say(`the build failed${before}. Waiting for a change.`);
      continue;
    }
    say(`built in ${((Date.now() - began) / 1000).toFixed(1)} s`);
    if (!changed) await restart();
  } while (changed && !ending);
  building = false;
}

async function restart() {
  await stop(server);
  if (ending) return;
  const started = run(binary, ["serve", "--data", data, "--listen", listen]);
  server = started;
  started.once("exit", (code) => {
    if (!ending && server === started && code) say(`the server ended with ${code}; waiting for a change.`);
  });
}

function onChange(name) {
  if (name && !/\.(rs|toml|sql|lock)$/.test(name)) return;
  clearTimeout(timer);
  timer = setTimeout(build, QUIET_MS);
}

async function end(code, grace_ms = 0) {
  if (ending) return;
  ending = true;
  await Promise.all([stop(server, grace_ms), stop(pages, grace_ms)]);
  process.exit(code);
}

for (const path of watched) {
  watch(join(root, path), { recursive: true }, (_, name) => onChange(name));
}
// A terminal's Ctrl-C reaches the children too, and the server takes a second signal as "at once".
process.on("SIGINT", () => end(130, CTRL_C_MS));
process.on("SIGTERM", () => end(143));

await build();
if (!ending) {
  say(`the server answers on http://${listen}; open the pages at the address below, they reload by themselves.`);
  pages = run("npm", ["run", "dev"], {
    cwd: join(root, "web"),
    env: { ...process.env, LONGHOUSE_API: `http://${listen}` },
  });
  pages.once("exit", (code) => end(code ?? 1));
}
