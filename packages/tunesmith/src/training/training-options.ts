/** A command line: text that is split as a shell would split it, or the elements themselves. */
export type CommandLine = string | readonly string[];

/** What a study says about how its trials are trained; made from the study file, the command line or a program. */
export interface TrainingOptions {
  /** Starts one attempt. Macros are replaced after splitting. */
  readonly command: CommandLine;
  /** Run the command, and `evaluate`, with `/bin/sh -c`; then macros are a fault and parameters arrive as `TUNESMITH_PARAM_<NAME>`. */
  readonly shell: boolean;
  /** What `${program}` stands for; null where the study names none. */
  readonly program: string | null;
  /** Absolute folder that commands run in. */
  readonly workdir: string;
  /** Laid over the inherited environment. */
  readonly env: { readonly [name: string]: string };
  /** Second command, run after a successful first one; its metrics are laid over the first one's. Null for none. */
  readonly evaluate: CommandLine | null;
  /** Run once at the end of a study, on the model of the winner and of the default configuration: reads what the search must not see. */
  readonly test: CommandLine | null;
  /** All parameter names in the order they were declared: the order of `${args}`. */
  readonly parameterNames: readonly string[];
  /** How a parameter is called in `${args}` where that is not `--<name>`, e.g. `{ lr: "--learning-rate" }`. */
  readonly parameterArgs: { readonly [name: string]: string };
  /** The declared fidelity, or null. `arg` puts the target into `${args}`, e.g. `--epochs`; null leaves it out. */
  readonly fidelity: { readonly name: string; readonly unit: "steps" | "time" | "value"; readonly arg: string | null } | null;
  /** Metric names of the objectives, at least one; only output that carries the first makes a step. */
  readonly objectiveNames: readonly string[];
  /** Goal of the first objective, to know the best checkpoint. */
  readonly goal: "minimize" | "maximize";
  /** Metric that carries the step number in the output, e.g. `epoch`; null counts the steps. */
  readonly stepName: string | null;
  /** File the command writes metrics to, relative to `workdir`; null is `metrics.jsonl` in the attempt folder. Macros are replaced. */
  readonly metricsFile: string | null;
  readonly limits: TrainingLimits;
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number;
  /** Which checkpoints are kept: `all`, `none`, or `best`, `last<N>` and both joined by `+`, e.g. `best+last2`. */
  readonly keepCheckpoints: string;
}

export interface TrainingLimits {
  /** Longest run of one attempt, evaluation included; null without a limit. */
  readonly trialTimeMs: number | null;
  /** Most resident memory of all processes of one attempt together; null without a limit. */
  readonly trialMemoryBytes: number | null;
}

/** What holds where a study says nothing; `command`, `workdir`, `parameterNames`, `objectiveNames` and `goal` have no default. */
export const trainingDefaults = Object.freeze({
  shell: false,
  program: null,
  env: Object.freeze({}),
  evaluate: null,
  test: null,
  parameterArgs: Object.freeze({}),
  fidelity: null,
  stepName: null,
  metricsFile: null,
  limits: Object.freeze({ trialTimeMs: null, trialMemoryBytes: null }),
  graceMs: 30_000,
  keepCheckpoints: "best+last2",
}) satisfies Omit<TrainingOptions, "command" | "workdir" | "parameterNames" | "objectiveNames" | "goal">;
