import type { TrainingChecks } from "../study-file/training-checks.ts";
import { parseKeep } from "../training/checkpoint-retention.ts";
import { commandFaults, macroNames } from "../training/command-line.ts";
import { readOwnSampler } from "./own-sampler/read-own-sampler.ts";

/** What the study file must know of training and tuning to find every fault before anything starts. */
export const trainingChecks: TrainingChecks = Object.freeze({ commandFaults, macroNames, parseKeep, readOwnSampler });
