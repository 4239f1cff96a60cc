import { manualType } from "../../samplers/manual.ts";
import type { Sampler, SuggestContext, Suggestion } from "../../samplers/sampler.ts";
import { none } from "../../schedulers/none.ts";
import type { History } from "../../trial/history.ts";
import type { Fidelity, Problem } from "../../trial/problem.ts";
import type { Decision } from "../../trial/trial.ts";
import { trialStateCodes } from "../../trial/trial-state.ts";
import { compose } from "../compose.ts";
import type { Intent, Policy } from "../policy.ts";
import {
  bestCompleteLoss,
  chanceBelow,
  type Demand,
  drawDemand,
  type FreezeThawModel,
  freezeThawModel,
  margin,
} from "./freeze-thaw-model.ts";
import { type FreezeThawSettings, nextUnit, unitLength } from "./freeze-thaw-options.ts";
import { type LearningCurve, readCurves } from "./learning-curves.ts";
import { type NewConfig, newConfigs } from "./new-configs.ts";

/** A study at the moment a slot is free. */
interface Moment {
  readonly settings: FreezeThawSettings;
  readonly problem: Problem;
  readonly fidelity: Fidelity;
  readonly history: History;
  readonly context: SuggestContext;
  readonly curves: readonly LearningCurve[];
  /** Units of training that were ever asked for: it grows with every decision. */
  readonly unitsAsked: number;
}

/** What the acquisition chose: a curve to go on, or a config to start. */
type Choice = { readonly curve: LearningCurve } | { readonly start: Suggestion };

// Of every so many starts one is the sampler's: it may know what the model does not.
const samplerEvery = 4;
// The best rows that new configs are sought near.
const nearRowCount = 4;
// Share of the waiting trials that are predicted to end best, which go on regularly.
const leaderShare = 1 / 3;

export function freezeThawPolicy(sampler: Sampler, settings: FreezeThawSettings, refuse: Policy["refuse"]): Policy {
  // Who trains how far is decided here.
  const starts = compose(sampler, none());
  const begin = ({ fidelity }: Problem, intent: Intent): Intent =>
    intent.kind !== "start" || fidelity === null ? intent : { ...intent, target: nextUnit(settings, fidelity, 0), bracket: 0 };
  return {
    refuse(problem) {
      const reasons = [refuse(problem), sampler.refuse(problem)].filter((reason) => reason !== null);
      return reasons.length === 0 ? null : reasons.join("; ");
    },
    next(problem, history, context) {
      const moment = momentOf(settings, problem, history, context);
      if (problem.trialBudget !== null && history.trialCount >= problem.trialBudget)
        return lastTurns(moment) ?? idle(history, "finish");
      const model = isBeginning(moment) ? null : modelOf(moment);
      const choice = model && choose(moment, model, sampler);
      if (choice !== null && "curve" in choice) return goOn(moment, choice.curve);
      if (choice !== null) return begin(problem, { kind: "start", suggestion: choice.start, target: null, bracket: 0 });
      const instead = (otherwise: "wait" | "finish"): Intent => lastTurns(moment) ?? idle(history, otherwise);
      const use = (intent: Intent, otherwise: typeof instead): Intent =>
        intent.kind === "start" ? begin(problem, intent) : otherwise(intent.kind === "wait" ? "wait" : "finish");
      const drawn = starts.next(problem, history, context);
      if (!(drawn instanceof Promise)) return use(drawn, instead);
      // By the time the sampler answers the history may have grown.
      const known = { wait: instead("wait"), finish: instead("finish") };
      return drawn.then((intent) => use(intent, (otherwise) => known[otherwise]));
    },
    fill(problem, history, context) {
      const filled = starts.fill(problem, history, context);
      return filled instanceof Promise ? filled.then((intent) => begin(problem, intent)) : begin(problem, filled);
    },
    onReport: ({ fidelity }, history, row) => decide(fidelity, history, row),
    // A trial leaves by itself where it was told to train to.
    decisionFidelities: () => [],
  };
}

function momentOf(settings: FreezeThawSettings, problem: Problem, history: History, context: SuggestContext): Moment {
  const { fidelity } = problem;
  if (fidelity === null) throw new Error("freeze-thaw drives a study without a fidelity");
  const curves = readCurves(history);
  const length = unitLength(settings, fidelity);
  const unitsAsked = curves.reduce((sum, { target }) => sum + Math.ceil(target / length), 0);
  return { settings, problem, fidelity, history, context, curves, unitsAsked };
}

function modelOf({ problem, fidelity, history, curves }: Moment): FreezeThawModel | null {
  return freezeThawModel(problem, fidelity, history, curves);
}

/** The first trials are the sampler's: there is nothing to learn from fewer. */
function isBeginning({ curves, problem }: Moment): boolean {
  return curves.length < Math.min(8, 2 + problem.space.dimensions.length);
}

function goOn({ settings, fidelity }: Moment, { trial, target, reached }: LearningCurve): Intent {
  return { kind: "resume", trial, target: nextUnit(settings, fidelity, Math.max(target, reached)) };
}

