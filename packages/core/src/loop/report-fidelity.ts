import type { Fidelity } from "../trial/problem.ts";

/** How far a trial has trained at a report, in the fidelity's unit; the step without a declared fidelity. */
export function reportFidelity(unit: Fidelity["unit"] | null, step: number, target: number | null, elapsedMs: number): number {
  if (unit === "time") return elapsedMs / 1_000;
  return unit === "value" ? (target ?? step) : step;
}
