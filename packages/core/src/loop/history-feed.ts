import { type Expression, parseExpression, violation } from "../parameters/expression.ts";
import type { StudyEvent } from "../storage/storage.ts";
import { HistoryRecorder } from "../trial/history-recorder.ts";
import type { Problem } from "../trial/problem.ts";
import type { Metrics, StoredReport, Trial } from "../trial/trial.ts";
import { type TrialInstants, trialDurationMs } from "../trial/trial-duration.ts";
import { isTerminal, type TrialState, trialStateOf } from "../trial/trial-state.ts";
import type { WindowSizes } from "../trial/window.ts";
import { lossesOf, lossOf } from "./trial-result.ts";

/** How a trial ended, as the history and the progress take it in. */
export interface TrialEnd {
  readonly state: TrialState;
  /** (m,) null without values. */
  readonly losses: readonly number[] | null;
  readonly violation: number;
  /** See `History.durationsMs`. */
  readonly durationMs: number;
}

/**
 * Makes a study's history from its events.
 *
 * Events are thin, so each comes with its trial as it is on record, which may be ahead of the event; what the trial was at the event
 * follows from the two. The history is therefore exactly H(S) after each event, however late it is read.
 */
export class HistoryFeed {
  readonly history: HistoryRecorder;
  /** Whether an earlier revision may have allowed configs that this problem does not; false spares looking at each. */
  mayMisfit: boolean;
  readonly #problem: Problem;
  readonly #constraints: readonly Expression[];
  /** States of the replicates of unfinished trials. */
  readonly #replicates = new Map<number, TrialState[]>();

  constructor(problem: Problem, sizes?: WindowSizes) {
    this.#problem = problem;
    this.mayMisfit = problem.revision > 1;
    this.#constraints = problem.outcomeConstraints.map(parseExpression);
    this.history = new HistoryRecorder(problem.space, problem.objectives.length, problem.replicates.count, sizes);
  }

  isUnfinished(trialNumber: number): boolean {
    return this.#replicates.has(trialNumber);
  }

  violationOf(metrics: Metrics | null): number {
    if (this.#constraints.length === 0) return 0;
    if (metrics === null) return Number.NaN;
    return this.#constraints.reduce((sum, constraint) => sum + violation(constraint, (name) => metrics[name]), 0);
  }

  /** Whether the problem as it is now allows its config, which was perhaps chosen under an earlier revision. */
  fits(trial: Trial): boolean {
    const { space } = this.#problem;
    return !this.mayMisfit || (isOpen(trial) ? space.checkPartial(trial.config) : space.check(trial.config)).length === 0;
  }

  endOf(trial: Pick<Trial, "state" | "values" | "metrics" | TrialInstants>): TrialEnd {
    const { state, values, metrics } = trial;
    const { objectives, seedDrawn } = this.#problem;
    const losses = values?.map((value, k) => lossOf(value, objectives[k].goal)) ?? null;
    return { state, losses, violation: this.violationOf(metrics), durationMs: seedDrawn ? trialDurationMs(trial) : Number.NaN };
  }

  /** A trial that is part of the counts already, with the reports that came before its end, ascending by seq. The ends follow. */
  load(trial: Trial, reports: readonly StoredReport[]): void {
    const { number, config, note, bracket } = trial;
    const isFinished = isTerminal(trial.state);
    // Before its end everything about a trial may still change.
    this.history.load({ number, config, note, bracket, state: isFinished ? "running" : trial.state, open: isOpen(trial) });
    for (const report of reports) this.#report(trial, report);
    if (!isFinished) this.#replicates.set(number, searchStates(trial));
  }

  loadFinish(trial: Trial): void {
    this.history.loadFinish(trial.number, this.endOf(trial), trial.finishedSeq as number);
  }

  /**
   * The next event of the study, with its trial and, for `reported`, its report.
   * @returns Whether a report came in whose fidelity all replicates have reported now.
   */
  apply(event: StudyEvent, trial: Trial | null, report: StoredReport | null): boolean {
    this.history.seq = event.seq;
    if (trial === null) return false;
    if (event.kind === "reported") return report !== null && this.#report(trial, report);
    this.#applyToTrial(event, trial);
    return false;
  }

  #applyToTrial(event: StudyEvent, trial: Trial): void {
    switch (event.kind) {
      case "trial-added":
        this.#add(trial);
        break;
      case "trial-filled":
        this.history.fill(trial.number, trial.config, trial.note, trial.bracket);
        break;
      case "claimed":
        this.#setReplicate(event, "running");
        break;
      case "resumed":
        this.#resume(trial.number);
        break;
      case "requeued":
        this.#setReplicate(event, "queued");
        break;
      case "replicate-ended":
        this.#setReplicate(event, endedState(event, trial));
        break;
      case "trial-finished":
        this.#replicates.delete(trial.number);
        this.history.finish(trial.number, this.endOf(trial), event.seq);
        break;
    }
  }

  #report(trial: Trial, report: StoredReport): boolean {
    const { objectives } = this.#problem;
    // A report of other metrics alone is no point of the learning curve, not even a bad one.
    if (trial.replicates[report.replicate].confirm || !objectives.some(({ name }) => Object.hasOwn(report.metrics, name)))
      return false;
    return this.history.report(trial.number, { ...report, losses: lossesOf(report.metrics, objectives) });
  }

  #add(trial: Trial): void {
    const { number, config, fixed, note, bracket } = trial;
    this.#replicates.set(number, searchStates(trial).fill("queued"));
    const empty = { config: fixed ?? config, note: null, bracket: 0 };
    const before = wasFilled(trial) ? empty : { config, note, bracket };
    this.history.add({ number, ...before, state: "queued", open: wasFilled(trial) || isOpen(trial) });
  }

  #resume(number: number): void {
    const states = this.#replicates.get(number);
    if (states === undefined) return;
    states.forEach((state, index) => {
      if (state === "paused") states[index] = "queued";
    });
    this.history.setState(number, trialStateOf(states));
  }

  #setReplicate({ trial, replicate }: StudyEvent, state: TrialState): void {
    if (trial === null || replicate === null) return;
    const states = this.#replicates.get(trial);
    // A finished trial stays what it is, whatever its confirmations and late siblings do.
    if (states === undefined) return;
    states[replicate] = state;
    this.history.setState(trial, trialStateOf(states));
  }
}

function searchStates({ replicates }: Trial): TrialState[] {
  return replicates.filter(({ confirm }) => !confirm).map(({ state }) => state);
}

/** Whether the sampler completed it after it had been enqueued: only then had the sampler seen it in the history. */
function wasFilled({ historySeq, createdSeq }: Trial): boolean {
  return historySeq >= createdSeq;
}

/** Whether it is, or ended as, an enqueued config that nobody has claimed. */
function isOpen({ fixed, replicates }: Trial): boolean {
  return fixed !== null && replicates[0].attempt === 0;
}

/**
 * What became of the replicate at its end. Only a pause and a completion leave the trial unfinished: every other end is followed at
 * once by that of the trial.
 */
function endedState({ replicate, attempt }: StudyEvent, trial: Trial): TrialState {
  const { state, attempt: newest } = trial.replicates[replicate as number];
  return state === "complete" && newest === attempt ? "complete" : "paused";
}
