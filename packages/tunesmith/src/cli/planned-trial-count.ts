import { gridSize, type Problem, type StudySettings } from "@tunesmith/core";

/** How many trials there will be at most: those of the budget, or of a grid that ends before; null if nothing says. */
export function plannedTrialCount({ space }: Problem, { sampler, budget }: StudySettings): number | null {
  const points = sampler.type === "grid" ? gridSize(space, sampler) : Number.POSITIVE_INFINITY;
  const count = Math.min(points, budget.trials ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(count) ? count : null;
}
