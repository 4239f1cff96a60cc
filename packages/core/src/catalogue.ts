import type { Json, JsonObject } from "./json.ts";
import { didYouMean } from "./parameters/nearest-name.ts";
import { type AnyScheduler, isDriving } from "./policies/driving-scheduler.ts";
import { bohb, bohbDefaults } from "./policies/fidelity-view/bohb.ts";
import { modelAsha, modelAshaDefaults } from "./policies/fidelity-view/model-asha.ts";
import { freezeThaw } from "./policies/freeze-thaw/freeze-thaw.ts";
import { freezeThawDefaults } from "./policies/freeze-thaw/freeze-thaw-options.ts";
import { pb2, pb2Defaults } from "./policies/population/pb2.ts";
import { pbt, pbtDefaults } from "./policies/population/pbt.ts";
import { auto, type Engines } from "./samplers/auto/auto-sampler.ts";
import { cmaEs, cmaEsDefaults } from "./samplers/cma-es/cma-es-sampler.ts";
import { gp, gpDefaults } from "./samplers/gp/gp-sampler.ts";
import { grid, gridDefaults } from "./samplers/grid.ts";
import { manual } from "./samplers/manual.ts";
import { nsga2, nsga2Defaults } from "./samplers/nsga/nsga2.ts";
import { nsga3, nsga3Defaults } from "./samplers/nsga/nsga3.ts";
import { qmc, qmcDefaults } from "./samplers/qmc.ts";
import { random, randomDefaults } from "./samplers/random.ts";
import type { Sampler } from "./samplers/sampler.ts";
import { tpe, tpeDefaults } from "./samplers/tpe/tpe-sampler.ts";
import { asha, ashaDefaults } from "./schedulers/asha.ts";
import { ashaPromotion, ashaPromotionDefaults } from "./schedulers/asha-promotion.ts";
import { hyperband, hyperbandDefaults } from "./schedulers/hyperband.ts";
import { none } from "./schedulers/none.ts";
import type { Scheduler } from "./schedulers/scheduler.ts";
import { firstToStop } from "./schedulers/stopping/first-to-stop.ts";
import { median, medianDefaults } from "./schedulers/stopping/median.ts";
import { patience, patienceDefaults } from "./schedulers/stopping/patience.ts";
import { percentile, percentileDefaults } from "./schedulers/stopping/percentile.ts";
import { threshold, thresholdDefaults } from "./schedulers/stopping/threshold.ts";
import { wilcoxon, wilcoxonDefaults } from "./schedulers/stopping/wilcoxon.ts";
import { successiveHalving, successiveHalvingDefaults } from "./schedulers/successive-halving.ts";
import { TunesmithError } from "./tunesmith-error.ts";

/** A name, or a name with options as in a study file. */
export type Spec = string | JsonObject;

interface Entry<T> {
  readonly create: (options: JsonObject) => T;
  /** Names of the options and their defaults. */
  readonly defaults: object;
}

const engines: Engines = Object.freeze({
  "cma-es": cmaEs,
  gp,
  grid,
  nsga2,
  nsga3,
  qmc,
  random,
  tpe,
});

const samplers: Readonly<Record<string, Entry<Sampler>>> = Object.freeze({
  auto: { create: () => auto(engines), defaults: {} },
  "cma-es": { create: cmaEs, defaults: cmaEsDefaults },
  gp: { create: gp, defaults: gpDefaults },
  grid: { create: grid, defaults: gridDefaults },
  manual: { create: manual, defaults: {} },
  nsga2: { create: nsga2, defaults: nsga2Defaults },
  nsga3: { create: nsga3, defaults: nsga3Defaults },
  qmc: { create: qmc, defaults: qmcDefaults },
  random: { create: random, defaults: randomDefaults },
  tpe: { create: tpe, defaults: tpeDefaults },
});

const schedulers: Readonly<Record<string, Entry<AnyScheduler>>> = Object.freeze({
  auto: { create: asha, defaults: ashaDefaults },
  asha: { create: asha, defaults: ashaDefaults },
  "asha-promotion": { create: ashaPromotion, defaults: ashaPromotionDefaults },
  "successive-halving": { create: successiveHalving, defaults: successiveHalvingDefaults },
  hyperband: { create: hyperband, defaults: hyperbandDefaults },
  median: { create: median, defaults: medianDefaults },
  percentile: { create: percentile, defaults: percentileDefaults },
  threshold: { create: threshold, defaults: thresholdDefaults },
  patience: { create: patience, defaults: patienceDefaults },
  wilcoxon: { create: wilcoxon, defaults: wilcoxonDefaults },
  "first-to-stop": { create: ({ rules }) => firstToStop(rulesOf(rules)), defaults: { rules: [] } },
  bohb: { create: bohb, defaults: bohbDefaults },
  "model-asha": { create: modelAsha, defaults: modelAshaDefaults },
  "freeze-thaw": { create: freezeThaw, defaults: freezeThawDefaults },
  pbt: { create: pbt, defaults: pbtDefaults },
  pb2: { create: pb2, defaults: pb2Defaults },
  none: { create: none, defaults: {} },
});

export const samplerNames: readonly string[] = Object.freeze(Object.keys(samplers));
export const schedulerNames: readonly string[] = Object.freeze(Object.keys(schedulers));

/** @throws {TunesmithError} `invalid-input` for an unknown name, an unknown option, or an option outside its range. */
export function createSampler(spec: Spec): Sampler {
  return create("sampler", samplers, spec);
}

/** @throws {TunesmithError} `invalid-input` for an unknown name, an unknown option, or an option outside its range. */
export function createScheduler(spec: Spec): AnyScheduler {
  return create("scheduler", schedulers, spec);
}

function rulesOf(specs: Json | undefined): readonly Scheduler[] {
  if (Array.isArray(specs)) return specs.map((spec) => ruleOf(spec as Spec));
  const message = "missing; allowed: a list of schedulers";
  throw new TunesmithError("invalid-input", `first-to-stop: rules ${message}`, [{ path: "rules", message }]);
}

function ruleOf(spec: Spec): Scheduler {
  const rule = createScheduler(spec);
  if (!isDriving(rule)) return rule;
  const message = `${rule.type} drives the whole study; allowed: schedulers that only say how long trials train`;
  throw new TunesmithError("invalid-input", `first-to-stop: ${message}`, [{ path: "rules", message }]);
}

function create<T extends object>(what: string, entries: Readonly<Record<string, Entry<T>>>, spec: Spec): T {
  const { type, ...options } = typeof spec === "string" ? { type: spec } : spec;
  const name = typeof type === "string" ? type : JSON.stringify(type ?? null);
  if (!Object.hasOwn(entries, name)) throw unknownName(what, what, name, Object.keys(entries));
  const { create, defaults } = entries[name];
  const known = Object.keys(defaults);
  for (const option of Object.keys(options)) {
    if (!known.includes(option)) throw unknownName(`${what}.${option}`, `option of ${name}`, option, known);
  }
  return create(options);
}

function unknownName(path: string, what: string, found: string, allowed: readonly string[]): TunesmithError {
  const list = allowed.length === 0 ? "it has none" : `allowed: ${allowed.join(", ")}`;
  const message = `${JSON.stringify(found)} is no ${what}${didYouMean(found, allowed)}; ${list}`;
  return new TunesmithError("invalid-input", `${path}: ${message}`, [{ path, message }]);
}
