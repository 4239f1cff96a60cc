// The library that is measured: the built one, or a copy of `packages/core/dist` that TUNESMITH_CORE names, so that a long run is not
// disturbed by a build.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** This folder. */
export const qualityFolder = dirname(fileURLToPath(import.meta.url));
const coreFolder = process.env.TUNESMITH_CORE ?? join(qualityFolder, "..", "..", "packages", "core", "dist");

/** @param file  Of the library, such as `index.js`. */
export function importCore(file) {
  return import(pathToFileURL(join(coreFolder, file)).href);
}

// Folders that decide what is suggested.
const deciding = ["numerics", "parameters", "trial", "samplers", "policies", "schedulers"];

export function packageVersion() {
  return JSON.parse(readFileSync(join(qualityFolder, "..", "..", "packages", "core", "package.json"), "utf8")).version;
}

/** Digest of the code that decides what is suggested. */
export function codeDigest() {
  const hash = createHash("sha256");
  for (const folder of deciding) {
    const files = readdirSync(join(coreFolder, folder), { recursive: true }).map(String).sort();
    for (const file of files.filter((name) => name.endsWith(".js")))
      hash.update(file).update(readFileSync(join(coreFolder, folder, file)));
  }
  return hash.digest("hex").slice(0, 8);
}
