import type { Space } from "../parameters/space.ts";
import type { History } from "../trial/history.ts";
import type { Problem } from "../trial/problem.ts";
import { drawConfig } from "./draw-config.ts";
import { createLattice } from "./lattice.ts";
import type { Sampler, SuggestContext, Suggestion } from "./sampler.ts";
import { untriedConfigs } from "./untried-configs.ts";

export interface RandomOptions {
  /** Every config at most once, until none is left; needs a finite space. */
  readonly withoutReplacement?: boolean;
}

export const randomDefaults = Object.freeze({ withoutReplacement: false });

const REDRAW_LIMIT = 100;
const LOOK_LIMIT = 1_000_000;

/**
 * Independent draws: uniform over the encoded space (log parameters over their logarithm), by the declared priors where there
 * are some, within the parameter constraints.
 */
export function random(options: RandomOptions = {}): Sampler {
  const { withoutReplacement } = { ...randomDefaults, ...options };
  return {
    type: "random",
    version: 1,
    options: { withoutReplacement },
    refuse({ space, defineByRun }: Problem) {
      if (!withoutReplacement) return null;
      if (defineByRun) return "random without replacement needs every parameter declared";
      const lattice = createLattice(space, {});
      return typeof lattice === "string" ? `random without replacement needs a finite space: ${lattice}` : null;
    },
    suggest({ space }: Problem, history: History, context: SuggestContext) {
      if (!withoutReplacement) return drawOnce(space, history, context, 0);
      for (let redraw = 0; redraw < REDRAW_LIMIT; redraw++) {
        const suggestion = drawOnce(space, history, context, redraw);
        if (!history.hasConfig(space.key(suggestion.config))) return suggestion;
      }
      return anyLeft(space, history, context);
    },
  };
}

function drawOnce(space: Space, history: History, context: SuggestContext, redraw: number): Suggestion {
  const rng = context.rng(redraw === 0 ? "random" : `random-${redraw}`);
  const { config, drawCount, outcome } = drawConfig({
    space,
    history,
    fixed: context.fixed,
    rng,
    propose(_, point) {
      space.dimensions.forEach((dimension, j) => {
        point[j] = dimension.fromPrior(rng.uniform());
      });
    },
  });
  return { config, why: { code: "random", outcome, drawCount } };
}

/** When draws hardly hit anything new. Null when there is nothing among the next million configs. */
function anyLeft(space: Space, history: History, context: SuggestContext): Suggestion | null {
  const [config] = untriedConfigs(space, history, context.fixed, context.rng("random-left"), 1, LOOK_LIMIT);
  return config === undefined ? null : { config, why: { code: "random", outcome: "left", drawCount: REDRAW_LIMIT } };
}
