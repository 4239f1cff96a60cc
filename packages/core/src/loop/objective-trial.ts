import type { AbortSignalLike } from "../host.ts";
import type { Json } from "../json.ts";
import type { Config } from "../parameters/parameter.ts";
import type { Fidelity } from "../trial/problem.ts";
import type { Decision, Metrics, Outcome, Report } from "../trial/trial.ts";
import type { Job } from "./engine.ts";
import { failureMessage } from "./failure-message.ts";
import type { LazyAbort } from "./lazy-abort.ts";
import { namedMetrics } from "./named-metrics.ts";
import { reportFidelity } from "./report-fidelity.ts";
import { type SavedState, savedStateOf } from "./saved-state.ts";
import { createValueDrawer, type ValueDrawer } from "./value-drawer.ts";

/** What `report` answers: go on, or leave (a trial that is told to stop may return at once, its reports count). */
export type DecisionWord = Decision["kind"];

/** A trial as an objective function sees it. */
export interface ObjectiveTrial<Params = Config> extends ValueDrawer {
  readonly number: number;
  readonly params: Params;
  /** 31-bit seed of this replicate. */
  readonly seed: number;
  /** Fold from 0, or null without folds. */
  readonly fold: number | null;
  /** Fidelity to train to, in its unit; null without a declared fidelity. */
  readonly target: number | null;
  /**
   * Raised when the trial is to end before its objective returns. An objective that has asked for it and returns after it was raised
   * counts as having left early, unless it had reported the target.
   */
  readonly signal: AbortSignalLike;
  /**
   * The steps to train: from the one after the checkpoint's, else from 1, until the target is reached, endless without one; none after
   * the trial was told to leave.
   */
  steps(): Iterable<number>;
  /** What to go on from: the newest that an earlier attempt saved, for a child without one that of its parent; null to begin anew. */
  checkpoint(): SavedState | null;
  /**
   * Puts the state after a step on record, to go on from it later: whatever JSON can carry, the numbers themselves or the path of a
   * file that the objective keeps. @throws {TunesmithError} `invalid-input` if JSON cannot carry it.
   */
  saveCheckpoint(step: number, state: Json): Promise<void>;
  /** Records metrics at a step, one number for the only objective, and answers whether to go on. */
  report(step: number, metrics: Metrics | number): Promise<DecisionWord>;
}

/** A number for the only objective, metrics by name, or nothing when the trial reported. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function without a return statement gives void
export type ObjectiveResult = number | Metrics | void;

export type Objective<Params = Config> = (trial: ObjectiveTrial<Params>) => ObjectiveResult | Promise<ObjectiveResult>;

/** What an objective needs besides its job. */
export interface ObjectiveContext {
  readonly objectiveNames: readonly string[];
  readonly fidelityUnit: Fidelity["unit"] | null;
  /** See `ObjectiveSurroundings`. */
  readonly drawSeed: number | null;
  readonly abort: Pick<LazyAbort, "aborted" | "signal">;
  monotonicMs(): number;
  report(report: Report): Promise<DecisionWord>;
  recordValues(values: Config): Promise<void>;
  saveState(saved: SavedState): Promise<void>;
}

/** Runs an objective on a job; never rejects. */
export async function runObjective(objective: Objective, job: Job, context: ObjectiveContext): Promise<Outcome> {
  const trial = new RunningTrial(job, context);
  const outcome = await outcomeOf(objective, trial, context);
  // Reports that the objective did not wait for are part of the trial like the others.
  await trial.allReported();
  return outcome;
}

async function outcomeOf(objective: Objective, trial: RunningTrial, { objectiveNames }: ObjectiveContext): Promise<Outcome> {
  try {
    const result = await objective(trial);
    await trial.allRecorded();
    const final = result === undefined ? {} : namedMetrics(result, objectiveNames);
    const metrics = { ...trial.lastMetrics, ...final };
    return trial.leftEarly ? { kind: "stopped", why: { code: "left-early" }, metrics } : { kind: "complete", metrics };
  } catch (error) {
    return { kind: "failed", reason: "error", message: failureMessage(error) };
  }
}

