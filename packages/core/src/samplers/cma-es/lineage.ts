import { createRng } from "../../numerics/rng.ts";
import type { History } from "../../trial/history.ts";
import type { Problem } from "../../trial/problem.ts";
import { base64Length, FloatCodec } from "./base64-floats.ts";
import { type Basis, createBasis } from "./cma-es.ts";
import { type Evolution, packEvolution, packedLength, type Strain, unpackEvolution } from "./evolution.ts";
import { evolve, type Outcome } from "./evolve.ts";
import { type Generation, Generations } from "./generations.ts";
import { genotypeOf } from "./genes.ts";
import { checksum, readMemberNote, roomInNote } from "./member-note.ts";
import { type Individual, isJudged, rankPopulation, verdictOf } from "./population.ts";
import { knownTrials, lastFinish, startEvolution, warmStartCount } from "./start.ts";

/** What decides how generations follow each other. */
export interface LineageSettings {
  readonly sigma: number;
  readonly restarts: boolean;
  readonly warmStart: boolean;
}

/** Whose turn it is. */
export type Present =
  | { readonly kind: "design"; readonly index: number }
  | { readonly kind: "sample"; readonly evolution: Evolution; readonly basis: Basis; readonly index: number };

export interface Situation {
  readonly problem: Problem;
  readonly history: History;
  readonly strain: Strain;
  /** λ of the design and of the first run. */
  readonly lambda: number;
  readonly settings: LineageSettings;
}

const MEMO_LIMIT = 4;

/**
 * Reads the generations out of the trials' notes. Each generation's distribution is stored with its first trials; until all its parts
 * are, it is computed from the generation before. What is kept from call to call is keyed by value and saves time only.
 *
 * A generation is complete when λ trials of it, or stragglers of the one before, have ended. With every trial running in parallel
 * nothing is thrown away: measured, 8 at a time needs 1.2 to 1.6 times as many trials as one at a time, against 1.7 to 2.2 times
 * when stragglers only join in if they are good.
 */
export class Lineage {
  readonly generations = new Generations();
  readonly codec = new FloatCodec();
  readonly #evolutions: { readonly parts: readonly string[]; readonly evolution: Evolution }[] = [];
  readonly #bases: { readonly C: Float64Array; readonly basis: Basis }[] = [];

  present(situation: Situation): Present {
    const { problem, history, strain } = situation;
    this.generations.update(problem.space, history, strain.fingerprint);
    const { latest } = this.generations;
    if (latest <= 0) return this.#beginning(situation);
    const generation = this.generations.at(latest) as Generation;
    const evolution = this.#evolutionAt(situation, latest);
    if (evolution === null)
      return this.#sample(situation, this.#start(situation, generation.run + 1, latest + 1, lastFinish(history)), 0);
    const outcome = this.#outcome(situation, generation, evolution);
    if (outcome === null) return this.#sample(situation, evolution, generation.rows.length);
    return this.#sample(situation, this.#next(situation, evolution, outcome), 0);
  }

  /** Part `index` of the packed evolution and the checksum of the whole; null past the last part. */
  part(strain: Strain, evolution: Evolution, index: number): { readonly part: string; readonly check: number } | null {
    const partCount = partCountOf(strain, evolution.lambda);
    if (index >= partCount) return null;
    const text = this.codec.encode(packEvolution(evolution));
    const size = Math.ceil(text.length / partCount);
    const parts = Array.from({ length: partCount }, (_, i) => text.slice(i * size, (i + 1) * size));
    this.#remember(parts, evolution);
    return { part: parts[index], check: partCount === 1 ? 0 : checksum(text) };
  }

