import type { JsonObject } from "../json.ts";
import { createRng } from "../numerics/rng.ts";
import type { Config } from "../parameters/parameter.ts";
import type { Intent, Policy } from "../policies/policy.ts";
import type { SuggestContext } from "../samplers/sampler.ts";
import type { TrialDraft } from "../storage/storage.ts";
import type { Problem } from "../trial/problem.ts";
import type { AttemptRef, Trial } from "../trial/trial.ts";
import type { Checkpoint, Job } from "./engine.ts";
import { replicateSeeds } from "./replicate-seeds.ts";

/** What a sampler gets for a trial: its random streams depend on seed, number and purpose only. */
export function suggestContext({ seed }: Problem, trialNumber: number, fixed: Config): SuggestContext {
  return { trialNumber, fixed, rng: (purpose) => createRng(seed, trialNumber, purpose) };
}

/** A suggestion as it goes on record, claimed at once. */
export function trialDraft(
  problem: Problem,
  historySeq: number,
  { suggestion, target, bracket }: Omit<Extract<Intent, { kind: "start" }>, "kind">,
  trialNumber: number,
  origin: Pick<Trial, "source" | "fixed">,
): TrialDraft {
  return {
    config: suggestion.config,
    revision: problem.revision,
    historySeq,
    ...origin,
    why: suggestion.why,
    note: (suggestion.note ?? null) as JsonObject | null,
    bracket,
    target,
    seeds: replicateSeeds(problem, trialNumber),
    begin: "claimed",
  };
}

/** A claimed attempt as an engine gets it. */
export function attemptJob(
  problem: Problem,
  policy: Policy,
  ref: AttemptRef,
  { config, suggested, bracket, replicates }: Trial,
  checkpoint: Checkpoint | null,
): Job {
  const { seed, confirm, target } = replicates[ref.replicate];
  const maxFidelity = problem.fidelity?.max ?? null;
  return {
    ref,
    config,
    suggested: suggested ?? {},
    seed,
    fold: problem.replicates.kind === "folds" && !confirm ? ref.replicate : null,
    target: confirm ? maxFidelity : target,
    maxFidelity,
    checkpoint,
    decisionFidelities: confirm ? [] : policy.decisionFidelities(problem, bracket),
    confirm,
  };
}
