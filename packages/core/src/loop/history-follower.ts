import type { Storage, StoredDecision, StudyEvent, StudyRecord, StudyTotals, Window } from "../storage/storage.ts";
import type { HistoryCounts, HistoryRecorder } from "../trial/history-recorder.ts";
import type { Problem } from "../trial/problem.ts";
import { trainedFidelity } from "../trial/trained-fidelity.ts";
import type { Metrics, StoredReport, Trial } from "../trial/trial.ts";
import { trialParams } from "../trial/trial-params.ts";
import { isTerminal, type TerminalState } from "../trial/trial-state.ts";
import { windowSizes } from "../trial/window.ts";
import { eventsBetween } from "./events-between.ts";
import { type EventContent, HistoryFeed, type TrialPast } from "./history-feed.ts";
import { finishedInView, type PastEnd, pastEndsOf, readPastEnds } from "./past-ends.ts";
import { type PastProgress, progressFromEnds, progressFromTotals } from "./past-progress.ts";
import { applyToPauses, isPersonalPause, type PersonalPauses } from "./personal-pauses.ts";
import { problemDiffered } from "./problem-differed.ts";
import { ProgressTracker } from "./progress-tracker.ts";
import { readTrial } from "./read-trial.ts";

const eventPageSize = 1_000;

/** Hears of events as they are taken in, with the history as it is right after them. Must not throw. */
export interface FollowerListener {
  /** A trial has come to a fidelity, with all its replicates. */
  onFidelity(reported: StudyEvent): void;
  /** A decision went on record, taken here or by another process. */
  onDecided(decided: StudyEvent): void;
}

/** Keeps a study's history and progress in memory equal to what is on record, event by event. */
export class HistoryFollower {
  progressTracker: ProgressTracker;
  /** Sum over all trials of what each has trained, see `trainedFidelity`. */
  stepSum = 0;
  /** Children among the trials. */
  childCount = 0;
  /** Finished trials by how they ended. */
  readonly endedCounts: Record<TerminalState, number> = { complete: 0, stopped: 0, failed: 0, cancelled: 0 };
  readonly #storage: Storage;
  readonly #studyId: string;
  readonly #problem: Problem;
  readonly #feed: HistoryFeed;
  readonly #listener: FollowerListener;
  /** `Trial.fidelity` of unfinished trials. */
  readonly #reached = new Map<number, number>();

  constructor(storage: Storage, studyId: string, problem: Problem, listener: FollowerListener) {
    this.#storage = storage;
    this.#studyId = studyId;
    this.#problem = problem;
    this.#feed = new HistoryFeed(problem);
    this.#listener = listener;
    this.progressTracker = new ProgressTracker(problem.objectives);
  }

  get history(): HistoryRecorder {
    return this.#feed.history;
  }

  isUnfinished(trialNumber: number): boolean {
    return this.#feed.isUnfinished(trialNumber);
  }

  violationOf(metrics: Metrics | null): number {
    return this.#feed.violationOf(metrics);
  }

  /** Takes in everything so far; once, before anything else. */
  async load(record: StudyRecord): Promise<void> {
    this.#feed.mayMisfit = await problemDiffered(this.#storage, record);
    const totals = await this.#totals(record);
    const lossSigns = this.#problem.objectives.map(({ goal }) => (goal === "minimize" ? 1 : -1));
    const window = await this.#storage.readWindow(this.#studyId, lossSigns);
    this.history.setCounts(await this.#countsAt(record, window.seq));
    for (const { number, fidelity, finishedSeq } of window.trials)
      if (finishedSeq === null && fidelity !== null) this.#reached.set(number, fidelity);
    const trials = totals === null ? await this.#loadFromEnds(window) : await this.#loadFromTotals(window, totals);
    for (const trial of trials) this.#feed.load(trial, await this.#past(trial, window.seq));
    for (const trial of inOrderOfFinish(trials)) this.#feed.loadFinish(trial);
    this.history.seq = window.seq;
  }

  /** Takes in what is new. @returns Whether something happened to the study itself. */
  async sync(): Promise<boolean> {
    let concernsStudy = false;
    for (;;) {
      const events = await this.#storage.eventsAfter(this.#studyId, this.history.seq, eventPageSize);
      if (events.length > 0) await this.#applyAll(events);
      concernsStudy ||= events.some(({ kind }) => kind === "study-state" || kind === "study-revised");
      if (events.length < eventPageSize) return concernsStudy;
    }
  }

  /** The totals of a study that has more finished trials than are in view; null where they do not tell how it went. */
  async #totals({ stateCounts }: StudyRecord): Promise<StudyTotals | null> {
    const { complete, stopped, failed, cancelled } = stateCounts;
    if (complete + stopped + failed + cancelled <= windowSizes.all) return null;
    // An infeasible trial may be best in the storage's eyes.
    if (this.#choosesView() || this.#problem.outcomeConstraints.length > 0) return null;
    return this.#storage.getTotals(this.#studyId, this.#problem.objectives[0].goal);
  }

  // With several objectives see `replayWindow`; where the problem was another the storage's window shows trials that do not fit, ours not.
  #choosesView(): boolean {
    return this.#problem.objectives.length > 1 || this.#feed.mayMisfit;
  }

