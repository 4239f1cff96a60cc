import type { Storage, StudyEvent, StudyRecord, Window } from "../storage/storage.ts";
import type { HistoryCounts, HistoryRecorder } from "../trial/history-recorder.ts";
import type { Problem } from "../trial/problem.ts";
import type { Budget } from "../trial/study-settings.ts";
import type { Metrics, StoredReport, Trial } from "../trial/trial.ts";
import { isTerminal, type TerminalState } from "../trial/trial-state.ts";
import { windowSizes } from "../trial/window.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import { HistoryFeed } from "./history-feed.ts";
import { finishedInView, type PastEnd, pastEndsOf, readPastEnds } from "./past-ends.ts";
import { ProgressTracker } from "./progress-tracker.ts";

const eventPageSize = 1_000;

/** Keeps a study's history and progress in memory equal to what is on record, event by event. */
export class HistoryFollower {
  progressTracker: ProgressTracker;
  /** Sum over all trials of the greatest fidelity they reported. */
  stepSum = 0;
  /** Finished trials by how they ended. */
  readonly endedCounts: Record<TerminalState, number> = { complete: 0, stopped: 0, failed: 0, cancelled: 0 };
  readonly #storage: Storage;
  readonly #studyId: string;
  readonly #problem: Problem;
  readonly #feed: HistoryFeed;
  readonly #onFidelity: (reported: StudyEvent) => void;
  /** Greatest fidelity reported, of unfinished trials. */
  readonly #reached = new Map<number, number>();
  #countsAll = true;

