import type { Host } from "../host.ts";
import type { Fidelity, Problem } from "../trial/problem.ts";

/** What engines that run objective functions need to know of the study. */
export interface ObjectiveSurroundings {
  readonly objectiveNames: readonly string[];
  readonly fidelityUnit: Fidelity["unit"] | null;
  readonly host: Pick<Host, "monotonicMs" | "sleep">;
}

export function objectiveSurroundings({ objectives, fidelity }: Problem, host: Host): ObjectiveSurroundings {
  return { objectiveNames: objectives.map(({ name }) => name), fidelityUnit: fidelity?.unit ?? null, host };
}
