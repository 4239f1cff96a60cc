import { random } from "../../samplers/random.ts";
import type { Sampler, Suggestion } from "../../samplers/sampler.ts";
import type { History } from "../../trial/history.ts";
import type { Fidelity, Problem } from "../../trial/problem.ts";
import type { Why } from "../../trial/trial.ts";
import { FidelityView } from "./fidelity-view.ts";

export interface RungAwareness {
  /** Name of the scheduler, for messages. */
  readonly type: string;
  /** Fidelities at which the scheduler compares trials, ascending; the last is the greatest. */
  readonly levels: (fidelity: Fidelity) => readonly number[];
  /** How many results make a level worth learning from; at least d + 2, where d is the number of dimensions of a point. */
  readonly leastResults: number;
  /** Probability in [0, 1] that a suggestion is drawn at random once a level is worth learning from. */
  readonly randomShare: number;
}

type Suggested = ReturnType<Sampler["suggest"]>;

// What they suggest does not depend on losses.
const heedless: readonly string[] = ["grid", "manual"];

/**
 * A sampler that sees trials as if they had been trained to one fidelity only, see `FidelityView`. Once a level is worth learning from, a
 * share of the suggestions is drawn at random, in case the losses there mislead, and `why.judgedAt` of the others is that level.
 *
 * Source: S. Falkner, A. Klein, F. Hutter (2018), "BOHB", Alg. 2, https://arxiv.org/abs/1807.01774
 */
export function rungAware(sampler: Sampler, awareness: RungAwareness): Sampler {
  const { type, leastResults, randomShare } = awareness;
  const randomSampler = random();
  let viewed: History | null = null;
  let view: FidelityView | null = null;

  function viewOf({ outcomeConstraints }: Problem, fidelity: Fidelity, history: History): FidelityView {
    if (view === null || viewed !== history) {
      const leastCount = Math.max(history.dimensionCount + 2, leastResults);
      const constrained = outcomeConstraints.length > 0;
      view = new FidelityView({ fidelity, levels: awareness.levels(fidelity), leastCount, constrained }, history);
      viewed = history;
    }
    return view.update();
  }

  return {
    type: sampler.type,
    version: sampler.version,
    options: sampler.options,
    refuse(problem) {
      if (!heedless.includes(sampler.type)) return sampler.refuse(problem);
      return `${type} lets a sampler learn from what trials lose on their way, but ${sampler.type} does not learn`;
    },
    suggest(problem, history, context) {
      if (problem.fidelity === null) return sampler.suggest(problem, history, context);
      const shown = viewOf(problem, problem.fidelity, history);
      if (!shown.isWorthLearning) return sampler.suggest(problem, shown, context);
      if (randomShare > 0 && context.rng("random-share").uniform() < randomShare)
        return withWhy(randomSampler.suggest(problem, shown, context), { code: "random-share", share: randomShare });
      return withWhy(sampler.suggest(problem, shown, context), { judgedAt: shown.level });
    },
  };
}

/** The suggestion with more in its `why`, or in place of what was there. */
function withWhy(suggested: Suggested, more: Partial<Why>): Suggested {
  const add = (suggestion: Suggestion | null): Suggestion | null =>
    suggestion && { ...suggestion, why: { ...suggestion.why, ...more } as Why };
  return suggested instanceof Promise ? suggested.then(add) : add(suggested);
}
