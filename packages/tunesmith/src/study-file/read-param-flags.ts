import { basename, resolve } from "node:path";
import type { FlagFault } from "./format-faults.ts";
import { type PlacedFault, sortFaults } from "./placed-fault.ts";
import { readDefinition } from "./read-definition.ts";
import type { Reading } from "./reading.ts";
import { isFloatText, scalarValue } from "./scalar-value.ts";
import type { ListNode, MapNode, Member, ScalarNode, SourceNode } from "./source-node.ts";
import type { StudyDefinition } from "./study-definition.ts";
import type { TrainingChecks } from "./training-checks.ts";

/** A study as flags of `tunesmith run` say it; texts as they were typed. */
export interface StudyFlags {
  /** `lr=1e-5..1e-1:log`, `layers=1..4`, `opt=adam,sgd`, `c=constant`. */
  readonly param: readonly string[];
  readonly minimize?: readonly string[];
  readonly maximize?: readonly string[];
  readonly trials?: string;
  readonly time?: string;
  readonly parallel?: string;
  readonly sampler?: string;
  readonly scheduler?: string;
  /** `epochs=1..81`. */
  readonly fidelity?: string;
  readonly seed?: string;
  readonly name?: string;
  /** The metric that counts steps in the output. */
  readonly step?: string;
  /** What stands behind `--`, one element each. */
  readonly command: readonly string[];
}

export type ParamFlagsReading =
  | { readonly definition: StudyDefinition; readonly faults?: undefined }
  | { readonly faults: readonly FlagFault[]; readonly definition?: undefined };

/**
 * Reads a study from flags alone.
 *
 * @param folder  The current folder, where the command runs.
 * @returns  The definition, or all faults in the order of the flags.
 */
export function readParamFlags(flags: StudyFlags, folder: string, checks: TrainingChecks): ParamFlagsReading {
  const sources = new FlagSources();
  const root = studyNode(flags, sources);
  const reading: Reading = { faults: sources.faults, notices: [] };
  const source = { root: { node: root, path: "" }, folder: resolve(folder), defaultName: nameOf(flags.command) };
  const definition = readDefinition(source, checks, reading);
  if (definition === null || reading.faults.length > 0)
    return { faults: sortFaults(reading.faults).map((fault) => sources.flagFault(fault)) };
  const ranges = sources.integerRanges;
  if (ranges.length === 0) return { definition };
  const notice = `whole numbers: ${ranges.join(", ")}; for floats write the ends with a point, as in 0.0..1.0`;
  return { definition: { ...definition, notices: [notice, ...definition.notices] } };
}

/** Which flag every node came from, by its `at`; 0 is the command line as a whole. */
class FlagSources {
  readonly faults: PlacedFault[] = [];
  readonly integerRanges: string[] = [];
  private readonly flags: string[] = ["command line"];

  add(flag: string): number {
    return this.flags.push(flag) - 1;
  }

  flagFault({ at, path, message }: PlacedFault): FlagFault {
    if (at > 0) return { flag: this.flags[at], message };
    const flag = flagsOfKeys[path] ?? "command line";
    return { flag, message };
  }
}

/** Flags that a missing key asks for. */
const flagsOfKeys: Readonly<Record<string, string>> = { parameters: "--param", objective: "--minimize", command: "command" };

function studyNode(flags: StudyFlags, sources: FlagSources): MapNode {
  const members = new Map<string, Member>();
  const put = (key: string, node: SourceNode | null): void => {
    if (node !== null) members.set(key, { keyAt: node.at, node });
  };
  const plain = (flag: string, text: string | undefined, path = flag) =>
    text === undefined ? null : plainNode(sources.add(`--${flag} ${text}`), text, sources, path);
  put("name", flags.name === undefined ? null : textNode(sources.add(`--name ${flags.name}`), flags.name));
  if (flags.param.length > 0) put("parameters", parametersNode(flags.param, sources));
  const objectives = objectiveNodes(flags, sources);
  if (objectives.length > 0) put("objectives", listNode(0, objectives));
  put(
    "budget",
    groupNode({ trials: plain("trials", flags.trials, "budget.trials"), time: plain("time", flags.time, "budget.time") }),
  );
  for (const key of ["parallel", "sampler", "scheduler", "seed"] as const) put(key, plain(key, flags[key]));
  if (flags.fidelity !== undefined) put("fidelity", fidelityNode(flags.fidelity, sources));
  if (flags.command.length > 0) {
    const at = sources.add("command");
    put(
      "command",
      listNode(
        at,
        flags.command.map((element) => textNode(at, element)),
      ),
    );
  }
  return { kind: "map", at: 0, members };
}

function objectiveNodes({ minimize = [], maximize = [], step }: StudyFlags, sources: FlagSources): readonly SourceNode[] {
  const goals = [...minimize.map((metric) => ["minimize", metric]), ...maximize.map((metric) => ["maximize", metric])];
  return goals.flatMap(([goal, metric]) => {
    const at = sources.add(`--${goal} ${metric}`);
    return (
      groupNode({ name: textNode(at, metric), goal: textNode(at, goal), step: step === undefined ? null : textNode(at, step) }) ??
      []
    );
  });
}

