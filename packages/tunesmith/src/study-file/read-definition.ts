import { compileProblem, type Problem, type ProblemSpec, type Space, studySettingsDefaults, TunesmithError } from "@tunesmith/core";
import { type ParameterDraft, readParameterDrafts } from "./parameter-draft.ts";
import { compileSpace, withoutIs } from "./parameter-space.ts";
import { joinPath } from "./placed-fault.ts";
import { addFault, deepestField, type Field, fieldAt, readMembers, type Reading } from "./reading.ts";
import { automaticScheduler, makeSampler, makeScheduler, refuseUnfit, storedSpec } from "./search-settings.ts";
import type { StudyDefinition } from "./study-definition.ts";
import { type StudyMembers, studyKeys } from "./study-keys.ts";
import { budgetOf, noticeUnused, objectivesOf, refuseAlternatives, samplerOf, stoppingOf } from "./sweep-aliases.ts";
import type { TrainingChecks } from "./training-checks.ts";
import { readTraining } from "./read-training.ts";
import { name as nameReader, snakeCase } from "./value-readers.ts";

export interface DefinitionSource {
  readonly root: Field;
  /** Absolute; what `workdir` is relative to. */
  readonly folder: string;
  /** What the study is called where it does not say. */
  readonly defaultName: string;
}

/** A study's definition from what was written, or null after adding all that is wrong with it. */
export function readDefinition(source: DefinitionSource, checks: TrainingChecks, reading: Reading): StudyDefinition | null {
  const { root } = source;
  const members = readMembers(root, studyKeys, reading);
  if (members === undefined) return null;
  refuseAlternatives(root, reading);
  noticeUnused(root, reading);
  const name = readName(source, members, reading);
  const drafts = readParameters(root, reading);
  const space = drafts && compileSpace({ ...drafts, constraints: fieldAt(root, "parameter_constraints") }, members.parameter_constraints ?? [], checks.macroNames, reading);
  const { scheduler: schedulerSpec, fidelity } = stoppingOf(members, reading);
  const objectives = readObjectives(root, members, reading);
  const training = readTraining({ ...source, members, drafts: drafts?.drafts ?? [], fidelity, objectives }, checks, reading);
  const sampler = makeSampler(root, samplerOf(members), reading);
  const scheduler = makeScheduler(root, schedulerSpec, reading);
  checkEnqueued(root, space, members, reading);
  const spec: Problemless = { objectives, outcomeConstraints: members.outcome_constraints ?? [], fidelity, replicates: replicatesOf(members) };
  const problem = compileOrFault(root, spec, space, members, reading);
  if (space === null || problem === null || sampler === null || scheduler === null || reading.faults.length > 0) return null;

  const isAuto = schedulerSpec.type === "auto";
  const chosen = isAuto ? automaticScheduler(scheduler, problem, fieldAt(root, "scheduler") !== null, reading) : scheduler;
  refuseUnfit(sampler, problem, reading);
  refuseUnfit(chosen, problem, reading);
  if (reading.faults.length > 0) return null;
  return {
    name,
    problem: { ...spec, parameters: space.parameters, parameterConstraints: space.parameterConstraints, seed: members.seed ?? null },
    settings: {
      sampler: storedSpec(sampler.made),
      scheduler: storedSpec(chosen.made),
      budget: budgetOf(members),
      parallel: members.parallel ?? "auto",
      retries: { ...studySettingsDefaults.retries, ...members.retries },
      confirm: members.confirm === undefined ? null : { top: 3, seeds: 3, ...members.confirm },
    },
    training,
    resources: resourcesOf(members),
    enqueue: members.enqueue ?? [],
    notices: reading.notices,
  };
}

type Problemless = Required<Omit<ProblemSpec, "parameters" | "parameterConstraints" | "seed">>;

