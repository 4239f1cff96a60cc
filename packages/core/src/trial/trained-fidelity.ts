import type { Trial } from "./trial.ts";

/** How far a trial itself has trained: its fidelity, less what a child began with; 0 before its first report. */
export function trainedFidelity({ fidelity, parent }: Pick<Trial, "fidelity" | "parent">): number {
  return (fidelity ?? 0) - (parent?.step ?? 0);
}