  #beginning(situation: Situation): Present {
    const { history, problem, lambda } = situation;
    const design = this.generations.at(0);
    if (design === undefined) {
      const since = lastFinish(history);
      const isKnown = knownTrials(history, since, problem.outcomeConstraints.length > 0).length > 0;
      return isKnown ? this.#sample(situation, this.#start(situation, 0, 1, since), 0) : { kind: "design", index: 0 };
    }
    const since = completion(history, design.rows, lambda)?.since;
    return since === undefined
      ? { kind: "design", index: design.rows.length }
      : this.#sample(situation, this.#start(situation, 0, 1, since), 0);
  }

  #sample(situation: Situation, evolution: Evolution, index: number): Present {
    return { kind: "sample", evolution, basis: this.#basisOf(situation, evolution), index };
  }

  #start({ history, problem, strain, lambda, settings }: Situation, run: number, generation: number, since: number): Evolution {
    const known = knownTrials(history, since, problem.outcomeConstraints.length > 0);
    const others = known.filter(({ row }) => !this.generations.isMember(row)).length;
    const restarts = { regime: "first" as const, largeCount: 0, largeEvaluations: 0, smallEvaluations: 0, defaultLambda: lambda };
    const birth = { run, generation, since, lambda, sigma0: settings.sigma, restarts };
    const isWarm = settings.warmStart && others >= warmStartCount(strain.genes);
    const isDesign = generation === 1 && known.length > 0 && this.generations.isMember(known[0].row);
    return startEvolution(strain, history, birth, known, isWarm ? "spread" : isDesign ? "better-half" : "best");
  }

  /** From its parts; or, while these are not all there, from the generation before or what was known at its start. */
  #evolutionAt(situation: Situation, number: number): Evolution | null {
    const generation = this.generations.at(number);
    if (generation === undefined || number === 0) return null;
    const stored = this.#stored(situation.strain, generation);
    if (stored !== null) return stored;
    const before = this.generations.at(number - 1);
    const old = this.#evolutionAt(situation, number - 1);
    const outcome = before === undefined || old === null ? null : this.#outcome(situation, before, old);
    if (old !== null && outcome !== null) {
      const next = this.#next(situation, old, outcome);
      if (next.since === generation.since && next.run === generation.run) return next;
    }
    return this.#start(situation, generation.run, number, generation.since);
  }

  #stored(strain: Strain, { parts }: Generation): Evolution | null {
    if (parts[0] === undefined) return null;
    const memo = this.#evolutions.find((known) => isMadeOf(known.parts, parts));
    if (memo !== undefined) return memo.evolution;
    const texts: string[] = [];
    for (let i = 0; i < parts.length; i++) {
      if (parts[i]?.check !== parts[0].check) return null;
      texts.push(parts[i].text);
    }
    const text = texts.join("");
    const packed = new Float64Array(floatCount(text));
    const evolution = this.codec.decode(text, packed) ? unpackEvolution(strain, packed) : null;
    if (evolution === null || (parts.length > 1 && checksum(text) !== parts[0].check)) return null;
    this.#remember(texts, evolution);
    return evolution;
  }

  #remember(parts: readonly string[], evolution: Evolution): void {
    this.#evolutions.unshift({ parts, evolution });
    if (this.#evolutions.length > MEMO_LIMIT) this.#evolutions.pop();
  }

  #basisOf(situation: Situation, evolution: Evolution): Basis {
    const { basisGeneration, generation, gaussian } = evolution;
    const origin = basisGeneration === generation ? evolution : this.#evolutionAt(situation, basisGeneration);
    const C = (origin ?? evolution).gaussian.C;
    const memo = this.#bases.find((entry) => entry.C === C || areEqual(entry.C, C));
    if (memo !== undefined) return memo.basis;
    const basis = createBasis(C, gaussian.m.length, situation.strain.diagonal);
    this.#bases.unshift({ C, basis });
    if (this.#bases.length > MEMO_LIMIT) this.#bases.pop();
    return basis;
  }

  #next(situation: Situation, old: Evolution, outcome: Outcome): Evolution {
    const { problem, strain, settings } = situation;
    return evolve(strain, old, this.#basisOf(situation, old), outcome, {
      restarts: settings.restarts,
      sigma0: settings.sigma,
      rng: (run) => createRng(problem.seed, "cma-es", run),
    });
  }

  /** Null while too few trials have ended. */
  #outcome(situation: Situation, { rows }: Generation, evolution: Evolution): Outcome | null {
    const { problem, history } = situation;
    const { lambda, since } = evolution;
    const seen = problem.space.cardinality < Infinity ? this.#seen(situation, rows, lambda - 1) : [];
    const complete = completion(history, [...rows, ...this.#stragglers(history, evolution)], lambda - seen.length);
    if (complete === null) return null;
    const members = new Set(rows);
    const own = complete.rows.map((row) => this.#individual(situation, row, !members.has(row)));
    const used = new Set(complete.rows);
    const late = endedBetween(history, since, complete.since)
      .filter((row) => !used.has(row) && isJudged(history, row) && !this.#isOfOtherRun(situation, row, evolution))
      .map((row) => this.#individual(situation, row, true))
      .filter(({ verdict }) => verdict.rank === 0);
    const ranked = rankPopulation([...own, ...seen], late, Math.floor(lambda / 2));
    return { ranked, since: complete.since, evaluationCount: complete.rows.length };
  }

  /** Trials of the generation before that ended after it was complete: fewer than λ. */
  #stragglers(history: History, { generation, run, since, lambda }: Evolution): number[] {
    const before = this.generations.at(generation - 1);
    if (before === undefined || before.run !== run || generation === 1) return [];
    const late = before.rows.filter((row) => history.finishSeqs[row] > since && isJudged(history, row));
    return late.length < lambda ? late : inOrderOfEnd(history, late).slice(0, lambda - 1);
  }

  /** What another run found would only pull this one back there. */
  #isOfOtherRun({ history, strain }: Situation, row: number, { run }: Evolution): boolean {
    const note = readMemberNote(history.note(row), strain.fingerprint);
    return note !== null && note.run !== run;
  }

  #individual({ problem, history, strain }: Situation, row: number, isLate: boolean): Individual {
    const { points, dimensionCount: n } = history;
    const note = readMemberNote(history.note(row), strain.fingerprint);
    const genotype = new Float64Array(strain.genes.count);
    const isSampled = note !== null && this.codec.decode(note.genotype, genotype);
    return {
      genotype: isSampled ? genotype : genotypeOf(strain.genes, points.subarray(row * n, (row + 1) * n)),
      foreign: isLate || !isSampled || note.foreign === true,
      verdict: verdictOf(history, row, problem.outcomeConstraints.length > 0),
    };
  }

  /** Samples whose config another trial had tried before, with that trial's verdict. */
  #seen({ problem, history, strain }: Situation, rows: readonly number[], limit: number): Individual[] {
    const { numbers } = history;
    const found: Individual[] = [];
    for (const row of [...rows].sort((a, b) => numbers[a] - numbers[b])) {
      for (const [trial, genes] of readMemberNote(history.note(row), strain.fingerprint)?.seen ?? []) {
        const at = history.rowOf(trial);
        const genotype = new Float64Array(strain.genes.count);
        if (at < 0 || found.length === limit || !this.codec.decode(genes, genotype)) continue;
        found.push({ genotype, foreign: false, verdict: verdictOf(history, at, problem.outcomeConstraints.length > 0) });
      }
    }
    return found;
  }
}

