import type { AttemptRef, Engine, Job, JobListener, StopReason } from "@tunesmith/core";
import { TunesmithError } from "@tunesmith/core";
import type { Agent } from "./agent.ts";
import { parseKeep } from "./checkpoint-retention.ts";
import { type CommandTemplate, compileCommand } from "./command-line.ts";
import { type AttemptSurroundings, createLocalAttempt, type LocalAttempt } from "./local-attempt.ts";
import { createMemoryWatch, createOutOfMemoryProbe, type MemoryWatch } from "./memory-watch.ts";
import { createSlotPool, type Slot, type SlotPool } from "./slots.ts";
import { type Environment, slotEnvironment } from "./training-environment.ts";
import type { TrainingOptions } from "./training-options.ts";

export interface LocalEngineOptions {
  /** The home folder; attempts lie below it. */
  readonly home: string;
  readonly training: TrainingOptions;
  /** Where attempts run; a job without a free slot waits for one. */
  readonly slots: readonly Slot[];
  /** This process as an agent; the engine does not close it. */
  readonly agent: Agent;
  /** Folder that holds the Python client's package, put on PYTHONPATH; null without. */
  readonly pythonClientDir: string | null;
  /** Environment to hand on; default that of this process. */
  readonly inherited?: Environment;
  /** Whether something beyond running jobs needs a checkpoint (a registered model); default: nothing does. */
  readonly isPinned?: (location: string) => boolean;
  /** What is worth telling but fails no attempt: a refused checkpoint, say. Default: nobody is told. */
  readonly onNotice?: (ref: AttemptRef, message: string) => void;
}

/** After `close` a process has this long to leave. */
const closeGraceMs = 2_000;

/**
 * Runs attempts as processes of this machine.
 * @throws {TunesmithError} `invalid-input` if a command or `keepCheckpoints` is faulty.
 */
export function createLocalEngine(options: LocalEngineOptions): Engine {
  return new LocalEngine(options);
}

interface WaitingJob {
  readonly key: string;
  readonly attempt: LocalAttempt;
}

class LocalEngine implements Engine {
  readonly #surroundings: AttemptSurroundings;
  readonly #memoryWatch: MemoryWatch = createMemoryWatch();
  readonly #slots: SlotPool;
  readonly #environments: ReadonlyMap<Slot, Environment>;
  readonly #attempts = new Map<string, LocalAttempt>();
  readonly #runs = new Set<Promise<void>>();
  readonly #waiting: WaitingJob[] = [];

  constructor(options: LocalEngineOptions) {
    const { training, slots } = options;
    this.#slots = createSlotPool(slots);
    const inherited = {
      inherited: options.inherited ?? process.env,
      study: training.env,
      pythonClientDir: options.pythonClientDir,
    };
    this.#environments = new Map(slots.map((slot) => [slot, slotEnvironment(slot, inherited)]));
    this.#surroundings = {
      home: options.home,
      training,
      command: compileCommand(training.command, training, "command"),
      evaluate: training.evaluate === null ? null : compileCommand(training.evaluate, training, "evaluate"),
      metricsFile: metricsFileTemplate(training),
      keep: keepRule(training.keepCheckpoints),
      agent: options.agent,
      memoryWatch: this.#memoryWatch,
      systemRanOutOfMemory: createOutOfMemoryProbe(),
      isPinned: (location) => this.#isInUse(location) || (options.isPinned?.(location) ?? false),
      onNotice: options.onNotice ?? (() => undefined),
    };
  }

  start(job: Job, listener: JobListener): void {
    const key = keyOf(job.ref);
    const attempt = createLocalAttempt(this.#surroundings, job, listener);
    this.#attempts.set(key, attempt);
    this.#waiting.push({ key, attempt });
    this.#fillSlots();
  }

  stop(ref: AttemptRef, reason: StopReason): void {
    this.#stop(keyOf(ref), reason);
  }

  hurry(): void {
    for (const attempt of this.#attempts.values()) attempt.hurry();
  }

  async close(): Promise<void> {
    for (const key of [...this.#attempts.keys()]) this.#stop(key, "released", closeGraceMs);
    const timer = setTimeout(() => this.hurry(), closeGraceMs);
    while (this.#runs.size > 0) await Promise.all(this.#runs);
    clearTimeout(timer);
    this.#memoryWatch.close();
  }

  #stop(key: string, reason: StopReason, graceMs?: number): void {
    const attempt = this.#attempts.get(key);
    if (attempt === undefined) return;
    attempt.stop(reason, graceMs);
    // One that waits needs no slot to end.
    const at = this.#waiting.findIndex((waiting) => waiting.key === key);
    if (at >= 0) this.#run(this.#waiting.splice(at, 1)[0], {}, () => undefined);
  }

  #fillSlots(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const slot = this.#slots.take();
      if (slot === null) return;
      this.#waiting.shift();
      this.#run(next, this.#environments.get(slot) ?? {}, () => {
        this.#slots.giveBack(slot);
        this.#fillSlots();
      });
    }
  }

  #run({ key, attempt }: WaitingJob, environment: Environment, afterwards: () => void): void {
    const run = attempt.run(environment).then(() => {
      if (this.#attempts.get(key) === attempt) this.#attempts.delete(key);
      this.#runs.delete(run);
      afterwards();
    });
    this.#runs.add(run);
  }

  #isInUse(location: string): boolean {
    for (const attempt of this.#attempts.values()) if (attempt.resumedFrom === location) return true;
    return false;
  }
}

function metricsFileTemplate(training: TrainingOptions): CommandTemplate | null {
  if (training.metricsFile === null) return null;
  return compileCommand([training.metricsFile], { ...training, shell: false }, "metrics_file");
}

function keepRule(text: string) {
  const rule = parseKeep(text);
  if (rule === null)
    throw new TunesmithError(
      "invalid-input",
      `keep.checkpoints is ${JSON.stringify(text)}; allowed: all, none, best, last2, best+last2`,
    );
  return rule;
}

function keyOf(ref: AttemptRef): string {
  return `${ref.studyId}.${ref.trial}.${ref.replicate}.${ref.attempt}`;
}
