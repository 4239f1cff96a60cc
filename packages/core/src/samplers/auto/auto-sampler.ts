import type { JsonObject } from "../../json.ts";
import type { History } from "../../trial/history.ts";
import type { Problem } from "../../trial/problem.ts";
import type { Sampler, SuggestContext, Suggestion } from "../sampler.ts";
import { startsWithDefaults } from "../starts-with-defaults.ts";
import { type Choice, designSize, type EngineName, engineOrder } from "./engine-order.ts";
import { OwnNotes } from "./own-notes.ts";
import { progressOf } from "./progress.ts";
import { refine } from "./refine.ts";

/**
 * Samplers by the name that `auto` knows them by; those that are left out are passed over. `random` serves every problem. How many trials
 * come before its model is for `auto` to tell `gp`.
 */
export type Engines = {
  readonly random: () => Sampler;
  readonly gp?: (options: { readonly startupCount: number }) => Sampler;
} & Partial<Readonly<Record<Exclude<SamplerName, "gp" | "random">, () => Sampler>>>;

/** All but the one that is part of this folder. */
type SamplerName = Exclude<EngineName, "refine">;

const lastResorts: readonly Choice[] = [
  { engine: "tpe", reason: "model" },
  { engine: "random", reason: "model" },
];

/**
 * Chooses the sampler for each trial: by the shape of the problem, the budget, and the number of results (`engineOrder`).
 *
 * The very first trial takes the declared defaults if every parameter declares one. Every other suggestion says in `why` which sampler gave it (`sampler`) and why that one was asked (`choice`), beside that sampler's own words.
 * One that throws is passed over, which the note records: a suggestion never fails. All samplers learn from all trials.
 * Each draws as it would alone (its purposes name it, so that no two share a stream): until another has had a turn, a study looks the same.
 */
export function auto(engines: Engines): Sampler {
  const made = new Map<string, Sampler>();
  const views = new WeakMap<History, Map<EngineName, History>>();

  function samplerOf(name: SamplerName, problem: Problem): Sampler | null {
    const startupCount = designSize(problem);
    const key = name === "gp" ? `gp ${startupCount}` : name;
    const known = made.get(key);
    if (known !== undefined) return known;
    const sampler = name === "gp" ? engines.gp?.({ startupCount }) : engines[name]?.();
    if (sampler === undefined) return null;
    made.set(key, sampler);
    return sampler;
  }

  /** One view for as long as the history lives: samplers keep caches by it. */
  function viewOf(history: History, name: EngineName): History {
    const known = views.get(history) ?? new Map<EngineName, History>();
    views.set(history, known);
    const view = known.get(name) ?? new OwnNotes(history, name);
    known.set(name, view);
    return view;
  }

  function ask(problem: Problem, history: History, context: SuggestContext, name: EngineName): Suggestion | null | "passed" {
    const own = viewOf(history, name);
    if (name === "refine") return refine(problem, own, context) ?? "passed";
    const sampler = samplerOf(name, problem);
    if (sampler === null || sampler.refuse(problem) !== null) return "passed";
    const suggested = sampler.suggest(problem, own, context);
    if (suggested instanceof Promise) throw new TypeError(`${name} answers later; auto asks only samplers that answer at once`);
    return suggested;
  }

  return {
    type: "auto",
    version: 3,
    options: {},
    refuse: () => null,
    suggest(problem, history, context) {
      const { space } = problem;
      if (startsWithDefaults(space, history, context)) return { config: space.defaults(), why: { code: "defaults" } };
      const asked = new Set<EngineName>();
      const failed: string[] = [];
      for (const { engine, reason } of [
        ...engineOrder(problem, progressOf(problem, history, context.trialNumber)),
        ...lastResorts,
      ]) {
        if (asked.has(engine)) continue;
        asked.add(engine);
        try {
          const suggestion = ask(problem, history, context, engine);
          if (suggestion === "passed") continue;
          return suggestion === null ? null : signed(suggestion, engine, failed.length > 0 ? "fallback" : reason, failed);
        } catch {
          failed.push(engine);
        }
      }
      throw new Error(`none of ${failed.join(", ")} could suggest a config`);
    },
  };
}

function signed({ config, why, note }: Suggestion, engine: EngineName, choice: string, failed: readonly string[]): Suggestion {
  const auto: JsonObject = { engine, note: note ?? null, failed };
  return { config, why: { ...why, sampler: engine, choice }, note: auto };
}
