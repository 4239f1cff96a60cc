import {
  createScheduler,
  isDriving,
  type Problem,
  type Storage,
  type StudySettings,
  type Trial,
  type TrialState,
} from "@tunesmith/core";
import { formatNumber, type StudyMessages } from "@tunesmith/protocol";
import { shownText } from "../../terminal/shown-text.ts";
import { textTable } from "../../terminal/text-table.ts";
import { readMeanCurve } from "./learning-curve.ts";
import type { OpenedStudy } from "./opened-study.ts";

/** One line of a population: a chain of trials that took each other's place. */
export interface PopulationMember {
  readonly member: number;
  /** From the first to the one that speaks for it now. */
  readonly trials: readonly number[];
  readonly state: TrialState;
  /** How far its model has trained; null before the first report. */
  readonly reached: number | null;
  /** What it is compared by, in the user's own sign; null as long as nothing is known of it. */
  readonly score: number | null;
}

/** How many newest reports the score of a population's members is the mean of; null where there is no population. */
export function populationScoreCount({ scheduler }: Pick<StudySettings, "scheduler">): number | null {
  const made = createScheduler(scheduler);
  if (!isDriving(made) || typeof made.options.population !== "number") return null;
  const { score } = made.options;
  return typeof score === "string" && score.startsWith("mean:") ? Number(score.slice("mean:".length)) : 1;
}

/** The members that have begun, by number; null where no population is trained. */
export async function readPopulation(
  storage: Storage,
  { record, problem, settings }: Pick<OpenedStudy, "record" | "problem" | "settings">,
  trials: readonly Trial[],
): Promise<readonly PopulationMember[] | null> {
  const scoreCount = populationScoreCount(settings);
  if (scoreCount === null) return null;
  const chains = new Map<number, Trial[]>();
  for (const trial of trials) if (trial.bracket > 0) chains.set(trial.bracket, [...(chains.get(trial.bracket) ?? []), trial]);
  const byNumber = new Map(trials.map((trial) => [trial.number, trial]));
  const members: PopulationMember[] = [];
  for (const [member, chain] of [...chains].sort(([a], [b]) => a - b)) {
    const newest = chain[chain.length - 1];
    members.push({
      member,
      trials: chain.map(({ number }) => number),
      state: newest.state,
      reached: newest.fidelity,
      score: await readScore(storage, record.id, newest, problem, byNumber, scoreCount),
    });
  }
  return members;
}

/** The mean of its newest reports; before its first one that of the model it is a copy of. */
async function readScore(
  storage: Storage,
  studyId: string,
  newest: Trial,
  problem: Problem,
  byNumber: ReadonlyMap<number, Trial>,
  count: number,
): Promise<number | null> {
  let upTo = Number.POSITIVE_INFINITY;
  for (
    let at: Trial | undefined = newest;
    at !== undefined;
    at = at.parent === null ? undefined : byNumber.get(at.parent.trial)
  ) {
    const limit = upTo;
    const curve = (await readMeanCurve(storage, studyId, at, problem)).filter(({ fidelity }) => fidelity <= limit);
    const last = curve.slice(-count);
    if (last.length > 0) return last.reduce((sum, { value }) => sum + value, 0) / last.length;
    upTo = Math.min(upTo, at.parent?.step ?? upTo);
  }
  return null;
}

const mostMembers = 24;
const mostOfChain = 6;

/** The members as a small table. */
export function populationLines(
  members: readonly PopulationMember[],
  { fidelity, objectives }: Problem,
  words: StudyMessages,
): string[] {
  if (fidelity === null || members.length === 0) return [];
  const columns = [
    { title: words.memberColumns.member, align: "right" },
    { title: words.memberColumns.trials },
    { title: shownText(fidelity.name, 20), align: "right" },
    { title: shownText(objectives[0].name, 20), align: "right" },
    { title: words.columns.state },
  ] as const;
  const rows = members
    .slice(0, mostMembers)
    .map(({ member, trials, reached, score, state }) => [
      String(member),
      chainText(trials),
      reached === null ? "" : `${formatNumber(reached)}/${formatNumber(fidelity.max)}`,
      score === null ? "" : formatNumber(score),
      words.trialStates[state],
    ]);
  const copyCount = members.reduce((count, { trials }) => count + trials.length - 1, 0);
  return [
    words.populationOf(members.length, copyCount),
    ...textTable(columns, rows),
    ...(members.length > mostMembers ? [words.more(members.length - mostMembers)] : []),
  ];
}

/** `#0 → #8 → #21`; the middle of a long one is left out. */
function chainText(trials: readonly number[]): string {
  const shown = trials.map((trial) => `#${trial}`);
  return (shown.length <= mostOfChain ? shown : [shown[0], "…", ...shown.slice(3 - mostOfChain)]).join(" → ");
}
