import { delimiter } from "node:path";
import type { Job } from "@tunesmith/core";
import type { AttemptFolder } from "./attempt-folder.ts";
import { markerName } from "./process-table.ts";
import type { Slot } from "./slots.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

const secret = /^TUNESMITH_(?:TOKEN|DB)/;
/** Set per attempt: those of an attempt around this very runner must not shine through. */
const perAttempt = /^TUNESMITH_(?:ATTEMPT|DIR|SAVE_DIR|RESUME_DIR|FIDELITY|FIDELITY_MAX|SEED|FOLD|TRIAL|PARAM_.*)$/;
const threadVariables = [
  "OMP_NUM_THREADS",
  "MKL_NUM_THREADS",
  "OPENBLAS_NUM_THREADS",
  "NUMEXPR_NUM_THREADS",
  "VECLIB_MAXIMUM_THREADS",
];

export interface SlotEnvironmentOptions {
  /** The environment of this process. */
  readonly inherited: Environment;
  /** The study's own variables, laid over it. */
  readonly study: Environment;
  /** Folder that holds the Python client's package, or null. */
  readonly pythonClientDir: string | null;
}

/**
 * What is the same for all attempts in a slot: the inherited environment less our secrets, the study's variables over it, and where
 * neither says otherwise unbuffered Python output and as many threads as the slot has cores.
 */
export function slotEnvironment(slot: Slot, options: SlotEnvironmentOptions): Environment {
  const env: Record<string, string | undefined> = { ...withoutOurs(options.inherited), ...options.study };
  env.PYTHONUNBUFFERED ??= "1";
  for (const name of threadVariables) env[name] ??= String(slot.cpus);
  if (slot.gpus.length > 0) env.CUDA_VISIBLE_DEVICES = slot.gpus.join(",");
  const pythonPath = [env.PYTHONPATH, options.pythonClientDir].filter((part) => part);
  if (pythonPath.length > 0) env.PYTHONPATH = pythonPath.join(delimiter);
  return Object.freeze(env);
}

function withoutOurs(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !secret.test(name) && !perAttempt.test(name)));
}

/**
 * What an attempt is told besides; see the table in docs of `TUNESMITH_…` variables.
 * @param checkpoint  Folder to continue from, or null.
 */
export function attemptEnvironment(job: Job, folder: AttemptFolder, marker: string, checkpoint: string | null): Environment {
  const { ref } = job;
  const env: Record<string, string> = {
    [markerName]: marker,
    TUNESMITH_DIR: folder.dir,
    TUNESMITH_SAVE_DIR: folder.saveDir,
    TUNESMITH_TRIAL: String(ref.trial),
    TUNESMITH_SEED: String(job.seed),
  };
  if (job.fold !== null) env.TUNESMITH_FOLD = String(job.fold);
  if (job.target !== null) env.TUNESMITH_FIDELITY = String(job.target);
  if (job.maxFidelity !== null) env.TUNESMITH_FIDELITY_MAX = String(job.maxFidelity);
  if (checkpoint !== null) env.TUNESMITH_RESUME_DIR = checkpoint;
  return env;
}

/** The marker that every process of an attempt inherits: `<study>.<trial>.<replicate>.<attempt>.<boot nonce of the agent>`. */
export function attemptMarker(ref: Job["ref"], nonce: string): string {
  return `${ref.studyId}.${ref.trial}.${ref.replicate}.${ref.attempt}.${nonce}`;
}

/** The agent's boot nonce in a marker; it holds no dot. */
export function nonceOfMarker(marker: string): string {
  return marker.slice(marker.lastIndexOf(".") + 1);
}
