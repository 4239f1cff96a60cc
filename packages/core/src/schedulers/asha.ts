import { toWireNumber } from "../json.ts";
import { createRng } from "../numerics/rng.ts";
import type { Curve } from "../trial/history.ts";
import type { Fidelity, Problem } from "../trial/problem.ts";
import type { Decision } from "../trial/trial.ts";
import { type Fault, throwFaults } from "../tunesmith-error.ts";
import { BracketLedger, type Rung } from "./bracket-ledger.ts";
import type { Placing } from "./placings.ts";
import { bracketSizes, rungLevels } from "./rungs.ts";
import type { Scheduler } from "./scheduler.ts";

export interface AshaOptions {
  /** One in `eta` trials passes a rung, and each rung is `eta` times as far as the one before. At least 2. */
  readonly eta?: number;
  /** How many variants run side by side, bracket b without the first b rungs: a guard against losses that mislead early. */
  readonly brackets?: number;
}

export const ashaDefaults = Object.freeze({ eta: 3, brackets: 1 });

/**
 * Asynchronous successive halving, the stopping form: a trial that passes a rung goes on if it is among the best 1/eta of
 * those that have passed it so far, itself included; nobody waits and no checkpoint is needed. While fewer than eta have
 * passed, all go on.
 *
 * A trial's value at a rung is its loss at the least fidelity it reported at or beyond the rung. NaN ranks worst and stops;
 * ties go to the lower trial number. A report that oversteps several rungs is compared at the last of them.
 *
 * @throws {TunesmithError} `invalid-input` if an option is outside its range.
 *
 * Source: L. Li et al. (2020), "A system for massively parallel hyperparameter tuning", Sec. 3.2, https://arxiv.org/abs/1810.05934
 * Departs: the stopping form of A. Klein et al. (2020), https://arxiv.org/abs/2003.10865, instead of promotion.
 */
export function asha(options: AshaOptions = {}): Scheduler {
  const { eta, brackets } = { ...ashaDefaults, ...options };
  throwFaults("asha", optionFaults(eta, brackets));
  const rungsOf = ({ min, max }: Fidelity, bracket: number): number[] => rungLevels(min, max, eta).slice(bracket);
  const ledger = new BracketLedger((fidelity, bracket) => ({ levels: rungsOf(fidelity, bracket), size: Infinity }));
  return {
    type: "asha",
    version: 1,
    options: { eta, brackets },
    refuse: refuseAsha,
    start: ({ fidelity, seed }, _history, trialNumber) => ({
      target: fidelity?.max ?? null,
      bracket:
        fidelity === null ? 0 : drawBracket(rungLevels(fidelity.min, fidelity.max, eta).length, eta, brackets, seed, trialNumber),
    }),
    resume: () => null,
    onReport({ fidelity }, history, row) {
      if (fidelity === null) return { kind: "continue" };
      const index = rungJustPassed(rungsOf(fidelity, history.bracket(row)), history.curve(row));
      const standing = index === null ? null : ledger.read(fidelity, history).standing(row);
      if (index === null || standing === null) return { kind: "continue" };
      return decide(standing.bracket.rungs[index], index, standing.results[index], eta);
    },
    decisionFidelities: ({ fidelity }, bracket) => (fidelity === null ? [] : rungsOf(fidelity, bracket)),
  };
}

function refuseAsha({ fidelity, objectives, defineByRun }: Problem): string | null {
  if (fidelity === null) return "asha stops trials early and needs a fidelity to measure how far they are";
  if (fidelity.unit === "value")
    return "asha judges trials on their way, but with fidelity unit value they report only at the end";
  if (objectives.length > 1) return `asha compares trials by one loss, but there are ${objectives.length} objectives`;
  if (defineByRun) return "asha needs every parameter declared: it compares trials before all of theirs are drawn";
  return null;
}

/** Bracket of a trial, drawn in the proportions of Hyperband; later brackets than there are rungs do not exist. */
function drawBracket(rungCount: number, eta: number, brackets: number, seed: number, trialNumber: number): number {
  if (brackets === 1) return 0;
  const sizes = bracketSizes(rungCount, eta).slice(0, brackets);
  let place = createRng(seed, trialNumber, "asha").int(sizes.reduce((sum, size) => sum + size, 0));
  let bracket = 0;
  while (place >= sizes[bracket]) place -= sizes[bracket++];
  return bracket;
}

/** Index of the last rung that the newest report, and none before it, has reached; null if there is none. */
function rungJustPassed(rungs: readonly number[], { count, fidelities }: Curve): number | null {
  if (count === 0) return null;
  const index = rungs.findLastIndex((fidelity) => fidelity <= fidelities[count - 1]);
  if (index < 0 || (count > 1 && fidelities[count - 2] >= rungs[index])) return null;
  return index;
}

function decide(rung: Rung, index: number, own: Placing, eta: number): Decision {
  const of = rung.results.count;
  const rank = rung.results.rankOf(own) + 1;
  const kept = of < eta ? of : Math.floor(of / eta);
  const { loss } = own;
  if (rank <= kept && !Number.isNaN(loss)) return { kind: "continue" };
  return {
    kind: "stop",
    why: {
      code: "asha-rung",
      rung: index,
      fidelity: rung.level,
      rank,
      of,
      kept,
      loss: Number.isNaN(loss) ? null : toWireNumber(loss),
    },
  };
}

function optionFaults(eta: unknown, brackets: unknown): Fault[] {
  const faults: Fault[] = [];
  if (typeof eta !== "number" || !(eta >= 2) || eta === Infinity)
    faults.push({ path: "eta", message: `is ${JSON.stringify(eta)}; allowed: a number from 2` });
  if (!Number.isSafeInteger(brackets) || (brackets as number) < 1)
    faults.push({ path: "brackets", message: `is ${JSON.stringify(brackets)}; allowed: a whole number from 1` });
  return faults;
}
