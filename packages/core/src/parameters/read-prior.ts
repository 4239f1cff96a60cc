import { addFault, type Declaration, isRecord, member, readNumber, refuseUnknownKeys } from "./declaration.ts";
import type { FloatParameter, IntParameter, NumericPrior } from "./parameter.ts";
import { showValue } from "./show-value.ts";

// So far outside the range hardly any of the prior is left; more is most likely a mistaken unit.
const mostDeviations = 30;

/** The declared prior of a numeric parameter whose range is in order, or null after adding its faults. */
export function readPrior(declaration: Declaration, range: FloatParameter | IntParameter): NumericPrior | null {
  const record = member(declaration, "prior");
  if (!isRecord(record)) return addFault(declaration, "prior", `is ${showValue(record)}; allowed: { distribution, mean, sd }`);
  const prior = { path: `${declaration.path}.prior`, record, faults: declaration.faults };
  refuseUnknownKeys(prior, ["distribution", "mean", "sd"]);
  const distribution = readDistribution(prior);
  const mean = readNumber(prior, "mean", member(prior, "mean"));
  const sd = readNumber(prior, "sd", member(prior, "sd"));
  if (distribution === null || mean === null || sd === null) return null;
  if (sd <= 0) return addFault(prior, "sd", `is ${sd}; allowed: above 0`);
  return checkMean(prior, { distribution, mean, sd }, range) ? Object.freeze({ distribution, mean, sd }) : null;
}

function readDistribution(prior: Declaration): NumericPrior["distribution"] | null {
  const value = member(prior, "distribution");
  if (value === "normal" || value === "log-normal") return value;
  return addFault(prior, "distribution", `is ${showValue(value)}; allowed: normal, log-normal`);
}

function checkMean(declaration: Declaration, prior: NumericPrior, { min, max }: FloatParameter | IntParameter): boolean {
  const logarithmic = prior.distribution === "log-normal";
  if (logarithmic && (min < 0 || max <= 0)) {
    addFault(declaration, "distribution", `is log-normal on [${min}, ${max}]; allowed: a range from 0 or above`);
    return false;
  }
  const low = logarithmic ? Math.log(min) : min;
  const high = logarithmic ? Math.log(max) : max;
  if (prior.mean >= low - mostDeviations * prior.sd && prior.mean <= high + mostDeviations * prior.sd) return true;
  const unit = logarithmic ? ", the logarithms of the range" : "";
  addFault(declaration, "mean", `is ${prior.mean}, more than ${mostDeviations} sd outside [${low}, ${high}]${unit}`);
  return false;
}
