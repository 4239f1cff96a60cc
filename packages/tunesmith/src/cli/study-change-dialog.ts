import { createInterface } from "node:readline/promises";
import {
  type Config,
  compileProblem,
  type JsonObject,
  type ProblemSpec,
  problemJson,
  type Storage,
  type StudyRecord,
} from "@tunesmith/core";
import { changeMessages, usageMessages } from "@tunesmith/protocol";
import { definitionFromJson, definitionJson } from "../study-file/definition-json.ts";
import { compareDefinitions } from "../study-file/study-change.ts";
import type { StudyDefinition } from "../study-file/study-definition.ts";
import { createStudyRecord, settingsOf } from "../tuning/create-study-record.ts";
import type { CliContext } from "./cli-context.ts";
import { UsageError } from "./cli-error.ts";
import { shownText } from "./terminal/shown-text.ts";
import { harmless } from "./terminal/text-width.ts";

/** The study to go on with, and the configs to enqueue into it. */
export interface ChangedStudy {
  readonly study: StudyRecord;
  readonly enqueue: readonly Config[];
}

/**
 * Brings a stored study up to an edited definition, as docs/study-file.md says for each key: silently, as a new revision, or after a
 * question. @returns Null when the person chose to leave. @throws {UsageError} Where a question would be needed and nobody can answer.
 */
export async function applyChange(
  context: CliContext,
  storage: Storage,
  existing: StudyRecord,
  definition: StudyDefinition,
  options: { readonly continue?: boolean; readonly new?: boolean },
): Promise<ChangedStudy | null> {
  if (existing.definition === null) throw new UsageError(usageMessages(context.language).nameOfProgram(shownText(existing.name)));
  const before = definitionFromJson(existing.definition as JsonObject);
  const change = compareDefinitions(before, definition);
  const messages = changeMessages(context.language);
  if (change.question.length > 0 || change.otherStudy.length > 0) {
    const answer =
      change.otherStudy.length > 0
        ? await otherStudy(context, storage, existing, definition, options)
        : await choose(context, storage, existing, change.question, options);
    if (answer === "leave") return null;
    if (answer === "new") {
      const name = await freeName(storage, existing.name);
      return { study: await createStudyRecord(storage, { ...definition, name }), enqueue: [] };
    }
  }
  const enqueue = change.enqueue;
  if (change.question.length === 0 && change.revision.length === 0 && change.silent.length === 0)
    return { study: existing, enqueue };
  const silent = change.question.length === 0 && change.revision.length === 0;
  const study = await revise(storage, existing, definition, silent);
  if (!context.json) {
    const keys = harmless([...change.question, ...change.revision, ...change.silent].join(", "));
    context.print(silent ? messages.silent(keys) : messages.revision(keys, study.revision));
  }
  return { study: await reopened(storage, study), enqueue };
}

async function revise(
  storage: Storage,
  existing: StudyRecord,
  definition: StudyDefinition,
  silent: boolean,
): Promise<StudyRecord> {
  const settings = settingsOf(definition);
  // The seed stays what it was unless the file names another.
  const seed = definition.problem.seed ?? (existing.problem.seed as number);
  const seedDrawn = definition.problem.seed === null && existing.problem.seedDrawn === true;
  const spec = { ...definition.problem, seed, seedDrawn } as ProblemSpec;
  const problem = compileProblem(spec, existing.revision + (silent ? 0 : 1), settings);
  return storage.reviseStudy(existing.id, {
    problem: problemJson(problem),
    settings: settings as unknown as JsonObject,
    definition: definitionJson(definition),
    silent,
    reason: "the study file changed",
  });
}

/** A done study goes on when its budget now allows more. */
async function reopened(storage: Storage, study: StudyRecord): Promise<StudyRecord> {
  if (study.state !== "done" || study.cause === "stopped") return study;
  await storage.setStudyState(study.id, "active", null);
  return (await storage.getStudy(study.id)) ?? study;
}

async function choose(
  context: CliContext,
  storage: Storage,
  existing: StudyRecord,
  keys: readonly string[],
  options: { readonly continue?: boolean; readonly new?: boolean },
): Promise<"continue" | "new" | "leave"> {
  if (options.continue && options.new) throw new UsageError(usageMessages(context.language).continueAndNew);
  if (options.continue) return "continue";
  if (options.new) return "new";
  const messages = changeMessages(context.language);
  const question = messages.question(harmless(existing.name), harmless(keys.join(", ")));
  const name = await freeName(storage, existing.name);
  if (!context.isTerminal || !process.stdin.isTTY || context.json) throw new UsageError(question, messages.questionChoices(name));
  context.print(question);
  const dialog = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = (await dialog.question(messages.ask(name))).trim().toLowerCase();
    return answer.startsWith("c") ? "continue" : answer.startsWith("n") ? "new" : "leave";
  } finally {
    dialog.close();
  }
}

/** @throws {UsageError} Unless a new study is wanted: it is the only way on. */
async function otherStudy(
  context: CliContext,
  storage: Storage,
  existing: StudyRecord,
  { problem: { objectives } }: StudyDefinition,
  options: { readonly continue?: boolean; readonly new?: boolean },
): Promise<"new"> {
  if (options.continue && options.new) throw new UsageError(usageMessages(context.language).continueAndNew);
  if (options.new) return "new";
  const messages = changeMessages(context.language);
  const wanted = objectives.map(({ name, goal }) => `${goal} ${shownText(name)}`).join(", ");
  throw new UsageError(
    messages.otherObjective(harmless(existing.name), wanted),
    messages.onlyNew(await freeName(storage, existing.name)),
  );
}

async function freeName(storage: Storage, name: string): Promise<string> {
  for (let i = 2; ; i++) if ((await storage.getStudy(`${name}-${i}`)) === null) return `${name}-${i}`;
}
