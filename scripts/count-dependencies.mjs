// Counts what a user's `npm install tunesmith` brings in, by the lock file, and fails above the given number.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
const limit = Number(process.argv[2] ?? 130);
const runtime = Object.entries(packages).filter(([path, entry]) => path.startsWith("node_modules/") && !entry.dev && !entry.link);
console.log(`runtime dependencies: ${runtime.length}, at most ${limit}`);
if (runtime.length === 0) throw new Error("the lock file names no runtime dependency: it was read wrongly");
process.exitCode = runtime.length > limit ? 1 : 0;
