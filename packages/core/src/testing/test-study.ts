import { createRng } from "../numerics/rng.ts";
import { createSpace } from "../parameters/create-space.ts";
import type { Config, Parameters } from "../parameters/parameter.ts";
import type { Sampler, SuggestContext, Suggestion } from "../samplers/sampler.ts";
import { HistoryRecorder } from "../trial/history-recorder.ts";
import type { Problem } from "../trial/problem.ts";
import type { TrialState } from "../trial/trial-state.ts";

export interface TestProblem {
  readonly parameters: Parameters;
  readonly parameterConstraints?: readonly string[];
  readonly objectiveCount?: number;
  readonly constrained?: boolean;
  readonly fidelity?: { readonly min: number; readonly max: number; readonly unit?: "steps" | "time" | "value" } | null;
  readonly seed?: number;
}

/** A problem with objectives `loss0`, `loss1`, …, all minimised. */
export function testProblem(spec: TestProblem): Problem {
  const { parameters, parameterConstraints = [], objectiveCount = 1, constrained = false, fidelity = null, seed = 1 } = spec;
  return {
    revision: 1,
    space: createSpace(parameters, parameterConstraints),
    objectives: Array.from({ length: objectiveCount }, (_, k) => ({ name: `loss${k}`, goal: "minimize", take: "last" })),
    outcomeConstraints: constrained ? ["latency <= 5"] : [],
    fidelity: fidelity && { name: "epochs", unit: "steps", resume: "auto", ...fidelity },
    replicates: { kind: "repeats", count: 1 },
    seed,
    seedDrawn: false,
    defineByRun: false,
    trialBudget: null,
    parallel: 1,
  };
}

/** How a trial of a test study ends. */
export interface TestEnd {
  readonly state?: TrialState;
  /** Null: without a result. */
  readonly losses: readonly number[] | null;
  readonly violation?: number;
  /** Default: unknown. */
  readonly durationMs?: number;
}

/**
 * A study without an engine: trials are added, report and end by hand, and the history a sampler sees follows. `fork` makes an equal
 * study whose history has seen the same events, as a program that starts again would have it.
 */
export class TestStudy {
  readonly problem: Problem;
  history: HistoryRecorder;
  readonly #events: ((history: HistoryRecorder) => void)[] = [];
  #trialCount = 0;

  constructor(problem: Problem) {
    this.problem = problem;
    this.history = newHistory(problem);
  }

  get trialCount(): number {
    return this.#trialCount;
  }

  /** What a sampler gets when it is asked for the next trial. */
  context(fixed: Config = {}): SuggestContext {
    const trialNumber = this.#trialCount;
    return { trialNumber, fixed, rng: (purpose) => createRng(this.problem.seed, trialNumber, purpose) };
  }

  suggest(sampler: Sampler, fixed: Config = {}): Suggestion | null {
    const suggestion = sampler.suggest(this.problem, this.history, this.context(fixed));
    if (suggestion instanceof Promise)
      throw new TypeError("this sampler answers later; the test study needs one that answers at once");
    return suggestion;
  }

  /** Adds a running trial. @returns Its number. */
  add({ config, note }: Pick<Suggestion, "config" | "note">, bracket = 0, state: TrialState = "running"): number {
    const number = this.#trialCount++;
    this.#record((history) => history.add({ number, config, note: note ?? null, bracket, state }));
    return number;
  }

  report(trial: number, fidelity: number, losses: readonly number[]): number {
    this.#record((history) => history.report(trial, { replicate: 0, attempt: 1, step: fidelity, fidelity, losses }));
    return this.history.rowOf(trial);
  }

  setState(trial: number, state: TrialState): void {
    this.#record((history) => history.setState(trial, state));
  }

  finish(trial: number, { state = "complete", losses, violation = 0, durationMs = Number.NaN }: TestEnd): void {
    const seq = this.#events.length;
    this.#record((history) => history.finish(trial, { state, losses, violation, durationMs }, seq));
  }

  /** Adds a trial that has already ended. */
  addFinished(config: Config, end: TestEnd): number {
    const number = this.add({ config });
    this.finish(number, end);
    return number;
  }

  /** Asks, runs and ends one trial. @returns Its config; null when the sampler has nothing left. */
  step(sampler: Sampler, objective: (config: Config) => number | readonly number[]): Config | null {
    const suggestion = this.suggest(sampler);
    if (suggestion === null) return null;
    const result = objective(suggestion.config);
    const number = this.add(suggestion);
    this.finish(number, { losses: typeof result === "number" ? [result] : result });
    return suggestion.config;
  }

  fork(): TestStudy {
    const copy = new TestStudy(this.problem);
    for (const event of this.#events) copy.#record(event);
    copy.#trialCount = this.#trialCount;
    return copy;
  }

  #record(event: (history: HistoryRecorder) => void): void {
    this.#events.push(event);
    this.history.seq = this.#events.length;
    event(this.history);
  }
}

function newHistory({ space, objectives, replicates }: Problem): HistoryRecorder {
  return new HistoryRecorder(space, objectives.length, replicates.count);
}
