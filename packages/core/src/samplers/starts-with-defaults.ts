import type { Space } from "../parameters/space.ts";
import type { History } from "../trial/history.ts";
import type { SuggestContext } from "./sampler.ts";

/** Whether the trial to come is the study's first and every parameter declares a default that may be tried: then they are. */
export function startsWithDefaults(space: Space, history: History, { trialNumber, fixed }: SuggestContext): boolean {
  if (trialNumber !== 0 || history.trialCount > 0 || Object.keys(fixed).length > 0 || space.dimensions.length === 0) return false;
  return (
    space.dimensions.every(({ parameter }) => "default" in parameter && parameter.default !== undefined) &&
    space.check(space.defaults()).length === 0
  );
}
