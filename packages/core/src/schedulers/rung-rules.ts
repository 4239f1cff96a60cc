import type { History } from "../trial/history.ts";
import type { Fidelity, Problem } from "../trial/problem.ts";
import type { Decision, Why } from "../trial/trial.ts";
import type { Fault } from "../tunesmith-error.ts";
import type { Standing } from "./bracket-ledger.ts";

/** Why a scheduler that pauses and resumes trials at rungs cannot serve a problem; null if it can. */
export function refuseWithoutRungs(type: string, { fidelity, objectives, defineByRun }: Problem): string | null {
  if (fidelity === null) return `${type} pauses trials on their way and needs a fidelity to measure how far they are`;
  if (objectives.length > 1) return `${type} compares trials by one loss, but there are ${objectives.length} objectives`;
  if (defineByRun) return `${type} needs every parameter declared: it compares trials before all of theirs are drawn`;
  return null;
}

export function etaFaults(eta: unknown): Fault[] {
  if (typeof eta === "number" && eta >= 2 && eta < Infinity) return [];
  return [{ path: "eta", message: `is ${JSON.stringify(eta)}; allowed: a number from 2` }];
}

/**
 * Levels of a bracket at which a report may be answered otherwise than with continue: all below the greatest fidelity, but none where a
 * report counts only if it is the last.
 */
export function decidingLevels({ unit }: Fidelity, levels: readonly number[]): readonly number[] {
  return unit === "value" ? [] : levels.slice(0, -1);
}

/**
 * What becomes of a trial that has reported: nothing before it has come to the rung it was told to train to; there it is stopped if
 * `stopWhy` says why, and otherwise leaves by itself to be paused. One that goes on reporting is told to leave.
 */
export function judgeAtTarget(
  history: History,
  row: number,
  { bracket, aim, results }: Standing,
  stopWhy: () => Why | null,
): Decision {
  if (aim < 0 || aim >= results.length || aim === bracket.rungs.length - 1) return { kind: "continue" };
  const why = stopWhy();
  if (why !== null) return { kind: "stop", why };
  const { level } = bracket.rungs[aim];
  const { count, fidelities } = history.curve(row);
  // A training needs time to save and leave after it has reported its target; the next report shows that it does not.
  const hasGoneOn = count > 1 && fidelities[count - 2] >= level;
  return hasGoneOn ? { kind: "pause", why: { code: "rung-overstepped", rung: aim, fidelity: level } } : { kind: "continue" };
}
