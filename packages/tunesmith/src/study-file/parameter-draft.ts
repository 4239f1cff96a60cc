import { declaredMembers, rangeType } from "./declared-members.ts";
import { joinPath } from "./placed-fault.ts";
import { readDistribution } from "./read-distribution.ts";
import { addFault, type Field, type Reading, readMembers } from "./reading.ts";
import { type MapNode, showNode } from "./source-node.ts";
import { parameterKeys } from "./study-keys.ts";

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
    addFault(
      reading,
      field,
      `${showNode(field.node)}; allowed: parameters by name, such as lr: { min: 1e-5, max: 1e-1, log: true }`,
    );
    return [];
  }
  return [...field.node.members].flatMap(([key, { node }]) => {
    const path = joinPath(field.path, key);
    const name = `${prefix}${key}`;
    if (node.kind !== "map" || !node.members.has("parameters")) return readDraft(name, { node, path }, reading);
    for (const [other, member] of node.members) {
      if (other !== "parameters")
        reading.faults.push({ at: member.keyAt, path: joinPath(path, other), message: "a group holds only parameters" });
    }
    const inner = node.members.get("parameters")?.node ?? node;
    return readParameterDrafts({ node: inner, path: joinPath(path, "parameters") }, reading, `${name}.`);
  });
}

const distributionWords = { weights: "probabilities", step: "q", prior: "distribution", "prior.mean": "mu", "prior.sd": "sigma" };

function readDraft(name: string, field: Field, reading: Reading): ParameterDraft {
  const draft = { name, field, declared: {}, writtenAs: {}, arg: null, distribution: null, isConcludedInt: false };
  if (field.node.kind !== "map") {
    addFault(reading, field, `${showNode(field.node)}; ${insteadOfGroup(field)}`);
    return draft;
  }
  // Faults of some keys do not keep the space from looking at the others.
  const members = readMembers(field, parameterKeys, reading) ?? {};
  const { node } = field;
  const { distribution, arg = null } = members;
  if (distribution !== undefined) {
    const declared = readDistribution({ name, field, node, distribution }, reading);
    return { ...draft, declared, arg, distribution, writtenAs: distributionWords };
  }
  refuseForeignKeys(field, node, reading);
  const type = members.type ?? concludedType(node);
  if (type === null) addFault(reading, field, "says what it may be by none of: min and max, values, value, type: boolean");
  if (type === null) return draft;
  const isConcludedInt = type === "int" && members.type === undefined;
  const writtenAs: Record<string, string> = node.members.has("probabilities") ? { weights: "probabilities" } : {};
  return { ...draft, declared: { ...declaredMembers(node), type }, arg, isConcludedInt, writtenAs };
}

function insteadOfGroup({ node }: Field): string {
  if (node.kind === "list") return "for choices write { values: […] }";
  // As a flag of the command line says it.
  const [, min, max, log] = (node.kind === "scalar" && /^(\S+)\.\.([^\s:]+)(:log)?$/.exec(String(node.value))) || [];
  if (max !== undefined) return `for a range write { min: ${min}, max: ${max}${log === undefined ? "" : ", log: true"} }`;
  return node.kind === "scalar" && node.value !== null
    ? "for a constant write { value: … }"
    : "allowed: a parameter such as { min: 0.0, max: 1.0 }";
}

function concludedType(node: MapNode): string | null {
  const { members } = node;
  if (members.has("values")) return "categorical";
  return members.has("value") ? "constant" : rangeType(node);
}

function refuseForeignKeys(field: Field, { members }: MapNode, reading: Reading): void {
  for (const key of ["q", "mu", "sigma"]) {
    const member = members.get(key);
    const message =
      key === "q"
        ? "needs a distribution such as q_uniform; the native key is step"
        : "needs distribution: normal, or the native key prior";
    if (member !== undefined) reading.faults.push({ at: member.keyAt, path: joinPath(field.path, key), message });
  }
  const twice = members.has("weights") ? members.get("probabilities") : undefined;
  if (twice !== undefined)
    reading.faults.push({
      at: twice.keyAt,
      path: joinPath(field.path, "probabilities"),
      message: "another name of weights, which is given too; keep one",
    });
}
