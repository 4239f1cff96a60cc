import { createSpace, type Fault, type Space, TunesmithError } from "@tunesmith/core";
import type { ParameterDraft } from "./parameter-draft.ts";
import { joinPath, printable } from "./placed-fault.ts";
import { addFault, deepestField, type Field, fieldAt, type Reading } from "./reading.ts";

export interface DraftedSpace {
  readonly parameters: Field;
  readonly drafts: readonly ParameterDraft[];
  /** The list `parameter_constraints`, or null where there is none. */
  readonly constraints: Field | null;
}

/** The space of the drafts, or null after adding the faults of all of them. */
export function compileSpace(
  drafted: DraftedSpace,
  constraintTexts: readonly string[],
  macroNames: readonly string[],
  reading: Reading,
): Space | null {
  const faultCount = reading.faults.length;
  const { drafts, parameters } = drafted;
  if (drafts.length === 0) addFault(reading, parameters, "holds no parameter");
  checkNames(drafts, macroNames, reading);
  checkArguments(drafts, reading);
  const space = createOrFault(drafted, constraintTexts, reading);
  return reading.faults.length === faultCount ? space : null;
}

function createOrFault(drafted: DraftedSpace, constraintTexts: readonly string[], reading: Reading): Space | null {
  const declared = Object.fromEntries(drafted.drafts.map((draft) => [draft.name, draft.declared]));
  try {
    return createSpace(declared, constraintTexts);
  } catch (error) {
    if (!(error instanceof TunesmithError)) throw error;
    const byName = new Map(drafted.drafts.map((draft) => [draft.name, draft]));
    for (const fault of error.faults) placeFault(fault, drafted, byName, reading);
    return null;
  }
}

/** A fault of the space put to the line that caused it. */
function placeFault(
  { path, message }: Fault,
  { drafts, parameters, constraints }: DraftedSpace,
  byName: ReadonlyMap<string, ParameterDraft>,
  reading: Reading,
): void {
  const draft = longestMatch(byName, path) ?? unprintableMatch(drafts, path);
  const [first, ...keys] = path.split(".");
  if (draft !== null) placeInDraft(draft, path.startsWith(draft.name) ? path.slice(draft.name.length + 1) : "", message, reading);
  else if (first === "parameterConstraints" && constraints !== null)
    addFault(reading, deepestField(constraints, keys), withoutIs(message));
  else addFault(reading, parameters, withoutIs(message));
}

function placeInDraft(draft: ParameterDraft, path: string, message: string, reading: Reading): void {
  const { field, writtenAs, distribution } = draft;
  // An empty declaration stands for faults that are known already.
  if (Object.keys(draft.declared).length === 0 && path !== "") return;
  const [first, ...rest] = (Object.hasOwn(writtenAs, path) ? writtenAs[path] : path).split(".");
  const keys = first === "" ? [] : [Object.hasOwn(writtenAs, first) ? writtenAs[first] : first, ...rest];
  const found = deepestField(field, keys);
  const place = keys.length > 0 && found === field ? { ...field, path: joinPath(field.path, keys.join(".")) } : found;
  const worded = distribution === null ? message : message.replace(/ with log\b/, ` with ${distribution}`);
  const isFraction = draft.isConcludedInt && /whole number|off the step 1;/.test(message);
  const hint = isFraction ? `; ${draft.name} is searched in whole numbers because its ends are written without a point` : "";
  addFault(reading, place, withoutIs(worded) + hint);
}

/** The draft whose name the path begins with; names may hold dots themselves, so the longest counts. */
function longestMatch(byName: ReadonlyMap<string, ParameterDraft>, path: string): ParameterDraft | null {
  for (let end = path.length; end > 0; end = path.lastIndexOf(".", end - 1)) {
    const draft = byName.get(path.slice(0, end));
    if (draft !== undefined) return draft;
  }
  return path === "" || path.startsWith(".") ? (byName.get("") ?? null) : null;
}

/** The draft whose name the space shows only in part, because it is too long or cannot be printed. */
function unprintableMatch(drafts: readonly ParameterDraft[], path: string): ParameterDraft | null {
  const start = path.replace(/…$/, "");
  const isStart = ({ name }: ParameterDraft) => start !== "" && printable(name, 1_000).startsWith(start);
  return drafts.find(isStart) ?? null;
}

function checkNames(drafts: readonly ParameterDraft[], macroNames: readonly string[], reading: Reading): void {
  const seen = new Set<string>();
  for (const { name, field } of drafts) {
    // Two spellings that look alike (é as one character or two) are most likely one mistake.
    const shown = name.normalize("NFC");
    if (seen.has(shown)) addFault(reading, field, `another parameter is called ${JSON.stringify(name)} too`);
    seen.add(shown);
    if (macroNames.includes(name))
      addFault(reading, field, `\${${name}} means something else in a command; give the parameter another name`);
    else if (name.startsWith("envvar:"))
      addFault(reading, field, "names that begin with envvar: mean variables of the environment in a command");
  }
}

function checkArguments(drafts: readonly ParameterDraft[], reading: Reading): void {
  const owners = new Map(drafts.filter(({ arg }) => arg === null).map(({ name }) => [`--${name}`, name]));
  for (const { name, field, arg } of drafts) {
    if (arg === null) continue;
    const owner = owners.get(arg);
    if (owner !== undefined) addFault(reading, fieldAt(field, "arg") ?? field, `${arg} is the argument of ${owner} already`);
    owners.set(arg, name);
  }
}

/** Core says "is 0 with log: …" after a path; beside a column of paths "0 with log: …" reads better. */
export function withoutIs(message: string): string {
  return message.startsWith("is ") ? message.slice(3) : message;
}
