import { type ObjectiveImportance, type StudyImportanceOptions, studyImportance } from "../importance/study-importance.ts";
import type { Json, JsonObject } from "../json.ts";
import type { Objective } from "../loop/objective-trial.ts";
import type { LoopEnd } from "../loop/run-loop.ts";
import type { Config, Parameters } from "../parameters/parameter.ts";
import type { ParamsOf } from "../parameters/params-type.ts";
import type { StudyState } from "../storage/storage.ts";
import { exportStudy } from "../storage/study-json.ts";
import type { Trial } from "../trial/trial.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import { type AskedTrial, ask, type TellResult, type ToldTrial, tell } from "./ask.ts";
import { enqueue } from "./enqueue.ts";
import { type ObjectiveSource, type OptimizeOptions, optimize } from "./optimize.ts";
import type { StudyParts } from "./study-parts.ts";

/** A finished trial as a library user sees it. */
export interface TrialView<Params> {
  readonly number: number;
  readonly params: Params;
  /** Of the first objective, in the user's own sign. */
  readonly value: number;
  readonly values: readonly number[];
}

/** One search for good parameters. Made by `createStudy` or `openStudy`; its only runner while open. */
export class Study<P extends Parameters = Parameters> {
  readonly #parts: StudyParts;

  constructor(parts: StudyParts) {
    this.#parts = parts;
  }

  get id(): string {
    return this.#parts.session.studyId;
  }

  get name(): string {
    return this.#parts.session.record.name;
  }

  get state(): StudyState {
    return this.#parts.session.record.state;
  }

  get seed(): number {
    return this.#parts.session.problem.seed;
  }

  /**
   * Runs trials until the budget is spent, the signal is raised or the study is paused; more with each call only if the total
   * `trials` grows. A function runs in this thread, a URL names a module that calls `exposeObjective` in threads.
   *
   * When it resolves or rejects nothing runs any more. It rejects with what a sampler, a scheduler, the storage or a callback threw;
   * the trials that ran then are queued and go on with the next call. What the objective throws only fails its trial.
   * @throws {TunesmithError} `invalid-input`; `wrong-state` while another call runs or after `close`.
   */
  optimize(objective: Objective<ParamsOf<P>> | { readonly href: string }, options: OptimizeOptions = {}): Promise<LoopEnd> {
    return optimize(this.#parts, objective as ObjectiveSource, options);
  }

  /**
   * The next trial for a caller that trains by itself: one that waits (enqueued, retried), else a new one, which takes the values in
   * `fixed`.
   * @throws {TunesmithError} `budget-spent` when there is none; `wrong-state` when the study is paused or stopped; `invalid-input`.
   */
  ask(fixed?: Partial<ParamsOf<P>>): Promise<AskedTrial<ParamsOf<P>>> {
    return ask<ParamsOf<P>>(this.#parts, fixed as Config | undefined);
  }

  /**
   * How an asked trial went: a number, metrics, `{ failed: "why" }`, or nothing if it reported.
   * @throws {TunesmithError} `wrong-state` if it was not asked for, or is told already; `invalid-input`, and it can be told again.
   */
  tell(trial: ToldTrial, result?: TellResult): Promise<Trial> {
    return tell(this.#parts, trial, result);
  }

  /** Queues configs to be tried next; what a config leaves open the sampler fills. @returns The trials' numbers. */
  enqueue(configs: Partial<ParamsOf<P>> | readonly Partial<ParamsOf<P>>[]): Promise<readonly number[]> {
    return enqueue(this.#parts, configs as JsonObject | readonly JsonObject[]);
  }

  /** @throws {TunesmithError} `trial-not-found` before the first trial is complete. */
  get bestTrial(): TrialView<ParamsOf<P>> {
    const [best] = this.bestTrials;
    if (best === undefined) throw new TunesmithError("trial-not-found", `${this.name} has no complete trial yet`);
    return best;
  }

  /** The best trial; with several objectives all that no other beats. Feasible ones if there are any. Empty before the first. */
  get bestTrials(): readonly TrialView<ParamsOf<P>>[] {
    const { problem, progressTracker } = this.#parts.session;
    return progressTracker.front.map(({ number, config, losses }) => {
      const values = losses.map((loss, k) => (problem.objectives[k].goal === "minimize" ? loss : -loss));
      return { number, params: config as unknown as ParamsOf<P>, value: values[0], values };
    });
  }

  /** All trials, a page at a time. */
  async *trials(): AsyncGenerator<Trial> {
    let after = -1;
    for (;;) {
      const page = await this.#parts.storage.getTrials(this.id, { after });
      if (page.length === 0) return;
      yield* page;
      after = page[page.length - 1].number;
    }
  }

  /**
   * Which parameters matter, for each objective: shares of the results' variance with intervals, and what pairs do together. Withheld, with
   * the reason, below 30 complete trials and where the parameters explain too little.
   *
   * Cost: reads all trials; about a second for 1,000 of them with 20 parameters.
   */
  async importance(options: Partial<StudyImportanceOptions> = {}): Promise<readonly ObjectiveImportance[]> {
    const trials: Trial[] = [];
    for await (const trial of this.trials()) trials.push(trial);
    return studyImportance(trials, this.#parts.session.problem, options);
  }

  /** Ends the search for good, or until `resume`: what runs is stopped, what waits is cancelled. */
  stop(): Promise<void> {
    return this.#setState("done", "stopped");
  }

  /** Lets what runs end and starts nothing more, until `resume`. */
  pause(): Promise<void> {
    return this.#setState("paused", "person");
  }

  resume(): Promise<void> {
    return this.#setState("active", null);
  }

  /** Everything about the study; `openStudy` continues from it exactly. */
  toJSON(): Promise<Json> {
    return exportStudy(this.#parts.storage, this.id);
  }

  /**
   * Gives the study free for another runner, after a call of `optimize` that still runs was interrupted. Asked trials go back to the
   * queue when it is next opened. What was learnt can still be read. Again is fine.
   */
  async close(): Promise<void> {
    const { run, lock } = this.#parts;
    this.#parts.isClosed = true;
    run?.abort.abort("closed");
    await run?.end;
    await lock.release();
  }

  async #setState(state: StudyState, cause: "stopped" | "person" | null): Promise<void> {
    const { storage, session } = this.#parts;
    await storage.setStudyState(this.id, state, cause);
    await session.sync();
    session.announce();
  }
}
