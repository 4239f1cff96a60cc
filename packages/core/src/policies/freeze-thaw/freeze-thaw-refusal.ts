import type { Problem } from "../../trial/problem.ts";
import { type FreezeThawSettings, unitLength } from "./freeze-thaw-options.ts";

/** Why trials of a problem cannot be frozen and thawed, one sentence; null if they can. */
export function freezeThawRefusal(
  settings: FreezeThawSettings,
  { fidelity, objectives, defineByRun, space }: Problem,
): string | null {
  if (fidelity === null) return "freeze-thaw pauses trials on their way and needs a fidelity to measure how far they are";
  if (fidelity.unit === "value")
    return "freeze-thaw learns from reports on the way, but with fidelity unit value trials report only at the end";
  if (fidelity.resume === "no") return "freeze-thaw continues trials from their checkpoints, but the fidelity says resume: no";
  if (objectives.length > 1) return `freeze-thaw compares trials by one loss, but there are ${objectives.length} objectives`;
  if (defineByRun) return "freeze-thaw needs every parameter declared: it compares trials before all of theirs are drawn";
  if (space.dimensions.length === 0) return "freeze-thaw needs a parameter with more than one value to tune";
  const length = unitLength(settings, fidelity);
  if (length < fidelity.max) return null;
  return `freeze-thaw pauses trials every ${length} ${fidelity.name}, but they train for ${fidelity.max} only: none would be paused`;
}
