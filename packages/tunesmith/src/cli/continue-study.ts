import type { JsonObject, LoopEnd, Storage, StudyRecord, StudySession } from "@tunesmith/core";
import { createTranslator, runMessages, usageMessages } from "@tunesmith/protocol";
import { readLog } from "../evaluation/read-log.ts";
import { definitionFromJson } from "../study-file/definition-json.ts";
import { attemptFolder } from "../training/attempt-folder.ts";
import { runStudy } from "../tuning/run-study.ts";
import type { CliContext } from "./cli-context.ts";
import { UsageError } from "./cli-error.ts";
import { listenForInterrupt } from "./interrupt.ts";
import { plannedMemberCount } from "./planned-member-count.ts";
import { RunDisplay } from "./run-display.ts";
import { printRunHead } from "./run-head.ts";
import { listenForKeys } from "./run-keys.ts";
import { printRunSummary } from "./run-summary.ts";
import { shownText } from "./terminal/shown-text.ts";
import { harmless } from "./terminal/text-width.ts";

/** Runs a stored study to its end in this terminal, showing it. @returns The exit code. */
export async function continueStudy(context: CliContext, storage: Storage, study: StudyRecord): Promise<number> {
  if (study.definition === null) throw new UsageError(usageMessages(context.language).madeByProgram(shownText(study.name)));
  const definition = definitionFromJson(study.definition as JsonObject);
  const messages = runMessages(context.language);
  const translator = createTranslator(context.language);
  const startedMs = performance.now();
  let display: RunDisplay | null = null;
  let session: StudySession | null = null;
  const interrupt = listenForInterrupt(() =>
    display?.note(messages.interrupting(display.runningCount, Math.round(definition.training.graceMs / 1000))),
  );
  const stopKeys = listenForKeys({
    pause: () => void storage.setStudyState(study.id, "paused", "person"),
    quit: () => interrupt.raise(),
  });
  let end: LoopEnd;
  try {
    end = await runStudy({
      home: context.home,
      storage,
      study,
      definition,
      signal: interrupt.signal,
      hurry: interrupt.hurry,
      observe(opened, slots) {
        session = opened;
        printRunHead(context, opened, slots.length);
        display = new RunDisplay(context, opened, (job) => lastLines(context.home, job.ref));
        return display;
      },
      onNotice: (line) => display?.note(harmless(translator.text(line))),
    });
  } finally {
    await (display as RunDisplay | null)?.close();
    stopKeys();
    interrupt.close();
  }
  if (session === null) return 1;
  return printEnd(context, storage, session, end, performance.now() - startedMs, definition.training);
}

async function printEnd(
  context: CliContext,
  storage: Storage,
  session: StudySession,
  end: LoopEnd,
  durationMs: number,
  training: Parameters<typeof printRunSummary>[4],
): Promise<number> {
  const messages = runMessages(context.language);
  const record = await storage.getStudy(session.studyId);
  const { name } = session.record;
  // Children do not count against a budget of trials.
  const total = plannedMemberCount(session.settings) === null ? (session.settings.budget.trials ?? null) : null;
  if (context.json) {
    context.print(JSON.stringify({ event: "run-ended", study: name, state: record?.state, cause: record?.cause ?? null, end }));
    return end === "paused" && record?.cause === "breaker" ? 1 : 0;
  }
  if (end === "interrupted") {
    context.print(messages.interrupted(session.history.finishedCount, total, harmless(name)));
    return 0;
  }
  if (end === "paused") {
    const broken = record?.cause === "breaker";
    const message = record?.message ?? null;
    const why = message === null ? messages.pausedByHand : createTranslator(context.language).text(message);
    context.print(messages.paused(harmless(why)));
    context.print(broken ? messages.pausedBreakerNext(harmless(name)) : messages.pausedNext(harmless(name)));
    return broken ? 1 : 0;
  }
  return printRunSummary(context, storage, session, durationMs, training);
}

function lastLines(home: string, ref: Parameters<typeof attemptFolder>[1]): Promise<readonly string[]> {
  return readLog(attemptFolder(home, ref).dir, { tailLines: 5 }).then((lines) => lines.map(({ text }) => text));
}
