import { type JsonObject, toWireNumber } from "../../json.ts";
import type { DrawnConfig } from "../../samplers/draw-config.ts";
import type { Sampler, SuggestContext } from "../../samplers/sampler.ts";
import { none } from "../../schedulers/none.ts";
import type { History } from "../../trial/history.ts";
import type { Fidelity, Problem } from "../../trial/problem.ts";
import type { Decision } from "../../trial/trial.ts";
import { trialStateCodes } from "../../trial/trial-state.ts";
import { TunesmithError } from "../../tunesmith-error.ts";
import { compose } from "../compose.ts";
import type { DrivingScheduler } from "../driving-scheduler.ts";
import type { Intent, Policy } from "../policy.ts";
import { type Member, readMembers, scoreAt } from "./members.ts";
import { nextTarget, type PopulationSettings } from "./population-options.ts";
import { populationRefusal, samplerRefusal } from "./population-refusal.ts";
import { betterParents, parentsInNeed, type Ranking, rankMembers } from "./ranking.ts";

/** A population at the moment a member is to be copied. */
export interface Population {
  readonly problem: Problem;
  readonly fidelity: Fidelity;
  readonly history: History;
  readonly members: readonly Member[];
}

/** What the child of a copied member starts with. */
export interface Exploration extends Pick<DrawnConfig, "config" | "outcome"> {
  /** Numbers that go into its why. */
  readonly detail?: JsonObject;
}

/** Chooses the config of a child from its parent's. Pure. */
export type Explore = (population: Population, parent: Member, context: SuggestContext) => Exploration;

// A member whose trials fail this often in a row is not replaced any more: what fails whatever its config would never end.
const faultLimit = 3;

/**
 * Training a population: members train side by side, or in turn where slots are fewer; at each multiple of the interval a member is
 * compared with the others, and one among the worst ends and gives way to a child that goes on from the checkpoint of one among the
 * best, with a config that `explore` changed.
 *
 * A free slot goes to the first of: a member that has not begun; one that failed, from the checkpoint of one among the best; the member
 * that waits and has come least far, ties to the lower number. So nobody runs ahead of a member that waits for a slot, and no slot is
 * left idle to let the slower ones catch up. A member is compared with all that live, at once (asynchronous): with those behind it by
 * their newest scores, with those ahead by what they had scored where it is now. All follows from the history: a member is the newest
 * trial with its bracket.
 *
 * The study finishes when every member has trained to the greatest fidelity, or failed three times in a row.
 */
export function populationScheduler(
  settings: PopulationSettings,
  options: JsonObject,
  explore: Explore,
  refuseMore: Policy["refuse"] = () => null,
): DrivingScheduler {
  const refuse = (problem: Problem): string | null => refuseMore(problem) ?? populationRefusal(settings, problem);
  return {
    type: settings.type,
    version: 1,
    options,
    finds: "schedule",
    refuse,
    drive: (sampler) => populationPolicy(sampler, settings, explore, refuse),
  };
}

function populationPolicy(sampler: Sampler, settings: PopulationSettings, explore: Explore, refuse: Policy["refuse"]): Policy {
  // For the first population only: who trains how far is decided here.
  const first = compose(sampler, none());
  const begin = ({ fidelity }: Problem, drawn: Intent, bracket: number): Intent =>
    drawn.kind !== "start" || fidelity === null ? drawn : { ...drawn, target: nextTarget(settings, fidelity, 0), bracket };
  return {
    refuse: (problem) => refuse(problem) ?? samplerRefusal(sampler, settings, problem),
    next(problem, history, context) {
      const population = readPopulation(settings, problem, history);
      const goOn = (otherwise: "wait" | "finish"): Intent =>
        nextOfPopulation(settings, explore, population, context) ?? idle(history, otherwise);
      if (!mayBegin(settings, problem, history)) return goOn("finish");
      const bracket = highestNumber(history) + 1;
      const drawn = first.next(problem, history, context);
      const use = (intent: Intent, otherwise: typeof goOn): Intent =>
        intent.kind === "start" ? begin(problem, intent, bracket) : otherwise(intent.kind === "wait" ? "wait" : "finish");
      if (!(drawn instanceof Promise)) return use(drawn, goOn);
      // By the time the sampler answers the history may have grown.
      const known = { wait: goOn("wait"), finish: goOn("finish") };
      return drawn.then((intent) => use(intent, (otherwise) => known[otherwise]));
    },
    fill(problem, history, context) {
      const bracket = highestNumber(history) + 1;
      const filled = first.fill(problem, history, context);
      return filled instanceof Promise
        ? filled.then((intent) => begin(problem, intent, bracket))
        : begin(problem, filled, bracket);
    },
    onReport: ({ fidelity }, history, row) => decide(fidelity, history, row),
    // A member leaves by itself where it was told to train to.
    decisionFidelities: () => [],
  };
}

