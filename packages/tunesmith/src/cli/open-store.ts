import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Storage, StudyRecord } from "@tunesmith/core";
import { createTranslator, usageMessages } from "@tunesmith/protocol";
import { makeHome } from "../platform/home.ts";
import { createSqliteStorage } from "../storage/sqlite/sqlite-storage.ts";
import type { CliContext } from "./cli-context.ts";
import { UsageError } from "./cli-error.ts";
import { shownText } from "./terminal/shown-text.ts";

/** Opens the store of `--home`, making it if need be. */
export async function openStore(context: CliContext): Promise<Storage> {
  makeHome(context.home);
  const { text } = createTranslator(context.language);
  return createSqliteStorage({ folder: context.home, wallClockMs: Date.now, onNotice: (line) => context.warn(text(line)) });
}

/** Runs `use` on the store of `--home` and closes it. @throws {UsageError} If there is none. */
export async function withStore<Result>(context: CliContext, use: (storage: Storage) => Promise<Result>): Promise<Result> {
  const messages = usageMessages(context.language);
  if (!existsSync(join(context.home, "tunesmith.db"))) throw new UsageError(messages.noStudiesIn(context.home), messages.begin);
  const storage = await openStore(context);
  try {
    return await use(storage);
  } finally {
    await storage.close();
  }
}

const mostNamed = 8;

/** The study of that name, or the newest when none is given. @throws {UsageError} If there is none. */
export async function findStudy({ language }: CliContext, storage: Storage, name: string | undefined): Promise<StudyRecord> {
  const messages = usageMessages(language);
  const studies = await storage.listStudies();
  if (name === undefined) {
    const [newest] = studies;
    if (newest === undefined) throw new UsageError(messages.noStudies, messages.begin);
    return newest;
  }
  const study = await storage.getStudy(name);
  if (study !== null) return study;
  const others = studies.slice(0, mostNamed).map((each) => shownText(each.name));
  throw new UsageError(messages.noStudy(shownText(name), others));
}
