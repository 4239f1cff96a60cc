import type { Fidelity } from "../../trial/problem.ts";
import { type Fault, throwFaults } from "../../tunesmith-error.ts";

export interface FreezeThawOptions {
  /** How far a trial goes on at a time, as a share of the greatest fidelity; at least one step. */
  readonly unit?: number;
  /** At most so many paused trials, those predicted to end best, may go on; the others stay frozen. */
  readonly curves?: number;
  /** Who chooses the configs of new trials: the model, but for the first ones and every fourth; or always the study's sampler. */
  readonly starts?: "model" | "sampler";
  /** One in so many turns goes to the trials predicted to end best, whatever the acquisition says. */
  readonly regular?: number;
  /** Once no trial may start any more, paused ones go on while the chance that one ends better than the best is at least this. */
  readonly leastChance?: number;
}

export const freezeThawDefaults = Object.freeze({
  unit: 0.05,
  curves: 32,
  starts: "model",
  regular: 5,
  leastChance: 0.05,
} satisfies FreezeThawOptions);

export type FreezeThawSettings = Required<FreezeThawOptions>;

/** @throws {TunesmithError} `invalid-input` if an option is outside its range. */
export function freezeThawSettings(options: FreezeThawOptions): FreezeThawSettings {
  const settings = { ...freezeThawDefaults, ...options };
  throwFaults("freeze-thaw", optionFaults(settings));
  return settings;
}

/** How far a trial goes on at a time, in the fidelity's unit. */
export function unitLength({ unit }: Pick<FreezeThawSettings, "unit">, fidelity: Fidelity): number {
  const length = unit * fidelity.max;
  return fidelity.unit === "steps" ? Math.max(1, Math.round(length)) : length;
}

// Multiples of a fraction are not exact; nothing trains for this share of a unit.
const slack = 1e-9;

/** Where a trial that has come to `reached` trains to next: a multiple of the unit, at least the least fidelity, or the greatest. */
export function nextUnit(settings: Pick<FreezeThawSettings, "unit">, fidelity: Fidelity, reached: number): number {
  const length = unitLength(settings, fidelity);
  const passed = Math.max(Math.floor(reached / length + slack), Math.ceil(fidelity.min / length - slack) - 1);
  const next = (passed + 1) * length;
  return next < fidelity.max * (1 - slack) ? next : fidelity.max;
}

function optionFaults({ unit, curves, starts, regular, leastChance }: FreezeThawSettings): Fault[] {
  const faults: Fault[] = [];
  const check = (path: string, value: unknown, isAllowed: boolean, allowed: string): void => {
    if (!isAllowed) faults.push({ path, message: `is ${JSON.stringify(value)}; allowed: ${allowed}` });
  };
  check("unit", unit, typeof unit === "number" && unit > 0 && unit <= 0.5, "a number above 0, up to 0.5");
  check("curves", curves, Number.isSafeInteger(curves) && curves >= 1, "a whole number from 1");
  check("starts", starts, starts === "model" || starts === "sampler", "model, sampler");
  check("regular", regular, Number.isSafeInteger(regular) && regular >= 2, "a whole number from 2");
  const isShare = typeof leastChance === "number" && leastChance >= 0 && leastChance <= 1;
  check("leastChance", leastChance, isShare, "a number from 0 to 1");
  return faults;
}
