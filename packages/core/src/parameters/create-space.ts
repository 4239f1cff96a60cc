import { type Fault, throwFaults } from "../tunesmith-error.ts";
import { nameAsPath, nameFault } from "./check-name.ts";
import { orderByParents } from "./condition-graph.ts";
import { configCheck } from "./config-check.ts";
import { configCoding } from "./config-coding.ts";
import { isRecord } from "./declaration.ts";
import { dimensionOf } from "./dimension.ts";
import { type Domain, domainOf } from "./domain.ts";
import type { Expression } from "./expression.ts";
import type { Parameter, Parameters } from "./parameter.ts";
import { type DeclaredNames, type ReadCondition, readCondition, readExpression } from "./read-condition.ts";
import { readParameter } from "./read-parameter.ts";
import { showValue } from "./show-value.ts";
import type { Space } from "./space.ts";
import type { SpaceNode, SpaceNodes } from "./space-node.ts";

const mostParameters = 10_000;
const mostConstraints = 1_000;

/**
 * Compiles parameters, as the builders or a JSON document declare them, after checking everything about them.
 *
 * A member that is `undefined` counts as absent. `type` may be left out where `values`, `value` or a fractional end of the
 * range leaves only one: categorical, constant, float.
 * @param parameterConstraints  Expressions over parameters that every config must satisfy, e.g. `layers * width <= 512`.
 * @throws {TunesmithError} `invalid-input` with all faults: paths are `lr.min`, `momentum.when`, `parameterConstraints.0`.
 */
export function createSpace(
  parameters: Parameters | Readonly<Record<string, unknown>>,
  parameterConstraints: readonly string[] = [],
): Space {
  const faults: Fault[] = [];
  const names = readNames(parameters, faults);
  throwFaults("parameters", faults.splice(0));
  const read = names.map((name) => readNamed(name, parameters[name], faults));
  const declaredNames: DeclaredNames = {
    indexOf: new Map(names.map((name, index) => [name, index])),
    domains: read.map((parameter) => parameter && domainOf(parameter)),
  };
  const conditions = names.map((name) => conditionOf(name, parameters[name], declaredNames, faults));
  const order = orderConditions(names, conditions, faults);
  const constraints = readConstraints(parameterConstraints, declaredNames, faults);
  throwFaults("parameters", faults);
  return assemble(compileNodes(names, read as Parameter[], declaredNames, conditions, order), constraints);
}

function readNames(parameters: unknown, faults: Fault[]): readonly string[] {
  if (!isRecord(parameters)) {
    faults.push({ path: "", message: `is ${showValue(parameters)}; allowed: parameters by name` });
    return [];
  }
  const names = Object.keys(parameters);
  if (names.length > mostParameters)
    faults.push({ path: "", message: `${names.length} parameters; allowed: at most ${mostParameters}` });
  return names;
}

function readNamed(name: string, declared: unknown, faults: Fault[]): Parameter | null {
  const path = nameAsPath(name);
  const message = nameFault(name);
  if (message !== null) faults.push({ path, message });
  return readParameter(path, declared, faults);
}

function conditionOf(name: string, declared: unknown, names: DeclaredNames, faults: Fault[]): ReadCondition | null {
  if (!isRecord(declared) || !Object.hasOwn(declared, "when") || declared.when === undefined) return null;
  return readCondition(`${nameAsPath(name)}.when`, declared.when, names, faults);
}

function orderConditions(names: readonly string[], conditions: readonly (ReadCondition | null)[], faults: Fault[]): number[] {
  const { order, cycles } = orderByParents(conditions.map((condition) => condition?.compiled.parents ?? []));
  for (const cycle of cycles) {
    const path = [...cycle.slice(0, 8).map((index) => names[index]), ...(cycle.length > 8 ? ["…"] : []), names[cycle[0]]];
    faults.push({ path: `${nameAsPath(names[cycle[0]])}.when`, message: `depends on itself: ${path.join(" → ")}` });
  }
  return order;
}

function readConstraints(constraints: unknown, names: DeclaredNames, faults: Fault[]): Expression[] {
  if (!Array.isArray(constraints) || constraints.length > mostConstraints) {
    const message = `is ${showValue(constraints)}; allowed: a list of at most ${mostConstraints} expressions`;
    faults.push({ path: "parameterConstraints", message });
    return [];
  }
  return constraints.flatMap((text, i) => readExpression(`parameterConstraints.${i}`, text, names, faults) ?? []);
}

function compileNodes(
  names: readonly string[],
  parameters: readonly Parameter[],
  { domains }: DeclaredNames,
  conditions: readonly (ReadCondition | null)[],
  order: readonly number[],
): SpaceNodes {
  const byName = names.map((_, index) => index).sort((a, b) => (names[a] < names[b] ? -1 : 1));
  const declared: SpaceNode[] = [];
  const columns = new Int32Array(names.length).fill(-1);
  byName
    .filter((index) => domains[index]?.only === undefined)
    .forEach((index, column) => {
      columns[index] = column;
    });
  names.forEach((name, index) => {
    const condition = conditions[index];
    const parameter = Object.freeze(condition === null ? parameters[index] : { ...parameters[index], when: condition.when });
    const domain = domains[index] as Domain;
    declared.push(nodeOf({ name, index, parameter, domain, column: columns[index], condition: condition?.compiled ?? null }));
  });
  return { declared, ordered: order.map((index) => declared[index]), sorted: byName.map((index) => declared[index]) };
}

function nodeOf(node: Omit<SpaceNode, "dimension" | "start">): SpaceNode {
  const { name, parameter, domain, column } = node;
  const dimension = column === -1 || parameter.type === "constant" ? null : dimensionOf(name, parameter);
  const declared = domain.default === undefined ? domain.only : domain.default;
  const start = declared === undefined && dimension !== null ? dimension.decode(0.5) : declared;
  if (start === undefined) throw new RangeError(`${name} has no value`);
  return { ...node, dimension, start };
}

function assemble(nodes: SpaceNodes, constraints: readonly Expression[]): Space {
  const dimensions = Object.freeze(nodes.sorted.flatMap((node) => node.dimension ?? []));
  const columns = new Map(dimensions.map((dimension, column) => [dimension.name, column]));
  const parameters: Record<string, Parameter> = Object.create(null);
  for (const { name, parameter } of nodes.declared) parameters[name] = parameter;
  return Object.freeze({
    parameters: Object.freeze(parameters),
    parameterConstraints: Object.freeze(constraints.map((constraint) => constraint.text)),
    dimensions,
    indexOf: (name: string) => columns.get(name) ?? -1,
    conditional: nodes.declared.some((node) => node.condition !== null),
    cardinality: dimensions.reduce((product, dimension) => product * dimension.cellCount, 1),
    ...configCoding(nodes),
    ...configCheck(nodes, constraints),
  });
}
