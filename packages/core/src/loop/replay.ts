import { canonicalJson } from "../json.ts";
import { createRng } from "../numerics/rng.ts";
import { parseExpression, violation } from "../parameters/expression.ts";
import type { Config } from "../parameters/parameter.ts";
import type { Policy } from "../policies/policy.ts";
import type { Storage, StudyEvent, StudyRecord } from "../storage/storage.ts";
import { HistoryRecorder } from "../trial/history-recorder.ts";
import type { Problem } from "../trial/problem.ts";
import { compileProblem, type ProblemSpec } from "../trial/problem-json.ts";
import type { StudySettings } from "../trial/study-settings.ts";
import type { Metrics, StoredReport, Trial } from "../trial/trial.ts";
import { lossesOf } from "./trial-result.ts";

/** One member of a suggestion that came out otherwise than it is on record; both as canonical JSON. */
export interface ReplayDifference {
  readonly trial: number;
  readonly what: "config" | "why" | "note" | "bracket" | "intent";
  readonly recorded: string;
  readonly recomputed: string;
}

export interface ReplayResult {
  /** Suggestions that were computed again. */
  readonly replayedCount: number;
  /** Trials suggested under an earlier revision, whose settings are no longer known. */
  readonly earlierRevisionCount: number;
  readonly differences: readonly ReplayDifference[];
}

interface Sources {
  readonly problem: Problem;
  readonly trials: ReadonlyMap<number, Trial>;
  readonly events: readonly StudyEvent[];
  /** Reports by the event that made them part of the history. */
  readonly reports: ReadonlyMap<number, StoredReport>;
  /** Numbers of enqueued trials that the sampler has completed. */
  readonly filled: ReadonlySet<number>;
}

const pageSize = 1_000;

/**
 * Computes every suggestion of a study again from its events and compares it with the record, byte by byte (R21): the history is fed
 * up to the event the sampler saw, and the policy is asked with the same trial number, fixed values and random streams.
 *
 * Nothing is written. Cost: all suggestions once more; the whole study in memory.
 */
export async function replaySuggestions(
  storage: Storage,
  record: StudyRecord,
  makePolicy: (settings: StudySettings) => Policy,
): Promise<ReplayResult> {
  const settings = record.settings as unknown as StudySettings;
  const problem = compileProblem(record.problem as unknown as ProblemSpec, record.revision, settings);
  const policy = makePolicy(settings);
  const sources = await readSources(storage, record, problem);
  const suggested = [...sources.trials.values()].filter((trial) => isSuggested(trial, sources.filled));
  const replayed = suggested.filter(({ revision }) => revision === record.revision);
  replayed.sort((a, b) => a.historySeq - b.historySeq || a.number - b.number);
  const history = new HistoryRecorder(problem.space, problem.objectives.length, problem.replicates.count);
  const feed = createFeed(history, sources);
  const differences: ReplayDifference[] = [];
  for (const trial of replayed) {
    feed(trial.historySeq);
    differences.push(...(await compare(trial, problem, history, policy)));
  }
  return { replayedCount: replayed.length, earlierRevisionCount: suggested.length - replayed.length, differences };
}

/** Whether a policy had a hand in it: what was enqueued and is not filled yet, or was only copied, it has not. */
function isSuggested({ number, source, historySeq }: Trial, filled: ReadonlySet<number>): boolean {
  return historySeq > 0 && (source === "sampler" || source === "ask" || filled.has(number));
}

async function compare(trial: Trial, problem: Problem, history: HistoryRecorder, policy: Policy): Promise<ReplayDifference[]> {
  const fixed = trial.fixed ?? {};
  const rng = (purpose: string) => createRng(problem.seed, trial.number, purpose);
  const context = { trialNumber: trial.number, fixed, rng };
  const isFill = trial.fixed !== null;
  const intent = isFill ? await policy.fill(problem, history, context) : await policy.next(problem, history, context);
  if (intent.kind !== "start") return [{ trial: trial.number, what: "intent", recorded: '"start"', recomputed: canonicalJson(intent.kind) }];
  const { config, why, note = null } = intent.suggestion;
  const found: readonly (readonly [ReplayDifference["what"], unknown, unknown])[] = [
    ["config", trial.config, withoutNegativeZeros(config)],
    ["why", trial.why, why],
    ["note", trial.note, note],
    ["bracket", trial.bracket, intent.bracket],
  ];
  return found.flatMap(([what, recorded, recomputed]) => {
    const [was, is] = [canonicalJson(recorded), canonicalJson(recomputed)];
    return was === is ? [] : [{ trial: trial.number, what, recorded: was, recomputed: is }];
  });
}

