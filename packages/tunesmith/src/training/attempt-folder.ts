import { mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { AttemptRef, Config, Decision, JsonObject } from "@tunesmith/core";

/** Where the files of one attempt lie; all paths absolute. */
export interface AttemptFolder {
  /** The folder itself: `TUNESMITH_DIR`. */
  readonly dir: string;
  /** What the process is to do; written before it starts. */
  readonly paramsFile: string;
  /** The parameters alone, for `${args_json_file}`; written only when asked for. */
  readonly argsFile: string;
  /** Our latest answer to the client; published by rename. */
  readonly decisionFile: string;
  /** What the client appends. */
  readonly reportsFile: string;
  /** The metrics file, unless the study names another. */
  readonly metricsFile: string;
  readonly logFile: string;
  /** `TUNESMITH_SAVE_DIR`: checkpoints `step-N`. */
  readonly saveDir: string;
}

/** What `params.json` says; member names are the client's. */
export interface AttemptParams {
  readonly params: Config;
  readonly trial: number;
  readonly replicate: number;
  readonly attempt: number;
  readonly seed: number;
  readonly fold: number | null;
  /** Fidelity to train to, and the most any trial may train to; null without a declared fidelity. */
  readonly fidelity: number | null;
  readonly fidelity_max: number | null;
  /** Steps at which `report` waits for a decision, ascending; null = at every step. */
  readonly decision_steps: readonly number[] | null;
  /** Metrics that decisions are about: a report without any of them waits for none. */
  readonly objectives: readonly string[];
}

/** What `decision.json` says. */
export interface PublishedDecision {
  /** Newest step that the decision has taken into account. */
  readonly step: number;
  readonly decision: Decision["kind"];
  /** Code of the rule that decided, or null for a plain continue. */
  readonly rule: string | null;
  /** 1 for the first decision of the attempt, then one more each. */
  readonly seq: number;
  readonly why?: JsonObject;
}

// Parameters and output may be private, the machine shared.
const privateFolder = 0o700;
const privateFile = 0o600;

/**
 * The paths of an attempt below a home folder: `studies/<id>/<trial>/<replicate>/<attempt>/`.
 * @throws {RangeError} If the study's id is no plain file name; ids are ours, names of users never become paths.
 */
export function attemptFolder(home: string, ref: AttemptRef): AttemptFolder {
  const dir = join(replicateDir(home, ref), String(ref.attempt));
  return {
    dir,
    paramsFile: join(dir, "params.json"),
    argsFile: join(dir, "args.json"),
    decisionFile: join(dir, "decision.json"),
    reportsFile: join(dir, "reports.jsonl"),
    metricsFile: join(dir, "metrics.jsonl"),
    logFile: join(dir, "output.log"),
    saveDir: join(dir, "save"),
  };
}

/** The folder that holds the attempts of one replicate. */
export function replicateDir(home: string, ref: Pick<AttemptRef, "studyId" | "trial" | "replicate">): string {
  if (!/^[A-Za-z0-9_-]+$/.test(ref.studyId)) {
    throw new RangeError(`the study id ${JSON.stringify(ref.studyId)} cannot be a folder; allowed: letters, digits, "_" and "-"`);
  }
  return join(resolve(home), "studies", ref.studyId, String(ref.trial), String(ref.replicate));
}

/** A file to be written before the process starts. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

export function paramsFileOf(folder: AttemptFolder, params: AttemptParams): TextFile {
  return { path: folder.paramsFile, text: JSON.stringify(params) };
}

export function argsFileOf(folder: AttemptFolder, params: Config): TextFile {
  return { path: folder.argsFile, text: JSON.stringify(params) };
}

/** Makes a folder with all above it, then writes files. Nothing is synced: the attempt does not outlive a power cut. */
export function putFiles(folder: string | null, files: readonly TextFile[]): void {
  if (folder !== null) makeFolder(folder);
  for (const { path, text } of files) writeFileSync(path, text, { mode: privateFile });
}

/** Node's own recursion never ends where a folder cannot be made in one that is there (in /proc, or below a deleted one). */
function makeFolder(path: string): void {
  if (tryToMake(path)) return;
  if (dirname(path) === path) throw new Error(`there is no ${path} to make folders in`);
  makeFolder(dirname(path));
  mkdirSync(path, { mode: privateFolder });
}

/** @returns False if the folder above is missing. */
function tryToMake(path: string): boolean {
  try {
    mkdirSync(path, { mode: privateFolder });
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "EEXIST" && statSync(path).isDirectory()) return true;
    if (code === "ENOENT") return false;
    throw error;
  }
}

/** Replaces `decision.json` in one step: a reader sees the old or the new one, never half of one. */
export function publishDecision(folder: AttemptFolder, decision: PublishedDecision): void {
  const draft = `${folder.decisionFile}.tmp`;
  writeFileSync(draft, JSON.stringify(decision), { mode: privateFile });
  renameSync(draft, folder.decisionFile);
}
