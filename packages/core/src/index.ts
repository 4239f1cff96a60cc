import { createSampler, createScheduler } from "./catalogue.ts";
import type { Host } from "./host.ts";
import { compose } from "./policies/compose.ts";
import { bindCatalogue, type Catalogue, policyMaker, type StudyMakers } from "./study/create-study.ts";

export { createSampler, createScheduler, type Spec, samplerNames, schedulerNames } from "./catalogue.ts";
export {
  type Abort,
  type AbortSignalLike,
  createAbort,
  type Host,
  type ObjectiveThread,
  type ThreadPort,
  webHost,
} from "./host.ts";
export {
  type Importance,
  type ImportanceOptions,
  type ImportanceWithheld,
  importance,
  importanceDefaults,
} from "./importance/importance.ts";
export { type ObjectiveImportance, type StudyImportanceOptions, studyImportance } from "./importance/study-importance.ts";
export { canonicalJson, fromWireNumber, type Json, type JsonObject, toWireNumber, type WireNumber } from "./json.ts";
export type { Checkpoint, Engine, Job, JobListener, StopReason } from "./loop/engine.ts";
export { exposeObjective } from "./loop/expose-objective.ts";
export { failureKind } from "./loop/failure-kind.ts";
export type { DecisionWord, ObjectiveResult, ObjectiveTrial } from "./loop/objective-trial.ts";
export { type ReplayDifference, type ReplayResult, replaySuggestions } from "./loop/replay.ts";
export { replicateSeeds } from "./loop/replicate-seeds.ts";
export { type LoopEnd, type LoopObserver, type LoopOptions, runLoop } from "./loop/run-loop.ts";
export type { SavedState } from "./loop/saved-state.ts";
export { type PolicyMaker, StudySession } from "./loop/study-session.ts";
export { lossOf, standardError } from "./loop/trial-result.ts";
export type { SuggestNumberOptions, ValueDrawer } from "./loop/value-drawer.ts";
export { createRng, type Rng } from "./numerics/rng.ts";
export * from "./parameters/build-parameter.ts";
export type { Condition } from "./parameters/condition.ts";
export { createSpace } from "./parameters/create-space.ts";
export { type Expression, parseExpression, violation } from "./parameters/expression.ts";
export { didYouMean, nearestName } from "./parameters/nearest-name.ts";
export type * from "./parameters/parameter.ts";
export { parametersJson } from "./parameters/parameters-json.ts";
export type { ParamsOf } from "./parameters/params-type.ts";
export type { Dimension, Space } from "./parameters/space.ts";
export { compose } from "./policies/compose.ts";
export { type AnyScheduler, confirmRefusal, type DrivingScheduler, isDriving } from "./policies/driving-scheduler.ts";
export { type BohbOptions, bohb } from "./policies/fidelity-view/bohb.ts";
export { type ModelAshaOptions, modelAsha } from "./policies/fidelity-view/model-asha.ts";
export { freezeThaw } from "./policies/freeze-thaw/freeze-thaw.ts";
export type { FreezeThawOptions } from "./policies/freeze-thaw/freeze-thaw-options.ts";
export { type Intent, type Policy, requireServing } from "./policies/policy.ts";
export { lineageOf, type ScheduleStretch, scheduleOf } from "./policies/population/lineage.ts";
export { type Pb2Options, pb2 } from "./policies/population/pb2.ts";
export { type PbtOptions, pbt } from "./policies/population/pbt.ts";
export { type CmaEsOptions, cmaEs, cmaEsDefaults } from "./samplers/cma-es/cma-es-sampler.ts";
export { type GpOptions, gp, gpDefaults } from "./samplers/gp/gp-sampler.ts";
export { grid, gridPointsWithin, gridSize } from "./samplers/grid.ts";
export { manual } from "./samplers/manual.ts";
export { nsga2 } from "./samplers/nsga/nsga2.ts";
export { nsga3 } from "./samplers/nsga/nsga3.ts";
export { qmc } from "./samplers/qmc.ts";
export { random } from "./samplers/random.ts";
export type { Sampler, SuggestContext, Suggestion } from "./samplers/sampler.ts";
export { tpe } from "./samplers/tpe/tpe-sampler.ts";
export { asha } from "./schedulers/asha.ts";
export { ashaPromotion } from "./schedulers/asha-promotion.ts";
export { hyperband } from "./schedulers/hyperband.ts";
export { none } from "./schedulers/none.ts";
export type { Scheduler } from "./schedulers/scheduler.ts";
export { firstToStop } from "./schedulers/stopping/first-to-stop.ts";
export { type MedianOptions, median } from "./schedulers/stopping/median.ts";
export { type PatienceOptions, patience } from "./schedulers/stopping/patience.ts";
export { type PercentileOptions, percentile } from "./schedulers/stopping/percentile.ts";
export { type ThresholdOptions, threshold } from "./schedulers/stopping/threshold.ts";
export { type WilcoxonOptions, wilcoxon } from "./schedulers/stopping/wilcoxon.ts";
export { type SuccessiveHalvingOptions, successiveHalving } from "./schedulers/successive-halving.ts";
export * from "./storage/attempt-rules.ts";
export * from "./storage/check-stored.ts";
export * from "./storage/content-key.ts";
export { createMemoryStorage } from "./storage/memory-storage.ts";
export { revisionEvents } from "./storage/revision-events.ts";
export { selectWindow, type WindowTrial } from "./storage/select-window.ts";
export type * from "./storage/storage.ts";
export { exportStudy, importStudy } from "./storage/study-json.ts";
export type { AskedTrial, TellResult } from "./study/ask.ts";
export { type Catalogue, type OpenOptions, policyMaker, type StudyOptions } from "./study/create-study.ts";
export { enqueueConfigs } from "./study/enqueue.ts";
export type { OptimizeOptions } from "./study/optimize.ts";
export { Study, type TrialView } from "./study/study.ts";
export type { Curve, History } from "./trial/history.ts";
export { HistoryRecorder } from "./trial/history-recorder.ts";
export type { Fidelity, Objective, Problem } from "./trial/problem.ts";
export { compileProblem, type ProblemSpec, problemJson } from "./trial/problem-json.ts";
export { type Budget, type StudySettings, studySettingsDefaults } from "./trial/study-settings.ts";
export type * from "./trial/trial.ts";
export { trialParams } from "./trial/trial-params.ts";
export {
  isTerminal,
  mayBecome,
  type TerminalState,
  type TrialState,
  trialStateCodes,
  trialStateOf,
} from "./trial/trial-state.ts";
export { isWindowRefresh, lastWindowRefresh, selectBest, windowSizes } from "./trial/window.ts";
export { type ErrorCode, type Fault, TunesmithError, throwFaults } from "./tunesmith-error.ts";

/** Every sampler, scheduler and way to join them that comes with Tunesmith. */
export const catalogue: Catalogue = Object.freeze({ createSampler, createScheduler, compose });

/** The policy that a study's settings name, from everything that comes with Tunesmith. */
export const cataloguePolicy = policyMaker(catalogue);

const makers = bindCatalogue(catalogue);
/** Makes a study, in memory unless `storage` says otherwise. */
export const createStudy = makers.createStudy;
/** Continues a study exactly from what `study.toJSON()` gave. */
export const openStudy = makers.openStudy;
/** `createStudy` and `openStudy` with another default host. */
export function studyMakersFor(platformHost: () => Host): StudyMakers {
  return bindCatalogue(catalogue, platformHost);
}
