import type { Storage, Trial } from "@tunesmith/core";
import { formatNumber, type TrialMessages } from "@tunesmith/protocol";
import { shownText } from "../../terminal/shown-text.ts";
import { textTable } from "../../terminal/text-table.ts";
import { allTrials } from "./all-trials.ts";
import type { OpenedStudy } from "./opened-study.ts";
import { type RungPlan, rungPlan } from "./rung-plan.ts";
import { type BracketRungs, type RungPlace, readRungs } from "./rung-table.ts";

/** A rung that a trial came to. */
export interface RungPassage {
  readonly fidelity: number;
  readonly value: number;
  /** Its place from 1 among `of`: of those that have come so far, or, where it is judged in passing, had come by then. */
  readonly place: number;
  readonly of: number;
  /** Of those: how many went on, or, where it is judged in passing, how many places went on. */
  readonly kept: number;
  readonly fate: RungPlace["fate"];
}

export interface RungStory {
  readonly bracket: number;
  /** Trials that were begun in the bracket. */
  readonly trialCount: number;
  /** Whether the study has more than one bracket. */
  readonly hasOthers: boolean;
  /** Ascending. */
  readonly passages: readonly RungPassage[];
  /** The greatest fidelity: nothing is decided there. */
  readonly maxFidelity: number;
  readonly isInPassing: boolean;
}

// The others' reports of more trials would take longer to read than anyone wants to wait.
const mostTrials = 20_000;

/** Where a trial stood at the rungs it came to; null where it came to none. */
export async function readRungStory(storage: Storage, opened: OpenedStudy, trial: Trial): Promise<RungStory | null> {
  const { record, problem, settings } = opened;
  const plan = rungPlan(problem, settings);
  if (plan === null || problem.fidelity === null || trial.fidelity === null || record.trialCount > mostTrials) return null;
  const bracket = plan.bracketOf(trial.bracket);
  const trials: Trial[] = [];
  let hasOthers = false;
  for await (const each of allTrials(storage, record.id)) {
    if (plan.bracketOf(each.bracket) === bracket) trials.push(each);
    else hasOthers = true;
  }
  const [rungs] = (await readRungs(storage, opened, trials)) ?? [];
  const passages = rungs === undefined ? [] : passagesOf(rungs, trial.number, plan);
  if (passages.length === 0) return null;
  const { trialCount } = rungs;
  return { bracket, trialCount, hasOthers, passages, maxFidelity: problem.fidelity.max, isInPassing: plan.isInPassing };
}

function passagesOf({ rungs }: BracketRungs, trial: number, { isInPassing, eta }: RungPlan): RungPassage[] {
  return rungs.flatMap(({ fidelity, places }) => {
    const own = places.find((place) => place.trial === trial);
    if (own === undefined) return [];
    const compared = isInPassing ? places.filter(({ seq }) => seq <= own.seq) : places;
    const of = compared.length;
    const goneOn = compared.filter(({ fate }) => fate === "on").length;
    const kept = isInPassing ? (of < eta ? of : Math.floor(of / eta)) : goneOn;
    return [{ fidelity, value: own.value, place: compared.indexOf(own) + 1, of, kept, fate: own.fate }];
  });
}

/** The story in lines: the bracket, then a line for each rung. */
export function rungStoryLines(
  story: RungStory | null,
  { problem }: OpenedStudy,
  { state }: Trial,
  words: TrialMessages,
): string[] {
  if (story === null) return [];
  const unit = shownText(problem.fidelity?.name ?? "", 20);
  const rows = story.passages.map((passage) => [
    `${unit} ${formatNumber(passage.fidelity)}`,
    formatNumber(passage.value),
    words.place(passage.place, passage.of, story.isInPassing),
    passage.fidelity === story.maxFidelity ? "" : fateText(passage, story, state, words),
  ]);
  const lines = textTable([{ title: "" }, { title: "", align: "right" }, { title: "" }, { title: "" }], rows).slice(1);
  return story.hasOthers ? [words.bracket(story.bracket, story.trialCount), ...lines] : lines;
}

/** What became of it there, and by which numbers. */
function fateText({ fate, kept }: RungPassage, { isInPassing }: RungStory, state: Trial["state"], words: TrialMessages): string {
  // What failed or was cancelled was not told to end.
  if (fate === "here" && state !== "stopped") return "";
  return isInPassing ? words.fateInPassing(fate, kept) : words.fate(fate, kept);
}
