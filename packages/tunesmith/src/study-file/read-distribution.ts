import { declaredMembers } from "./declared-members.ts";
import { joinPath } from "./placed-fault.ts";
import { addFault, type Field, type Reading } from "./reading.ts";
import { type MapNode, showNode } from "./source-node.ts";
import { commonKeys, distributionNumbers, distributions } from "./wandb-distribution.ts";

export interface DistributedParameter {
  readonly name: string;
  readonly field: Field;
  /** The node of the field. */
  readonly node: MapNode;
  readonly distribution: string;
}

/** A parameter with a W&B distribution as the space declares it; `{}` after adding what is wrong with it. */
export function readDistribution(parameter: DistributedParameter, reading: Reading): Readonly<Record<string, unknown>> {
  const { name, field, node, distribution } = parameter;
  const named: Field = { node: node.members.get("distribution")?.node ?? node, path: joinPath(field.path, "distribution") };
  if (!Object.hasOwn(distributions, distribution)) {
    addFault(reading, named, `${showNode(named.node)}; allowed: ${Object.keys(distributions).join(", ")}`);
    return {};
  }
  if (!checkKeys(parameter, reading)) return {};
  const numbers = distributionNumbers(node.members);
  if (numbers === null) {
    // What is wrong with q, mu or sigma is said already; with an end, the space says it.
    return distributions[distribution].needs.includes("min") ? { ...declaredMembers(node), type: "float" } : {};
  }
  const { declared, notice, fault } = distributions[distribution].translate(numbers);
  if (fault !== undefined) addFault(reading, named, fault);
  if (notice !== undefined) reading.notices.push(`${name}: ${distribution} ${notice}`);
  return declared === undefined ? {} : { ...declaredMembers(node), ...declared };
}

/** Whether all keys are there that the distribution needs, and none that it does not know. */
function checkKeys({ field, node, distribution }: DistributedParameter, reading: Reading): boolean {
  const { needs, takes } = distributions[distribution];
  const faultCount = reading.faults.length;
  const taken = [...needs, ...takes];
  for (const [key, { keyAt }] of node.members) {
    if (commonKeys.includes(key) || taken.includes(key)) continue;
    const message = `not used by distribution ${distribution}, which takes ${taken.join(", ") || "nothing"}`;
    reading.faults.push({ at: keyAt, path: joinPath(field.path, key), message });
  }
  for (const key of needs) {
    if (node.members.has(key)) continue;
    const message = `missing; distribution ${distribution} needs ${needs.join(" and ")}`;
    addFault(reading, { ...field, path: joinPath(field.path, key) }, message);
  }
  return reading.faults.length === faultCount;
}
