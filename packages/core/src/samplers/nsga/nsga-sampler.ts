import type { JsonObject } from "../../json.ts";
import type { Rng } from "../../numerics/rng.ts";
import type { Space } from "../../parameters/space.ts";
import type { History } from "../../trial/history.ts";
import type { Problem } from "../../trial/problem.ts";
import type { Why } from "../../trial/trial.ts";
import { type DrawnConfig, drawConfig } from "../draw-config.ts";
import { drawQuasiRandomConfig } from "../quasi-random-draw.ts";
import type { Sampler, SuggestContext, Suggestion } from "../sampler.ts";
import { untriedConfigs } from "../untried-configs.ts";
import { Generations, hasEnded, noteJson, readNote } from "./generations.ts";
import { candidatesOf, drawParent, type MatingPool, matingPool, possibleParents, type Selection } from "./mating-pool.ts";
import { type NsgaSettings, populationOf, variationRatesOf } from "./nsga-options.ts";
import { crossPoints, fillMissing, mutatePoint, type VariationRates } from "./variation.ts";

/** A generation as a suggestion finds it, or opens it. */
interface Current {
  readonly generation: number;
  readonly pool: MatingPool;
  /** Set when the suggestion opens the generation: what the note must tell the others. */
  readonly opened?: { readonly population: readonly number[]; readonly through: number };
}

const NOBODY = new Int32Array(0);
const AGAIN_LIMIT = 10;
const LOOK_LIMIT = 20_000;

/**
 * The adapter of the family: generations in an asynchronous study.
 *
 * The initial design is generation 0: what is enqueued or was made by others, else Sobol points. Once `population` trials have ended,
 * the next suggestion opens generation 1: it selects the population and notes it. All suggestions make children of the population noted
 * last, until `population` trials of its generation have ended; the next one then opens a generation with the survivors of that
 * population and of everything that has ended since, late children and trials of others among them. Nobody waits for the slowest.
 */
export function nsgaSampler(
  type: string,
  options: JsonObject,
  settings: NsgaSettings,
  selectionFor: (problem: Problem, populationCount: number) => Selection,
): Sampler {
  const generations = new Generations(type);
  // The newest pool, the problem and the rows it was made of, and the row of the note that tells of it; −1 while no note is known.
  let known: { problem: Problem; epoch: number; openingRow: number; pool: MatingPool } | null = null;

  function currentOf(problem: Problem, history: History, context: SuggestContext): Current | null {
    generations.update(history);
    const { epoch, standing } = generations;
    const { generation, endedCount, openingRow } = standing;
    const count = populationOf(problem, settings);
    const isComplete = endedCount >= count;
    const isValid = known?.problem === problem && known.epoch === epoch;
    if (known && isValid && known.openingRow === openingRow && openingRow >= 0 && !isComplete)
      return { generation, pool: known.pool };
    if (generation <= 0) return generations.endedCount < count ? null : open(1, NOBODY, -Infinity);
    const note = openingRow < 0 ? null : readNote(history.note(openingRow), type);
    const inView = (note?.population ?? []).map((number) => history.rowOf(number)).filter((row) => row >= 0);
    const members = possibleParents(problem, history, inView);
    if (members.length === 0) return open(generation, NOBODY, -Infinity);
    if (isComplete) return open(generation + 1, members, note?.through ?? -Infinity);
    const isSame = known !== null && isValid && isPoolOf(known.pool, history, members);
    const pool = known && isSame ? known.pool : matingPool(problem, history, members, selectionFor(problem, count));
    known = { problem, epoch, openingRow, pool };
    return { generation, pool };

    function open(generation: number, members: Int32Array, after: number): Current | null {
      const rng = context.rng(`${type}-selection`);
      const opening = { problem, history, members, after, count, selection: selectionFor(problem, count), rng };
      const current = openGeneration(generation, opening);
      if (current !== null) known = { problem, epoch, openingRow: -1, pool: current.pool };
      return current;
    }
  }

  return {
    type,
    version: 2,
    options,
    refuse: () => null,
    suggest(problem: Problem, history: History, context: SuggestContext) {
      const current = problem.space.dimensions.length === 0 ? null : currentOf(problem, history, context);
      return current === null
        ? suggestFirst(type, problem, history, context)
        : suggestChild(type, problem.space, history, context, variationRatesOf(problem, settings), current);
    },
  };
}

function isPoolOf({ numbers }: MatingPool, history: History, rows: Int32Array): boolean {
  return numbers.length === rows.length && numbers.every((number, i) => number === history.numbers[rows[i]]);
}

