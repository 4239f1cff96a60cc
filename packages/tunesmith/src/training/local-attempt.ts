import { type FSWatcher, watch } from "node:fs";
import { resolve } from "node:path";
import {
  type Decision,
  type Job,
  type JobListener,
  type Metrics,
  type Outcome,
  type Report,
  type StopReason,
  TunesmithError,
  type Why,
  webHost,
} from "@tunesmith/core";
import type { Agent } from "./agent.ts";
import {
  type AttemptFolder,
  type AttemptParams,
  argsFileOf,
  attemptFolder,
  paramsFileOf,
  publishDecision,
  type TextFile,
} from "./attempt-folder.ts";
import { failed, failureOf, formatBytes, type ProcessExit, resultOf } from "./attempt-outcome.ts";
import { type AttemptOutput, createAttemptOutput } from "./attempt-output.ts";
import { type CheckpointKeeper, createCheckpointKeeper, type UsableCheckpoint, usableCheckpoint } from "./checkpoint-keeper.ts";
import type { KeepRule } from "./checkpoint-retention.ts";
import type { CommandTemplate } from "./command-line.ts";
import type { MemoryWatch } from "./memory-watch.ts";
import { createRecordedSteps } from "./recorded-steps.ts";
import { createReportPump, type ReportPump } from "./report-pump.ts";
import { shellVariables } from "./shell-variables.ts";
import { attemptEnvironment, attemptMarker, type Environment } from "./training-environment.ts";
import type { TrainingOptions } from "./training-options.ts";
import { startTraining, type TrainingProcess } from "./training-process.ts";

/** What all attempts of an engine share. */
export interface AttemptSurroundings {
  readonly home: string;
  readonly training: TrainingOptions;
  readonly command: CommandTemplate;
  readonly evaluate: CommandTemplate | null;
  readonly metricsFile: CommandTemplate | null;
  readonly keep: KeepRule;
  readonly agent: Agent;
  readonly memoryWatch: MemoryWatch;
  readonly systemRanOutOfMemory: () => boolean;
  readonly isPinned: (location: string) => boolean;
  readonly onNotice: (ref: Job["ref"], message: string) => void;
}

/** One attempt as local processes. */
export interface LocalAttempt {
  /** Resolves after `onEnd` has; never rejects. Where the environment is that of its slot. */
  run(environment: Environment): Promise<void>;
  /** Asks it to leave. Only the first reason counts. */
  stop(reason: StopReason, graceMs?: number): void;
  hurry(): void;
  /** Checkpoint that it reads while it runs. */
  readonly resumedFrom: string | null;
}

/** R6: the processes of a stale attempt are gone within 5 s. */
const staleGraceMs = 3_000;

/** What ends within this time needs nobody to watch its files, and is spared the cost. */
const watchDelayMs = 50;
/** A checkpoint goes on record after the report of its step; most a report takes from the training to the store. */
const reportPatienceMs = 3_000;

/** Without a reason of ours, every abort would build an exception with its stack. */
const noReason = "over";

export function createLocalAttempt(surroundings: AttemptSurroundings, job: Job, listener: JobListener): LocalAttempt {
  return new ProcessAttempt(surroundings, job, listener);
}

/** An end that is not the process's own doing: what to report, given what is known by then. */
type Ending = () => Outcome;

class ProcessAttempt implements LocalAttempt {
  readonly #shared: AttemptSurroundings;
  readonly #job: Job;
  readonly #listener: JobListener;
  #paths: AttemptFolder | null = null;
  /** To be written before the next command starts. */
  readonly #files: TextFile[] = [];
  readonly #pump: ReportPump;
  readonly #over = new AbortController();
  readonly #recorded = createRecordedSteps(reportPatienceMs);
  #output: AttemptOutput | null = null;
  #process: TrainingProcess | null = null;
  #keeper: CheckpointKeeper | null = null;
  #saveWatcher: FSWatcher | null = null;
  #resume: UsableCheckpoint | null = null;
  #ending: Ending | null = null;
  #endingGraceMs: number | null = null;
  #hurried = false;
  #startedAt = performance.now();
  #decisionCount = 0;
  #best: { readonly step: number; readonly value: number } | null = null;

