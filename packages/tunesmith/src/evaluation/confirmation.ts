import { type Objective, standardError, type Trial } from "@tunesmith/core";

/** What is known of one trial: its value in the search and, if it was run again, what the fresh seeds gave. */
export interface Standing {
  readonly trial: Trial;
  /** Value of the objective in the search, in the user's own sign; null if it ended without one. */
  readonly searchValue: number | null;
  /** Values of the confirmation runs that were completed with a finite one, by replicate. */
  readonly confirmValues: readonly number[];
  /** What the trial is judged by: the mean of the confirmation runs, without any the search value. */
  readonly value: number;
  /** Of `value`: over the confirmation runs, else over the trial's own replicates; null for a single run. */
  readonly standardError: number | null;
}

/** Who is best and what that rests on. */
export interface Choice {
  readonly winner: Standing | null;
  /** `confirmation`: only trials that were run again took part; `search`: the search values decided. */
  readonly by: "confirmation" | "search";
  /** All that took part, best first. */
  readonly ranking: readonly Standing[];
  /** The default configuration, whether or not it took part; null if no trial of it ran to its end. */
  readonly defaults: Standing | null;
}

/**
 * The best trial: by the mean over the confirmation runs where there are any, because the luckiest search value is biased, else by
 * the search value. Ties go to the lower trial number.
 *
 * Only trials with the largest number of confirmation runs take part: one whose runs failed or are still to come cannot win by luck.
 * Without confirmation only complete trials do. Trials without a finite value never do.
 *
 * @param trials     In any order.
 * @param objective  The first objective and its place among the values.
 * @param isDefault  Whether a trial has the default configuration; of several the one with the most confirmation runs is told.
 */
export function chooseWinner(
  trials: readonly Trial[],
  objective: Pick<Objective, "name" | "goal">,
  isDefault: (trial: Trial) => boolean = () => false,
): Choice {
  const standings = trials.flatMap((trial) => standingOf(trial, objective) ?? []);
  const runCount = Math.max(0, ...standings.map(({ confirmValues }) => confirmValues.length));
  const ranking = standings
    .filter(({ trial, confirmValues }) => (runCount > 0 ? confirmValues.length === runCount : trial.state === "complete"))
    .sort((a, b) => lossOrder(a, b, objective) || a.trial.number - b.trial.number);
  const [defaults = null] = standings
    .filter(({ trial, confirmValues }) => isDefault(trial) && (trial.state === "complete" || confirmValues.length > 0))
    .sort((a, b) => b.confirmValues.length - a.confirmValues.length || a.trial.number - b.trial.number);
  return { winner: ranking[0] ?? null, by: runCount > 0 ? "confirmation" : "search", ranking, defaults };
}

function standingOf(trial: Trial, { name }: Pick<Objective, "name" | "goal">): Standing | null {
  const confirmValues = trial.replicates
    .filter(({ confirm, state }) => confirm && state === "complete")
    .map(({ metrics }) => metrics?.[name] ?? Number.NaN)
    .filter(Number.isFinite);
  const searchValue = searchValueOf(trial, name);
  if (confirmValues.length > 0) {
    const value = confirmValues.reduce((sum, each) => sum + each, 0) / confirmValues.length;
    return {
      trial,
      searchValue,
      confirmValues,
      value,
      standardError: confirmValues.length > 1 ? standardError(confirmValues) : null,
    };
  }
  if (searchValue === null || !Number.isFinite(searchValue)) return null;
  return { trial, searchValue, confirmValues, value: searchValue, standardError: trial.standardErrors?.[0] ?? null };
}

/** The value of the first objective; of a trial that has only metrics the metric. */
function searchValueOf({ values, metrics }: Trial, name: string): number | null {
  return values?.[0] ?? metrics?.[name] ?? null;
}

function lossOrder(a: Standing, b: Standing, { goal }: Pick<Objective, "goal">): number {
  return goal === "minimize" ? a.value - b.value : b.value - a.value;
}
