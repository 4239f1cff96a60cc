import type { Condition } from "./condition.ts";

/** What a parameter may hold; `null` only as a declared choice. */
export type ParameterValue = string | number | boolean | null;

/** Parameter values by name, only those of active parameters. */
export type Config = { readonly [name: string]: ParameterValue };

/**
 * Belief about where good values lie, used by samplers that can.
 * `normal`: mean and standard deviation in the parameter's own unit; `log-normal`: of its natural logarithm.
 */
export type NumericPrior = {
  readonly distribution: "normal" | "log-normal";
  readonly mean: number;
  readonly sd: number;
};

interface Conditional {
  /** The parameter takes part only where this holds; absent means always. */
  readonly when?: Condition;
}

interface NumericParameter<Type extends "float" | "int"> extends Conditional {
  readonly type: Type;
  readonly min: number;
  readonly max: number;
  /** Search the logarithm of the value; needs `min` > 0. */
  readonly log: boolean;
  /** Distance of neighbouring values from `min` on; absent means continuous for floats, 1 for ints. */
  readonly step?: number;
  readonly default?: number;
  readonly prior?: NumericPrior;
}

export type FloatParameter = NumericParameter<"float">;
export type IntParameter = NumericParameter<"int">;

interface ChoiceParameter<Type extends "categorical" | "ordinal", Value extends ParameterValue> extends Conditional {
  readonly type: Type;
  /** At least one, pairwise different; for `ordinal` in ascending order. */
  readonly values: readonly Value[];
  /** Prior weight of every choice, same length, non-negative, not all 0. */
  readonly weights?: readonly number[];
  readonly default?: Value;
}

export type CategoricalParameter<Value extends ParameterValue = ParameterValue> = ChoiceParameter<"categorical", Value>;
export type OrdinalParameter<Value extends ParameterValue = ParameterValue> = ChoiceParameter<"ordinal", Value>;

export interface BooleanParameter extends Conditional {
  readonly type: "boolean";
  readonly default?: boolean;
}

export interface ConstantParameter<Value extends ParameterValue = ParameterValue> extends Conditional {
  readonly type: "constant";
  readonly value: Value;
}

export type Parameter =
  | FloatParameter
  | IntParameter
  | CategoricalParameter
  | OrdinalParameter
  | BooleanParameter
  | ConstantParameter;

/** Parameters by name, in the order the user declared them. */
export type Parameters = { readonly [name: string]: Parameter };
