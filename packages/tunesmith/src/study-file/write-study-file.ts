import type { Budget, Parameter } from "@tunesmith/core";

/** What `tunesmith init` has found out or asked. */
export interface StudyOutline {
  readonly name: string;
  readonly command: string;
  /** In the order they shall stand in the file. */
  readonly parameters: readonly OutlinedParameter[];
  readonly objective: { readonly name: string; readonly goal: "minimize" | "maximize"; readonly reason?: string };
  readonly budget: Pick<Budget, "trials" | "timeMs">;
}

export interface OutlinedParameter {
  readonly name: string;
  readonly parameter: Parameter;
  /** How the command calls it where that is not `--<name>`. */
  readonly arg?: string;
  /** Why it is searched, and there; becomes a comment. */
  readonly reason?: string;
}

/**
 * A study file with comments that a person can read and change, and that `readStudyFile` reads without faults if the outline has none.
 * @param worded  Puts a comment into the person's language.
 */
export function writeStudyFile(
  { name, command, parameters, objective, budget }: StudyOutline,
  worded: (comment: string) => string = (comment) => comment,
): string {
  const remark = (text: string): string => `# ${comment(worded(text))}`;
  const behind = (reason: string | undefined): string => (reason === undefined ? "" : `   ${remark(reason)}`);
  return `${remark("Run it with:  tunesmith run <this file>")}

name: ${scalar(name)}

${remark("The program to tune. ${args} becomes --name=value for every parameter below.")}
command: ${scalar(command)}

${remark(`What to look for in the lines it prints, such as ${comment(objective.name)}=0.31, and which way is better.`)}
objective: { name: ${scalar(objective.name)}, goal: ${objective.goal} }${behind(objective.reason)}

${remark("What may vary. log: true searches orders of magnitude; a range of whole numbers is of type int.")}
parameters:
${parameters.map((each) => `${parameterLine(each)}${behind(each.reason)}`).join("\n")}

${remark("How much to spend; without it the study runs until it is stopped.")}
budget: ${flow(budgetMembers(budget))}
`;
}

function parameterLine({ name, parameter, arg }: OutlinedParameter): string {
  const { log, ...members } = parameter as Parameter & { readonly log?: boolean };
  const shown = log === true ? { ...members, log } : members;
  return `  ${scalar(name)}: ${flow(arg === undefined ? shown : { ...shown, arg })}`;
}

function budgetMembers({ trials, timeMs }: StudyOutline["budget"]): Readonly<Record<string, unknown>> {
  return { ...(trials !== undefined && { trials }), ...(timeMs !== undefined && { time: durationText(timeMs) }) };
}

/** In the largest unit that needs no fraction. */
function durationText(ms: number): string {
  const units = [
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1_000],
    ["ms", 1],
  ] as const;
  const [unit, length] = units.find(([, length]) => ms % length === 0) ?? units[3];
  return `${ms / length}${unit}`;
}

/** One line of a comment, whatever the text holds. */
function comment(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufeff]+/gu, " ").trim();
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (value === null || typeof value !== "object") return scalar(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{ ${members.map(([key, member]) => `${scalar(key)}: ${flow(member)}`).join(", ")} }`;
}

/** Words that mean the same with and without quotes stand without, everything else as JSON text, which YAML reads alike. */
function scalar(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  const isWord =
    /^(?:--)?[A-Za-z_][\w./-]*(?: [\w./-]+)*(?: \$\{args\})?$|^\d+(?:ms|s|m|h)$/.test(value) &&
    !/^(?:true|false|null)$/i.test(value);
  if (isWord) return value;
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffd\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
