import { type JsonObject, toWireNumber } from "../json.ts";
import type { History } from "../trial/history.ts";
import type { Fidelity, Problem } from "../trial/problem.ts";
import type { Why } from "../trial/trial.ts";
import { type Bracket, BracketLedger, type Standing } from "./bracket-ledger.ts";
import { type BracketPlan, keptOf } from "./bracket-table.ts";
import { decidingLevels, judgeAtTarget, refuseWithoutRungs } from "./rung-rules.ts";
import type { Scheduler } from "./scheduler.ts";

export interface SynchronousHalving {
  readonly type: string;
  readonly options: JsonObject;
  readonly eta: number;
  /** The brackets of one round; after the last the first follows again. */
  readonly round: (fidelity: Fidelity) => readonly BracketPlan[];
}

/**
 * Successive halving in brackets: a bracket's trials train to its first level and pause; once all of them have reported there or ended,
 * the best 1/eta are resumed to the next level, and so on up to the greatest fidelity. Two things keep workers busy: while trials of a
 * rung are still awaited the next bracket starts, and a trial that cannot be among the best any more is stopped when it reports.
 *
 * The bracket on record with a trial counts the brackets of the study from 1; it is the ((b − 1) mod r)-th of a round of r. Trials of
 * bracket 0 belong to none: they were enqueued and have not begun, or came before this scheduler was chosen.
 *
 * A trial's value at a rung is its loss at the least fidelity it reported at or beyond the rung (with fidelity unit `value` its last one
 * before it paused); ties go to the lower number. Failed, cancelled and silent trials take no place, so the next best takes it; NaN stops
 * a trial. Nobody waits for a trial that a person paused, and it is not resumed; if the person resumes it, it counts as one that went on.
 * A bracket that the budget of trials cuts short keeps the best 1/eta of the trials it has.
 *
 * Source: K. Jamieson, A. Talwalkar (2016), "Non-stochastic best arm identification and hyperparameter optimization", Alg. 1,
 * https://arxiv.org/abs/1502.07943; L. Li et al. (2018), "Hyperband", Alg. 1, https://jmlr.org/papers/v18/16-558.html
 * Departs: brackets overlap instead of waiting for each other, and trials that are sure to be dropped need not wait for it: which ones go
 * on is the same, unless a person cancels one that waits.
 */
export function synchronousHalving({ type, options, eta, round }: SynchronousHalving): Scheduler {
  const planOf = (fidelity: Fidelity, bracket: number): BracketPlan | null => {
    if (bracket < 1) return null;
    const plans = round(fidelity);
    return plans[(bracket - 1) % plans.length];
  };
  const ledger = new BracketLedger(planOf);
  return {
    type,
    version: 1,
    options,
    refuse: (problem) => refuseWithoutRungs(type, problem),
    start({ fidelity }, history) {
      if (fidelity === null) return { target: null, bracket: 0 };
      const newest = ledger.read(fidelity, history).brackets.at(-1);
      const isFull = newest === undefined || newest.memberCount >= newest.plan.size;
      const bracket = (newest?.number ?? 0) + (isFull ? 1 : 0);
      return { target: (planOf(fidelity, bracket) as BracketPlan).levels[0], bracket };
    },
    resume(problem, history) {
      if (problem.fidelity === null) return null;
      const { brackets } = ledger.read(problem.fidelity, history);
      for (const bracket of brackets) {
        const found = nextPromotion(bracket, bracket === brackets.at(-1), problem, history, eta);
        if (found !== null) return found;
      }
      return null;
    },
    onReport({ fidelity }, history, row) {
      const read = fidelity && ledger.read(fidelity, history);
      const standing = read?.standing(row) ?? null;
      if (read === null || standing === null) return { kind: "continue" };
      const isNewest = standing.bracket === read.brackets.at(-1);
      return judgeAtTarget(history, row, standing, () => stopAtRung(standing, isNewest, eta));
    },
    decisionFidelities({ fidelity }, bracket) {
      const plan = fidelity && planOf(fidelity, bracket);
      return plan ? decidingLevels(fidelity, plan.levels) : [];
    },
  };
}

/** The next trial of a bracket to go on. At most one of its rungs has any: the next one closes only when all have gone on. */
function nextPromotion(
  bracket: Bracket,
  isNewest: boolean,
  { trialBudget }: Problem,
  history: History,
  eta: number,
): ReturnType<Scheduler["resume"]> {
  const { rungs, plan } = bracket;
  const isFull = !isNewest || bracket.memberCount >= plan.size;
  const isSpent = trialBudget !== null && history.trialCount >= trialBudget;
  if (!isFull && !isSpent) return null;
  let size = isFull ? plan.size : bracket.memberCount;
  const outOfView = outOfViewCount(bracket, isNewest);
  for (let k = 0; k < rungs.length - 1; k++) {
    const { awaitedCount, passedCount, candidates } = rungs[k];
    if (awaitedCount > 0) return null;
    size = keptOf(size, eta);
    const placeCount = size - passedCount - outOfView;
    if (placeCount <= 0 || candidates.count === 0) continue;
    const first = rungs[k].firstWaiting(placeCount, history);
    return first && { trial: first.number, target: rungs[k + 1].level };
  }
  return null;
}

/** Why a trial that has come to the rung it was told to train to can not go on; null if it may. */
function stopAtRung({ bracket, aim, results, candidate }: Standing, isNewest: boolean, eta: number): Why | null {
  const rung = bracket.rungs[aim];
  let kept = bracket.plan.size;
  for (let k = 0; k <= aim; k++) kept = keptOf(kept, eta);
  const passedCount = rung.passedCount + outOfViewCount(bracket, isNewest);
  const rank = candidate === null ? rung.results.count : passedCount + rung.candidates.rankOf(candidate) + 1;
  // Others that have just arrived may still fail: they take nobody's place yet.
  if (candidate !== null && rank - (rung.arrivingCount - 1) <= kept) return null;
  const loss = candidate === null ? null : toWireNumber(results[aim].loss);
  const { number } = bracket;
  return { code: "halving-rung", bracket: number, rung: aim, fidelity: rung.level, rank, of: rung.results.count, kept, loss };
}

/**
 * Trials of a bracket that the history has let go of: they finished long ago, and whether they went on is not known. To count them as
 * having done so costs at most a place; not to would bring back trials that lost.
 */
function outOfViewCount({ memberCount, plan }: Bracket, isNewest: boolean): number {
  return isNewest ? 0 : Math.max(0, plan.size - memberCount);
}