  /** Cost: reads the whole study if it has trials that are not in view. @returns The trials of the history. */
  async #loadFromEnds(window: Window): Promise<readonly Trial[]> {
    const isAllInView = this.history.finishedCount <= windowSizes.all;
    const ends = isAllInView
      ? pastEndsOf(window.trials, this.#feed)
      : await readPastEnds(this.#storage, this.#studyId, this.#feed, window.seq);
    const unfinished = window.trials.filter(({ finishedSeq }) => finishedSeq === null);
    this.#setProgress(progressFromEnds(this.#problem.objectives, ends, unfinished.map(trainedFidelity)));
    return isAllInView || !this.#choosesView() ? window.trials : this.#chosen(window, ends);
  }

  async #loadFromTotals({ trials, seq }: Window, totals: StudyTotals): Promise<readonly Trial[]> {
    const [objective] = this.#problem.objectives;
    this.#setProgress(await progressFromTotals(this.#storage, this.#studyId, objective, this.#feed, totals, seq));
    return trials;
  }

  #setProgress({ progressTracker, stepSum }: PastProgress): void {
    this.progressTracker = progressTracker;
    this.stepSum = stepSum;
  }

  /** The unfinished trials, and those finished ones that are in view; by number. */
  async #chosen(window: Window, ends: readonly PastEnd[]): Promise<readonly Trial[]> {
    const known = new Map(window.trials.map((trial) => [trial.number, trial]));
    const unfinished = window.trials.filter(({ finishedSeq }) => finishedSeq === null).map(({ number }) => number);
    const numbers = [...unfinished, ...finishedInView(ends, this.#problem.objectives.length)].sort((a, b) => a - b);
    const trials: Trial[] = [];
    for (const number of numbers) trials.push(known.get(number) ?? (await this.#trial(number)));
    return trials;
  }

  /** The counts of `record`, brought forward to event `seq`. */
  async #countsAt(record: StudyRecord, seq: number): Promise<HistoryCounts> {
    let { trialCount } = record;
    this.childCount = record.childCount;
    for (const state of Object.keys(this.endedCounts) as TerminalState[]) this.endedCounts[state] = record.stateCounts[state];
    for await (const { kind, trial } of eventsBetween(this.#storage, this.#studyId, record.seq, seq)) {
      if (kind === "trial-added" && trial !== null) {
        trialCount++;
        this.#countChild(await this.#trial(trial));
      }
      if (kind === "trial-finished" && trial !== null) this.#countEnd(await this.#trial(trial));
    }
    const { complete, stopped, failed, cancelled } = this.endedCounts;
    return { trialCount, finishedCount: complete + stopped + failed + cancelled, completeCount: complete };
  }

  async #past(trial: Trial, seq: number): Promise<TrialPast> {
    return {
      reports: await this.#reportsBeforeEnd(trial, seq),
      savedReplicates: this.#feed.tracksCheckpoints ? await this.#savedReplicates(trial) : [],
      pauses: trial.finishedSeq === null ? await this.#pauses(trial, seq) : new Map(),
    };
  }

  async #savedReplicates({ number, replicates }: Trial): Promise<readonly number[]> {
    const saved: number[] = [];
    for (const { index, attempt, confirm } of replicates) {
      if (attempt === 0 || confirm) continue;
      if ((await this.#storage.getCheckpoints(this.#studyId, number, index)).length > 0) saved.push(index);
    }
    return saved;
  }

  /** Cost: where a person paused a trial that has gone on since, reads the events since. */
  async #pauses({ number, state, replicates }: Trial, seq: number): Promise<PersonalPauses> {
    const pauses: PersonalPauses = new Map();
    if (replicates.every(({ attempt }) => attempt === 0)) return pauses;
    const decisions = await this.#storage.getDecisions(this.#studyId, number);
    const bySeq = new Map(decisions.filter((each) => each.seq <= seq).map((each) => [each.seq, each]));
    const [first] = [...bySeq.values()].filter(({ decision }) => isPersonalPause(decision));
    if (first === undefined) return pauses;
    const [only] = replicates;
    if (replicates.length === 1 && state === "paused" && only.attempt === first.attempt) return pauses.set(0, first.attempt);
    for await (const event of eventsBetween(this.#storage, this.#studyId, first.seq - 1, seq))
      if (event.trial === number) applyToPauses(pauses, event, bySeq.get(event.seq)?.decision);
    return pauses;
  }

  async #reportsBeforeEnd({ number, fidelity, finishedSeq }: Trial, seq: number): Promise<readonly StoredReport[]> {
    if (fidelity === null) return [];
    const reports = await this.#storage.getReports(this.#studyId, number);
    return reports.filter((report) => report.seq < (finishedSeq ?? seq + 1));
  }

  async #applyAll(events: readonly StudyEvent[]): Promise<void> {
    const trials = new Map<number, Trial>();
    const reports = new Map<number, StoredReport>();
    const decisions = new Map<number, StoredDecision>();
    for (const { trial: number, seq, kind } of events) {
      if (number === null) continue;
      if (!trials.has(number)) trials.set(number, await this.#trial(number));
      if (kind === "decided" && !decisions.has(seq))
        for (const decision of await this.#storage.getDecisions(this.#studyId, number)) decisions.set(decision.seq, decision);
      if (kind !== "reported" || reports.has(seq)) continue;
      for (const report of await this.#storage.getReports(this.#studyId, number, seq - 1)) reports.set(report.seq, report);
    }
    for (const event of events) {
      const trial = trials.get(event.trial ?? -1) ?? null;
      this.#apply(event, { trial, report: reports.get(event.seq) ?? null, decision: decisions.get(event.seq) ?? null });
    }
  }

  #apply(event: StudyEvent, content: EventContent): void {
    const { trial, report } = content;
    if (trial !== null && event.kind === "trial-added") this.#countChild(trial);
    if (trial !== null && report !== null) this.#reach(trial, report);
    const isNewFidelity = this.#feed.apply(event, content);
    if (trial !== null && event.kind === "trial-finished") {
      this.#countEnd(trial);
      this.#reached.delete(trial.number);
      this.progressTracker.finish(trial.number, this.#feed.endOf(trial), this.#feed.fits(trial) ? trialParams(trial) : null);
    }
    if (isNewFidelity) this.#listener.onFidelity(event);
    if (event.kind === "decided") this.#listener.onDecided(event);
  }

  #reach(trial: Trial, { replicate, fidelity }: StoredReport): void {
    if (!this.isUnfinished(trial.number) || trial.replicates[replicate].confirm) return;
    const before = this.#reached.get(trial.number) ?? trial.parent?.step;
    if (before !== undefined && fidelity <= before) return;
    this.#reached.set(trial.number, fidelity);
    this.stepSum += fidelity - (before ?? 0);
  }

  #countChild({ parent }: Trial): void {
    if (parent !== null) this.childCount++;
  }

  #countEnd({ state }: Trial): void {
    if (isTerminal(state)) this.endedCounts[state]++;
  }

  #trial(number: number): Promise<Trial> {
    return readTrial(this.#storage, this.#studyId, number);
  }
}

function inOrderOfFinish(trials: readonly Trial[]): Trial[] {
  const finished = trials.filter(({ finishedSeq }) => finishedSeq !== null);
  return finished.sort((a, b) => (a.finishedSeq as number) - (b.finishedSeq as number));
}
