import type { ProblemSpec } from "@tunesmith/core";
import { type TrainingOptions, trainingDefaults } from "../training/training-options.ts";
import type { ParameterDraft } from "./parameter-draft.ts";
import { addFault, type Field, fieldAt, type Reading } from "./reading.ts";
import type { StudyMembers } from "./study-keys.ts";
import type { TrainingChecks } from "./training-checks.ts";
import { absoluteFolder } from "./value-readers.ts";

export interface TrainingSource {
  readonly root: Field;
  readonly folder: string;
  readonly members: StudyMembers;
  readonly drafts: readonly ParameterDraft[];
  readonly fidelity: ProblemSpec["fidelity"];
  readonly objectives: ProblemSpec["objectives"];
}

/** How trials are trained; what is wrong with it is added to the reading's faults. */
export function readTraining(source: TrainingSource, checks: TrainingChecks, reading: Reading): TrainingOptions {
  const { root, folder, members, drafts, objectives } = source;
  const { limits, keep } = members;
  const workdir = members.workdir ?? ".";
  if (/^~(?:[/\\]|$)/.test(workdir))
    addFault(reading, fieldAt(root, "workdir") ?? root, `${JSON.stringify(workdir)}: ~ is not expanded; write the folder out`);
  const options: TrainingOptions = {
    ...trainingDefaults,
    command: readCommand(source, reading),
    shell: members.shell ?? trainingDefaults.shell,
    program: members.program ?? null,
    workdir: absoluteFolder(workdir, folder),
    env: members.env ?? {},
    evaluate: members.evaluate ?? null,
    test: members.test ?? null,
    parameterNames: drafts.map(({ name }) => name),
    parameterArgs: Object.fromEntries(drafts.flatMap(({ name, arg }) => (arg === null ? [] : [[name, arg]]))),
    fidelity: fidelityOf(source),
    objectiveNames: objectives.map(({ name }) => name),
    goal: objectives[0]?.goal ?? "minimize",
    stepName: objectives[0]?.step ?? null,
    metricsFile: members.metrics_file ?? null,
    limits: {
      trialTimeMs: limits?.trial_time ?? limits?.trial_timeout ?? members.trial_timeout ?? null,
      trialMemoryBytes: limits?.trial_memory ?? null,
    },
    keepCheckpoints: keep?.checkpoints ?? trainingDefaults.keepCheckpoints,
  };
  checkKeep(root, options.keepCheckpoints, checks, reading);
  checkCommands(source, options, checks, reading);
  return options;
}

function fidelityOf({ members, fidelity }: TrainingSource): TrainingOptions["fidelity"] {
  if (!fidelity) return null;
  return { name: fidelity.name, unit: fidelity.unit ?? "steps", arg: members.fidelity?.arg ?? null };
}

const pythonCommand = ["${env}", "${interpreter}", "${program}", "${args}"];

function readCommand({ root, members }: TrainingSource, reading: Reading): TrainingOptions["command"] {
  if (fieldAt(root, "command") !== null) return members.command ?? [];
  const program = fieldAt(root, "program");
  if (program === null)
    addFault(
      reading,
      { node: root.node, path: "command" },
      "missing; give the command that trains, such as python train.py ${args}",
    );
  else if (members.program !== undefined && !members.program.endsWith(".py")) {
    const example = 'command: ["bash", "${program}", "${args}"]';
    addFault(
      reading,
      program,
      `${JSON.stringify(members.program)} is no .py file, so a command must say how to start it, such as ${example}`,
    );
  }
  return pythonCommand;
}

function checkKeep(root: Field, rule: string, checks: TrainingChecks, reading: Reading): void {
  const keep = fieldAt(root, "keep");
  if (keep === null || checks.parseKeep(rule) !== null) return;
  const field = fieldAt(keep, "checkpoints") ?? keep;
  addFault(reading, field, `${JSON.stringify(rule)}; allowed: all, none, best, last2, best+last2`);
}

function checkCommands(source: TrainingSource, options: TrainingOptions, checks: TrainingChecks, reading: Reading): void {
  const { root, members } = source;
  // A program or fidelity that is at fault itself is not reported as missing once more.
  const program = fieldAt(root, "program") === null ? null : (options.program ?? "");
  const fidelity =
    options.fidelity ?? (fieldAt(root, "fidelity") === null ? null : { name: "", unit: "steps" as const, arg: null });
  for (const key of ["command", "evaluate", "test"] as const) {
    const command = members[key];
    const field = fieldAt(root, key);
    if (command === undefined || field === null) continue;
    for (const { message } of checks.commandFaults(command, { ...options, program, fidelity }, key))
      addFault(reading, { ...field, path: key }, message);
  }
  if (members.command !== undefined && !options.shell && !mentionsParameters(members.command, options.parameterNames))
    reading.notices.push(
      "the command holds no ${args}: parameters reach it only through the client or params.json in TUNESMITH_DIR",
    );
}

function mentionsParameters(command: TrainingOptions["command"], names: readonly string[]): boolean {
  const text = typeof command === "string" ? command : command.join(" ");
  return text.includes("${args") || names.some((name) => text.includes(`\${${name}}`));
}