// The storage keeps −0 as 0.
function withoutNegativeZeros(config: Config): Config {
  return Object.fromEntries(Object.entries(config).map(([name, value]) => [name, value === 0 ? 0 : value]));
}

/** Brings a history forward to an event, as `StudySession` does while the study runs. */
function createFeed(history: HistoryRecorder, sources: Sources): (seq: number) => void {
  const { events } = sources;
  const constraints = sources.problem.outcomeConstraints.map(parseExpression);
  const violationOf = (metrics: Metrics | null): number => {
    if (constraints.length === 0) return 0;
    if (metrics === null) return Number.NaN;
    return constraints.reduce((sum, constraint) => sum + violation(constraint, (name) => metrics[name]), 0);
  };
  let at = 0;
  return (seq) => {
    for (; at < events.length && events[at].seq <= seq; at++) {
      const trial = events[at].trial === null ? undefined : sources.trials.get(events[at].trial as number);
      if (trial !== undefined) apply(history, sources, at, trial, violationOf);
      history.seq = events[at].seq;
    }
  };
}

function apply(
  history: HistoryRecorder,
  { problem, events, reports, filled }: Sources,
  at: number,
  trial: Trial,
  violationOf: (metrics: Metrics | null) => number,
): void {
  const event = events[at];
  const { number, config, note, bracket } = trial;
  switch (event.kind) {
    case "trial-added": {
      // Until the sampler fills it, an enqueued config is what the person fixed.
      if (filled.has(number)) history.add({ number, config: trial.fixed ?? config, note: null, bracket: 0, state: "queued" });
      else history.add({ number, config: trial.fixed ?? config, note, bracket, state: "queued" });
      return;
    }
    case "trial-filled":
      return history.fill(number, config, note, bracket);
    case "claimed":
      return history.setState(number, "running");
    case "resumed":
    case "requeued":
      return history.setState(number, "queued");
    case "reported": {
      const report = reports.get(event.seq);
      if (report === undefined || trial.replicates[report.replicate].confirm) return;
      return history.report(number, { ...report, losses: lossesOf(report.metrics, problem.objectives) });
    }
    case "replicate-ended":
      if (wasPaused(events, at)) history.setState(number, "paused");
      if (event.replicate !== null) history.leave(number, event.replicate);
      return;
    case "trial-finished": {
      const losses = trial.values?.map((value, k) => (problem.objectives[k].goal === "minimize" ? value : -value)) ?? null;
      return history.finish(number, { state: trial.state, losses, violation: violationOf(trial.metrics) }, event.seq);
    }
    default:
      return;
  }
}

/** Whether the end at `at` was a pause: the next thing that happens to the trial is that it goes on. */
function wasPaused(events: readonly StudyEvent[], at: number): boolean {
  const { trial } = events[at];
  for (let later = at + 1; later < events.length; later++) {
    const { kind } = events[later];
    if (events[later].trial !== trial || kind === "annotated" || kind === "checkpoint") continue;
    return kind === "resumed";
  }
  return false;
}

async function readSources(storage: Storage, { id }: StudyRecord, problem: Problem): Promise<Sources> {
  const trials = new Map<number, Trial>();
  const reports = new Map<number, StoredReport>();
  for (let after = -1; ; ) {
    const page = await storage.getTrials(id, { after, limit: pageSize });
    if (page.length === 0) break;
    for (const trial of page) {
      trials.set(trial.number, trial);
      for (const report of await storage.getReports(id, trial.number)) reports.set(report.seq, report);
    }
    after = page[page.length - 1].number;
  }
  const events: StudyEvent[] = [];
  for (;;) {
    const page = await storage.eventsAfter(id, events.at(-1)?.seq ?? 0, pageSize);
    for (const event of page) events.push(event);
    if (page.length < pageSize) break;
  }  const filled = new Set(events.flatMap(({ kind, trial }) => (kind === "trial-filled" && trial !== null ? trial : [])));
  return { problem, trials, events, reports, filled };
}
