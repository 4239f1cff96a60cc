import type { Problem } from "../../trial/problem.ts";
import { throwFaults } from "../../tunesmith-error.ts";
import type { Sampler } from "../sampler.ts";
import type { Selection } from "./mating-pool.ts";
import { type NsgaOptions, nsgaDefaults, nsgaFaults, wholeFaults } from "./nsga-options.ts";
import { nsgaSampler } from "./nsga-sampler.ts";
import { rankFitness, selectByNiches } from "./nsga3-selection.ts";
import { divisionsWithin, type ReferencePoints, referencePointCount, referencePoints } from "./reference-points.ts";

export interface Nsga3Options extends NsgaOptions {
  /**
   * Parts that each objective is divided into, a whole number in [1, 100]: C(m + divisions − 1, divisions) reference points, from six
   * objectives on a second layer of one division less. Null: the most whose points are no more than a generation has trials.
   */
  readonly divisions?: number | null;
}

export const nsga3Defaults = Object.freeze({ ...nsgaDefaults, divisions: null });

const MOST_POINTS = 10_000;

/**
 * NSGA-III: a genetic algorithm for four and more objectives, which spreads its population along reference directions instead of by
 * crowding. Serves what `nsga2` serves.
 *
 * Cost: O(d) per suggestion; at the opening of a generation one look at every trial in view and a sort of the population and of what has
 * ended since.
 * @throws {TunesmithError} `invalid-input` if an option is outside its range.
 */
export function nsga3(options: Nsga3Options = {}): Sampler {
  const settings = { ...nsga3Defaults, ...options };
  const { divisions } = settings;
  throwFaults("nsga3", [...nsgaFaults(settings), ...wholeFaults("divisions", divisions, 1, 100)]);
  let known: { readonly m: number; readonly populationCount: number; readonly selection: Selection } | null = null;
  const selectionFor = ({ objectives: { length: m } }: Problem, populationCount: number): Selection => {
    if (known?.m !== m || known.populationCount !== populationCount) {
      const references = referencePoints(m, divisions ?? divisionsWithin(m, populationCount));
      known = { m, populationCount, selection: selectionAlong(references) };
    }
    return known.selection;
  };
  const refuse = ({ objectives: { length: m } }: Problem): string | null => {
    const count = divisions === null ? 0 : referencePointCount(m, divisions);
    if (count <= MOST_POINTS) return null;
    return `nsga3 with ${divisions} divisions would make ${count} reference points for ${m} objectives; allowed: at most ${MOST_POINTS}`;
  };
  return { ...nsgaSampler("nsga3", { ...settings }, settings, selectionFor), refuse };
}

function selectionAlong(references: ReferencePoints): Selection {
  return {
    select: (candidates, count, rng) => selectByNiches(candidates, count, references, rng),
    fitness: rankFitness,
  };
}
