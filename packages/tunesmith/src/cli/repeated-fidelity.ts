import type { Fidelity, StoredReport, StudySession, Trial } from "@tunesmith/core";

const pageSize = 5_000;

/**
 * What a study trained more than once: a command that is started again without a checkpoint, after a pause at a rung or a failure,
 * begins anew. In the fidelity's unit, the mean over the replicates of a trial; as far as the reports tell.
 *
 * Cost: reads all trials, and the reports of those that were started more than once.
 */
export async function repeatedFidelity({ storage, studyId, problem }: StudySession): Promise<number> {
  const { fidelity, replicates } = problem;
  if (fidelity === null) return 0;
  let sum = 0;
  for (let after = -1; ; ) {
    const page = await storage.getTrials(studyId, { after, limit: pageSize });
    for (const trial of page) {
      if (trial.fidelity === null || !trial.replicates.some(({ attempt, confirm }) => attempt > 1 && !confirm)) continue;
      sum += repeatedOf(trial, await storage.getReports(studyId, trial.number), fidelity) / replicates.count;
    }
    if (page.length < pageSize) return sum;
    after = page[page.length - 1].number;
  }
}

/** Over all replicates of one trial. */
function repeatedOf({ replicates, parent }: Trial, reports: readonly StoredReport[], fidelity: Fidelity): number {
  const isAnew = fidelity.resume === "no" || fidelity.unit === "value";
  let sum = 0;
  for (const { index, confirm } of replicates) {
    if (confirm) continue;
    const own = reports.filter(({ replicate }) => replicate === index);
    const known = [parent?.step ?? 0];
    for (const attempt of new Set(own.map((report) => report.attempt))) {
      const said = own.filter((report) => report.attempt === attempt).map((report) => report.fidelity);
      const first = Math.min(...said);
      const reached = Math.max(...known);
      // What reports again what was known began before that; what reports beyond it went on from there, if it could.
      const began = first > reached && !isAnew ? reached : Math.max(known[0], ...known.filter((each) => !isAnew && each < first));
      sum += Math.max(0, Math.min(reached, Math.max(...said)) - began);
      known.push(...said);
    }
  }
  return sum;
}
