import type { Fault } from "../tunesmith-error.ts";
import type { Config, Parameter, Parameters, ParameterValue } from "./parameter.ts";

/**
 * One searched coordinate: a parameter with at least two values.
 *
 * Encoding into [0, 1] (ALGORITHMS 2.1): numeric values lie on T(x), T = identity or log, stretched over the range, stepped
 * ones at the centre of a cell so that uniform u gives every value its share; choice k of K lies at (k + 0.5) / K.
 */
export interface Dimension {
  readonly name: string;
  readonly parameter: Parameter;
  /** `numeric`: neighbours are alike (float, int, ordinal). `categorical`: they are not (categorical, boolean). */
  readonly kind: "numeric" | "categorical";
  /** Number of different values, `Infinity` if continuous. */
  readonly cellCount: number;
  /** Value → coordinate in [0, 1]; the value must be one the parameter allows. */
  encode(value: ParameterValue): number;
  /** Coordinate → value; any u is clipped to [0, 1] first. */
  decode(u: number): ParameterValue;
  /** Draw by the declared prior: uniform u → coordinate; the identity without a prior. Monotone for numeric dimensions. */
  fromPrior(u: number): number;
  /** Whether `fromPrior` is not the identity. */
  readonly hasPrior: boolean;
}

/**
 * A compiled set of parameters: conditions ordered, constraints parsed, encodings precomputed. Immutable.
 * A point is a `Float64Array` of length `dimensions.length`; NaN marks an inactive coordinate.
 */
export interface Space {
  /** As declared, in canonical form (equal meaning, equal members). Without prototype: unknown names give `undefined`. */
  readonly parameters: Parameters;
  readonly parameterConstraints: readonly string[];
  /** Searched coordinates, sorted by name (code unit order). */
  readonly dimensions: readonly Dimension[];
  /** Column of a name in `dimensions`, or −1 (unknown, constant or of one value only). */
  indexOf(name: string): number;
  /** Whether any parameter has a condition. */
  readonly conditional: boolean;
  /**
   * Number of different configs when all dimensions are stepped or choices and nothing is conditional; otherwise an upper bound,
   * maybe Infinity. Constraints are not counted off.
   */
  readonly cardinality: number;
  /** Config → point. The config must be complete and valid. */
  encode(config: Config, out?: Float64Array): Float64Array;
  /** Point → config: decodes parents first, drops inactive parameters, attaches active constants. NaN where active decodes as 0.5. */
  decode(point: Float64Array): Config;
  /**
   * Takes `proposal`, overrides it by `fixed`, drops what is thereby inactive and fills what is thereby missing by `draw(dimension)`.
   * A value that the parameter does not allow counts as missing; what has one value only gets it whatever was given.
   * The result is complete and of valid ranges; constraints are not checked.
   */
  complete(proposal: Config, fixed: Config, draw: (dimension: Dimension) => number): Config;
  /**
   * All that is wrong with a full config: missing, unknown or inactive names, wrong types, out of range, off the step; `path` is
   * the parameter's name. Constraints are looked at when nothing else is wrong; their `path` is empty. Never throws.
   */
  check(config: Config): readonly Fault[];
  /** Like `check`, but names may be missing (an enqueued part of a config). */
  checkPartial(config: Config): readonly Fault[];
  /** Whether every parameter constraint holds; one that names an inactive parameter holds. */
  satisfies(config: Config): boolean;
  /** Text that is equal exactly for equal configs of this space, whatever the order of their names. */
  key(config: Config): string;
  /** The config of all declared defaults (middle of the range, first choice, false where none is declared); it may violate constraints. */
  defaults(): Config;
}
