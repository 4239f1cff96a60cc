import type { Curve, History } from "../trial/history.ts";
import type { Fidelity } from "../trial/problem.ts";
import { trialStateCodes } from "../trial/trial-state.ts";
import type { BracketPlan } from "./bracket-table.ts";
import { type Placing, Placings } from "./placings.ts";

/** What has become of the trials of one bracket at one of its levels. */
export class Rung {
  readonly level: number;
  /** All that reported at or beyond the level, whatever became of them: each with its first loss there. */
  readonly results: Placings = new Placings();
  /** Those that may go on from here: told to train this far, with a loss that is a number, neither ended nor paused by a person. */
  readonly candidates: Placings = new Placings();
  /** Numbers of trials: told to train farther; told to train this far, alive and not here yet. */
  passedCount = 0;
  awaitedCount = 0;
  /** Candidates that still run, or run again: they may yet fail. */
  arrivingCount = 0;

  constructor(level: number) {
    this.level = level;
  }

  /** The best of the first `count` candidates that waits to be resumed; null without one. */
  firstWaiting(count: number, { states }: History): Placing | null {
    for (let rank = 0; rank < count && rank < this.candidates.count; rank++) {
      const candidate = this.candidates.at(rank);
      if (states[candidate.row] === trialStateCodes.paused) return candidate;
    }
    return null;
  }
}

export interface Bracket {
  readonly number: number;
  readonly plan: BracketPlan;
  /** By level, the greatest fidelity included. */
  readonly rungs: readonly Rung[];
  /** Its trials in view. */
  memberCount: number;
}

/** Where a trial stands in its bracket. */
export interface Standing {
  readonly bracket: Bracket;
  /** The rung it was told to train to; −1 if that lies below the first. */
  readonly aim: number;
  readonly isAwaited: boolean;
  readonly isArriving: boolean;
  /** Its places in the rungs it has come to, from the first on. */
  readonly results: readonly Placing[];
  /** Its place at `aim`, if it may go on from there. */
  readonly candidate: Placing | null;
}

/**
 * The brackets of a study, brought up to its history change by change.
 *
 * Everything in it follows from the history alone: a fresh ledger that reads the history at once is equal to one that saw it grow.
 */
export class BracketLedger {
  readonly #planOf: (fidelity: Fidelity, bracket: number) => BracketPlan | null;
  readonly #numberOf: (history: History, row: number) => number;
  #history: History | null = null;
  #cursor = 0;
  #standings: (Standing | null)[] = [];
  #byNumber = new Map<number, Bracket>();
  /** Ascending by number. */
  brackets: Bracket[] = [];

  /**
   * @param planOf    The plan of the bracket with this number; null for trials that belong to none.
   * @param numberOf  The bracket of a trial; default: the one on record with it.
   */
  constructor(
    planOf: (fidelity: Fidelity, bracket: number) => BracketPlan | null,
    numberOf: (history: History, row: number) => number = (history, row) => history.bracket(row),
  ) {
    this.#planOf = planOf;
    this.#numberOf = numberOf;
  }

  /** Takes in what has changed. Cost: O(log n) per changed trial and rung it has come to. @returns This. */
  read(fidelity: Fidelity, history: History): this {
    const changes = this.#history === history ? history.changesSince(this.#cursor) : null;
    if (changes === null) this.#restart(history);
    for (const row of changes?.rows ?? history.rows) this.#revise(fidelity, history, row);
    this.#cursor = changes?.cursor ?? history.changesSince(Number.MAX_SAFE_INTEGER)?.cursor ?? 0;
    return this;
  }

  standing(row: number): Standing | null {
    return this.#standings[row] ?? null;
  }

