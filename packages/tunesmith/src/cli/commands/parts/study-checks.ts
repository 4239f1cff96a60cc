import { existsSync } from "node:fs";
import { isTerminal, type TrialState, trialStateCodes } from "@tunesmith/core";
import type { DoctorCheck, DoctorExamples } from "@tunesmith/protocol";
import { usableCheckpoint } from "../../../training/checkpoint-keeper.ts";
import type { ProcessEntry } from "../../../training/process-table.ts";
import type { StudyContents } from "./study-contents.ts";

/** What a check found wrong. */
export interface Finding {
  readonly check: DoctorCheck;
  /** Name of the invariant in the reliability contract. */
  readonly invariant: string;
  readonly count: number;
  /** The first few, short: `#4`, `complete 3, found 4`. */
  readonly examples: readonly string[];
}

const mostExamples = 5;

/** Every invariant that can be told from the record alone. Sound: nothing. */
export function checkRecord(contents: StudyContents, words: DoctorExamples): readonly Finding[] {
  return [
    finding("terminal-events", "I3", terminalEvents(contents)),
    finding("trial-numbers", "I4", trialNumbers(contents, words)),
    finding("budget", "I5", beyondBudget(contents)),
    finding("retries", "I6", beyondRetries(contents)),
    finding("no-runner", "I7", contents.hasRunner ? [] : namesOf(contents.trials.filter(({ state }) => state === "running"))),
    finding("attempts", "I8", unissuedAttempts(contents)),
    finding("overlap", "I9", overlappingWrites(contents, words)),
    finding("counters", "I10", wrongCounters(contents, words)),
    finding("event-numbers", "I12", eventNumbers(contents, words)),
  ].filter(({ count }) => count > 0);
}

/** The newest checkpoint of each replicate: the one an attempt continues from. */
export async function checkCheckpoints({ checkpoints }: StudyContents, words: DoctorExamples): Promise<Finding> {
  const wrong: string[] = [];
  for (const [number, lists] of checkpoints) {
    for (const [newest] of lists) {
      if (newest === undefined) continue;
      const usable = existsSync(newest.location) ? await usableCheckpoint(newest) : null;
      if (usable?.step !== newest.step) wrong.push(words.trialStep(number, newest.step));
    }
  }
  return finding("checkpoints", "I13", wrong);
}

/** Processes whose marker names an attempt of this study that does not run. */
export function checkProcesses(
  { record, trials, hasRunner }: StudyContents,
  processes: readonly ProcessEntry[],
  words: DoctorExamples,
): Finding {
  const byNumber = new Map(trials.map((trial) => [trial.number, trial]));
  const left = processes.filter(({ marker, zombie }) => {
    const [studyId, trial, replicate, attempt] = marker?.split(".") ?? [];
    if (studyId !== record.id || zombie) return false;
    const current = byNumber.get(Number(trial))?.replicates[Number(replicate)];
    return !(hasRunner && current?.state === "running" && current.attempt === Number(attempt));
  });
  return finding(
    "processes",
    "I15",
    left.map(({ pid, marker }) => words.process(pid, marker?.split(".")[1] ?? "?")),
  );
}

export function finding(check: DoctorCheck, invariant: string, wrong: readonly string[]): Finding {
  return { check, invariant, count: wrong.length, examples: wrong.slice(0, mostExamples) };
}

function namesOf(trials: readonly { readonly number: number }[]): string[] {
  return trials.map(({ number }) => `#${number}`);
}

function terminalEvents({ trials, events }: StudyContents): string[] {
  const seqs = new Map<number, number[]>();
  for (const { kind, trial, seq } of events)
    if (kind === "trial-finished" && trial !== null) seqs.set(trial, [...(seqs.get(trial) ?? []), seq]);
  return namesOf(
    trials.filter(({ number, state, finishedSeq }) => {
      const found = seqs.get(number) ?? [];
      return isTerminal(state) ? found.length !== 1 || found[0] !== finishedSeq : found.length > 0 || finishedSeq !== null;
    }),
  );
}

function trialNumbers({ trials, record }: StudyContents, words: DoctorExamples): string[] {
  const wrong = trials.flatMap(({ number }, i) => (number === i ? [] : `#${number}`));
  return trials.length === record.trialCount ? wrong : [...wrong, words.counted(null, record.trialCount, trials.length)];
}

function beyondBudget({ trials, settings: { budget } }: StudyContents): string[] {
  return namesOf(trials.filter(({ source }) => source !== "child").slice(budget.trials ?? Number.POSITIVE_INFINITY));
}

function beyondRetries({ trials, settings: { retries } }: StudyContents): string[] {
  return namesOf(
    trials.filter(({ replicates }) =>
      replicates.some(
        ({ infraRetryCount, errorRetryCount }) => infraRetryCount > retries.infra || errorRetryCount > retries.error,
      ),
    ),
  );
}

function unissuedAttempts({ trials, reports, decisions, checkpoints }: StudyContents): string[] {
  return namesOf(
    trials.filter(({ number, replicates }) => {
      const isIssued = (each: { readonly replicate: number; readonly attempt: number }): boolean =>
        each.attempt >= 1 && each.attempt <= (replicates[each.replicate]?.attempt ?? 0);
      const saved = checkpoints.get(number) ?? [];
      return (
        !(reports.get(number) ?? []).every(isIssued) ||
        !(decisions.get(number) ?? []).every(isIssued) ||
        saved.some((list, index) => list.length > 0 && replicates[index].attempt === 0)
      );
    }),
  );
}

const writesOfAttempts: ReadonlySet<string> = new Set(["reported", "decided", "checkpoint", "replicate-ended", "requeued"]);

function overlappingWrites({ events }: StudyContents, words: DoctorExamples): string[] {
  const current = new Map<string, number>();
  return events.flatMap(({ kind, trial, replicate, attempt, seq }) => {
    const key = `${trial}.${replicate}`;
    if (kind === "claimed" && attempt !== null) current.set(key, attempt);
    if (!writesOfAttempts.has(kind) || trial === null || attempt === null || current.get(key) === attempt) return [];
    return words.attemptEvent(trial, attempt, seq);
  });
}

function wrongCounters({ record, trials, events }: StudyContents, words: DoctorExamples): string[] {
  const wrong: string[] = [];
  for (const state of Object.keys(trialStateCodes) as TrialState[]) {
    const scanned = trials.filter((trial) => trial.state === state).length;
    if (record.stateCounts[state] !== scanned) wrong.push(words.counted(state, record.stateCounts[state], scanned));
  }
  const claims = new Map<string, number>();
  for (const { kind, trial, replicate } of events)
    if (kind === "claimed") claims.set(`${trial}.${replicate}`, (claims.get(`${trial}.${replicate}`) ?? 0) + 1);
  for (const { number, replicates } of trials)
    for (const { index, attempt } of replicates)
      if (attempt !== (claims.get(`${number}.${index}`) ?? 0))
        wrong.push(words.claimed(number, attempt, claims.get(`${number}.${index}`) ?? 0));
  return wrong;
}

function eventNumbers({ record, events, reports }: StudyContents, words: DoctorExamples): string[] {
  const wrong = events.flatMap(({ seq }, i) => (seq === i + 1 ? [] : words.eventPlace(seq, i + 1)));
  if (events.length !== record.seq) wrong.push(words.counted(null, record.seq, events.length));
  const reported = new Map(events.filter(({ kind }) => kind === "reported").map((event) => [event.seq, event.trial]));
  for (const [number, list] of reports)
    for (const { seq } of list) if (reported.get(seq) !== number) wrong.push(words.reportWithoutEvent(number, seq));
  return wrong;
}