class RunningTrial implements ObjectiveTrial {
  readonly suggestFloat: ValueDrawer["suggestFloat"];
  readonly suggestInt: ValueDrawer["suggestInt"];
  readonly suggestCategorical: ValueDrawer["suggestCategorical"];
  readonly number: number;
  readonly params: Config;
  readonly seed: number;
  readonly fold: number | null;
  readonly target: number | null;
  readonly #start: Job["checkpoint"];
  readonly #context: ObjectiveContext;
  readonly #startedMs: number;
  readonly #pending = new Set<Promise<unknown>>();
  /** Writes of drawn values and checkpoints. */
  readonly #recorded: Promise<unknown>[] = [];
  #lastFidelity = 0;
  #lastMetrics: Metrics = {};
  #answer: DecisionWord = "continue";
  #mayHaveNoticed = false;

  constructor(job: Job, context: ObjectiveContext) {
    const { ref, config, seed, fold, target, checkpoint } = job;
    const drawer = this.#drawer(job, context);
    this.suggestFloat = drawer.suggestFloat;
    this.suggestInt = drawer.suggestInt;
    this.suggestCategorical = drawer.suggestCategorical;
    this.number = ref.trial;
    this.params = config;
    this.seed = seed;
    this.fold = fold;
    this.target = target;
    this.#start = checkpoint;
    this.#context = context;
    this.#startedMs = context.monotonicMs();
    // They may be taken out of the trial: `({ params, report }) => …`.
    this.report = this.report.bind(this);
    this.steps = this.steps.bind(this);
    this.checkpoint = this.checkpoint.bind(this);
    this.saveCheckpoint = this.saveCheckpoint.bind(this);
  }

  get signal(): AbortSignalLike {
    this.#mayHaveNoticed = true;
    return this.#context.abort.signal;
  }

  get lastMetrics(): Metrics {
    return this.#lastMetrics;
  }

  /** Whether it returned because it was told to, rather than because it was ready. */
  get leftEarly(): boolean {
    const isReady = this.target !== null && this.#lastFidelity >= this.target;
    return this.#context.abort.aborted && this.#mayHaveNoticed && !isReady;
  }

  *steps(): Generator<number> {
    for (let step = (this.#start?.step ?? 0) + 1; !this.#isBeyondTarget(step) && this.#answer === "continue"; step++) {
      if (this.#context.abort.aborted) {
        this.#mayHaveNoticed = true;
        return;
      }
      yield step;
    }
  }

  async report(step: number, said: Metrics | number): Promise<DecisionWord> {
    const metrics = namedMetrics(said, this.#context.objectiveNames);
    const fidelity = this.#fidelityOf(step);
    const answered = this.#context.report({ step, fidelity, metrics });
    this.#pending.add(answered);
    const answer = await answered.finally(() => this.#pending.delete(answered));
    this.#lastMetrics = metrics;
    this.#lastFidelity = Math.max(this.#lastFidelity, fidelity);
    if (answer !== "continue") this.#answer = answer;
    if (this.#context.abort.aborted) this.#mayHaveNoticed = true;
    return this.#answer;
  }

  checkpoint(): SavedState | null {
    return savedStateOf(this.#start);
  }

  saveCheckpoint(step: number, state: Json): Promise<void> {
    return this.#record(this.#context.saveState({ step, state }));
  }

  async allReported(): Promise<void> {
    await Promise.allSettled(this.#pending);
  }

  /** @throws What the storage said about a drawn value or a checkpoint. */
  async allRecorded(): Promise<void> {
    await Promise.all(this.#recorded);
  }

  #record(recorded: Promise<void>): Promise<void> {
    // Heard of at the end; until then it must not look like one that nobody cares for.
    recorded.catch(() => {});
    this.#recorded.push(recorded);
    return recorded;
  }

  #drawer({ ref, config, suggested }: Job, { drawSeed, recordValues }: ObjectiveContext): ValueDrawer {
    return createValueDrawer({
      trialNumber: ref.trial,
      known: [config, suggested],
      seed: drawSeed,
      record: (values) => void this.#record(recordValues(values)),
    });
  }

  #fidelityOf(step: number): number {
    const { fidelityUnit, monotonicMs } = this.#context;
    return reportFidelity(fidelityUnit, step, this.target, monotonicMs() - this.#startedMs);
  }

  #isBeyondTarget(step: number): boolean {
    if (this.target === null || this.#context.fidelityUnit === "value") return false;
    return this.#context.fidelityUnit === "time" ? this.#fidelityOf(step) >= this.target : step > this.target;
  }
}
