import { createRng } from "../numerics/rng.ts";
import { categorical, float, int } from "../parameters/build-parameter.ts";
import { createSpace } from "../parameters/create-space.ts";
import type { Config, Parameter, ParameterValue } from "../parameters/parameter.ts";
import { TunesmithError } from "../tunesmith-error.ts";

export interface SuggestNumberOptions {
  /** Draw the logarithm of the value uniformly; needs a range above 0. */
  readonly log?: boolean;
  /** Distance of neighbouring values from the lower end on; the upper end must lie on it. */
  readonly step?: number;
}

/**
 * Define-by-run: parameters that the training code names at the moment it needs them.
 *
 * A declared parameter that is active gives its value. Any other name is drawn once per trial, uniformly, from a stream of (study
 * seed, trial, name): the order of the calls, retries and the trial's other replicates change nothing. What is drawn goes on record
 * with the call and becomes part of the trial; samplers do not learn from it.
 *
 * All throw a `TunesmithError` `invalid-input` if the range or the values are none, if a value known by that name lies outside them, or
 * if the study was not made with `defineByRun: true` and does not declare the name.
 */
export interface ValueDrawer {
  /** A real number in [min, max]. */
  suggestFloat(name: string, min: number, max: number, options?: SuggestNumberOptions): number;
  /** A whole number from min to max, both included. */
  suggestInt(name: string, min: number, max: number, options?: SuggestNumberOptions): number;
  /** One of several values. */
  suggestCategorical<const Value extends ParameterValue>(name: string, values: readonly Value[]): Value;
}

export interface ValueDrawing {
  readonly trialNumber: number;
  /** Declared values, and those drawn by earlier attempts and other replicates; the first that has a name counts. */
  readonly known: readonly Config[];
  /** The study's seed; null for a study whose parameters are all declared. */
  readonly seed: number | null;
  /** Puts drawn values on record. */
  record(values: Config): void;
}

export function createValueDrawer({ trialNumber, known, seed, record }: ValueDrawing): ValueDrawer {
  // Made with the first question: most objectives ask none.
  let gathered: Map<string, ParameterValue> | null = null;

  function valuesByName(): Map<string, ParameterValue> {
    gathered ??= new Map(known.toReversed().flatMap((config) => Object.entries(config)));
    return gathered;
  }

  function draw(name: string, parameter: Parameter): ParameterValue {
    if (seed === null) throw new TunesmithError("invalid-input", undeclared(name, [...valuesByName().keys()]));
    const { dimensions, decode } = createSpace({ [name]: parameter });
    const rng = createRng(seed, trialNumber, "define-by-run", name);
    const value = decode(Float64Array.from(dimensions, () => rng.uniform()))[name];
    valuesByName().set(name, value);
    record(Object.fromEntries([[name, value]]));
    return value;
  }

  function suggest(name: string, parameter: Parameter): ParameterValue {
    const value = valuesByName().get(name);
    if (value === undefined) return draw(name, parameter);
    const [fault] = createSpace({ [name]: parameter }).check(Object.fromEntries([[name, value]]));
    if (fault !== undefined) throw new TunesmithError("invalid-input", `${name} ${fault.message}, as asked for here`, [fault]);
    return value;
  }

  return {
    suggestFloat: (name, min, max, options) => suggest(name, float(min, max, options)) as number,
    suggestInt: (name, min, max, options) => suggest(name, int(min, max, options)) as number,
    suggestCategorical: <Value extends ParameterValue>(name: string, choices: readonly Value[]) =>
      suggest(name, categorical(choices)) as Value,
  };
}

function undeclared(name: string, known: readonly string[]): string {
  const declared = known.length === 0 ? "none" : known.join(", ");
  return `${name} is no active parameter of this trial; declared and active: ${declared}. To draw others, make the study with defineByRun: true`;
}
