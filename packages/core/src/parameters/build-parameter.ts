import type { Condition } from "./condition.ts";
import type {
  BooleanParameter,
  CategoricalParameter,
  ConstantParameter,
  FloatParameter,
  IntParameter,
  NumericPrior,
  OrdinalParameter,
  ParameterValue,
} from "./parameter.ts";

interface ConditionalOptions<When> {
  /** The parameter takes part only where this holds: `{ optimizer: "sgd" }` or `"layers >= 2"`. */
  readonly when?: When;
}

interface NumericOptions<When> extends ConditionalOptions<When> {
  /** Search the logarithm of the value; needs `min` > 0. Default false. */
  readonly log?: boolean;
  /** Distance of neighbouring values from `min` on; `max` must lie on it. */
  readonly step?: number;
  /** Tried first where a sampler starts from the defaults. */
  readonly default?: number;
  readonly prior?: NumericPrior;
}

interface ChoiceOptions<Value, When> extends ConditionalOptions<When> {
  /** Prior weight of every choice, in the order of the values. */
  readonly weights?: readonly number[];
  readonly default?: NoInfer<Value>;
}

interface BooleanOptions<When> extends ConditionalOptions<When> {
  readonly default?: boolean;
}

type MaybeCondition = Condition | undefined;

/**
 * What a condition adds to a parameter's type: with it the parameter may be absent from a config.
 * Builders pass `NoInfer`, or a call inside a typed object would take its condition's type from there.
 */
export type WithCondition<When extends MaybeCondition> = [When] extends [undefined] ? unknown : { readonly when: When };

/** A real number in [min, max]. Ranges and options are checked when the study is created. */
export function float<const When extends MaybeCondition = undefined>(
  min: number,
  max: number,
  options?: NumericOptions<When>,
): FloatParameter & WithCondition<NoInfer<When>> {
  return declare({ ...options, type: "float", min, max, log: options?.log ?? false });
}

/** A whole number from min to max, both included. */
export function int<const When extends MaybeCondition = undefined>(
  min: number,
  max: number,
  options?: NumericOptions<When>,
): IntParameter & WithCondition<NoInfer<When>> {
  return declare({ ...options, type: "int", min, max, log: options?.log ?? false });
}

/** One of several values without order. */
export function categorical<const Value extends ParameterValue, const When extends MaybeCondition = undefined>(
  values: readonly Value[],
  options?: ChoiceOptions<Value, When>,
): CategoricalParameter<Value> & WithCondition<NoInfer<When>> {
  return declare({ ...options, type: "categorical", values });
}

/** One of several values in ascending order, such as `["small", "medium", "large"]`. */
export function ordinal<const Value extends ParameterValue, const When extends MaybeCondition = undefined>(
  values: readonly Value[],
  options?: ChoiceOptions<Value, When>,
): OrdinalParameter<Value> & WithCondition<NoInfer<When>> {
  return declare({ ...options, type: "ordinal", values });
}

export function boolean<const When extends MaybeCondition = undefined>(
  options?: BooleanOptions<When>,
): BooleanParameter & WithCondition<NoInfer<When>> {
  return declare({ ...options, type: "boolean" });
}

/** A value that is handed to the training as a parameter and never searched. */
export function constant<const Value extends ParameterValue, const When extends MaybeCondition = undefined>(
  value: Value,
  options?: ConditionalOptions<When>,
): ConstantParameter<Value> & WithCondition<NoInfer<When>> {
  return declare({ ...options, type: "constant", value });
}

/** The condition's type lives in the options' type parameter, which a spread cannot carry into the intersection. */
function declare<Declared>(fields: object): Declared {
  return Object.freeze(fields) as Declared;
}
