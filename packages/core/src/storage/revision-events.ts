import type { Json, JsonObject } from "../json.ts";
import type { StudyEvent } from "./storage.ts";

/**
 * The events that a revision leaves, in their order: the same for every storage.
 *
 * What of the settings is part of the problem and may change without a new revision is followed number by number, with what it was
 * before: from the settings as they are now and these events follows what a sampler saw at any event.
 *
 * @param before    The settings that `after` replaces.
 * @param revision  The newest one, after the write.
 */
export function revisionEvents(
  before: JsonObject,
  after: JsonObject,
  revision: number,
): readonly Pick<StudyEvent, "kind" | "ref">[] {
  const events: Pick<StudyEvent, "kind" | "ref">[] = [{ kind: "study-revised", ref: revision }];
  const trialBudget = trialBudgetOf(before);
  if (trialBudget !== trialBudgetOf(after)) events.push({ kind: "trial-budget-changed", ref: trialBudget });
  const parallel = wholeOrNull(before.parallel);
  if (parallel !== wholeOrNull(after.parallel)) events.push({ kind: "parallel-changed", ref: parallel });
  return events;
}

function trialBudgetOf({ budget }: JsonObject): number | null {
  return typeof budget === "object" && budget !== null && "trials" in budget ? wholeOrNull(budget.trials) : null;
}

function wholeOrNull(value: Json | undefined): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : null;
}
