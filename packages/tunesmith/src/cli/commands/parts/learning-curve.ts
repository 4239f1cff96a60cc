import type { Problem, Storage, StoredReport, Trial } from "@tunesmith/core";

/** One place on a trial's learning curve. */
export interface CurvePoint {
  readonly fidelity: number;
  /** First objective, in the user's own sign; NaN where the report lacks it. */
  readonly value: number;
  /** The same of every objective. */
  readonly values: readonly number[];
  /** Event with which it was known. */
  readonly seq: number;
}

/** The learning curve of a trial's first replicate, ascending. */
export async function readCurve(
  storage: Storage,
  studyId: string,
  trial: Trial,
  problem: Problem,
): Promise<readonly CurvePoint[]> {
  const [first] = await readCurves(storage, studyId, trial, problem, 1);
  return first;
}

/** The learning curve that schedulers judge a trial by: where every replicate has reported, the mean. Ascending. */
export async function readMeanCurve(
  storage: Storage,
  studyId: string,
  trial: Trial,
  problem: Problem,
): Promise<readonly CurvePoint[]> {
  const [lead, ...others] = await readCurves(storage, studyId, trial, problem, problem.replicates.count);
  if (others.length === 0) return lead;
  const byFidelity = others.map((curve) => new Map(curve.map((point) => [point.fidelity, point])));
  return lead.flatMap((point) => {
    const points = [point, ...byFidelity.flatMap((curve) => curve.get(point.fidelity) ?? [])];
    if (points.length <= others.length) return [];
    const values = point.values.map((_, k) => points.reduce((sum, each) => sum + each.values[k], 0) / points.length);
    return [{ fidelity: point.fidelity, value: values[0], values, seq: Math.max(...points.map(({ seq }) => seq)) }];
  });
}

/** The curves of the first `count` replicates. */
async function readCurves(
  storage: Storage,
  studyId: string,
  trial: Trial,
  { objectives }: Problem,
  count: number,
): Promise<readonly (readonly CurvePoint[])[]> {
  const reports = trial.fidelity === null ? [] : await storage.getReports(studyId, trial.number);
  // A report of other metrics alone is no place on the curve.
  const told = reports.filter(({ metrics }) => objectives.some(({ name }) => Object.hasOwn(metrics, name)));
  return Array.from({ length: count }, (_, index) =>
    acceptedReports(told.filter(({ replicate }) => replicate === index)).map(({ fidelity, metrics, seq }) => {
      const values = objectives.map(({ name }) => metrics[name] ?? Number.NaN);
      return { fidelity, value: values[0], values, seq };
    }),
  );
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