/** The waiting curves that may go on, best predicted end first. */
function basketOf({ settings, curves }: Moment, model: FreezeThawModel): LearningCurve[] {
  const ends = curves.filter(({ standing }) => standing === "waiting").map((curve) => ({ curve, end: model.meanEnd(curve) }));
  // Curves that the model had no room for are infinitely bad, and their difference is no number.
  ends.sort((a, b) => (a.end === b.end ? 0 : a.end - b.end) || a.curve.trial - b.curve.trial);
  return ends.slice(0, settings.curves).map(({ curve }) => curve);
}

/** Null: the sampler should say what starts. */
function choose(moment: Moment, model: FreezeThawModel, sampler: Sampler): Choice | null {
  const { settings, fidelity, context, curves, unitsAsked } = moment;
  const basket = basketOf(moment, model);
  if (basket.length > 0 && unitsAsked % settings.regular === 0) return { curve: regularTurn(moment, basket) };
  const unitCount = Math.ceil(fidelity.max / unitLength(settings, fidelity));
  const rng = context.rng(`freeze-thaw-${unitsAsked}`);
  const demand = drawDemand(rng, unitCount);
  const more = demand.horizon * unitLength(settings, fidelity);
  const bestRows = [...curves]
    .filter(({ loss }) => Number.isFinite(loss))
    .sort((a, b) => a.loss - b.loss || a.trial - b.trial)
    .slice(0, nearRowCount)
    .map(({ row }) => row);
  const candidates = newConfigs(moment.problem.space, moment.history, bestRows, rng);
  const curve = most(basket, (each) => margin(model.ahead(each, more), demand.threshold));
  const config = most(candidates, (each) => margin(model.aheadOfNew(each, more), demand.threshold));
  if (curve !== null && (config === null || curve.value >= config.value)) return { curve: curve.item };
  if (config === null || isSamplersTurn(moment, sampler)) return null;
  return { start: modelStart(moment, model, config.item, demand) };
}

/** In turn the trial that is predicted to end best, so that it comes to its end, and of the better ones that which has come least far. */
function regularTurn({ settings, unitsAsked }: Moment, basket: readonly LearningCurve[]): LearningCurve {
  const leaders = basket.slice(0, Math.ceil(basket.length * leaderShare));
  if ((unitsAsked / settings.regular) % 2 === 1) return basket[0];
  return leaders.reduce((least, each) => (each.reached < least.reached ? each : least));
}

/** A list is for a person, or a sampler that goes through one, to fill. */
function isSamplersTurn({ settings, context }: Moment, { type }: Sampler): boolean {
  const isList = type === manualType || type === "grid";
  return isList || settings.starts === "sampler" || context.trialNumber % samplerEvery === 0;
}

function modelStart(moment: Moment, model: FreezeThawModel, candidate: NewConfig, { horizon, threshold }: Demand): Suggestion {
  const more = Math.min(moment.fidelity.max, horizon * unitLength(moment.settings, moment.fidelity));
  const { best, spread } = model.scale;
  const chance = chanceBelow(model.aheadOfNew(candidate, more), threshold);
  const why = { code: "freeze-thaw-start", threshold: best + threshold * spread, within: more, chance };
  return { config: candidate.config, why };
}

function most<T>(items: readonly T[], worth: (item: T) => number): { readonly item: T; readonly value: number } | null {
  let found: { item: T; value: number } | null = null;
  for (const item of items) {
    const value = worth(item);
    if (found === null || value > found.value) found = { item, value };
  }
  return found;
}

/**
 * Nothing may start any more: the trial that is predicted to end best goes on until one has come to its end; then any that may well end
 * better than the best that has. Null if there is none.
 */
function lastTurns(moment: Moment): Intent | null {
  const { settings, fidelity, history, curves } = moment;
  if (!curves.some(({ standing }) => standing === "waiting")) return null;
  const model = modelOf(moment);
  if (model === null) return null;
  const basket = basketOf(moment, model);
  const best = bestCompleteLoss(history, curves, model.scale, fidelity.max);
  if (best === Infinity) return goOn(moment, basket[0]);
  const likeliest = most(basket, (curve) => chanceBelow(model.end(curve), best));
  return likeliest === null || likeliest.value < settings.leastChance ? null : goOn(moment, likeliest.item);
}

/** Nothing can go on: something may come of what is queued, runs or is held by a person. */
function idle(history: History, otherwise: "wait" | "finish"): Intent {
  const { rows, states } = history;
  const { queued, running, paused } = trialStateCodes;
  const isUnderWay = rows.some(
    (row) => states[row] === queued || states[row] === running || (states[row] === paused && history.pausedByPerson(row)),
  );
  return { kind: isUnderWay ? "wait" : otherwise };
}

/** A trial leaves by itself where it was told to train to, once it has saved; the next report shows that it does not. */
function decide(fidelity: Fidelity | null, history: History, row: number): Decision {
  const target = history.targets[row];
  const { count, fidelities } = history.curve(row);
  const hasGoneOn = count > 1 && fidelities[count - 2] >= target;
  if (fidelity === null || !hasGoneOn || target >= fidelity.max) return { kind: "continue" };
  return { kind: "pause", why: { code: "freeze-thaw-unit", target, fidelity: fidelities[count - 1] } };
}
