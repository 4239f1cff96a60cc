import { type Problem, type Space, studySettingsDefaults } from "@tunesmith/core";
import { compileStudyProblem, type SpaceFreeProblem } from "./compile-study-problem.ts";
import { type ParameterDraft, readParameterDrafts } from "./parameter-draft.ts";
import { compileSpace, withoutIs } from "./parameter-space.ts";
import { readTraining } from "./read-training.ts";
import { addFault, type Field, fieldAt, type Reading, readMembers } from "./reading.ts";
import { readSearch } from "./search-settings.ts";
import type { StudyDefinition } from "./study-definition.ts";
import { type StudyMembers, studyKeys } from "./study-keys.ts";
import { budgetOf, noticeUnused, objectivesOf, refuseAlternatives, samplerOf, stoppingOf } from "./sweep-aliases.ts";
import type { TrainingChecks } from "./training-checks.ts";
import { name as nameReader } from "./value-readers.ts";

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
  const { drafts, space } = readSpace(root, members, checks, reading);
  const { scheduler, fidelity } = stoppingOf(members, reading);
  const objectives = readObjectives(root, members, reading);
  const training = readTraining({ ...source, members, drafts, fidelity, objectives }, checks, reading);
  checkEnqueued(root, space, members, reading);
  const outcomeConstraints = members.outcome_constraints ?? [];
  const spec = { objectives, outcomeConstraints, fidelity, replicates: replicatesOf(members) };
  const problem = compileStudyProblem(root, spec, space, members, reading);
  const specs = { sampler: samplerOf(members), scheduler };
  const search = readSearch({ root, folder: source.folder, specs }, problem, checks, reading);
  if (space === null || search === null || reading.faults.length > 0) return null;
  const { parameters, parameterConstraints } = space;
  return {
    name,
    problem: { ...spec, parameters, parameterConstraints, seed: members.seed ?? null },
    settings: { ...search, ...spendingOf(members) },
    training,
    resources: resourcesOf(members),
    enqueue: members.enqueue ?? [],
    notices: reading.notices,
  };
}

function readName({ root, defaultName }: DefinitionSource, members: StudyMembers, reading: Reading): string {
  if (fieldAt(root, "name") === null) {
    const named: Field = { node: { kind: "scalar", at: root.node.at, value: defaultName, text: defaultName }, path: "name" };
    nameReader(named, reading);
  }
  return members.name ?? defaultName;
}

interface ReadSpace {
  readonly drafts: readonly ParameterDraft[];
  /** Null if something is wrong with the parameters. */
  readonly space: Space | null;
}

function readSpace(root: Field, members: StudyMembers, checks: TrainingChecks, reading: Reading): ReadSpace {
  const parameters = fieldAt(root, "parameters");
  if (parameters === null) {
    addMissing(root, "parameters", "give what may vary, such as lr: { min: 1e-5, max: 1e-1, log: true }", reading);
    return { drafts: [], space: null };
  }
  const drafts = readParameterDrafts(parameters, reading);
  const drafted = { parameters, drafts, constraints: fieldAt(root, "parameter_constraints") };
  return { drafts, space: compileSpace(drafted, members.parameter_constraints ?? [], checks.macroNames, reading) };
}

function readObjectives(root: Field, members: StudyMembers, reading: Reading): SpaceFreeProblem["objectives"] {
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

function spendingOf(members: StudyMembers): Pick<StudyDefinition["settings"], "budget" | "parallel" | "retries" | "confirm"> {
  return {
    budget: budgetOf(members),
    parallel: members.parallel ?? "auto",
    retries: { ...studySettingsDefaults.retries, ...members.retries },
    confirm: members.confirm === undefined ? null : { top: 3, seeds: 3, ...members.confirm },
  };
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
