import type { Space } from "../parameters/space.ts";

/** One number to optimise. */
export interface Objective {
  /** Name of the metric that carries it. */
  readonly name: string;
  readonly goal: "minimize" | "maximize";
  /** The study is done once a complete trial reaches it. */
  readonly stopAt?: number;
  /** Which report counts as the trial's value; default `last`. `mean:k` is the mean of the last k. */
  readonly take: "last" | "best" | `mean:${number}`;
  /** Metric that carries the step number in a training's output, e.g. `epoch`. */
  readonly step?: string;
}

/** How far a trial may train. */
export interface Fidelity {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** `steps`: the report's step; `time`: seconds of the process; `value`: a number the command is started with. */
  readonly unit: "steps" | "time" | "value";
  /** Whether a restarted command continues from its checkpoint. */
  readonly resume: "auto" | "yes" | "no";
}

/** What is being searched, compiled. A change makes a new revision; earlier revisions stay on record. */
export interface Problem {
  readonly revision: number;
  readonly space: Space;
  readonly objectives: readonly Objective[];
  /** Expressions over metrics that a good trial satisfies, e.g. `latency_ms <= 5`. */
  readonly outcomeConstraints: readonly string[];
  readonly fidelity: Fidelity | null;
  /** Runs per trial that differ in seed (`repeats`) or fold (`folds`). */
  readonly replicates: { readonly kind: "repeats" | "folds"; readonly count: number };
  readonly seed: number;
  /** Whether nobody chose the seed. Only then may samplers see how long trials took: two runs with one chosen seed are the same. */
  readonly seedDrawn: boolean;
  /** Whether training code may draw parameters that are not declared. */
  readonly defineByRun: boolean;
  /** How many trials the study may make; null without a limit. */
  readonly trialBudget: number | null;
  /** How many attempts run at a time. */
  readonly parallel: number;
}
