import type { Problem, Storage, StoredReport, Trial } from "@tunesmith/core";

/** One place on a trial's learning curve. */
export interface CurvePoint {
  readonly fidelity: number;
  /** First objective, in the user's own sign; NaN where the report lacks it. */
  readonly value: number;
}

/** The learning curve of a trial's first replicate, ascending. */
export async function readCurve(
  storage: Storage,
  studyId: string,
  trial: Trial,
  { objectives }: Problem,
): Promise<readonly CurvePoint[]> {
  if (trial.fidelity === null) return [];
  const reports = await storage.getReports(studyId, trial.number);
  return acceptedReports(reports.filter(({ replicate }) => replicate === 0)).map(({ fidelity, metrics }) => ({
    fidelity,
    value: metrics[objectives[0].name] ?? Number.NaN,
  }));
}

/** What a newer attempt reported takes the place of the older one's from its first step on. Ascending by step. */
function acceptedReports(reports: readonly StoredReport[]): readonly StoredReport[] {
  const firstSteps = new Map<number, number>();
  for (const { attempt, step } of reports) firstSteps.set(attempt, Math.min(step, firstSteps.get(attempt) ?? step));
  const attempts = [...firstSteps];
  return reports
    .filter(({ attempt, step }) => !attempts.some(([other, firstStep]) => other > attempt && firstStep <= step))
    .sort((a, b) => a.step - b.step);
}
