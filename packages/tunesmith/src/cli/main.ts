import { TunesmithError } from "@tunesmith/core";
import { createTranslator, type Language, usageMessages } from "@tunesmith/protocol";
import { CommanderError } from "commander";
import { messageLanguage } from "../platform/language.ts";
import { UsageError } from "./cli-error.ts";
import { createCommandLine } from "./command-line.ts";
import { harmless } from "./terminal/text-width.ts";

/** Runs one command line (without node and script). @returns The exit code: 0, 1 (failed), 2 (used wrongly). */
export async function main(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const language = messageLanguage();
  const program = createCommandLine(language, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    return report(error, language, args.includes("--debug"));
  }
}

/** Once per process: a reader that leaves, such as `head`, ends nothing; a study runs on, and what is still printed goes nowhere. */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
}

function report(error: unknown, language: Language, debug: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const translator = createTranslator(language);
  const write = (line: string): void => void process.stderr.write(`${line}\n`);
  if (debug && error instanceof Error) write(error.stack ?? error.message);
  else if (error instanceof UsageError) for (const line of error.lines) write(harmless(line));
  else if (error instanceof TunesmithError) write(harmless(translator.error(error)));
  else
    write(usageMessages(language).debugShows(harmless(translator.text(error instanceof Error ? error.message : String(error)))));
  if (error instanceof UsageError) return 2;
  return error instanceof TunesmithError && usageCodes.has(error.code) ? 2 : 1;
}

const usageCodes: ReadonlySet<string> = new Set([
  "invalid-input",
  "refused",
  "study-not-found",
  "trial-not-found",
  "study-exists",
]);
