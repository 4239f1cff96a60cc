import type { Problem, Storage, Trial } from "@tunesmith/core";
import { readMeanCurve } from "./learning-curve.ts";
import type { OpenedStudy } from "./opened-study.ts";
import { type RungPlan, rungPlan } from "./rung-plan.ts";

/** A trial at a rung. */
export interface RungPlace {
  readonly trial: number;
  /** First objective where it came to the rung, in the user's own sign; may be NaN. */
  readonly value: number;
  /** Event with which it came. */
  readonly seq: number;
  /** `on`: it was let go on; `waits`: it is paused here; `here`: it ended here, or reports here for the last time. */
  readonly fate: "on" | "waits" | "here";
}

export interface RungRow {
  readonly fidelity: number;
  /** All that came here, the best first: NaN last, ties by number. */
  readonly places: readonly RungPlace[];
}

/** What became of the trials that were compared with each other. */
export interface BracketRungs {
  readonly bracket: number;
  /** Trials that were begun in it. */
  readonly trialCount: number;
  /** By fidelity, the greatest last. */
  readonly rungs: readonly RungRow[];
}

/**
 * The brackets of a study, by number, with who came to which rung; null where its scheduler has no rungs.
 *
 * Cost: reads the reports of all trials that came to a rung.
 */
export async function readRungs(
  storage: Storage,
  { record, problem, settings }: Pick<OpenedStudy, "record" | "problem" | "settings">,
  trials: readonly Trial[],
): Promise<readonly BracketRungs[] | null> {
  const plan = rungPlan(problem, settings);
  if (plan === null) return null;
  const begun = trials.filter(({ replicates }) => replicates[0].attempt > 0);
  const byBracket = new Map<number, Trial[]>();
  for (const trial of begun) {
    const bracket = plan.bracketOf(trial.bracket);
    const known = byBracket.get(bracket);
    if (known === undefined) byBracket.set(bracket, [trial]);
    else known.push(trial);
  }
  const brackets: BracketRungs[] = [];
  for (const [bracket, members] of [...byBracket].sort(([a], [b]) => a - b)) {
    const levels = plan.levelsOf(bracket);
    if (levels.length === 0) continue;
    const rungs = levels.map((fidelity): { readonly fidelity: number; readonly places: RungPlace[] } => ({
      fidelity,
      places: [],
    }));
    for (const trial of members) {
      const arrivals = await readArrivals(storage, record.id, trial, problem, levels);
      arrivals.forEach(
        (arrival, k) => void rungs[k].places.push({ ...arrival, fate: fateAt(trial, levels[k], plan, k === levels.length - 1) }),
      );
    }
    for (const { places } of rungs) places.sort((a, b) => comparePlaces(a, b, problem));
    brackets.push({ bracket, trialCount: members.length, rungs });
  }
  return brackets;
}

/** Its first report at or beyond each level, as many levels as it has come to. */
async function readArrivals(
  storage: Storage,
  studyId: string,
  trial: Trial,
  problem: Problem,
  levels: readonly number[],
): Promise<readonly Omit<RungPlace, "fate">[]> {
  if (trial.fidelity === null || trial.fidelity < levels[0]) return [];
  const curve = await readMeanCurve(storage, studyId, trial, problem);
  const found: Omit<RungPlace, "fate">[] = [];
  for (const level of levels) {
    const point = curve.find(({ fidelity }) => fidelity >= level);
    if (point === undefined) break;
    found.push({ trial: trial.number, value: point.value, seq: point.seq });
  }
  return found;
}

function fateAt(
  { state, stopWhy, replicates }: Trial,
  level: number,
  { isInPassing }: RungPlan,
  isLast: boolean,
): RungPlace["fate"] {
  if (isLast) return "here";
  const target = replicates[0].target ?? level;
  // What judges in passing tells everyone to train to the end; only its stops tell who did not go on.
  const isStopped = state === "stopped" && typeof stopWhy?.fidelity === "number" && stopWhy.fidelity <= level;
  if (target > level && !isStopped) return "on";
  return state === "paused" && !isInPassing ? "waits" : "here";
}

/** The order of places. */
export function comparePlaces(a: RungPlace, b: RungPlace, { objectives: [{ goal }] }: Problem): number {
  if (Number.isNaN(a.value) || Number.isNaN(b.value))
    return Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value)) || a.trial - b.trial;
  return (goal === "minimize" ? a.value - b.value : b.value - a.value) || a.trial - b.trial;
}
