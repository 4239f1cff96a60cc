import type { Host } from "../host.ts";
import type { Fidelity, Problem } from "../trial/problem.ts";

/** What engines that run objective functions need to know of the study. */
export interface ObjectiveSurroundings {
  readonly objectiveNames: readonly string[];
  readonly fidelityUnit: Fidelity["unit"] | null;
  /** Seed to draw undeclared parameters from; null for a study whose parameters are all declared. */
  readonly drawSeed: number | null;
  readonly host: Pick<Host, "monotonicMs" | "sleep">;
}

export function objectiveSurroundings({ objectives, fidelity, defineByRun, seed }: Problem, host: Host): ObjectiveSurroundings {
  const objectiveNames = objectives.map(({ name }) => name);
  return { objectiveNames, fidelityUnit: fidelity?.unit ?? null, drawSeed: defineByRun ? seed : null, host };
}
