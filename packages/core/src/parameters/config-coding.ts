import type { Slot } from "./compiled-condition.ts";
import type { Config, ParameterValue } from "./parameter.ts";
import type { Space } from "./space.ts";
import { ownValue, type SpaceNode, type SpaceNodes } from "./space-node.ts";

/** Config ↔ point, and the configs a space makes up itself. */
export function configCoding({
  declared,
  ordered,
  sorted,
}: SpaceNodes): Pick<Space, "encode" | "decode" | "complete" | "defaults" | "key"> {
  const searched = sorted.filter((node) => node.dimension !== null);
  const keyed = sorted.map((node) => ({ name: node.name, prefix: `${JSON.stringify(node.name)}:` }));

  /** Gives every active parameter a value, parents first. */
  function assemble(choose: (node: SpaceNode) => ParameterValue): Config {
    const slots: Slot[] = new Array(declared.length).fill(undefined);
    for (const node of ordered) {
      if (node.condition === null || node.condition.holds(slots) === true) slots[node.index] = choose(node);
    }
    const config: Record<string, ParameterValue> = {};
    for (const { name, index } of declared) {
      const value = slots[index];
      if (value !== undefined) config[name] = value as ParameterValue;
    }
    return config;
  }

  return {
    encode(config, out = new Float64Array(searched.length)) {
      for (const { name, dimension, column } of searched) {
        const value = ownValue(config, name);
        out[column] = value === undefined || dimension === null ? Number.NaN : dimension.encode(value);
      }
      return out;
    },
    decode: (point) =>
      assemble(({ dimension, column, start }) => {
        if (dimension === null) return start;
        const u = point[column];
        return dimension.decode(Number.isNaN(u) ? 0.5 : u);
      }),
    complete: (proposal, fixed, draw) =>
      assemble((node) => {
        if (node.dimension === null) return node.start;
        const given = ownValue(fixed, node.name);
        if (given !== undefined && node.domain.allows(given)) return given;
        const proposed = ownValue(proposal, node.name);
        if (proposed !== undefined && node.domain.allows(proposed)) return proposed;
        return node.dimension.decode(draw(node.dimension));
      }),
    defaults: () => assemble((node) => node.start),
    key(config) {
      let text = "";
      for (const { name, prefix } of keyed) {
        const value = ownValue(config, name);
        if (value !== undefined) text += `${text === "" ? "" : ","}${prefix}${JSON.stringify(value)}`;
      }
      return text;
    },
  };
}