  constructor(shared: AttemptSurroundings, job: Job, listener: JobListener) {
    this.#shared = shared;
    this.#job = job;
    this.#listener = listener;
    this.#pump = createReportPump({
      send: async (reports) => {
        const decision = await this.#listener.onReport(reports);
        this.#recorded.reached(Math.max(...reports.map(({ step }) => step)));
        return decision;
      },
      onDecision: (decision, newest) => this.#decided(decision, newest),
      onRefused: (error) => this.#refused(error),
      onPressure: (tooMany) => this.#hold(tooMany),
    });
  }

  /** Made when first needed, by `run`, so that whatever is wrong with it is an outcome. */
  get #folder(): AttemptFolder {
    this.#paths ??= attemptFolder(this.#shared.home, this.#job.ref);
    return this.#paths;
  }

  get resumedFrom(): string | null {
    return this.#resume?.location ?? null;
  }

  async run(environment: Environment): Promise<void> {
    const outcome = await this.#execute(environment).catch((error: unknown) =>
      failed(error instanceof TunesmithError ? "exit" : "infra", messageOf(error)),
    );
    this.#over.abort(noReason);
    this.#saveWatcher?.close();
    await this.#output?.close().catch(() => undefined);
    // The loop answers for what it does with an outcome; there is nobody left here to tell.
    await this.#listener.onEnd(outcome).catch((error: unknown) => this.#shared.onNotice(this.#job.ref, messageOf(error)));
  }

  stop(reason: StopReason, graceMs = this.#shared.training.graceMs): void {
    const limitMs = reason === "stale" ? Math.min(graceMs, staleGraceMs) : graceMs;
    this.#end(() => this.#outcomeOfStop(reason), limitMs);
  }

  hurry(): void {
    this.#hurried = true;
    if (this.#endingGraceMs !== null) this.#process?.hurry();
  }

  async #execute(environment: Environment): Promise<Outcome> {
    const early = this.#decidedOutcome();
    if (early !== null) return early;
    const { ref, checkpoint } = this.#job;
    if (checkpoint !== null) await this.#chooseCheckpoint(checkpoint);
    const meanwhile = this.#decidedOutcome();
    if (meanwhile !== null) return meanwhile;
    this.#files.push(paramsFileOf(this.#folder, this.#params()));
    this.#keeper = this.#newKeeper();
    const marker = attemptMarker(ref, this.#shared.agent.nonce);
    this.#output = this.#newOutput(environment);
    const failure = await this.#runCommand(this.#shared.command, environment, marker, this.resumedFrom, "");
    const second = this.#shared.evaluate;
    if (failure !== null || second === null || this.#ending !== null) return this.#conclude(failure);
    const newest = this.#keeper.newest()?.location ?? this.resumedFrom;
    return this.#conclude(await this.#runCommand(second, environment, marker, newest, "evaluate: "));
  }

  #conclude(failure: Outcome | null): Outcome {
    return this.#decidedOutcome() ?? failure ?? this.#result();
  }

  /** The outcome that was decided from outside, or null. */
  #decidedOutcome(): Outcome | null {
    return this.#ending === null ? null : this.#ending();
  }

  #result(): Outcome {
    const metrics = this.#output?.metrics ?? {};
    // One that resumed at its very end has nothing left to say: what it reported before is on record, and the loop takes that.
    if (this.resumedFrom !== null && Object.keys(metrics).length === 0) return { kind: "complete", metrics };
    return resultOf(metrics, this.#shared.training.objectiveNames, () => this.#output?.missing() ?? "it was never started");
  }

  /** Runs one command to its end and takes in all it said. @returns Its failure, or null. */
  async #runCommand(
    template: CommandTemplate,
    environment: Environment,
    marker: string,
    checkpoint: string | null,
    stage: string,
  ): Promise<Outcome | null> {
    const { training, agent } = this.#shared;
    const params = training.shell ? shellVariables(this.#job.config) : {};
    const env = { ...environment, ...params, ...attemptEnvironment(this.#job, this.#folder, marker, checkpoint) };
    const elements = template.expand(this.#macroValues(environment, checkpoint));
    const isTraining = stage === "";
    const process = startTraining({
      spawner: agent.spawner,
      elements,
      workdir: training.workdir,
      env,
      marker,
      folder: isTraining ? this.#folder.saveDir : null,
      files: this.#files.splice(0),
      onStarted: ({ pid }) => {
        agent.started(pid);
        if (isTraining) this.#after(watchDelayMs, this.#over.signal, () => this.#watch());
      },
      onOutput: (chunk, stream) => this.#output?.take(chunk, stream),
    });
    this.#process = process;
    if (this.#endingGraceMs !== null) process.end(this.#endingGraceMs);
    const takeOffLimits = this.#limit(process);
    const target = isTraining ? this.#endAtTarget(process) : null;
    const exit = await process.ended;
    takeOffLimits();
    target?.takeOff();
    if (process.root !== null) agent.gone(process.root.pid);
    this.#process = null;
    await this.#settle();
    return target?.isReached() ? null : this.#failureOf(exit, stage);
  }

  async #settle(): Promise<void> {
    await this.#output?.endStage();
    await this.#pump.drained();
    this.#recorded.close();
    await this.#keeper?.lookFinally().catch((error: unknown) => this.#refused(error));
  }

  #failureOf(exit: ProcessExit, stage: string): Outcome | null {
    return failureOf({
      exit,
      stage,
      failureLine: () => this.#output?.failureLine() ?? { message: undefined, outOfMemory: false },
      systemRanOutOfMemory: this.#shared.systemRanOutOfMemory,
    });
  }

  // ── ends that are not the process's own ──

  #end(ending: Ending, graceMs: number): void {
    if (this.#ending !== null && this.#endingGraceMs !== null) return;
    this.#ending ??= ending;
    this.#endingGraceMs = graceMs;
    this.#process?.end(graceMs);
    if (this.#hurried) this.#process?.hurry();
  }

  #outcomeOfStop(reason: StopReason): Outcome {
    switch (reason) {
      case "stopped":
        return this.#stopped({ code: "stopped" });
      case "paused":
        return { kind: "paused" };
      case "cancelled":
        return { kind: "cancelled" };
      case "released":
        return { kind: "released", reason: "preempted" };
      case "stale":
        return { kind: "released", reason: "lease_lost" };
    }
  }

  #stopped(why: Why): Outcome {
    const output = this.#output;
    return { kind: "stopped", why, metrics: output?.hasMetrics ? output.metrics : null };
  }

  #limit(process: TrainingProcess): () => void {
    const { limits, graceMs } = this.#shared.training;
    const over = new AbortController();
    const leftMs = limits.trialTimeMs === null ? null : limits.trialTimeMs - (performance.now() - this.#startedAt);
    if (leftMs !== null)
      this.#after(leftMs, over.signal, () =>
        this.#end(() => failed("timeout", `ran longer than ${(limits.trialTimeMs ?? 0) / 1000} s`), graceMs),
      );
    const limitBytes = limits.trialMemoryBytes;
    const takeOff =
      limitBytes === null
        ? () => undefined
        : this.#shared.memoryWatch.add({
            tree: process.tree,
            limitBytes,
            onOver: (usedBytes) =>
              this.#end(
                () =>
                  failed("oom", `used ${formatBytes(usedBytes)} of memory, more than the limit of ${formatBytes(limitBytes)}`),
                graceMs,
              ),
          });
    return () => {
      over.abort(noReason);
      takeOff();
    };
  }

  #after(delayMs: number, signal: AbortSignal, act: () => void): void {
    void webHost()
      .sleep(Math.max(0, delayMs), signal)
      .then(() => {
        if (!signal.aborted) act();
      });
  }

  /** A training measured in seconds is ended at its target, since it knows of none; that is a success. */
  #endAtTarget(process: TrainingProcess): { takeOff(): void; isReached(): boolean } | null {
    const { training } = this.#shared;
    const { target } = this.#job;
    if (training.fidelity?.unit !== "time" || target === null) return null;
    const over = new AbortController();
    let reached = false;
    this.#after((target - this.#trainedSeconds()) * 1000, over.signal, () => {
      reached = true;
      process.end(training.graceMs);
    });
    return { takeOff: () => over.abort(noReason), isReached: () => reached };
  }

  // ── reports and decisions ──

  #reported(step: number, metrics: Metrics): void {
    const { objectiveNames, goal } = this.#shared.training;
    const value = goal === "minimize" ? metrics[objectiveNames[0]] : -metrics[objectiveNames[0]];
    if (this.#best === null || value < this.#best.value) this.#best = { step, value };
    this.#pump.push({ step, fidelity: this.#fidelityOf(step), metrics });
  }

  #fidelityOf(step: number): number {
    switch (this.#shared.training.fidelity?.unit ?? "steps") {
      case "steps":
        return step;
      case "time":
        return this.#trainedSeconds();
      case "value":
        return this.#job.target ?? step;
    }
  }

  #trainedSeconds(): number {
    return (this.#resume?.trainedSeconds ?? 0) + (performance.now() - this.#startedAt) / 1000;
  }

  #decided(decision: Decision, newest: Report): void {
    const usesClient = this.#output?.usesClient ?? false;
    if (usesClient) this.#publish(decision, newest);
    if (decision.kind === "continue" || this.#ending !== null) return;
    this.#pump.close();
    this.#ending = () => (decision.kind === "pause" ? { kind: "paused" } : this.#stopped(decision.why));
    const { graceMs } = this.#shared.training;
    // Who uses the client reads the decision and leaves; the signal is for who does not.
    if (usesClient) this.#after(graceMs, this.#over.signal, () => this.#end(() => ({ kind: "paused" }), graceMs));
    else this.#end(this.#ending, graceMs);
  }

  #publish(decision: Decision, newest: Report): void {
    this.#decisionCount += 1;
    const why = decision.kind === "continue" ? undefined : decision.why;
    const { kind } = decision;
    try {
      publishDecision(this.#folder, {
        step: newest.step,
        decision: kind,
        rule: why?.code ?? null,
        seq: this.#decisionCount,
        why,
      });
    } catch (error) {
      this.#shared.onNotice(this.#job.ref, `the decision could not be published: ${messageOf(error)}`);
    }
  }

  #refused(error: unknown): void {
    if (error instanceof TunesmithError && error.code === "stale-attempt") this.stop("stale");
    else
      this.#end(
        () => failed("infra", `its reports could not be put on record: ${messageOf(error)}`),
        this.#shared.training.graceMs,
      );
  }

  #hold(held: boolean): void {
    this.#process?.holdOutput(held);
    this.#output?.hold(held);
  }

  // ── checkpoints ──

  async #chooseCheckpoint(wanted: NonNullable<Job["checkpoint"]>): Promise<void> {
    this.#resume = await usableCheckpoint(wanted);
    if (this.#resume?.step === wanted.step) return;
    const instead = this.#resume === null ? "starting from the beginning" : `continuing from step ${this.#resume.step}`;
    this.#shared.onNotice(this.#job.ref, `the checkpoint ${wanted.location} is damaged or gone: ${instead}`);
  }

  #newKeeper(): CheckpointKeeper {
    return createCheckpointKeeper({
      saveDir: this.#folder.saveDir,
      rule: this.#shared.keep,
      register: async (checkpoint) => {
        await this.#recorded.wait(checkpoint.step);
        await this.#listener.onCheckpoint(checkpoint);
      },
      forget: (checkpoint) => this.#listener.onCheckpointDropped(checkpoint),
      onRefused: (_, message) => this.#shared.onNotice(this.#job.ref, message),
      trainedSeconds: () => this.#trainedSeconds(),
      bestStep: () => this.#best?.step ?? null,
      isPinned: this.#shared.isPinned,
    });
  }

  /** What was written before is looked for at once. */
  #watch(): void {
    this.#output?.watch();
    try {
      this.#saveWatcher = watch(this.#folder.saveDir, { persistent: false }, () => this.#lookForCheckpoints());
      this.#saveWatcher.on("error", () => this.#saveWatcher?.close());
    } catch {
      // No watches left: checkpoints are found when the process has ended.
    }
    this.#lookForCheckpoints();
  }

  #lookForCheckpoints(): void {
    void this.#keeper?.look().catch((error: unknown) => this.#refused(error));
  }

  // ── what the process is given ──

  #params(): AttemptParams {
    const { ref, config, seed, fold, target, maxFidelity, decisionFidelities } = this.#job;
    const { trial, replicate, attempt } = ref;
    return {
      params: config,
      trial,
      replicate,
      attempt,
      seed,
      fold,
      fidelity: target,
      fidelity_max: maxFidelity,
      decision_steps: decisionFidelities,
      objectives: this.#shared.training.objectiveNames,
    };
  }

  #newOutput(environment: Environment): AttemptOutput {
    const { training, metricsFile } = this.#shared;
    const named = metricsFile?.expand(this.#macroValues(environment, this.resumedFrom))[0] ?? null;
    this.#startedAt = performance.now();
    return createAttemptOutput({
      folder: this.#folder,
      training,
      metricsFile: named === null ? null : resolve(training.workdir, named),
      afterStep: this.#resume?.step ?? 0,
      onReport: (step, metrics) => this.#reported(step, metrics),
    });
  }

  #macroValues(env: Environment, checkpoint: string | null): Parameters<CommandTemplate["expand"]>[0] {
    const { ref, config, seed, fold, target } = this.#job;
    return {
      params: config,
      trial: ref.trial,
      seed,
      fold,
      fidelity: target,
      checkpoint,
      env,
      argsJsonFile: () => {
        this.#files.push(argsFileOf(this.#folder, config));
        return this.#folder.argsFile;
      },
    };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