interface Opening {
  readonly problem: Problem;
  readonly history: History;
  /** Rows of the population so far. */
  readonly members: Int32Array;
  /** The event up to which others were looked at when it was chosen. */
  readonly after: number;
  readonly count: number;
  readonly selection: Selection;
  readonly rng: Rng;
}

/** Survivors of the population and of what has ended since it was chosen; null while there are fewer than two possible parents. */
function openGeneration(generation: number, opening: Opening): Current | null {
  const { problem, history, members, after, count, selection, rng } = opening;
  const { rows, finishSeqs } = history;
  const candidates = Array.from(members);
  let through = -Infinity;
  for (let i = 0; i < rows.length; i++) {
    const seq = finishSeqs[rows[i]];
    if (seq > through) through = seq;
    if (seq > after && hasEnded(history, rows[i])) candidates.push(rows[i]);
  }
  const parents = possibleParents(problem, history, candidates);
  if (parents.length < 2) return null;
  const survivors = selection.select(candidatesOf(problem, history, parents), count, rng).map((i) => parents[i]);
  const pool = matingPool(problem, history, survivors, selection);
  return { generation, pool, opened: { population: [...pool.numbers], through } };
}

function suggestFirst(type: string, problem: Problem, history: History, context: SuggestContext): Suggestion {
  const { space } = problem;
  const { trialNumber: index, fixed } = context;
  const request = { stream: type, index, scramble: true, fixed, rng: context.rng(`${type}-startup`) };
  const { config, outcome, drawCount } = drawQuasiRandomConfig(problem, history, request);
  const suggestion: Suggestion = {
    config,
    why: { code: `${type}-startup`, generation: 0, index, outcome, drawCount },
    note: noteJson(type, { generation: 0, parents: [] }),
  };
  return history.hasConfig(space.key(config)) ? untriedInstead(type, space, history, context, suggestion) : suggestion;
}

function suggestChild(
  type: string,
  space: Space,
  history: History,
  context: SuggestContext,
  rates: VariationRates,
  { generation, pool, opened }: Current,
): Suggestion {
  const rng = context.rng(type);
  const child = new Float64Array(space.dimensions.length);
  let parents: number[] = [];
  let drawn: DrawnConfig;
  let again = 0;
  const propose = (draw: number, point: Float64Array): void => {
    if (again === 0 || draw > 0) parents = breed(space, pool, rates, rng, child);
    else mutatePoint(space, rates, true, rng, child);
    point.set(child);
  };
  let isRepeat: boolean;
  do {
    drawn = drawConfig({ space, history, fixed: context.fixed, rng, propose });
    isRepeat = history.hasConfig(space.key(drawn.config));
  } while (isRepeat && drawn.outcome !== "violating" && again++ < AGAIN_LIMIT);
  const { config, outcome, drawCount } = drawn;
  const counts = { populationCount: pool.numbers.length, frontCount: pool.frontCount };
  const suggestion: Suggestion = {
    config,
    why: { code: type, generation, parents, ...counts, outcome, drawCount },
    note: noteJson(type, { generation, parents, ...opened }),
  };
  return isRepeat ? untriedInstead(type, space, history, context, suggestion) : suggestion;
}

/** Writes a child of the pool. @returns Trial numbers of its parents. */
function breed(space: Space, pool: MatingPool, rates: VariationRates, rng: Rng, child: Float64Array): number[] {
  const d = child.length;
  const { numbers, points } = pool;
  const first = drawParent(pool, rng);
  const second = rng.uniform() < rates.crossoverChance ? drawMate(pool, first, rng) : first;
  if (second === first) child.set(points.subarray(first * d, (first + 1) * d));
  else crossPoints(space, points, first * d, second * d, rates.crossoverIndex, rng, child);
  fillMissing(space, rng, child);
  mutatePoint(space, rates, false, rng, child);
  return second === first ? [numbers[first]] : [numbers[first], numbers[second]];
}

/** Another than the first parent: the winner of a tournament, or whoever comes next if that is the first parent again. */
function drawMate(pool: MatingPool, first: number, rng: Rng): number {
  const winner = drawParent(pool, rng);
  return winner === first ? (first + 1) % pool.numbers.length : winner;
}

/** A config that nobody has tried, if the space is finite and has one; else the repetition, and says so. */
function untriedInstead(type: string, space: Space, history: History, context: SuggestContext, repeated: Suggestion): Suggestion {
  const rng = context.rng(`${type}-untried`);
  const [untried] = untriedConfigs(space, history, context.fixed, rng, 1, LOOK_LIMIT);
  if (untried === undefined) return { ...repeated, why: { ...repeated.why, repeats: true } satisfies Why };
  return { ...repeated, config: untried, why: { ...repeated.why, outcome: "left" } };
}
