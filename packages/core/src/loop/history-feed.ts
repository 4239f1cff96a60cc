import { type Expression, parseExpression, violation } from "../parameters/expression.ts";
import type { StoredDecision, StudyEvent } from "../storage/storage.ts";
import { HistoryRecorder } from "../trial/history-recorder.ts";
import type { Problem } from "../trial/problem.ts";
import type { Metrics, StoredReport, Trial } from "../trial/trial.ts";
import { type TrialInstants, trialDurationMs } from "../trial/trial-duration.ts";
import { isTerminal, type TrialState, trialStateOf } from "../trial/trial-state.ts";
import type { WindowSizes } from "../trial/window.ts";
import { applyToPauses, isPersonalPause, type PersonalPauses } from "./personal-pauses.ts";
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

/** What an event refers to, as it is on record: its trial, and the report or decision that it is about. */
export interface EventContent {
  readonly trial: Trial | null;
  readonly report: StoredReport | null;
  readonly decision: StoredDecision | null;
}

/** What came to pass with a trial before event S. */
export interface TrialPast {
  /** Before its end, ascending by seq. */
  readonly reports: readonly StoredReport[];
  /** Replicates that had put a checkpoint on record; see `HistoryFeed.tracksCheckpoints`. */
  readonly savedReplicates: readonly number[];
  /** Of an unfinished trial. */
  readonly pauses: PersonalPauses;
}

/**
 * Makes a study's history from its events.
 *
 * Events are thin, so each comes with what it refers to as it is on record, where a trial may be ahead of the event; what the trial was
 * at the event follows from the two. The history is therefore exactly H(S) after each event, however late it is read.
 */
export class HistoryFeed {
  readonly history: HistoryRecorder;
  /** Whether an earlier revision may have allowed configs that this problem does not; false spares looking at each. */
  mayMisfit: boolean;
  /** Whether a child could begin from a checkpoint; else the history looks at none. */
  readonly tracksCheckpoints: boolean;
  readonly #problem: Problem;
  readonly #constraints: readonly Expression[];
  /** States of the replicates of unfinished trials. */
  readonly #replicates = new Map<number, TrialState[]>();
  /** Of unfinished trials, where there are any. */
  readonly #pauses = new Map<number, PersonalPauses>();

  constructor(problem: Problem, sizes?: WindowSizes) {
    this.#problem = problem;
    this.mayMisfit = problem.revision > 1;
    this.tracksCheckpoints = problem.fidelity !== null && problem.fidelity.resume !== "no";
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

  /** A trial that is part of the counts already. The ends follow. */
  load(trial: Trial, { reports, savedReplicates, pauses }: TrialPast): void {
    const { number, config, note, bracket, parent } = trial;
    const isFinished = isTerminal(trial.state);
    // Before its end everything about a trial may still change.
    const state = isFinished ? "running" : trial.state;
    this.history.load({ target: targetOf(trial), number, config, note, bracket, parent, state, open: isOpen(trial) });
    for (const report of reports) this.#report(trial, report);
    for (const replicate of savedReplicates) this.history.addCheckpoint(number, replicate);
    if (isFinished) return;
    this.#replicates.set(number, searchStates(trial));
    if (pauses.size === 0) return;
    this.#pauses.set(number, pauses);
    this.history.setHeld(number, true);
  }

  loadFinish(trial: Trial): void {
    this.history.loadFinish(trial.number, this.endOf(trial), trial.finishedSeq as number);
  }

  /**
   * The next event of the study.
   * @returns Whether a report came in whose fidelity all replicates have reported now.
   */
  apply(event: StudyEvent, { trial, report, decision }: EventContent): boolean {
    this.history.seq = event.seq;
    if (trial === null) return false;
    this.#followPauses(event, trial.number, decision);
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
        this.history.fill(trial.number, trial.config, trial.note, trial.bracket, targetOf(trial));
        break;
      case "claimed":
        this.#setReplicate(event, "running");
        break;
      case "resumed":
        this.#resume(trial);
        break;
      case "requeued":
        this.#setReplicate(event, "queued");
        break;
      case "checkpoint":
        if (this.tracksCheckpoints) this.history.addCheckpoint(trial.number, event.replicate as number);
        break;
      case "replicate-ended":
        this.#setReplicate(event, endedState(event, trial));
        break;
      case "trial-finished":
        this.#replicates.delete(trial.number);
        this.#pauses.delete(trial.number);
        this.history.finish(trial.number, this.endOf(trial), event.seq);
        break;
    }
  }

  #followPauses(event: StudyEvent, trialNumber: number, decided: StoredDecision | null): void {
    const known = this.#pauses.get(trialNumber);
    if (known === undefined && !isPersonalPause(decided?.decision)) return;
    if (!this.isUnfinished(trialNumber)) return;
    const pauses = known ?? new Map<number, number>();
    applyToPauses(pauses, event, decided?.decision);
    if (pauses.size > 0) this.#pauses.set(trialNumber, pauses);
    else this.#pauses.delete(trialNumber);
    this.history.setHeld(trialNumber, pauses.size > 0);
  }

  #report(trial: Trial, report: StoredReport): boolean {
    const { objectives } = this.#problem;
    // A report of other metrics alone is no point of the learning curve, not even a bad one.
    if (trial.replicates[report.replicate].confirm || !objectives.some(({ name }) => Object.hasOwn(report.metrics, name)))
      return false;
    return this.history.report(trial.number, { ...report, losses: lossesOf(report.metrics, objectives) });
  }

  #add(trial: Trial): void {
    const { number, config, fixed, note, bracket, parent } = trial;
    this.#replicates.set(number, searchStates(trial).fill("queued"));
    const empty = { config: fixed ?? config, note: null, bracket: 0 };
    const before = wasFilled(trial) ? empty : { config, note, bracket, target: targetOf(trial) };
    this.history.add({ number, ...before, parent, state: "queued", open: wasFilled(trial) || isOpen(trial) });
  }

  #resume(trial: Trial): void {
    const { number } = trial;
    const states = this.#replicates.get(number);
    if (states === undefined) return;
    states.forEach((state, index) => {
      if (state === "paused") states[index] = "queued";
    });
    this.history.aim(number, targetOf(trial), trialStateOf(states));
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

/** Fidelity it was last told to train to; null if it has not begun. */
function targetOf(trial: Trial): number | null {
  return isOpen(trial) ? null : trial.replicates[0].target;
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