/** The first `count` of the rows to end, and the event of the last of these; null while there are fewer. */
function completion(
  history: History,
  rows: readonly number[],
  count: number,
): { readonly rows: readonly number[]; readonly since: number } | null {
  if (rows.length < count) return null;
  const judged = rows.filter((row) => isJudged(history, row));
  if (judged.length < count) return null;
  const first = inOrderOfEnd(history, judged).slice(0, count);
  return { rows: first, since: history.finishSeqs[first[count - 1]] };
}

function inOrderOfEnd({ finishSeqs, numbers }: History, rows: number[]): number[] {
  return rows.sort((a, b) => finishSeqs[a] - finishSeqs[b] || numbers[a] - numbers[b]);
}

/** Rows that ended after the event `since`, up to `until`. */
function endedBetween({ rows, finishSeqs }: History, since: number, until: number): number[] {
  const late: number[] = [];
  for (let i = 0; i < rows.length; i++) {
    const end = finishSeqs[rows[i]];
    if (end > since && end <= until) late.push(rows[i]);
  }
  return late;
}

/** How many notes it takes to store an evolution. */
export function partCountOf(strain: Strain, lambda: number): number {
  return Math.ceil(base64Length(packedLength(strain, lambda)) / roomInNote(strain.genes.count));
}

function isMadeOf(texts: readonly string[], parts: Generation["parts"]): boolean {
  return texts.length === parts.length && texts.every((text, i) => text === parts[i]?.text);
}

function floatCount(text: string): number {
  return Math.floor((text.length * 3) / 32);
}

function areEqual(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
