import type { Json } from "../json.ts";
import type { Job } from "../loop/engine.ts";
import type { NextStep } from "../loop/job-source.ts";
import { namedMetrics } from "../loop/named-metrics.ts";
import type { DecisionWord } from "../loop/objective-trial.ts";
import { reportFidelity } from "../loop/report-fidelity.ts";
import { createStateSaver, type SavedState, savedStateOf } from "../loop/saved-state.ts";
import { createValueDrawer, type ValueDrawer } from "../loop/value-drawer.ts";
import type { Config } from "../parameters/parameter.ts";
import type { Metrics, Outcome, Trial } from "../trial/trial.ts";
import { TunesmithError, throwFaults } from "../tunesmith-error.ts";
import { requireOpen, type StudyParts } from "./study-parts.ts";

/** A trial that the caller trains by itself and then tells. */
export interface AskedTrial<Params> extends ValueDrawer {
  readonly number: number;
  readonly params: Params;
  readonly seed: number;
  /** Which of the trial's runs; 0 without folds or repeats. */
  readonly replicate: number;
  /** Fold from 0, or null without folds. */
  readonly fold: number | null;
  readonly target: number | null;
  report(step: number, metrics: Metrics | number): Promise<DecisionWord>;
  /** See `ObjectiveTrial`. */
  checkpoint(): SavedState | null;
  saveCheckpoint(step: number, state: Json): Promise<void>;
}

export type TellResult = number | Metrics | { readonly failed: string };

/** What names an asked trial; without `replicate` its first run that is not told yet. */
export type ToldTrial = number | { readonly number: number; readonly replicate?: number };

export async function ask<Params>(parts: StudyParts, fixed: Config | undefined): Promise<AskedTrial<Params>> {
  const { session, asked, host } = parts;
  requireOpen(parts);
  if (fixed !== undefined) throwFaults("ask", session.problem.space.checkPartial(fixed));
  const next = await session.ask(fixed ?? {});
  if (next.kind !== "job") throw new TunesmithError("budget-spent", nothingToAsk(session.record.name, next));
  const { job, decided } = next;
  if (decided !== null) {
    await session.end(job, { kind: "released", reason: "lease_lost" }, decided);
    return ask(parts, fixed);
  }
  const drawn: Promise<void>[] = [];
  asked.set(job, drawn);
  const startedMs = host.monotonicMs();
  return {
    number: job.ref.trial,
    params: job.config as unknown as Params,
    seed: job.seed,
    replicate: job.ref.replicate,
    fold: job.fold,
    target: job.target,
    ...valueDrawer(parts, job, drawn),
    checkpoint: () => savedStateOf(job.checkpoint),
    saveCheckpoint: stateSaver(parts, job),
    async report(step, said) {
      const metrics = metricsOf(parts, said);
      const fidelity = reportFidelity(session.problem.fidelity?.unit ?? null, step, job.target, host.monotonicMs() - startedMs);
      return (await session.report(job, [{ step, fidelity, metrics }])).kind;
    },
  };
}

export async function tell(parts: StudyParts, told: ToldTrial, result: TellResult | undefined): Promise<Trial> {
  requireOpen(parts);
  const { number, replicate } = typeof told === "number" ? { number: told } : { ...told };
  const isTold = ({ ref }: Job): boolean => ref.trial === number && (replicate === undefined || ref.replicate === replicate);
  const job = firstOf(parts.asked.keys(), isTold);
  if (job === undefined) throw new TunesmithError("wrong-state", `trial ${number} was not asked for, or is told already`);
  await Promise.all(parts.asked.get(job) ?? []);
  const { trial } = await parts.session.end(job, outcomeOf(parts, result), null);
  parts.asked.delete(job);
  parts.session.announce();
  return trial;
}

function firstOf<Item>(items: Iterable<Item>, fits: (item: Item) => boolean): Item | undefined {
  for (const item of items) if (fits(item)) return item;
  return undefined;
}

/** @param drawn  Takes in the writes; told of their faults is who tells the trial. */
function valueDrawer({ session }: StudyParts, { ref, config, suggested }: Job, drawn: Promise<void>[]): ValueDrawer {
  const { defineByRun, seed } = session.problem;
  return createValueDrawer({
    trialNumber: ref.trial,
    known: [config, suggested],
    seed: defineByRun ? seed : null,
    record(values) {
      const recorded = session.storage.recordValues(ref, values);
      recorded.catch(() => {});
      drawn.push(recorded);
    },
  });
}

function stateSaver({ session }: StudyParts, job: Job): AskedTrial<unknown>["saveCheckpoint"] {
  const save = createStateSaver({
    onCheckpoint: (checkpoint) => session.checkpoint(job, checkpoint),
    onCheckpointDropped: (checkpoint) => session.dropCheckpoint(job, checkpoint),
  });
  return (step, state) => save({ step, state });
}

function nothingToAsk(name: string, next: Exclude<NextStep, { kind: "job" }>): string {
  if (next.kind === "finish") return `${name} has nothing left to try: ${next.cause}`;
  return `${name} has nothing to try now: it waits for trials that run, or for one to be enqueued`;
}

function outcomeOf(parts: StudyParts, result: TellResult | undefined): Outcome {
  if (result === undefined) return { kind: "complete", metrics: {} };
  if (typeof result === "object" && "failed" in result && typeof result.failed === "string")
    return { kind: "failed", reason: "error", message: result.failed };
  return { kind: "complete", metrics: metricsOf(parts, result) };
}

/** @throws {TunesmithError} `invalid-input`. */
function metricsOf({ session }: StudyParts, said: unknown): Metrics {
  try {
    return namedMetrics(
      said,
      session.problem.objectives.map(({ name }) => name),
    );
  } catch (error) {
    throw new TunesmithError("invalid-input", (error as TypeError).message);
  }
}
