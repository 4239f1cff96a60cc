import type { StudyEvent } from "../storage/storage.ts";
import type { Problem } from "../trial/problem.ts";

/**
 * The problem of the newest revision as a policy saw it at each event since that was made: the trial budget and the parallel count may
 * change without a revision.
 *
 * @param problem  As it is after all events.
 * @param events   All events of the study, ascending.
 * @returns        What gives the problem with the history up to event `seq`; one object as long as nothing changes.
 */
export function problemOverTime(problem: Problem, events: readonly StudyEvent[]): (seq: number) => Problem {
  const stages = [{ untilSeq: Number.POSITIVE_INFINITY, problem }];
  for (const { kind, seq, ref } of events.toReversed()) {
    const { problem: after } = stages[stages.length - 1];
    if (kind === "trial-budget-changed") stages.push({ untilSeq: seq, problem: { ...after, trialBudget: ref } });
    if (kind === "parallel-changed" && ref !== null) stages.push({ untilSeq: seq, problem: { ...after, parallel: ref } });
  }
  return (seq) => stages.findLast(({ untilSeq }) => seq < untilSeq)?.problem ?? problem;
}