/** @throws {TunesmithError} `refused` when a member has come to its first target and nobody has saved a checkpoint. */
function readPopulation({ type, scoreCount }: PopulationSettings, problem: Problem, history: History): Population {
  const { fidelity } = problem;
  if (fidelity === null) throw new Error(`${type} drives a study without a fidelity`);
  const members = readMembers(history, scoreCount);
  const unsaved = members.find(({ standing, score }) => standing === "short" && score !== null);
  if (unsaved !== undefined && !members.some(({ hasCheckpoint }) => hasCheckpoint))
    throw new TunesmithError(
      "refused",
      `${type} copies checkpoints, but trial ${unsaved.trial} trained to ${fidelity.name} ${unsaved.reached} and ended without ` +
        "having saved one",
    );
  return { problem, fidelity, history, members };
}

function highestNumber(history: History): number {
  return history.rows.reduce((highest, row) => Math.max(highest, history.bracket(row)), 0);
}

/** Whether the population is not full and the budget of trials, in which children do not count, allows one more member. */
function mayBegin({ population }: PopulationSettings, { trialBudget }: Problem, history: History): boolean {
  if (highestNumber(history) >= population) return false;
  const childCount = history.rows.reduce((count, row) => count + (history.parent(row) < 0 ? 0 : 1), 0);
  return trialBudget === null || history.trialCount - childCount < trialBudget;
}

/** What a free slot can do for the members that have begun; null if nothing. */
function nextOfPopulation(
  settings: PopulationSettings,
  explore: Explore,
  population: Population,
  context: SuggestContext,
): Intent | null {
  const { quantile, scoreCount, type } = settings;
  const { fidelity, history, members } = population;
  const copy = (member: Member, ranking: Ranking, parents: readonly Member[], code: string): Intent => {
    const parent = parents[context.rng(`${type}-parent`).int(parents.length)];
    const { config, outcome, detail } = explore(population, newestOf(members, parent), context);
    const suggestion = { config, why: { code, ...comparison(ranking, member, parent), outcome, ...detail } };
    // What has failed has ended already.
    const trial = member.standing === "failed" ? null : member.trial;
    // Its newest checkpoint may lie as far ahead of its reports as it was told to train: it saves before it reports, or began anew.
    const ahead = parent.standing === "under-way" ? parent.target : parent.reached;
    const target = Math.max(nextTarget(settings, fidelity, ahead), parent.target);
    return { kind: "exploit", trial, parent: parent.trial, suggestion, target, bracket: member.number };
  };
  const lost = members.find(
    ({ standing, faultCount }) => (standing === "failed" || standing === "short") && faultCount < faultLimit,
  );
  if (lost !== undefined) {
    const ranking = rankMembers(members, quantile);
    const parents = parentsInNeed(ranking, quantile, fidelity.max);
    if (parents.length > 0) return copy(lost, ranking, parents, "pbt-replace");
  }
  const member = leastFar(members.filter(({ standing }) => standing === "waiting"));
  if (member === null) return null;
  const then = members.map((each) => ({ ...each, score: scoreAt(history, each.row, member.reached, scoreCount) }));
  const ranking = rankMembers(then, quantile);
  const parents = betterParents(ranking, member, fidelity.max);
  if (parents.length > 0) return copy(member, ranking, parents, "pbt-exploit");
  return { kind: "resume", trial: member.trial, target: nextTarget(settings, fidelity, member.reached) };
}

/** The member with its newest score. */
function newestOf(members: readonly Member[], { number }: Member): Member {
  return members.find((each) => each.number === number) as Member;
}

/** The one that has come least far, of equals the first; null of none. */
function leastFar(members: readonly Member[]): Member | null {
  return members.reduce<Member | null>((least, each) => (least === null || each.reached < least.reached ? each : least), null);
}

/** The numbers of a comparison, for the why of the child. */
function comparison({ members }: Ranking, { trial }: Member, parent: Member): JsonObject {
  const wire = (loss: number | null) => (loss === null || Number.isNaN(loss) ? null : toWireNumber(loss));
  const rank = members.findIndex((each) => each.trial === trial) + 1;
  return {
    replaced: trial,
    loss: wire(members[rank - 1]?.score ?? null),
    // What has failed has no place.
    rank: rank === 0 ? null : rank,
    of: members.length,
    parent: parent.trial,
    parentLoss: wire(parent.score),
    reached: parent.reached,
  };
}

/** Nothing can start: something may come of what is queued, runs or is held by a person. */
function idle(history: History, otherwise: "wait" | "finish"): Intent {
  const { rows, states } = history;
  const { queued, running, paused } = trialStateCodes;
  const isUnderWay = rows.some(
    (row) => states[row] === queued || states[row] === running || (states[row] === paused && history.pausedByPerson(row)),
  );
  return { kind: isUnderWay ? "wait" : otherwise };
}

/** A member leaves by itself where it was told to train to, once it has saved; the next report shows that it does not. */
function decide(fidelity: Fidelity | null, history: History, row: number): Decision {
  const target = history.targets[row];
  const { count, fidelities } = history.curve(row);
  const hasGoneOn = count > 1 && fidelities[count - 2] >= target;
  if (fidelity === null || history.bracket(row) < 1 || !hasGoneOn || target >= fidelity.max) return { kind: "continue" };
  return { kind: "pause", why: { code: "pbt-interval", target, fidelity: fidelities[count - 1] } };
}
