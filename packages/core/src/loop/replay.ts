import { canonicalJson, type Json } from "../json.ts";
import type { Intent, Policy } from "../policies/policy.ts";
import type { Storage, StoredDecision, StudyEvent, StudyRecord } from "../storage/storage.ts";
import type { History } from "../trial/history.ts";
import type { Problem } from "../trial/problem.ts";
import { compileProblem, type ProblemSpec } from "../trial/problem-json.ts";
import type { StudySettings } from "../trial/study-settings.ts";
import type { StoredReport, Trial } from "../trial/trial.ts";
import { HistoryFeed } from "./history-feed.ts";
import { suggestContext } from "./next-job.ts";
import { problemOverTime } from "./problem-over-time.ts";
import { targetsOverTime } from "./targets-over-time.ts";

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
  readonly trials: ReadonlyMap<number, Trial>;
  readonly events: readonly StudyEvent[];
  /** Reports by the event that made them part of the history. */
  readonly reports: ReadonlyMap<number, StoredReport>;
  /** Decisions by their event. */
  readonly decisions: ReadonlyMap<number, StoredDecision>;
  /** Numbers of enqueued trials that the sampler has completed. */
  readonly filled: ReadonlySet<number>;
}

const pageSize = 1_000;

/**
 * Computes every suggestion of a study again from its events and compares it with the record, byte by byte (R21): the history is fed
 * up to the event the sampler saw, and the policy is asked with the trial budget and parallel count of that event, the same trial
 * number, fixed values and random streams.
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
  const sources = await readSources(storage, record);
  const suggested = [...sources.trials.values()].filter((trial) => isSuggested(trial, sources.filled));
  const replayed = suggested.filter(({ revision }) => revision === record.revision);
  replayed.sort((a, b) => a.historySeq - b.historySeq || a.number - b.number);
  const { events, trials, reports, decisions } = sources;
  const replaced = replacedByChild(trials);
  const feed = new HistoryFeed(problem);
  const problemAt = problemOverTime(problem, events);
  const trialAt = targetsOverTime(events);
  const differences: ReplayDifference[] = [];
  let at = 0;
  for (const trial of replayed) {
    for (; at < events.length && events[at].seq <= trial.historySeq; at++) {
      const event = events[at];
      const told = trials.get(event.trial ?? -1);
      feed.apply(event, {
        trial: told === undefined ? null : trialAt(told, event.seq),
        report: reports.get(event.seq) ?? null,
        decision: decisions.get(event.seq) ?? null,
      });
    }
    const intent = await intentFor(trial, problemAt(trial.historySeq), feed.history, policy);
    differences.push(...differencesOf(trial, replaced.get(trial.number) ?? null, intent));
  }
  return { replayedCount: replayed.length, earlierRevisionCount: suggested.length - replayed.length, differences };
}

/** Whether a policy had a hand in it: what was enqueued and is not filled yet, or was only copied, it has not. */
function isSuggested({ number, source, historySeq }: Trial, filled: ReadonlySet<number>): boolean {
  return historySeq > 0 && (source === "sampler" || source === "ask" || source === "child" || filled.has(number));
}

/** Which trial ended for a child, by the child's number. */
function replacedByChild(trials: ReadonlyMap<number, Trial>): ReadonlyMap<number, number> {
  const replaced = new Map<number, number>();
  for (const { number, stopWhy } of trials.values())
    if (stopWhy?.code === "exploited") replaced.set(stopWhy.child as number, number);
  return replaced;
}

async function intentFor(trial: Trial, problem: Problem, history: History, policy: Policy): Promise<Intent> {
  const context = suggestContext(problem, trial.number, trial.fixed ?? {});
  return trial.fixed === null ? policy.next(problem, history, context) : policy.fill(problem, history, context);
}

/** @param replaced  The trial that ended for this one; null for none. */
function differencesOf(trial: Trial, replaced: number | null, intent: Intent): ReplayDifference[] {
  const parent = trial.parent?.trial ?? null;
  const recordedIntent = canonicalJson(parent === null ? "start" : { kind: "exploit", trial: replaced, parent });
  const recomputedIntent = canonicalJson(intentKey(intent));
  if ((intent.kind !== "start" && intent.kind !== "exploit") || recordedIntent !== recomputedIntent)
    return [{ trial: trial.number, what: "intent", recorded: recordedIntent, recomputed: recomputedIntent }];
  const { config, why, note = null } = intent.suggestion;
  const found: readonly (readonly [ReplayDifference["what"], unknown, unknown])[] = [
    ["config", trial.config, config],
    ["why", trial.why, why],
    ["note", trial.note, note],
    ["bracket", trial.bracket, intent.bracket],
  ];
  return found.flatMap(([what, recorded, recomputed]) => {
    const [was, is] = [canonicalJson(recorded), canonicalJson(recomputed)];
    return was === is ? [] : [{ trial: trial.number, what, recorded: was, recomputed: is }];
  });
}

function intentKey(intent: Intent): Json {
  return intent.kind === "exploit" ? { kind: intent.kind, trial: intent.trial, parent: intent.parent } : intent.kind;
}

async function readSources(storage: Storage, { id }: StudyRecord): Promise<Sources> {
  const trials = new Map<number, Trial>();
  const reports = new Map<number, StoredReport>();
  const decisions = new Map<number, StoredDecision>();
  for (let after = -1; ; ) {
    const page = await storage.getTrials(id, { after, limit: pageSize });
    if (page.length === 0) break;
    for (const trial of page) {
      trials.set(trial.number, trial);
      for (const report of await storage.getReports(id, trial.number)) reports.set(report.seq, report);
      for (const decision of await storage.getDecisions(id, trial.number)) decisions.set(decision.seq, decision);
    }
    after = page[page.length - 1].number;
  }
  const events: StudyEvent[] = [];
  for (;;) {
    const page = await storage.eventsAfter(id, events.at(-1)?.seq ?? 0, pageSize);
    for (const event of page) events.push(event);
    if (page.length < pageSize) break;
  }
  const filled = new Set(events.flatMap(({ kind, trial }) => (kind === "trial-filled" && trial !== null ? trial : [])));
  return { trials, events, reports, decisions, filled };
}
