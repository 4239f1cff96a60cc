import { createScheduler, type StudySettings } from "@tunesmith/core";

/** Members of the population that a study trains: those of its scheduler, or as many trials as its budget has; null if it trains none. */
export function plannedMemberCount({ scheduler, budget }: Pick<StudySettings, "scheduler" | "budget">): number | null {
  const { population } = createScheduler(scheduler).options;
  return typeof population === "number" ? Math.min(population, budget.trials ?? population) : null;
}
