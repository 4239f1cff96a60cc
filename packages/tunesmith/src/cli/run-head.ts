import type { StudySession } from "@tunesmith/core";
import {
  changeMessages,
  formatCount,
  formatDuration,
  formatNumber,
  type Language,
  runMessages,
  studyMessages,
} from "@tunesmith/protocol";
import type { CliContext } from "./cli-context.ts";
import { plannedMemberCount } from "./planned-member-count.ts";
import { plannedTrialCount } from "./planned-trial-count.ts";
import { lineRoom } from "./terminal/fitted-lines.ts";
import { flowingText } from "./terminal/flowing-text.ts";
import { conditionText } from "./terminal/parameter-text.ts";
import { shownText } from "./terminal/shown-text.ts";
import { harmless, padText, textWidth } from "./terminal/text-width.ts";

/** Prints a labelled line of those that stand before a run, further lines below each other; labels of all of them share a column. */
export function printHeadLine(context: CliContext, label: string, pieces: readonly string[]): void {
  const room = labelWidth(context.language);
  flowingText(pieces, lineRoom(context, room), "  ").forEach((line, i) => {
    context.print(`${padText(i === 0 ? label : "", room)}${line}`);
  });
}

function labelWidth(language: Language): number {
  const { tuning, space, search } = runMessages(language);
  return 2 + Math.max(...[tuning, space, search, changeMessages(language).types].map(textWidth));
}

/** What is about to be tuned, where it searches, and how. */
export function printRunHead(context: CliContext, session: StudySession, slotCount: number): void {
  if (context.json) return;
  const messages = runMessages(context.language);
  const { problem, settings, record, history } = session;
  const scheduler = String(settings.scheduler.type);
  const names = Object.entries(problem.space.parameters).map(([name, { when }]) =>
    when === undefined ? harmless(name) : `${harmless(name)} (${conditionText(when)})`,
  );
  printHeadLine(context, messages.tuning, [harmless(record.name)]);
  printHeadLine(context, messages.space, names);
  const sampler = String(settings.sampler.type);
  const members = plannedMemberCount(settings);
  const limits = limitTexts(session, members, context.language);
  const search =
    members === null
      ? messages.searchLine(sampler, problem.fidelity === null || scheduler === "none" ? null : scheduler, limits, slotCount)
      : messages.populationLine(sampler, scheduler, members, limits, slotCount);
  printHeadLine(context, messages.search, [shownText(search, Number.POSITIVE_INFINITY)]);
  if (history.trialCount > 0) context.print(messages.continues(history.finishedCount));
  context.print();
}

/** What ends the search. */
function limitTexts({ problem, settings }: StudySession, members: number | null, language: Language): string[] {
  const words = studyMessages(language);
  const { timeMs, noImprovement, steps } = settings.budget;
  const trialCount = plannedTrialCount(problem, settings);
  const limits: string[] = [];
  // A budget of trials only says how many members there are.
  if (trialCount !== null && members === null) limits.push(words.budgetTrials(formatCount(trialCount)));
  if (timeMs !== undefined) limits.push(formatDuration(timeMs, language));
  if (noImprovement !== undefined) limits.push(words.budgetNoImprovement(noImprovement));
  if (steps !== undefined) limits.push(`${formatNumber(steps)} ${shownText(problem.fidelity?.name ?? "", 40)}`.trim());
  return limits;
}
