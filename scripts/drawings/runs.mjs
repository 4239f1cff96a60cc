// Studies to draw: the built library, one trial at a time, seeds fixed, so that every run of the script draws the same.
import { importCore } from "../../benchmarks/quality/library.mjs";

const { createStudy } = await importCore("index.js");

/** The seed of the run that is shown, whatever it looks like. */
export const shownSeed = 1;
export const seeds = Object.freeze(Array.from({ length: 15 }, (_, i) => i + 1));

/**
 * @param evaluate  From a config to the objectives' values, all minimised.
 * @returns         The trials in order: `config`, `values`, `why`, `note`.
 */
export async function runStudy({ sampler, seed, parameters, evaluate, objectiveCount = 1, trialCount }) {
  const names = Array.from({ length: objectiveCount }, (_, k) => `f${k + 1}`);
  const objectives = names.map((name) => ({ name, goal: "minimize" }));
  const study = await createStudy({ parameters, objectives, sampler, seed, budget: { trials: trialCount } });
  try {
    const objective = ({ params }) => {
      const values = evaluate(params);
      return Object.fromEntries(names.map((name, k) => [name, values[k]]));
    };
    await study.optimize(objective, { parallel: 1 });
    const trials = [];
    for await (const trial of study.trials()) trials.push(trial);
    if (trials.length !== trialCount || trials.some(({ state }) => state !== "complete"))
      throw new Error(`${JSON.stringify(sampler)} with seed ${seed} ended after ${trials.length} of ${trialCount} trials`);
    return trials;
  } finally {
    await study.close();
  }
}

/** Value at `share` of the sorted values, between neighbours in a straight line. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const i = Math.min(sorted.length - 2, Math.floor(at));
  return sorted[i] + (at - i) * (sorted[i + 1] - sorted[i]);
}

/** Of several series, at each place, the quantile. */
export function quantileAlong(series, share) {
  return series[0].map((_, i) =>
    quantile(
      series.map((values) => values[i]),
      share,
    ),
  );
}

/** The least value so far, after each. */
export function bestSoFar(values) {
  let best = Infinity;
  return values.map((value) => {
    best = Math.min(best, value);
    return best;
  });
}
