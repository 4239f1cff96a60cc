import { joinPath } from "./placed-fault.ts";
import { addFault, type Field, readMembers, type Reading } from "./reading.ts";
import { type MapNode, plainValue, showNode } from "./source-node.ts";
import { parameterKeys } from "./study-keys.ts";
import { commonKeys, distributionNumbers, distributions, rangeType, type Translation } from "./wandb-distribution.ts";

/** A parameter as it was written, in the words of the space. */
export interface ParameterDraft {
  /** Groups and name joined by dots, e.g. `optimizer.momentum`. */
  readonly name: string;
  readonly field: Field;
  /** For the space; `{}` if it is at fault already. */
  readonly declared: Readonly<Record<string, unknown>>;
  /** What was written otherwise than the space calls it, e.g. `weights` → `probabilities`. */
  readonly writtenAs: Readonly<Record<string, string>>;
  readonly arg: string | null;
  /** The W&B distribution, which messages then name. */
  readonly distribution: string | null;
  /** Whether whole numbers were concluded from the way the ends were written. */
  readonly isConcludedInt: boolean;
}

/** The parameters of a study in the order they were written; `parameters:` inside a parameter only groups names. */
export function readParameterDrafts(field: Field, reading: Reading, prefix = ""): readonly ParameterDraft[] {
  if (field.node.kind !== "map") {
    addFault(reading, field, `${showNode(field.node)}; allowed: parameters by name, such as lr: { min: 1e-5, max: 1e-1, log: true }`);
    return [];
  }
  return [...field.node.members].flatMap(([key, { node }]) => {
    const path = joinPath(field.path, key);
    const name = `${prefix}${key}`;
    if (node.kind !== "map" || !node.members.has("parameters")) return readDraft(name, { node, path }, reading);
    for (const [other, member] of node.members) {
      if (other !== "parameters") reading.faults.push({ at: member.keyAt, path: joinPath(path, other), message: "a group holds only parameters" });
    }
    const inner = node.members.get("parameters")?.node ?? node;
    return readParameterDrafts({ node: inner, path: joinPath(path, "parameters") }, reading, `${name}.`);
  });
}

function readDraft(name: string, field: Field, reading: Reading): ParameterDraft {
  const draft = { name, field, declared: {}, writtenAs: {}, arg: null, distribution: null, isConcludedInt: false };
  const faultCount = reading.faults.length;
  if (field.node.kind !== "map") {
    addFault(reading, field, `${showNode(field.node)}; ${insteadOfGroup(field)}`);
    return draft;
  }
  const members = readMembers(field, parameterKeys, reading);
  if (reading.faults.length > faultCount || members === undefined) return draft;
  const { node } = field;
  const arg = members.arg ?? null;
  if (members.distribution !== undefined) {
    const declared = readDistribution(name, field, node, members.distribution, reading);
    const writtenAs = { weights: "probabilities", step: "q", prior: members.mu === undefined ? "distribution" : "mu" };
    return { ...draft, declared, arg, distribution: members.distribution, writtenAs };
  }
  refuseForeignKeys(field, node, reading);
  const type = members.type ?? concludedType(node);
  if (type === null) addFault(reading, field, "says what it may be by none of: min and max, values, value, type: boolean");
  if (reading.faults.length > faultCount || type === null) return draft;
  const declared = { ...declaredMembers(node), type };
  const isConcludedInt = type === "int" && members.type === undefined;
  return { ...draft, declared, arg, isConcludedInt, writtenAs: node.members.has("probabilities") ? { weights: "probabilities" } : {} };
}

function insteadOfGroup({ node }: Field): string {
  if (node.kind === "list") return "for choices write { values: […] }";
  return node.kind === "scalar" && node.value !== null ? "for a constant write { value: … }" : "allowed: a parameter such as { min: 0.0, max: 1.0 }";
}

function concludedType({ members }: MapNode): string | null {
  if (members.has("values")) return "categorical";
  return members.has("value") ? "constant" : rangeType(members);
}

/** What the space wants to know, under its own names. */
function declaredMembers({ members }: MapNode): Record<string, unknown> {
  const declared: Record<string, unknown> = {};
  for (const [key, { node }] of members) {
    if (key === "probabilities") declared.weights = plainValue(node);
    else if (key !== "arg" && key !== "distribution") declared[key] = plainValue(node);
  }
  return declared;
}

function refuseForeignKeys(field: Field, { members }: MapNode, reading: Reading): void {
  for (const key of ["q", "mu", "sigma"]) {
    const member = members.get(key);
    const message = key === "q" ? "needs a distribution such as q_uniform; the native key is step" : "needs distribution: normal, or the native key prior";
    if (member !== undefined) reading.faults.push({ at: member.keyAt, path: joinPath(field.path, key), message });
  }
  const twice = members.has("weights") ? members.get("probabilities") : undefined;
  if (twice !== undefined) reading.faults.push({ at: twice.keyAt, path: joinPath(field.path, "probabilities"), message: "another name of weights, which is given too; keep one" });
}

/** A parameter with a W&B distribution, as the space declares it. */
function readDistribution(name: string, field: Field, node: MapNode, distribution: string, reading: Reading): Record<string, unknown> {
  const { members } = node;
  const named: Field = { node: members.get("distribution")?.node ?? node, path: joinPath(field.path, "distribution") };
  const faultCount = reading.faults.length;
  if (!Object.hasOwn(distributions, distribution)) {
    addFault(reading, named, `${showNode(named.node)}; allowed: ${Object.keys(distributions).join(", ")}`);
    return {};
  }
  const { needs, takes, translate } = distributions[distribution];
  for (const [key, { keyAt }] of members) {
    if (commonKeys.includes(key) || needs.includes(key) || takes.includes(key)) continue;
    const taken = [...needs, ...takes].join(", ");
    reading.faults.push({ at: keyAt, path: joinPath(field.path, key), message: `not used by distribution ${distribution}, which takes ${taken || "nothing"}` });
  }
  for (const key of needs) {
    if (!members.has(key)) addFault(reading, { ...field, path: joinPath(field.path, key) }, `missing; distribution ${distribution} needs ${needs.join(" and ")}`);
  }
  if (reading.faults.length > faultCount) return {};
  const numbers = distributionNumbers(members);
  // The space says what is wrong with an end that is no number.
  const translation: Translation = numbers === null ? { declared: { type: "float" } } : translate(numbers);
  if (translation.fault !== undefined) {
    addFault(reading, named, translation.fault);
    return {};
  }
  if (translation.notice !== undefined) reading.notices.push(`${name}: ${distribution} ${translation.notice}`);
  return { ...withoutNumbers(declaredMembers(node)), ...(numbers === null && declaredMembers(node)), ...translation.declared };
}

function withoutNumbers({ q: _, mu: __, sigma: ___, ...declared }: Record<string, unknown>): Record<string, unknown> {
  return declared;
}
