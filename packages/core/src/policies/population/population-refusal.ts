import type { Space } from "../../parameters/space.ts";
import type { Sampler } from "../../samplers/sampler.ts";
import type { Fidelity, Problem } from "../../trial/problem.ts";
import { intervalOf, type PopulationSettings } from "./population-options.ts";

/** Why this sampler cannot draw the first population, one sentence; null if it can. */
export function samplerRefusal(sampler: Sampler, { type }: PopulationSettings, problem: Problem): string | null {
  if (sampler.type === "grid") return `${type} draws its first population by a sampler; the first points of a grid are no sample`;
  return sampler.refuse(problem);
}

/** Why a population cannot be trained on a problem with these settings, one sentence; null if it can. */
export function populationRefusal(settings: PopulationSettings, problem: Problem): string | null {
  const { type } = settings;
  const { fidelity, objectives, defineByRun, space } = problem;
  if (fidelity === null) return `${type} copies members on their way and needs a fidelity to measure how far they are`;
  if (fidelity.unit !== "steps")
    return `${type} copies checkpoints, which are told apart by step; the fidelity's unit is ${fidelity.unit}`;
  if (fidelity.resume === "no") return `${type} copies checkpoints, but the fidelity says resume: no`;
  if (objectives.length > 1) return `${type} compares members by one loss, but there are ${objectives.length} objectives`;
  if (defineByRun) return `${type} needs every parameter declared: it changes the values of the members it copies`;
  return settingsRefusal(settings, space, fidelity);
}

/** Why the options do not fit the space and the fidelity, one sentence; null if they do. */
function settingsRefusal(settings: PopulationSettings, space: Space, fidelity: Fidelity): string | null {
  const { type, tune } = settings;
  const unknown = tune?.find((name) => space.indexOf(name) < 0);
  if (unknown !== undefined)
    return `${type} is told to tune ${JSON.stringify(unknown)}, which is no parameter with more than one value`;
  if (space.dimensions.length === 0) return `${type} needs a parameter with more than one value to tune`;
  const interval = intervalOf(settings, fidelity);
  if (interval < fidelity.max) return null;
  return `${type} compares members every ${interval} ${fidelity.name}, but they train for ${fidelity.max} only: none would be compared`;
}