function readName({ root, defaultName }: DefinitionSource, members: StudyMembers, reading: Reading): string {
  if (fieldAt(root, "name") === null) {
    const named: Field = { node: { kind: "scalar", at: root.node.at, value: defaultName, text: defaultName }, path: "name" };
    nameReader(named, reading);
  }
  return members.name ?? defaultName;
}

function readParameters(root: Field, reading: Reading): { readonly parameters: Field; readonly drafts: readonly ParameterDraft[] } | null {
  const parameters = fieldAt(root, "parameters");
  if (parameters === null) {
    addMissing(root, "parameters", "give what may vary, such as lr: { min: 1e-5, max: 1e-1, log: true }", reading);
    return null;
  }
  return { parameters, drafts: readParameterDrafts(parameters, reading) };
}

function readObjectives(root: Field, members: StudyMembers, reading: Reading): Problemless["objectives"] {
  const objectives = objectivesOf(members, reading);
  const isWritten = ["objective", "objectives", "metric"].some((key) => fieldAt(root, key) !== null);
  if (!isWritten) addMissing(root, "objective", "give what to look for, such as { name: val_loss, goal: minimize }", reading);
  return objectives;
}

function addMissing(root: Field, key: string, message: string, reading: Reading): void {
  addFault(reading, { node: root.node, path: key }, `missing; ${message}`);
}

function replicatesOf({ repeats, folds }: StudyMembers): Problem["replicates"] {
  return folds === undefined ? { kind: "repeats", count: repeats ?? 1 } : { kind: "folds", count: folds };
}

function resourcesOf({ resources }: StudyMembers): StudyDefinition["resources"] {
  return { cpus: resources?.cpus ?? null, gpus: resources?.gpus ?? 0, gpusSharedBy: resources?.gpus_shared_by ?? 1 };
}

function checkEnqueued(root: Field, space: Space | null, { enqueue }: StudyMembers, reading: Reading): void {
  const field = fieldAt(root, "enqueue");
  if (space === null || field === null || enqueue === undefined) return;
  enqueue.forEach((config, i) => {
    const written = fieldAt(field, String(i)) ?? field;
    for (const { path, message } of space.checkPartial(config)) {
      const found = fieldAt(written, path);
      addFault(reading, found ?? written, withoutIs(message));
    }
  });
}

/** The problem compiled, or null after adding what core finds wrong with it; parameters are checked already. */
function compileOrFault(root: Field, spec: Problemless, space: Space | null, members: StudyMembers, reading: Reading): Problem | null {
  // Faults of the rest must show even where the parameters or the objective are at fault themselves.
  const objectives = spec.objectives.length > 0 ? spec.objectives : [{ name: "value", goal: "minimize" as const }];
  const parameters = space?.parameters ?? {};
  const parameterConstraints = space?.parameterConstraints ?? [];
  try {
    const problem = { ...spec, objectives, parameters, parameterConstraints, seed: members.seed ?? 0 };
    return compileProblem(problem, 1, { budget: budgetOf(members), parallel: 1 });
  } catch (error) {
    if (!(error instanceof TunesmithError)) throw error;
    for (const { path, message } of error.faults) placeProblemFault(root, path, message, reading);
    return null;
  }
}

function placeProblemFault(root: Field, path: string, message: string, reading: Reading): void {
  const [first, ...rest] = path.split(".").map(snakeCase);
  const metric = fieldAt(root, "metric") === null ? null : ["metric", ...rest.map((key) => (key === "stop_at" ? "target" : key))];
  const listed = fieldAt(root, "objectives") === null ? null : ["objectives", "0", ...rest];
  const early = fieldAt(root, "fidelity") === null ? ["early_terminate", ...rest.map((key) => `${key}_iter`)] : null;
  const keys = (first === "objective" ? metric ?? listed : first === "fidelity" ? early : null) ?? [first, ...rest];
  const found = deepestField(root, keys);
  addFault(reading, found === root ? { ...root, path: keys.reduce(joinPath, "") } : found, withoutIs(message));
}
