import { type Config, canonicalJson, type JsonObject } from "@tunesmith/core";
import type { StudyDefinition } from "./study-definition.ts";

/** What differs between a stored definition and the one read now, by the keys of a study file and by what a change of them means. */
export interface StudyChange {
  /** Taken over without a word. */
  readonly silent: readonly string[];
  /** Taken over as a new revision, which is printed. */
  readonly revision: readonly string[];
  /** Only the user can say whether the old trials still fit. */
  readonly question: readonly string[];
  /** What is measured is another thing: no old trial can be compared with a new one. */
  readonly otherStudy: readonly string[];
  /** Configs to enqueue that were not in the stored definition; one that stands there twice and stood once counts once. */
  readonly enqueue: readonly Config[];
}

type Meaning = "silent" | "revision" | "question" | "otherStudy";
type Part = readonly [key: string, meaning: Meaning, of: (definition: StudyDefinition) => unknown];

const typeOf = ({ type }: JsonObject) => type;
/** Of an objective all but what is measured. */
const how = ({ name: _name, goal: _goal, ...rest }: StudyDefinition["problem"]["objectives"][number]) => rest;

const parts: readonly Part[] = [
  ["budget", "silent", ({ settings }) => settings.budget],
  ["parallel", "silent", ({ settings }) => settings.parallel],
  ["limits", "silent", ({ training }) => training.limits],
  ["resources", "silent", ({ resources }) => resources],
  ["retries", "silent", ({ settings }) => settings.retries],
  ["env", "silent", ({ training }) => training.env],
  ["keep", "silent", ({ training }) => training.keepCheckpoints],
  ["confirm", "silent", ({ settings }) => settings.confirm],
  ["test", "silent", ({ training }) => training.test],
  ["sampler", "revision", ({ settings }) => settings.sampler],
  ["scheduler", "question", ({ settings }) => typeOf(settings.scheduler)],
  ["parameters", "question", ({ problem, training }) => [problem.parameters, training.parameterArgs]],
  ["parameter_constraints", "question", ({ problem }) => problem.parameterConstraints ?? []],
  ["objective", "otherStudy", ({ problem }) => problem.objectives.map(({ name, goal }) => [name, goal])],
  ["objective", "question", ({ problem, training }) => [problem.objectives.map(how), training.stepName]],
  ["outcome_constraints", "question", ({ problem }) => problem.outcomeConstraints ?? []],
  ["command", "question", ({ training }) => [training.command, training.shell, training.program]],
  ["evaluate", "question", ({ training }) => training.evaluate],
  ["metrics_file", "question", ({ training }) => training.metricsFile],
  ["workdir", "question", ({ training }) => training.workdir],
  ["fidelity", "question", ({ problem, training }) => [problem.fidelity ?? null, training.fidelity]],
];

/** Compares a stored definition with the one read now: what goes on silently, what makes a revision, what asks. A study's name is its identity and is not compared. */
export function compareDefinitions(before: StudyDefinition, after: StudyDefinition): StudyChange {
  const changed: Record<Meaning, string[]> = { silent: [], revision: [], question: [], otherStudy: [] };
  for (const [key, meaning, of] of parts) if (!isEqual(of(before), of(after))) changed[meaning].push(key);
  changed.question.push(...replicatesChange(before, after));
  // A file without a seed goes on with the one that was drawn.
  const { seed } = after.problem;
  if (seed !== null && seed !== before.problem.seed) changed.question.push("seed");
  const [old, now] = [before.settings.scheduler, after.settings.scheduler];
  if (typeOf(old) === typeOf(now) && !isEqual(old, now)) changed.revision.push("scheduler");
  const enqueue = newConfigs(before.enqueue, after.enqueue);
  if (enqueue.length > 0) changed.silent.push("enqueue");
  return { ...changed, enqueue };
}

function replicatesChange(before: StudyDefinition, after: StudyDefinition): readonly string[] {
  const once = { kind: "repeats" as const, count: 1 };
  const [old, now] = [before.problem.replicates ?? once, after.problem.replicates ?? once];
  if (isEqual(old, now)) return [];
  return [old.kind === "folds" || now.kind === "folds" ? "folds" : "repeats"];
}

function newConfigs(before: readonly Config[], after: readonly Config[]): readonly Config[] {
  const left = new Map<string, number>();
  for (const config of before) left.set(canonicalJson(config), (left.get(canonicalJson(config)) ?? 0) + 1);
  return after.filter((config) => {
    const key = canonicalJson(config);
    const count = left.get(key) ?? 0;
    left.set(key, count - 1);
    return count <= 0;
  });
}

function isEqual(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
