import type { Fault } from "@tunesmith/core";
import type { TrainingOptions } from "../training/training-options.ts";

/** What training knows about the wording of a study. It stands above this folder, so whoever reads a study brings it along. */
export interface TrainingChecks {
  /** `commandFaults` of training/command-line.ts: what is wrong with a command's text and macros. */
  commandFaults(
    command: TrainingOptions["command"],
    options: Pick<TrainingOptions, "shell" | "program" | "parameterNames" | "parameterArgs" | "fidelity">,
    path: string,
  ): readonly Fault[];
  /** Names that a parameter must not have. */
  readonly macroNames: readonly string[];
  /** `parseKeep` of training/checkpoint-retention.ts: null if a text is no rule for keeping checkpoints. */
  parseKeep(text: string): object | null;
}
