import type { History } from "../trial/history.ts";
import type { Fidelity, Problem } from "../trial/problem.ts";
import type { Why } from "../trial/trial.ts";
import { throwFaults } from "../tunesmith-error.ts";
import { type Bracket, BracketLedger, type Standing } from "./bracket-ledger.ts";
import type { BracketPlan } from "./bracket-table.ts";
import { decidingLevels, etaFaults, judgeAtTarget, refuseWithoutRungs } from "./rung-rules.ts";
import { rungLevels } from "./rungs.ts";
import type { Scheduler } from "./scheduler.ts";

export interface AshaPromotionOptions {
  /** One in `eta` trials passes a rung, and each rung is `eta` times as far as the one before. At least 2. */
  readonly eta?: number;
}

export const ashaPromotionDefaults = Object.freeze({ eta: 3 });

/**
 * Asynchronous successive halving by promotion: every trial trains to the first rung and pauses. A free worker looks from the top rung
 * down for a trial that waits among the best 1/eta of those that have reported there so far, and resumes the best such to the next
 * rung; without one a new trial starts. Nobody waits, and no trial goes on before enough others have been compared with it.
 *
 * A trial's value at a rung is its loss at the least fidelity it reported at or beyond the rung; NaN ranks worst and stops the trial;
 * ties go to the lower number. Trials that failed or were cancelled after they had reported keep their place in the ranking. What a
 * person paused on its way to a rung is not resumed.
 *
 * @throws {TunesmithError} `invalid-input` if an option is outside its range.
 *
 * Source: L. Li et al. (2020), "A system for massively parallel hyperparameter tuning", Alg. 2, https://arxiv.org/abs/1810.05934
 * Departs: once the budget of trials is spent and nothing else can come to a rung from which none has gone on, its best goes on, even if
 * there are fewer than eta: else no trial of a small study would train to the greatest fidelity.
 */
export function ashaPromotion(options: AshaPromotionOptions = {}): Scheduler {
  const { eta } = { ...ashaPromotionDefaults, ...options };
  throwFaults("asha-promotion", etaFaults(eta));
  const planOf = ({ min, max }: Fidelity): BracketPlan => ({ levels: [...rungLevels(min, max, eta), max], size: Infinity });
  // Everything that reported is compared, under whatever scheduler it began: there is one bracket.
  const ledger = new BracketLedger(planOf, () => 0);
  return {
    type: "asha-promotion",
    version: 1,
    options: { eta },
    refuse: (problem) => refuseWithoutRungs("asha-promotion", problem),
    start: ({ fidelity }) => ({ target: fidelity && planOf(fidelity).levels[0], bracket: 0 }),
    resume(problem, history) {
      if (problem.fidelity === null) return null;
      const [bracket] = ledger.read(problem.fidelity, history).brackets;
      if (bracket === undefined) return null;
      return promotion(bracket, history, eta) ?? (isSpent(problem, history) ? lastPromotion(bracket, history) : null);
    },
    onReport({ fidelity }, history, row) {
      const standing = fidelity && ledger.read(fidelity, history).standing(row);
      if (!standing) return { kind: "continue" };
      return judgeAtTarget(history, row, standing, () => stopAtNaN(standing, eta));
    },
    decisionFidelities: ({ fidelity }) => (fidelity === null ? [] : decidingLevels(fidelity, planOf(fidelity).levels)),
  };
}

function isSpent({ trialBudget }: Problem, { trialCount }: History): boolean {
  return trialBudget !== null && trialCount >= trialBudget;
}

/** The best that waits among the top ⌊n / eta⌋ of a rung, from the top rung down. */
function promotion({ rungs }: Bracket, history: History, eta: number): ReturnType<Scheduler["resume"]> {
  for (let k = rungs.length - 2; k >= 0; k--) {
    const { candidates, results } = rungs[k];
    const first = rungs[k].firstWaiting(candidates.count, history);
    if (first !== null && results.rankOf(first) < Math.floor(results.count / eta))
      return { trial: first.number, target: rungs[k + 1].level };
  }
  return null;
}

/** From the lowest rung up, the best that waits where none has gone on and no trial can come any more. */
function lastPromotion({ rungs }: Bracket, history: History): ReturnType<Scheduler["resume"]> {
  for (let k = 0; k < rungs.length - 1; k++) {
    const { awaitedCount, arrivingCount, passedCount } = rungs[k];
    if (awaitedCount > 0 || arrivingCount > 0) return null;
    const first = passedCount > 0 ? null : rungs[k].firstWaiting(1, history);
    if (first !== null) return { trial: first.number, target: rungs[k + 1].level };
  }
  return null;
}

function stopAtNaN({ bracket, aim, candidate }: Standing, eta: number): Why | null {
  if (candidate !== null) return null;
  const { level, results } = bracket.rungs[aim];
  const { count } = results;
  const kept = Math.floor(count / eta);
  return { code: "asha-rung", rung: aim, fidelity: level, rank: count, of: count, kept, loss: null };
}
