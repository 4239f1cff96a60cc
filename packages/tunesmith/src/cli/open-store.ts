import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Storage, StudyRecord } from "@tunesmith/core";
import { makeHome } from "../platform/home.ts";
import { createSqliteStorage } from "../storage/sqlite/sqlite-storage.ts";
import type { CliContext } from "./cli-context.ts";
import { UsageError } from "./cli-error.ts";

/** Opens the store of `--home`, making it if need be. */
export async function openStore(context: CliContext): Promise<Storage> {
  makeHome(context.home);
  return createSqliteStorage({ folder: context.home, wallClockMs: Date.now, onNotice: (line) => context.warn(line) });
}

/** Runs `use` on the store of `--home` and closes it. @throws {UsageError} If there is none. */
export async function withStore<Result>(context: CliContext, use: (storage: Storage) => Promise<Result>): Promise<Result> {
  if (!existsSync(join(context.home, "tunesmith.db")))
    throw new UsageError(`no studies in ${context.home}`, "begin with: tunesmith init   ·   tunesmith demo");
  const storage = await openStore(context);
  try {
    return await use(storage);
  } finally {
    await storage.close();
  }
}

/** The study of that name, or the newest when none is given. @throws {UsageError} If there is none. */
export async function findStudy(storage: Storage, name: string | undefined): Promise<StudyRecord> {
  const studies = await storage.listStudies();
  if (name === undefined) {
    const [newest] = studies;
    if (newest === undefined) throw new UsageError("no studies here yet", "begin with: tunesmith init   ·   tunesmith demo");
    return newest;
  }
  const study = await storage.getStudy(name);
  if (study !== null) return study;
  const names = studies.map((each) => each.name);
  throw new UsageError(
    `no study ${name} here; there ${names.length === 1 ? "is" : "are"}: ${names.slice(0, 8).join(", ") || "none"}`,
  );
}