  #restart(history: History): void {
    this.#history = history;
    this.#standings = [];
    this.#byNumber = new Map();
    this.brackets = [];
  }

  #revise(fidelity: Fidelity, history: History, row: number): void {
    const before = this.#standings[row] ?? null;
    const bracket = this.#bracketOf(fidelity, this.#numberOf(history, row));
    const after = bracket && standingOf(history, row, bracket, fidelity.unit === "value");
    if (before !== null && after !== null && isSame(before, after)) return;
    if (before !== null) withdraw(before);
    if (after !== null) enter(after);
    this.#standings[row] = after;
  }

  #bracketOf(fidelity: Fidelity, number: number): Bracket | null {
    const known = this.#byNumber.get(number);
    if (known !== undefined) return known;
    const plan = this.#planOf(fidelity, number);
    if (plan === null) return null;
    const bracket: Bracket = { number, plan, rungs: plan.levels.map((level) => new Rung(level)), memberCount: 0 };
    this.#byNumber.set(number, bracket);
    const at = this.brackets.findLastIndex((each) => each.number < number) + 1;
    this.brackets.splice(at, 0, bracket);
    return bracket;
  }
}

/** @param onlyLastCounts  Whether what a trial reports where it was told to train to counts only once it has left. */
function standingOf(history: History, row: number, bracket: Bracket, onlyLastCounts: boolean): Standing {
  const { targets, states, numbers } = history;
  const { levels } = bracket.plan;
  const aim = levels.findLastIndex((level) => level <= targets[row]);
  const state = states[row];
  const isUnderWay = state === trialStateCodes.queued || state === trialStateCodes.running;
  const counted = onlyLastCounts && isUnderWay ? levels.slice(0, Math.max(0, aim)) : levels;
  const losses = lossesAt(counted, history.curve(row));
  const results = losses.map((loss) => ({ row, number: numbers[row], loss }));
  const isHere = aim >= 0 && aim < results.length;
  const waits = state === trialStateCodes.paused && !history.pausedByPerson(row);
  const mayGoOn = isHere && !Number.isNaN(losses[aim]) && (isUnderWay || waits);
  return {
    bracket,
    aim,
    isAwaited: isUnderWay && !isHere,
    isArriving: isUnderWay && mayGoOn,
    results,
    candidate: mayGoOn ? results[aim] : null,
  };
}

/** The first loss at or beyond each level, as many levels as the curve has come to. */
function lossesAt(levels: readonly number[], { count, fidelities, losses }: Curve): number[] {
  const found: number[] = [];
  let i = 0;
  for (const level of levels) {
    while (i < count && fidelities[i] < level) i++;
    if (i === count) break;
    found.push(losses[i]);
  }
  return found;
}

function isSame(a: Standing, b: Standing): boolean {
  return (
    a.bracket === b.bracket &&
    a.aim === b.aim &&
    a.isAwaited === b.isAwaited &&
    a.isArriving === b.isArriving &&
    (a.candidate === null) === (b.candidate === null) &&
    a.results.length === b.results.length &&
    a.results.every(({ loss }, k) => Object.is(loss, b.results[k].loss))
  );
}

function enter({ bracket, aim, isAwaited, isArriving, results, candidate }: Standing): void {
  const { rungs } = bracket;
  bracket.memberCount++;
  for (let k = 0; k < aim; k++) rungs[k].passedCount++;
  results.forEach((placing, k) => {
    rungs[k].results.add(placing);
  });
  if (aim < 0) return;
  if (isAwaited) rungs[aim].awaitedCount++;
  if (isArriving) rungs[aim].arrivingCount++;
  if (candidate !== null) rungs[aim].candidates.add(candidate);
}

function withdraw({ bracket, aim, isAwaited, isArriving, results, candidate }: Standing): void {
  const { rungs } = bracket;
  bracket.memberCount--;
  for (let k = 0; k < aim; k++) rungs[k].passedCount--;
  results.forEach((placing, k) => {
    rungs[k].results.remove(placing);
  });
  if (aim < 0) return;
  if (isAwaited) rungs[aim].awaitedCount--;
  if (isArriving) rungs[aim].arrivingCount--;
  if (candidate !== null) rungs[aim].candidates.remove(candidate);
}
