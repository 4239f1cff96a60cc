import type { CompiledCondition } from "./compiled-condition.ts";
import type { Domain } from "./domain.ts";
import type { Config, Parameter, ParameterValue } from "./parameter.ts";
import type { Dimension } from "./space.ts";

/** One parameter of a compiled space. */
export interface SpaceNode {
  readonly name: string;
  /** Place in the order of declaration, also that of its slot. */
  readonly index: number;
  readonly parameter: Parameter;
  readonly domain: Domain;
  /** Null where the parameter has one value only. */
  readonly dimension: Dimension | null;
  /** Column of the dimension in a point, −1 without one. */
  readonly column: number;
  readonly condition: CompiledCondition | null;
  /** The declared default, or the middle of the range, the first choice, the only value. */
  readonly start: ParameterValue;
}

export interface SpaceNodes {
  /** As declared. */
  readonly declared: readonly SpaceNode[];
  /** Every node after its parents. */
  readonly ordered: readonly SpaceNode[];
  /** Sorted by name (code unit order). */
  readonly sorted: readonly SpaceNode[];
}

/** A config's own value of a name: `toString` and the like are parameters only if the config itself holds them. */
export function ownValue(config: Config, name: string): ParameterValue | undefined {
  return Object.hasOwn(config, name) ? config[name] : undefined;
}
