import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The package's own folder, whether it runs from `dist` or from `src`. */
export function packageFolder(): string {
  return dirname(dirname(dirname(fileURLToPath(import.meta.url))));
}

/** A file or folder that ships with the package. @throws {Error} If the package was not built. */
export function assetPath(...names: readonly string[]): string {
  const path = join(packageFolder(), "assets", ...names);
  if (!existsSync(path)) throw new Error(`${path} is missing: run "npm run build"`);
  return path;
}

/** Folder with the Python client's module, for PYTHONPATH; null where it is not there. */
export function pythonClientFolder(): string | null {
  const path = join(packageFolder(), "assets", "python", "src");
  return existsSync(path) ? path : null;
}
