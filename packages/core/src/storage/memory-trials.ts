import type { Checkpoint } from "../loop/engine.ts";
import { trainedFidelity } from "../trial/trained-fidelity.ts";
import type { Outcome, Replicate, StoredReport, Trial } from "../trial/trial.ts";
import { type TrialState, trialStateCodes } from "../trial/trial-state.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import { OpenQueue } from "./open-queue.ts";
import type { OpenReplicate, StoredDecision, StudyTotals, TrialQuery } from "./storage.ts";
import { ValueRanking } from "./value-ranking.ts";

/** Everything about one trial in memory. */
export class MemoryTrial {
  /** Whether its config waits to be filled. */
  open: boolean;
  readonly reports: StoredReport[] = [];
  readonly decisions: StoredDecision[] = [];
  /** Trials that began from one of its checkpoints. */
  children: readonly MemoryTrial[] = noTrials;
  /** By replicate. */
  readonly runs: MemoryRun[];
  #snapshot: Trial;
  #fidelity: number | null;

  constructor(trial: Trial, open: boolean) {
    this.#snapshot = trial;
    this.#fidelity = trial.fidelity;
    this.open = open;
    // Made at once: an array that grows by itself keeps room for seventeen.
    this.runs = trial.replicates.map(newRun);
  }

  /** A frozen snapshot, which a change replaces. */
  get trial(): Trial {
    if (this.#snapshot.fidelity !== this.#fidelity)
      this.#snapshot = Object.freeze({ ...this.#snapshot, fidelity: this.#fidelity });
    return this.#snapshot;
  }

  set trial(changed: Trial) {
    this.#snapshot = changed;
    this.#fidelity = changed.fidelity;
  }

  get replicates(): readonly Replicate[] {
    return this.#snapshot.replicates;
  }

  get isFinished(): boolean {
    return this.#snapshot.finishedSeq !== null;
  }

  /** Takes in a reported fidelity. Kept beside the snapshot: there are many more reports than anybody looks at. */
  reach(fidelity: number): void {
    if (this.#fidelity === null || fidelity > this.#fidelity) this.#fidelity = fidelity;
  }
}

const noTrials: readonly MemoryTrial[] = Object.freeze([]);

/** What is kept of one replicate beside its snapshot. */
export interface MemoryRun {
  /** Reports of the running attempt by step; null before the first. */
  reported: Map<number, StoredReport> | null;
  /** How the newest attempt ended; null while it runs, and before the first. */
  endedAs: Outcome | null;
  /** Oldest first. */
  checkpoints: readonly Checkpoint[];
  /** Its entry among the open replicates. */
  listed: OpenReplicate | null;
}

const noCheckpoints: readonly Checkpoint[] = Object.freeze([]);

function newRun(): MemoryRun {
  return { reported: null, endedAs: null, checkpoints: noCheckpoints, listed: null };
}

/** The trials of one study with what is derived from them: counts, open replicates, rankings. */
export class MemoryTrials {
  readonly #all: MemoryTrial[] = [];
  readonly #queue = new OpenQueue();
  readonly #pausedNumbers = new Set<number>();
  readonly #rankings = new Map<string, ValueRanking>();
  childCount = 0;
  readonly #stateCounts = Object.fromEntries(Object.keys(trialStateCodes).map((state) => [state, 0])) as Record<
    TrialState,
    number
  >;

  get count(): number {
    return this.#all.length;
  }

  stateCounts(): Readonly<Record<TrialState, number>> {
    return Object.freeze({ ...this.#stateCounts });
  }

  /** @throws {TunesmithError} `trial-not-found`. */
  get(number: number): MemoryTrial {
    const found = this.#all[number];
    if (found === undefined)
      throw new TunesmithError("trial-not-found", `there is no trial ${number}; the study has ${this.#all.length}`);
    return found;
  }

  find(number: number): MemoryTrial | undefined {
    return this.#all[number];
  }

  /** A new trial, the last one by number. */
  add(trial: Trial, open: boolean): MemoryTrial {
    const added = new MemoryTrial(trial, open);
    this.#all.push(added);
    if (trial.parent !== null) this.#addChild(this.get(trial.parent.trial), added);
    this.#stateCounts[trial.state]++;
    this.#derive(added);
    return added;
  }

  /** Puts a changed trial in the place of the old one. */
  replace(held: MemoryTrial, trial: Trial): void {
    this.#stateCounts[held.trial.state]--;
    this.#stateCounts[trial.state]++;
    const completed = trial.state === "complete" && held.trial.state !== "complete";
    held.trial = trial;
    if (trial.state !== "queued") held.open = false;
    this.#derive(held);
    if (completed) for (const ranking of this.#rankings.values()) ranking.add(trial);
  }

  page({ after = -1, limit = 1_000, states }: TrialQuery): readonly Trial[] {
    const found: Trial[] = [];
    for (let number = Math.max(0, after + 1); number < this.#all.length && found.length < limit; number++) {
      const { trial } = this.#all[number];
      if (states === undefined || states.includes(trial.state)) found.push(trial);
    }
    return found;
  }

  snapshots(): readonly Trial[] {
    return this.#all.map((held) => held.trial);
  }

  openReplicates(): readonly OpenReplicate[] {
    return this.#queue.list();
  }

  /** Trials that the end of the study may touch, ascending. */
  waiting(): readonly MemoryTrial[] {
    const numbers = new Set(this.#pausedNumbers);
    for (const each of this.#queue.list()) if (each.state === "queued") numbers.add(each.trial);
    return [...numbers].sort((a, b) => a - b).map((number) => this.#all[number]);
  }

  best(objective: number, goal: "minimize" | "maximize", limit: number): readonly Trial[] {
    const key = `${goal} ${objective}`;
    let ranking = this.#rankings.get(key);
    if (ranking === undefined) {
      ranking = new ValueRanking(objective, goal);
      for (const { trial } of this.#all) ranking.add(trial);
      this.#rankings.set(key, ranking);
    }
    return ranking.best(limit).map((number) => this.#all[number].trial);
  }

  /** Cost: looks at every trial. */
  totals(goal: "minimize" | "maximize"): Omit<StudyTotals, "seq"> {
    const trials = this.snapshots();
    const fidelitySum = trials.reduce((sum, trial) => sum + trainedFidelity(trial), 0);
    const best = trials.reduce<Trial | null>((best, trial) => (isBetter(trial, best, goal) ? trial : best), null);
    const since = trials.filter(
      ({ state, finishedSeq }) => state !== "cancelled" && (finishedSeq ?? 0) > (best?.finishedSeq ?? 0),
    );
    return { fidelitySum, best, sinceBestCount: since.length };
  }

  #addChild(parent: MemoryTrial, child: MemoryTrial): void {
    parent.children = [...parent.children, child];
    this.childCount++;
  }

  #derive(held: MemoryTrial): void {
    const { number, state, replicates } = held.trial;
    if (state === "paused") this.#pausedNumbers.add(number);
    else this.#pausedNumbers.delete(number);
    for (const replicate of replicates) {
      held.runs[replicate.index] ??= newRun();
      this.#list(held, replicate, held.runs[replicate.index]);
    }
  }

  #list(held: MemoryTrial, replicate: Replicate, run: MemoryRun): void {
    const before = run.listed;
    const { open, trial } = held;
    const { index, attempt, confirm, reason } = replicate;
    if (before?.state === replicate.state && before.attempt === attempt && before.open === open) return;
    if (before !== null) this.#queue.remove(before);
    run.listed = null;
    if (!isOpen(replicate) || (open && index > 0)) return;
    run.listed = Object.freeze({ trial: trial.number, replicate: index, state: replicate.state, attempt, open, confirm, reason });
    this.#queue.add(run.listed);
  }
}

function isBetter({ state, values, finishedSeq }: Trial, best: Trial | null, goal: "minimize" | "maximize"): boolean {
  const value = state === "complete" && values !== null ? values[0] : Number.NaN;
  if (Number.isNaN(value)) return false;
  if (best?.values == null) return true;
  const [bestValue] = best.values;
  if (value === bestValue) return (finishedSeq ?? 0) < (best.finishedSeq ?? 0);
  return goal === "minimize" ? value < bestValue : value > bestValue;
}

function isOpen(replicate: Replicate): replicate is Replicate & { readonly state: OpenReplicate["state"] } {
  return replicate.state === "queued" || replicate.state === "running";
}
