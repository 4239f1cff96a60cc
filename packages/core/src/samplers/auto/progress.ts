import { canonicalJson, type JsonObject } from "../../json.ts";
import type { Space } from "../../parameters/space.ts";
import type { History } from "../../trial/history.ts";
import type { Problem } from "../../trial/problem.ts";
import { trialStateCodes } from "../../trial/trial-state.ts";
import { autoNote } from "./own-notes.ts";

/** What the choice depends on, of the study's past; all of it is on record. */
export interface Progress {
  /** Number of the trial to come. */
  readonly trialNumber: number;
  /** Trials with a result. */
  readonly completeCount: number;
  /** σ² / s² of the newest Gaussian process: how much of what it sees it takes for noise. Infinity without one. */
  readonly noiseShare: number;
  /** Trials that have ended since the best complete one of them. */
  readonly staleCount: number;
  /** Trials that have not ended. */
  readonly pendingCount: number;
  /** Median of what the newest trials with a result took. NaN where too little is known of it, and always where the user gave a seed. */
  readonly durationMs: number;
}

const DURATION_COUNTS = { least: 5, greatest: 25 } as const;

export function progressOf({ space }: Problem, history: History, trialNumber: number): Progress {
  const { completeCount, trialCount, finishedCount } = history;
  return {
    trialNumber,
    completeCount,
    noiseShare: noiseShareOf(space, history),
    staleCount: staleCountOf(history),
    pendingCount: trialCount - finishedCount,
    durationMs: durationOf(history),
  };
}

function durationOf({ rows, states, durationsMs }: History): number {
  const known: number[] = [];
  for (let i = rows.length - 1; i >= 0 && known.length < DURATION_COUNTS.greatest; i--) {
    const row = rows[i];
    if (states[row] === trialStateCodes.complete && durationsMs[row] >= 0) known.push(durationsMs[row]);
  }
  if (known.length < DURATION_COUNTS.least) return Number.NaN;
  return known.sort((a, b) => a - b)[known.length >> 1];
}

/** The best: by the first objective, of those that keep the outcome constraints. */
function staleCountOf({ rows, losses, violations, states, finishSeqs, objectiveCount: m }: History): number {
  let least = Infinity;
  let bestSeq = -1;
  for (const row of rows) {
    if (states[row] !== trialStateCodes.complete || violations[row] > 0) continue;
    const loss = losses[row * m];
    if (!(loss < least) && !(loss === least && finishSeqs[row] < bestSeq)) continue;
    least = loss;
    bestSeq = finishSeqs[row];
  }
  return rows.reduce((count, row) => count + (finishSeqs[row] > bestSeq ? 1 : 0), 0);
}

function noiseShareOf(space: Space, history: History): number {
  const { rows } = history;
  let signalAt = -1;
  for (let i = rows.length - 1; i >= 0; i--) {
    const note = autoNote(history.note(rows[i]));
    const theta = note?.engine === "gp" ? thetaOf(note.note) : null;
    if (theta === null) continue;
    if (signalAt < 0) signalAt = signalPlace(space);
    const share = Math.exp(theta[signalAt + 1] - theta[signalAt]);
    // Shorter where another revision of the problem had fewer parameters.
    if (!Number.isNaN(share)) return share;
  }
  return Infinity;
}

/** θ of `gp`: log ℓ of each dimension, one number for each condition, log s², log σ². */
function signalPlace({ dimensions }: Space): number {
  const conditions = dimensions.flatMap(({ parameter: { when } }) => (when === undefined ? [] : [canonicalJson(when)]));
  return dimensions.length + new Set(conditions).size;
}

function thetaOf(note: JsonObject | null): readonly number[] | null {
  const theta = member(member(member(member(note, "gp"), "models"), "loss"), "theta");
  return Array.isArray(theta) && theta.every((value) => typeof value === "number") ? theta : null;
}

function member(of: unknown, name: string): unknown {
  return typeof of === "object" && of !== null && !Array.isArray(of) ? (of as JsonObject)[name] : undefined;
}
