import { type Problem, type Trial, trialParams } from "@tunesmith/core";
import { csvLine } from "../../terminal/csv-cell.ts";
import type { LastValues } from "./last-values.ts";

type Cell = string | number | boolean | null;

/**
 * Trials as lines of CSV, one title line first: what every trial has, its objectives by name, `params.<name>`, `metrics.<name>`.
 * Values are the last ones known (`readLastValues`).
 * Instants are ISO 8601; numbers are exact; cells that a spreadsheet would run are made harmless (`csvCell`).
 */
export function* trialsCsv({ objectives, space }: Problem, trials: readonly Trial[], lastValues: LastValues): Generator<string> {
  const parameters = [
    ...new Set([...Object.keys(space.parameters), ...trials.flatMap((trial) => Object.keys(trialParams(trial)))]),
  ];
  const objectiveNames = objectives.map(({ name }) => name);
  const metrics = [...new Set(trials.flatMap((trial) => Object.keys(trial.metrics ?? {})))].filter(
    (name) => !objectiveNames.includes(name),
  );
  yield csvLine([
    ...["number", "state", ...objectiveNames, "fidelity", "source", "why", "reason", "message", "created", "started", "finished"],
    ...parameters.map((name) => `params.${name}`),
    ...metrics.map((name) => `metrics.${name}`),
  ]);
  for (const trial of trials) {
    const cells: Cell[] = [
      trial.number,
      trial.state,
      ...objectives.map((_, k) => lastValues.get(trial.number)?.[k] ?? null),
      trial.fidelity,
    ];
    cells.push(trial.source, trial.why?.code ?? null, trial.reason, trial.message);
    cells.push(instant(trial.createdAt), instant(trial.startedAt), instant(trial.finishedAt));
    const params = trialParams(trial);
    cells.push(...parameters.map((name) => (Object.hasOwn(params, name) ? params[name] : null)));
    cells.push(...metrics.map((name) => trial.metrics?.[name] ?? null));
    yield csvLine(cells);
  }
}

function instant(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