function parametersNode(params: readonly string[], sources: FlagSources): MapNode {
  const members = new Map<string, Member>();
  for (const param of params) {
    const at = sources.add(`--param ${param}`);
    const equals = param.indexOf("=");
    const name = param.slice(0, Math.max(0, equals));
    if (members.has(name)) sources.faults.push({ at, path: "", message: `${name} stands twice; keep one` });
    else if (equals > 0) members.set(name, { keyAt: at, node: parameterNode(at, name, param.slice(equals + 1), sources) });
    else
      sources.faults.push({
        at,
        path: `parameters.${param}`,
        message: "has no name; write name=low..high, name=a,b,c or name=value",
      });
    if (equals <= 0) members.set(param, { keyAt: at, node: textNode(at, param) });
  }
  return { kind: "map", at: 0, members };
}

const rangeText = /^([-+]?[\d.][\dxa-fA-F.eE+-]*?)\.\.([-+]?[\d.][^:,]*)((?::.*)?)$/;
// A number with dots on one side only: `1..` is a slip, not a constant to be passed on.
const halfRangeText = /^(?:[-+]?\d[\d.eE+-]*\.\.|\.\.[-+]?\d[\d.eE+-]*)(?::.*)?$/;

function parameterNode(at: number, name: string, text: string, sources: FlagSources): MapNode {
  const range = rangeText.exec(text);
  if (range !== null) return rangeNode(at, name, range, sources);
  if (halfRangeText.test(text))
    sources.faults.push({ at, path: `parameters.${name}`, message: `${text} has one end; write both, as in 1..4` });
  const choices = text.split(",").map((choice) => plainNode(at, choice, sources, `parameters.${name}.value`));
  const single = choices.length === 1 ? choices[0] : null;
  const isFlag =
    choices.length === 2 && choices.every(({ value }) => typeof value === "boolean") && choices[0].value !== choices[1].value;
  const kind = isFlag
    ? (["type", textNode(at, "boolean")] as const)
    : single === null
      ? (["values", listNode(at, choices)] as const)
      : (["value", single] as const);
  return { kind: "map", at, members: new Map([[kind[0], { keyAt: at, node: kind[1] }]]) };
}

function rangeNode(at: number, name: string, [, low, high, rest]: RegExpExecArray, sources: FlagSources): MapNode {
  const plain = (key: string, text: string) => plainNode(at, text, sources, `parameters.${name}.${key}`);
  const group: Record<string, SourceNode> = { min: plain("min", low), max: plain("max", high) };
  for (const option of rest.split(":").slice(1)) {
    const step = /^step=(.+)$/.exec(option)?.[1];
    const start = /^default=(.+)$/.exec(option)?.[1];
    if (option === "log") group.log = { kind: "scalar", at, value: true, text: "true" };
    else if (step !== undefined) group.step = plain("step", step);
    else if (start !== undefined) group.default = plain("default", start);
    else sources.faults.push({ at, path: "", message: `:${option} is no option of a range; allowed: :log, :step=2, :default=1` });
  }
  const written = [low, high, ...(group.step?.kind === "scalar" ? [group.step.text] : [])];
  if (!written.some(isFloatText)) sources.integerRanges.push(`${name} (${low}..${high})`);
  return { kind: "map", at, members: membersOf(group) };
}

function fidelityNode(text: string, sources: FlagSources): SourceNode | null {
  const at = sources.add(`--fidelity ${text}`);
  const match = /^([^=]+)=([^=]+?)\.\.([^=]+)$/.exec(text);
  if (match !== null) {
    const [min, max] = [match[2], match[3]].map((end, i) => plainNode(at, end, sources, `fidelity.${["min", "max"][i]}`));
    return groupNode({ name: textNode(at, match[1]), min, max });
  }
  sources.faults.push({ at, path: "", message: "is no fidelity; write name=least..most, such as epochs=1..81" });
  return null;
}

/** A value as a study file would read it unquoted. */
function plainNode(at: number, text: string, sources: FlagSources, path: string): ScalarNode {
  const { value, fault } = scalarValue(text);
  if (fault !== null) sources.faults.push({ at, path, message: fault });
  return { kind: "scalar", at, value: value === null ? text : value, text };
}

function textNode(at: number, text: string): ScalarNode {
  return { kind: "scalar", at, value: text, text };
}

function listNode(at: number, items: readonly SourceNode[]): ListNode {
  return { kind: "list", at, items };
}

function groupNode(group: Readonly<Record<string, SourceNode | null>>): MapNode | null {
  const members = membersOf(group);
  const [first] = members.values();
  return first === undefined ? null : { kind: "map", at: first.node.at, members };
}

function membersOf(group: Readonly<Record<string, SourceNode | null>>): ReadonlyMap<string, Member> {
  return new Map(
    Object.entries(group).flatMap(([key, node]) => (node === null ? [] : [[key, { keyAt: node.at, node }] as const])),
  );
}

/** The script that is run, without its ending. */
function nameOf(command: readonly string[]): string {
  const script = command.find((element) => /^[^-].*\.\w{1,5}$/.test(element) && !element.includes("${"));
  const name = script === undefined ? "" : basename(script).replace(/\.\w+$/, "");
  return name === "" ? "study" : name;
}
