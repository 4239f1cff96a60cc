import type { Expression } from "./expression.ts";
import { evaluateNode } from "./expression-evaluation.ts";
import type { ParameterValue } from "./parameter.ts";

/** Stands for the value of a parameter that a partial config leaves open. */
export const open: unique symbol = Symbol("open");

/** What is known of a parameter: its value, `open`, or `undefined` when it is inactive. */
export type Slot = ParameterValue | typeof open | undefined;

/** A condition over slots, one per parameter. */
export interface CompiledCondition {
  /** Indexes of the parameters it depends on, each once. */
  readonly parents: readonly number[];
  /** Whether it holds: an inactive parent makes it false; `undefined` while it depends on an open one. */
  holds(slots: readonly Slot[]): boolean | undefined;
}

/** Every parent is active and has one of its values. */
export function valuesCondition(allowed: ReadonlyMap<number, ReadonlySet<unknown>>): CompiledCondition {
  const entries = [...allowed];
  return {
    parents: [...allowed.keys()],
    holds(slots) {
      let result: boolean | undefined = true;
      for (const [parent, values] of entries) {
        const slot = slots[parent];
        if (slot === open) result = undefined;
        else if (slot === undefined || !values.has(slot)) return false;
      }
      return result;
    },
  };
}

/** @param parents  Index of the parameter of every name in `expression.names`. */
export function expressionCondition(expression: Expression, parents: readonly number[]): CompiledCondition {
  return {
    parents,
    holds(slots) {
      const values: ParameterValue[] = [];
      let known = true;
      for (const parent of parents) {
        const slot = slots[parent];
        if (slot === undefined) return false;
        if (slot === open) known = false;
        else values.push(slot);
      }
      return known ? evaluateNode(expression.root, values) === true : undefined;
    },
  };
}
