import type { Config } from "../../parameters/parameter.ts";
import type { History } from "../../trial/history.ts";
import type { Problem } from "../../trial/problem.ts";
import { drawConfig } from "../draw-config.ts";
import type { SuggestContext } from "../sampler.ts";
import { untriedConfigs } from "../untried-configs.ts";
import type { Acquisition } from "./acquisition.ts";
import type { Found } from "./acquisition-search.ts";
import { isStuck, isWithin } from "./closeness.ts";
import { gatherPoint } from "./kernel-layout.ts";
import type { Observations } from "./observations.ts";
import type { SearchDomain } from "./search-domain.ts";

/** What is asked of the model. */
export interface Question {
  readonly problem: Problem;
  readonly history: History;
  readonly context: SuggestContext;
  readonly observations: Observations;
  readonly startupCount: number;
}

const LOOK_LIMIT = 20_000;
const UNTRIED_COUNT = 64;
// Once the best place is known, expected improvement would send every worker there.
const NEAR_PENDING = 0.01;
const EXPLORE_RADIUS = 0.1;

/** A config, its settled point and its worth. */
export interface Choice {
  readonly config: Config;
  readonly point: Float64Array;
  readonly value: number;
  readonly outcome?: string;
  readonly repeats?: boolean;
  /** Away from all results, because the last ones lay on top of one another. */
  readonly explores?: boolean;
}

/**
 * The best find that is neither a repetition nor in a place to avoid, else one that is, else the best of some untried configs of a finite
 * space, else whatever keeps the constraints.
 */
export function chooseConfig(question: Question, domain: SearchDomain, acquisition: Acquisition, found: Iterable<Found>): Choice {
  const { history, context } = question;
  const { space } = domain;
  const { avoids, explores } = placesToAvoid(question, domain);
  let repeat: Choice | null = null;
  let avoided: Choice | null = null;
  for (const { point, value } of found) {
    const config = domain.config(point);
    if (!space.satisfies(config)) continue;
    if (history.hasConfig(space.key(config))) repeat ??= { config, point, value, repeats: true };
    else if (avoids(point)) avoided ??= { config, point, value };
    else return { config, point, value, ...(explores ? { explores } : {}) };
  }
  if (avoided !== null) return avoided;
  const untried = untriedConfigs(space, history, context.fixed, context.rng("gp-untried"), UNTRIED_COUNT, LOOK_LIMIT);
  if (untried.length > 0) return { ...bestOf(untried, domain, acquisition), outcome: "left" };
  return repeat !== null && space.cardinality < Infinity ? repeat : drawAny(question, domain, acquisition);
}

/** The neighbourhoods of trials under way; where the model has settled on one place, also those of all results, for this once. */
function placesToAvoid(
  { history, observations }: Question,
  { layout }: SearchDomain,
): { avoids(point: Float64Array): boolean; explores: boolean } {
  const d = layout.columns.length;
  const gather = (rows: Int32Array): Float64Array => {
    const points = new Float64Array(rows.length * d);
    rows.forEach((row, i) => {
      gatherPoint(layout, history.points, row * d, points, i * d);
    });
    return points;
  };
  const isChoice = (j: number): boolean => layout.dimensions[j].kind === "categorical";
  const [pending, results] = [gather(observations.pending), gather(observations.results)];
  const explores = isStuck(results, observations.results.length, d, isChoice);
  const isNear = (point: Float64Array, others: Float64Array, radius: number): boolean => {
    for (let at = 0; at < others.length; at += d) if (isWithin(point, 0, others, at, d, radius, isChoice)) return true;
    return false;
  };
  return {
    explores,
    avoids: (point) => isNear(point, pending, NEAR_PENDING) || (explores && isNear(point, results, EXPLORE_RADIUS)),
  };
}

function drawAny({ history, context }: Question, domain: SearchDomain, acquisition: Acquisition): Choice {
  const { space } = domain;
  const rng = context.rng("gp-admissible");
  const propose = (_: number, point: Float64Array): void => {
    for (let j = 0; j < point.length; j++) point[j] = space.dimensions[j].fromPrior(rng.uniform());
  };
  const { config, outcome } = drawConfig({ space, history, fixed: context.fixed, rng, propose });
  return { ...bestOf([config], domain, acquisition), outcome };
}

function bestOf(configs: readonly Config[], { space, layout }: SearchDomain, acquisition: Acquisition): Choice {
  const d = layout.columns.length;
  const points = new Float64Array(configs.length * d);
  configs.forEach((config, c) => {
    gatherPoint(layout, space.encode(config), 0, points, c * d);
  });
  const values = acquisition.values(points, configs.length);
  const best = values.reduce((most, value, c) => (value > values[most] ? c : most), 0);
  return { config: configs[best], point: points.slice(best * d, (best + 1) * d), value: values[best] };
}
