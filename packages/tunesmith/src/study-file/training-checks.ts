import type { Fault, JsonObject, Problem } from "@tunesmith/core";
import type { TrainingOptions } from "../training/training-options.ts";

/** A sampler of the user's: a module, or a process. */
export interface OwnSampler {
  /** What is stored of it. */
  readonly spec: JsonObject;
  /** As `Sampler.refuse`. */
  refuse(problem: Problem): string | null;
}

/** What training and tuning know about the wording of a study. They stand above this folder, so whoever reads a study brings them along. */
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
  /**
   * `readOwnSampler` of tuning/own-sampler: null if `sampler` names one of ours.
   * @throws {TunesmithError} `invalid-input` with paths that begin with `sampler`.
   */
  readOwnSampler(written: JsonObject, folder: string): OwnSampler | null;
}
