import type { Trial } from "../trial/trial.ts";
import { trialStateCodes } from "../trial/trial-state.ts";
import { selectBest } from "../trial/window.ts";
import { confirmSeeds } from "./replicate-seeds.ts";
import type { StudySession } from "./study-session.ts";

// Enough to find feasible ones among the best.
const candidateCount = 10_000;

/**
 * Gives the best trials, and the default configuration if it was tried, runs on fresh seeds, the same seeds for all; those they have
 * already they keep.
 * @returns The trials that are confirmed; none if all their runs are over already.
 */
export async function addConfirmations(session: StudySession): Promise<readonly number[]> {
  const { storage, studyId, settings, problem } = session;
  const { top, seeds: seedCount } = settings.confirm ?? { top: 0, seeds: 0 };
  const chosen = [...new Set([...(await bestNumbers(session, top)), ...defaultsNumber(session)])];
  for (const number of chosen) {
    const trial = await storage.getTrial(studyId, number);
    const seeds = confirmSeeds(problem, seedCount).filter((seed) => trial !== null && !hasConfirmation(trial, seed));
    if (seeds.length > 0) await storage.addReplicates(studyId, number, seeds);
  }
  const isOpen = (await storage.openReplicates(studyId)).some(({ confirm }) => confirm);
  return isOpen ? chosen : [];
}

function hasConfirmation({ replicates }: Trial, seed: number): boolean {
  return replicates.some((each) => each.confirm && each.seed === seed && each.state !== "cancelled");
}

/** With one objective by value, feasible trials first; with several by rank and crowding. */
async function bestNumbers(session: StudySession, top: number): Promise<readonly number[]> {
  const { storage, studyId, problem, history } = session;
  const [objective] = problem.objectives;
  const isConstrained = problem.outcomeConstraints.length > 0;
  if (problem.objectives.length > 1) {
    const rows = [...history.rows].filter((row) => !isConstrained || history.violations[row] <= 0);
    return selectBest(rows, history, top).map((row) => history.numbers[row]);
  }
  if (!isConstrained) return (await storage.bestTrials(studyId, 0, objective.goal, top)).map(({ number }) => number);
  const candidates = await storage.bestTrials(studyId, 0, objective.goal, candidateCount);
  const feasible = candidates.filter(({ metrics }) => session.violationOf(metrics) === 0);
  return feasible.slice(0, top).map(({ number }) => number);
}

/** The first trial of the default configuration that is complete or was stopped. */
function defaultsNumber({ problem, history }: StudySession): readonly number[] {
  const { space } = problem;
  const key = space.key(space.defaults());
  if (!history.hasConfig(key)) return [];
  const isFinished = (row: number): boolean =>
    history.states[row] === trialStateCodes.complete || history.states[row] === trialStateCodes.stopped;
  const row = history.rows.find((each) => isFinished(each) && space.key(history.config(each)) === key);
  return row === undefined ? [] : [history.numbers[row]];
}
