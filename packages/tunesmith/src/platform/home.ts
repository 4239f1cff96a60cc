import { chmodSync, mkdirSync } from "node:fs";
import { resolve } from "node:path";

/** The folder that holds everything of Tunesmith: `--home`, else `TUNESMITH_HOME`, else `.tunesmith` here. Absolute. */
export function homeFolder(given: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  return resolve(given ?? (env.TUNESMITH_HOME || ".tunesmith"));
}

/** Makes the folder, for its owner only. */
export function makeHome(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
}