  /**
   * @param onFidelity  Called when a trial has come to a fidelity, with all its replicates; the history is as it is right after that
   *                    report. Must not throw.
   */
  constructor(storage: Storage, studyId: string, problem: Problem, onFidelity: (reported: StudyEvent) => void) {
    this.#storage = storage;
    this.#studyId = studyId;
    this.#problem = problem;
    this.#feed = new HistoryFeed(problem);
    this.#onFidelity = onFidelity;
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
  async load(record: StudyRecord, budget: Budget): Promise<void> {
    const lossSigns = this.#problem.objectives.map(({ goal }) => (goal === "minimize" ? 1 : -1));
    const window = await this.#storage.readWindow(this.#studyId, lossSigns);
    const counts = await this.#countsAt(record, window.seq);
    this.history.setCounts(counts);
    const isAllInView = counts.finishedCount <= windowSizes.all;
    this.#countsAll = isAllInView || this.#needsAll(budget);
    const ends =
      isAllInView || !this.#countsAll
        ? pastEndsOf(window.trials, this.#feed)
        : await readPastEnds(this.#storage, this.#studyId, this.#feed, window.seq);
    const trials = !isAllInView && this.#choosesView() ? await this.#chosen(window, ends) : window.trials;
    for (const trial of trials) this.#feed.load(trial, await this.#reportsBeforeEnd(trial, window.seq));
    for (const trial of inOrderOfFinish(trials)) this.#feed.loadFinish(trial);
    for (const { number, fidelity, finishedSeq } of window.trials)
      if (finishedSeq === null && fidelity !== null) this.#reached.set(number, fidelity);
    this.#replayProgress(ends);
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

  /** To be called when the budget has changed: what it limits must be counted over the whole study. */
  async countFor(budget: Budget): Promise<void> {
    if (this.#countsAll || !this.#needsAll(budget)) return;
    this.#countsAll = true;
    const ends = await readPastEnds(this.#storage, this.#studyId, this.#feed, this.history.seq);
    this.#replayProgress(ends);
  }

  // Beyond the window, opening a study does not look at every trial unless something depends on all of them.
  #needsAll({ noImprovement, steps }: Budget): boolean {
    const mayLoseBest = this.#problem.outcomeConstraints.length > 0 || this.#choosesView();
    return mayLoseBest || noImprovement !== undefined || steps !== undefined;
  }

  // With several objectives see `replayWindow`; after a revision the storage's window shows trials that no longer fit, and ours not.
  #choosesView(): boolean {
    return this.#problem.objectives.length > 1 || this.#problem.revision > 1;
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

  #replayProgress(ends: readonly PastEnd[]): void {
    this.progressTracker = new ProgressTracker(this.#problem.objectives);
    this.stepSum = 0;
    for (const { number, config, end, fidelity } of ends) {
      this.progressTracker.finish(number, end, config);
      this.stepSum += fidelity ?? 0;
    }
    for (const fidelity of this.#reached.values()) this.stepSum += fidelity;
  }

  /** The counts of `record`, brought forward to event `seq`. */
  async #countsAt(record: StudyRecord, seq: number): Promise<HistoryCounts> {
    let { trialCount } = record;
    for (const state of Object.keys(this.endedCounts) as TerminalState[]) this.endedCounts[state] = record.stateCounts[state];
    for (let at = record.seq; at < seq; ) {
      const events = await this.#storage.eventsAfter(this.#studyId, at, Math.min(eventPageSize, seq - at));
      for (const { kind, trial } of events) {
        if (kind === "trial-added") trialCount++;
        if (kind === "trial-finished" && trial !== null) this.#countEnd(await this.#trial(trial));
      }
      at = events[events.length - 1].seq;
    }
    const { complete, stopped, failed, cancelled } = this.endedCounts;
    return { trialCount, finishedCount: complete + stopped + failed + cancelled, completeCount: complete };
  }

  async #reportsBeforeEnd({ number, fidelity, finishedSeq }: Trial, seq: number): Promise<readonly StoredReport[]> {
    if (fidelity === null) return [];
    const reports = await this.#storage.getReports(this.#studyId, number);
    return reports.filter((report) => report.seq < (finishedSeq ?? seq + 1));
  }

  async #applyAll(events: readonly StudyEvent[]): Promise<void> {
    const trials = new Map<number, Trial>();
    const reports = new Map<number, StoredReport>();
    for (const { trial: number, seq, kind } of events) {
      if (number === null) continue;
      if (!trials.has(number)) trials.set(number, await this.#trial(number));
      if (kind !== "reported" || reports.has(seq)) continue;
      for (const report of await this.#storage.getReports(this.#studyId, number, seq - 1)) reports.set(report.seq, report);
    }
    for (const event of events) this.#apply(event, trials.get(event.trial ?? -1) ?? null, reports.get(event.seq) ?? null);
  }

  #apply(event: StudyEvent, trial: Trial | null, report: StoredReport | null): void {
    if (trial !== null && report !== null) this.#reach(trial, report);
    const isNewFidelity = this.#feed.apply(event, trial, report);
    if (trial !== null && event.kind === "trial-finished") {
      this.#countEnd(trial);
      this.#reached.delete(trial.number);
      this.progressTracker.finish(trial.number, this.#feed.endOf(trial), this.#feed.fits(trial) ? trial.config : null);
    }
    if (isNewFidelity) this.#onFidelity(event);
  }

  #reach(trial: Trial, { replicate, fidelity }: StoredReport): void {
    if (!this.isUnfinished(trial.number) || trial.replicates[replicate].confirm) return;
    const before = this.#reached.get(trial.number) ?? 0;
    if (fidelity <= before) return;
    this.#reached.set(trial.number, fidelity);
    this.stepSum += fidelity - before;
  }

  #countEnd({ state }: Trial): void {
    if (isTerminal(state)) this.endedCounts[state]++;
  }

  async #trial(number: number): Promise<Trial> {
    const trial = await this.#storage.getTrial(this.#studyId, number);
    if (trial === null) throw new TunesmithError("trial-not-found", `the study has no trial ${number}`);
    return trial;
  }
}

function inOrderOfFinish(trials: readonly Trial[]): Trial[] {
  const finished = trials.filter(({ finishedSeq }) => finishedSeq !== null);
  return finished.sort((a, b) => (a.finishedSeq as number) - (b.finishedSeq as number));
}
