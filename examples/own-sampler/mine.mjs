// A sampler of one's own: draws at random first, then makes small steps around the best configuration so far.
// Try it with:  tunesmith run study.yaml

/**
 * @param options  What stands beside the file in the study file: `sampler: { type: ./mine.mjs, step_size: 0.2 }`.
 * @param tools    Everything that the library `tunesmith` exports, so that nothing has to be installed next to this file.
 */
export function createSampler({ stepSize = 0.1, startupCount = 8 }, { random, trialStateCodes }) {
  const draws = random();

  /** Row of the complete trial with the smallest loss, the earliest of equals; -1 without one. NaN is no loss. */
  function bestRow({ rows, states, losses }) {
    let best = -1;
    for (const row of rows)
      if (states[row] === trialStateCodes.complete && (best < 0 ? losses[row] < Infinity : losses[row] < losses[best]))
        best = row;
    return best;
  }

  return {
    refuse: ({ objectives }) => (objectives.length > 1 ? "it steps around the best by one objective; there are several" : null),

    // The answer may depend on nothing but the arguments: then a study that was interrupted goes on as if nothing had happened.
    suggest(problem, history, context) {
      const { space } = problem;
      const best = bestRow(history);
      if (history.completeCount < startupCount || best < 0) return draws.suggest(problem, history, context);

      const rng = context.rng("step");
      const from = space.encode(history.config(best)); // one number in [0, 1] for each parameter, NaN for an inactive one
      for (let tries = 0; tries < 100; tries++) {
        const to = from.map((u) => (Number.isNaN(u) ? rng.uniform() : Math.min(1, Math.max(0, u + stepSize * rng.normal()))));
        // The values that a person fixed stay; what they make active is drawn.
        const config = space.complete(space.decode(to), context.fixed, () => rng.uniform());
        if (space.satisfies(config)) return { config, why: { code: "step", from: history.numbers[best] } };
      }
      return draws.suggest(problem, history, context);
    },
  };
}
