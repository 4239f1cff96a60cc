import type { Fidelity } from "../../trial/problem.ts";
import { type Fault, throwFaults } from "../../tunesmith-error.ts";

/** What population-based training and its relatives have in common. */
export interface PopulationOptions {
  /** How many members train side by side or in turn; a person's enqueued configs beyond that join as further members. */
  readonly population?: number;
  /** A member is compared with the others each time it has trained this much farther; null = a twentieth of the greatest fidelity. */
  readonly interval?: number | null;
  /** Members among the worst of this share give way to copies of the best of this share; 0 = none ever. At most 0.5. */
  readonly quantile?: number;
  /** Loss by which members are compared: of the newest report, or the mean of the newest k. */
  readonly score?: "last" | `mean:${number}`;
  /** Names of the parameters that change when a member is copied; null = all. */
  readonly tune?: readonly string[] | null;
}

export const populationDefaults = Object.freeze({
  population: 16,
  interval: null,
  quantile: 0.25,
  score: "last",
  tune: null,
} satisfies PopulationOptions);

/** Options checked, without gaps. */
export interface PopulationSettings extends Required<PopulationOptions> {
  /** Name as in a study file, for messages and codes. */
  readonly type: string;
  /** How many of the newest reports the score is the mean of. */
  readonly scoreCount: number;
}

/** @throws {TunesmithError} `invalid-input` if an option is outside its range; `more` are the faults of further options. */
export function populationSettings(type: string, options: PopulationOptions, more: readonly Fault[] = []): PopulationSettings {
  const settings = { ...populationDefaults, ...options };
  const scoreCount = scoreCountOf(settings.score);
  throwFaults(type, [...optionFaults(settings, scoreCount), ...more]);
  return { ...settings, type, scoreCount: scoreCount as number };
}

/** A number in [0, 1], or the fault. */
export function shareFaults(path: string, value: unknown, most: number): Fault[] {
  return typeof value === "number" && value >= 0 && value <= most
    ? []
    : [{ path, message: `is ${JSON.stringify(value)}; allowed: a number from 0 to ${most}` }];
}

/** How far a member trains between two comparisons, in the fidelity's unit. */
export function intervalOf({ interval }: Pick<PopulationSettings, "interval">, { max }: Fidelity): number {
  return interval ?? Math.max(1, Math.round(max / 20));
}

// Multiples of a fraction are not exact; nothing trains for this share of an interval.
const slack = 1e-9;

/** The next fidelity at which a member that has come to `reached` is compared: a multiple of the interval, or the greatest. */
export function nextTarget(settings: PopulationSettings, fidelity: Fidelity, reached: number): number {
  const interval = intervalOf(settings, fidelity);
  const passed = Math.max(Math.floor(reached / interval + slack), Math.ceil(fidelity.min / interval - slack) - 1);
  const next = (passed + 1) * interval;
  return next < fidelity.max * (1 - slack) ? next : fidelity.max;
}

/** Whether a copied member may have another value of this parameter than the one it copies. */
export function isTuned({ tune }: Pick<PopulationSettings, "tune">, name: string): boolean {
  return tune === null || tune.includes(name);
}

function scoreCountOf(score: unknown): number | null {
  if (score === "last") return 1;
  const match = typeof score === "string" ? /^mean:([1-9]\d{0,8})$/.exec(score) : null;
  return match && Number(match[1]);
}

function optionFaults(settings: Required<PopulationOptions>, scoreCount: number | null): Fault[] {
  const { population, interval, quantile, score, tune } = settings;
  const faults = shareFaults("quantile", quantile, 0.5);
  const fault = (path: string, value: unknown, allowed: string): void => {
    faults.push({ path, message: `is ${JSON.stringify(value)}; allowed: ${allowed}` });
  };
  if (!Number.isSafeInteger(population) || population < 2) fault("population", population, "a whole number from 2");
  if (interval !== null && !(typeof interval === "number" && interval > 0 && interval < Infinity))
    fault("interval", interval, "a number above 0, or null");
  if (scoreCount === null) fault("score", score, "last, or mean:k with a whole number k from 1");
  if (tune !== null && !(Array.isArray(tune) && tune.length > 0 && tune.every((name) => typeof name === "string")))
    fault("tune", tune, "a list of at least one parameter name, or null");
  return faults;
}
