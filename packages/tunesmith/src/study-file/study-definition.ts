import type { Config, JsonObject, ProblemSpec, StudySettings } from "@tunesmith/core";
import type { TrainingOptions } from "../training/training-options.ts";

/** A study file or a command line, understood: what `tunesmith run` makes a study of. */
export interface StudyDefinition {
  readonly name: string;
  /** `seed` null: drawn and stored when the study is made. */
  readonly problem: Omit<ProblemSpec, "seed"> & { readonly seed: number | null };
  /** `auto`: as many attempts at a time as the machine has room for. */
  readonly settings: Omit<StudySettings, "parallel"> & { readonly parallel: number | "auto" };
  readonly training: TrainingOptions;
  readonly resources: Resources;
  readonly enqueue: readonly Config[];
  /** What was understood otherwise than written, or not used; each worth one printed line. */
  readonly notices: readonly string[];
}

/** What one attempt needs. */
export interface Resources {
  readonly cpus: number | null;
  readonly gpus: number;
  readonly gpusSharedBy: number;
}

/** The canonical form that is stored with the study and compared when the file is run again. */
export type DefinitionJson = JsonObject;
