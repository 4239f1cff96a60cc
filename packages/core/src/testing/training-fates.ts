import { createRng } from "../numerics/rng.ts";
import type { AttemptStart, SimulatedAttempt } from "../simulation/simulated-study.ts";

/** How a training may go wrong. */
export const misbehaviours = Object.freeze([
  "fails at once",
  "fails after it has reported its target",
  "hangs until its time limit",
  "reports NaN",
  "oversteps its target",
  "oversteps its target and hears nothing",
  "never reports",
  "reports out of order",
  "starts over when it is resumed",
  "loses its machine now and then",
  "is paused by a person on its way",
  "is paused by a person where it was told to train to",
] as const);

export type Misbehaviour = (typeof misbehaviours)[number];

export interface TrainingFates {
  readonly seed: number;
  /** Share of the trials that misbehave, from 0 to 1. */
  readonly share: number;
  readonly misbehaviour: Misbehaviour;
  readonly maxFidelity: number;
}

/** Whether a trial is among those that misbehave. */
export function misbehaves({ seed, share }: Pick<TrainingFates, "seed" | "share">, trial: number): boolean {
  return createRng(seed, trial, "fate").uniform() < share;
}

/** A loss that falls with fidelity towards a value of the trial's own; at small fidelities it misleads. */
export function trainingLoss(seed: number, trial: number, fidelity: number): number {
  const rng = createRng(seed, trial, "loss");
  const [final, offset] = [rng.uniform(), rng.uniform()];
  return final + offset / fidelity;
}

/** What an attempt of a trial does; equal arguments give equal attempts. */
export function trainingAttempt(fates: TrainingFates, start: AttemptStart): SimulatedAttempt {
  const { seed, misbehaviour } = fates;
  const { trial, attempt, target, reached } = start;
  const rng = createRng(seed, trial, attempt, "attempt");
  const stepMs = 10 ** (1 + rng.uniform());
  const isBad = misbehaves(fates, trial);
  const from = isBad && misbehaviour === "starts over when it is resumed" ? 0 : reached;
  const to = isBad && misbehaviour.startsWith("oversteps") ? fates.maxFidelity : target;
  const fidelities = wholeSteps(from, to);
  const reports = fidelities.map((fidelity) => ({ afterMs: stepMs, fidelity, loss: trainingLoss(seed, trial, fidelity) }));
  const good: SimulatedAttempt = { reports, lastMs: 1, end: "complete", hears: true };
  if (!isBad) return good;
  const half = reports.slice(0, reports.length >> 1);
  switch (misbehaviour) {
    case "fails at once":
      return { ...good, reports: [], end: "failed" };
    case "fails after it has reported its target":
      return { ...good, end: "failed" };
    case "hangs until its time limit":
      return { reports: half, lastMs: 50_000, end: "failed", hears: false };
    case "reports NaN":
      return { ...good, reports: reports.map((report) => ({ ...report, loss: Number.NaN })) };
    case "oversteps its target and hears nothing":
      return { ...good, hears: false };
    case "never reports":
      return { ...good, reports: [], lastMs: stepMs * fidelities.length + 1 };
    case "reports out of order":
      return { ...good, reports: rng.shuffle([...reports]) };
    case "loses its machine now and then":
      return attempt % 3 === 1 ? { ...good, reports: half, end: "lost" } : good;
    case "is paused by a person on its way":
      return { ...good, reports: half, end: "held" };
    case "is paused by a person where it was told to train to":
      return { ...good, end: "held" };
    default:
      return good;
  }
}

function wholeSteps(from: number, to: number): number[] {
  const steps: number[] = [];
  for (let step = Math.floor(from) + 1; step < to + 1; step++) steps.push(step);
  return steps;
}
