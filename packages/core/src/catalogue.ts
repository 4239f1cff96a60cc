import type { Json, JsonObject } from "./json.ts";
import { didYouMean } from "./parameters/nearest-name.ts";
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
import { none } from "./schedulers/none.ts";
import type { Scheduler } from "./schedulers/scheduler.ts";
import { firstToStop } from "./schedulers/stopping/first-to-stop.ts";
import { median, medianDefaults } from "./schedulers/stopping/median.ts";
import { patience, patienceDefaults } from "./schedulers/stopping/patience.ts";
import { percentile, percentileDefaults } from "./schedulers/stopping/percentile.ts";
import { threshold, thresholdDefaults } from "./schedulers/stopping/threshold.ts";
import { wilcoxon, wilcoxonDefaults } from "./schedulers/stopping/wilcoxon.ts";
import { TunesmithError } from "./tunesmith-error.ts";

/** A name, or a name with options as in a study file. */
export type Spec = string | JsonObject;

/** What a name stands for. `notice` is a message code when it is not quite what the name says, else null. */
export type Catalogued<T> = T & { readonly notice: string | null };

interface Entry<T> {
  readonly create: (options: JsonObject) => T;
  /** Names of the options and their defaults. */
  readonly defaults: object;
  readonly notice?: string;
}

// How many trials come before a model is asked is for `auto` to say.
const engines: Engines = Object.freeze({
  "cma-es": cmaEs,
  gp: () => gp({ startupCount: 1 }),
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

const schedulers: Readonly<Record<string, Entry<Scheduler>>> = Object.freeze({
  auto: { create: asha, defaults: ashaDefaults },
  asha: { create: asha, defaults: ashaDefaults },
  hyperband: { create: asha, defaults: ashaDefaults, notice: "scheduler-hyperband-is-asha" },
  median: { create: median, defaults: medianDefaults },
  percentile: { create: percentile, defaults: percentileDefaults },
  threshold: { create: threshold, defaults: thresholdDefaults },
  patience: { create: patience, defaults: patienceDefaults },
  wilcoxon: { create: wilcoxon, defaults: wilcoxonDefaults },
  "first-to-stop": { create: ({ rules }) => firstToStop(rulesOf(rules)), defaults: { rules: [] } },
  none: { create: none, defaults: {} },
});

export const samplerNames: readonly string[] = Object.freeze(Object.keys(samplers));
export const schedulerNames: readonly string[] = Object.freeze(Object.keys(schedulers));

/** @throws {TunesmithError} `invalid-input` for an unknown name, an unknown option, or an option outside its range. */
export function createSampler(spec: Spec): Catalogued<Sampler> {
  return create("sampler", samplers, spec);
}

/** @throws {TunesmithError} `invalid-input` for an unknown name, an unknown option, or an option outside its range. */
export function createScheduler(spec: Spec): Catalogued<Scheduler> {
  return create("scheduler", schedulers, spec);
}

function rulesOf(specs: Json | undefined): readonly Scheduler[] {
  if (Array.isArray(specs)) return specs.map((spec) => createScheduler(spec as Spec));
  const message = "missing; allowed: a list of schedulers";
  throw new TunesmithError("invalid-input", `first-to-stop: rules ${message}`, [{ path: "rules", message }]);
}

function create<T extends object>(what: string, entries: Readonly<Record<string, Entry<T>>>, spec: Spec): Catalogued<T> {
  const { type, ...options } = typeof spec === "string" ? { type: spec } : spec;
  const name = typeof type === "string" ? type : JSON.stringify(type ?? null);
  if (!Object.hasOwn(entries, name)) throw unknownName(what, what, name, Object.keys(entries));
  const { create, defaults, notice = null } = entries[name];
  const known = Object.keys(defaults);
  for (const option of Object.keys(options)) {
    if (!known.includes(option)) throw unknownName(`${what}.${option}`, `option of ${name}`, option, known);
  }
  return { ...create(options), notice };
}

function unknownName(path: string, what: string, found: string, allowed: readonly string[]): TunesmithError {
  const list = allowed.length === 0 ? "it has none" : `allowed: ${allowed.join(", ")}`;
  const message = `${JSON.stringify(found)} is no ${what}${didYouMean(found, allowed)}; ${list}`;
  return new TunesmithError("invalid-input", `${path}: ${message}`, [{ path, message }]);
}
