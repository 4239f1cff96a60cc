// Brings a checkout to where it can run: installs what the lock file names when it changed, then compiles.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** @throws {Error} With npm's or the compiler's output when a step fails. */
export function prepare() {
  requireNode();
  const startedAt = Date.now();
  const installed = install();
  compile();
  return { installed, seconds: (Date.now() - startedAt) / 1000 };
}

function requireNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`Tunesmith needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

function install() {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const stamp = join(root, "node_modules", ".tunesmith-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return false;
  run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, lock);
  return true;
}

function compile() {
  run(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-b"]);
  execFileSync(process.execPath, [join(root, "scripts", "copy-assets.mjs")], { cwd: root });
}

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: "utf8", shell: process.platform === "win32" });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}\n`);
  throw new Error(`${command} ${args.join(" ")} failed`);
}
