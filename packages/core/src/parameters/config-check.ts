import type { Fault } from "../tunesmith-error.ts";
import { nameAsPath } from "./check-name.ts";
import { open, type Slot } from "./compiled-condition.ts";
import { isRecord } from "./declaration.ts";
import type { Expression } from "./expression.ts";
import { didYouMean } from "./nearest-name.ts";
import type { Config, ParameterValue } from "./parameter.ts";
import { showValue } from "./show-value.ts";
import type { Space } from "./space.ts";
import { ownValue, type SpaceNode, type SpaceNodes } from "./space-node.ts";

// With thousands of unknown names the suggestions would take longer than everything else.
const mostSuggestions = 20;

/** What is wrong with configs of a space. */
export function configCheck(
  { declared, ordered }: SpaceNodes,
  constraints: readonly Expression[],
): Pick<Space, "check" | "checkPartial" | "satisfies"> {
  const indexOf = new Map(declared.map((node) => [node.name, node.index]));

  function faultsOf(config: Config, partial: boolean): Fault[] {
    if (!isRecord(config)) return [{ path: "", message: `is ${showValue(config)}; allowed: parameter values by name` }];
    const faults = unknownNames(config, indexOf);
    const slots: Slot[] = new Array(declared.length).fill(undefined);
    for (const node of ordered) slots[node.index] = slotOf(node, config, slots, partial, faults);
    // Found parents first; shown as declared, unknown names before all.
    faults.sort((a, b) => (indexOf.get(a.path) ?? -1) - (indexOf.get(b.path) ?? -1));
    return faults.length > 0 ? faults : constraints.flatMap((constraint) => constraintFaults(constraint, config));
  }

  return {
    check: (config) => faultsOf(config, false),
    checkPartial: (config) => faultsOf(config, true),
    satisfies: (config) => constraints.every((constraint) => holds(constraint, config)),
  };
}

function unknownNames(config: Config, indexOf: ReadonlyMap<string, number>): Fault[] {
  const faults: Fault[] = [];
  for (const name of Object.keys(config)) {
    if (indexOf.has(name)) continue;
    const hint = faults.length < mostSuggestions ? didYouMean(name, indexOf.keys()) : "";
    faults.push({ path: nameAsPath(name), message: `unknown${hint}` });
  }
  return faults;
}

/** What the config says of one parameter, its parents' slots being known; what is wrong there is added to `faults`. */
function slotOf(node: SpaceNode, config: Config, slots: readonly Slot[], partial: boolean, faults: Fault[]): Slot {
  const active = node.condition === null ? true : node.condition.holds(slots);
  const value = ownValue(config, node.name);
  if (active === false) {
    if (value !== undefined)
      faults.push({ path: node.name, message: `is ${showValue(value)}, yet inactive: ${conditionText(node)}` });
    return undefined;
  }
  if (value === undefined) {
    if (active === true && !partial) faults.push({ path: node.name, message: "is missing" });
    return active === true && node.dimension === null ? node.start : open;
  }
  const message = node.domain.faultOf(value);
  if (message !== null) faults.push({ path: node.name, message });
  // Values that are wrong, or perhaps inactive, decide nothing below them.
  return message === null && active === true ? value : open;
}

function conditionText({ parameter: { when } }: SpaceNode): string {
  if (typeof when === "string" || when === undefined) return `takes part when ${when}`;
  const parts = Object.entries(when).map(([name, values]) =>
    Array.isArray(values) ? `${name} is one of ${values.map(showValue).join(", ")}` : `${name} is ${showValue(values)}`,
  );
  return `takes part when ${parts.join(" and ")}`;
}

function holds(constraint: Expression, config: Config): boolean {
  const value = constraint.evaluate((name) => ownValue(config, name));
  return value === undefined || value === true;
}

function constraintFaults(constraint: Expression, config: Config): Fault[] {
  if (holds(constraint, config)) return [];
  const values = constraint.names.map((name) => `${name} = ${showValue(ownValue(config, name) as ParameterValue)}`);
  return [{ path: "", message: `${constraint.text} does not hold with ${values.join(", ")}` }];
}
