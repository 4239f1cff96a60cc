import { suggestContext } from "../loop/next-job.ts";
import type { Config } from "../parameters/parameter.ts";
import type { Intent, Policy } from "../policies/policy.ts";
import { HistoryRecorder } from "../trial/history-recorder.ts";
import type { Problem } from "../trial/problem.ts";
import type { Decision } from "../trial/trial.ts";
import { isTerminal, type TrialState } from "../trial/trial-state.ts";

/** What one simulated attempt is started with. */
export interface AttemptStart {
  readonly trial: number;
  readonly attempt: number;
  readonly config: Config;
  /** Greatest fidelity that the trial reported before; 0 if none. */
  readonly reached: number;
  /** Fidelity it is told to train to; the greatest where the policy names none. */
  readonly target: number;
}

/** What it does. */
export interface SimulatedAttempt {
  /** Each report and how long after the one before it comes. */
  readonly reports: readonly { readonly afterMs: number; readonly fidelity: number; readonly loss: number }[];
  readonly lastMs: number;
  /** `lost`: its machine died, it goes back to the queue; `held`: a person paused it. */
  readonly end: "complete" | "failed" | "lost" | "held";
  /** Whether it leaves when it is told to. */
  readonly hears: boolean;
}

export interface SimulatedStudyOptions {
  readonly problem: Problem;
  readonly makePolicy: () => Policy;
  readonly workerCount: number;
  readonly attemptOf: (start: AttemptStart) => SimulatedAttempt;
  /** Enqueued before anything starts. */
  readonly enqueued?: readonly Config[];
  /** Whether the runner is killed after this many events, and starts again at once. */
  readonly isKilledAfter?: (eventCount: number) => boolean;
  readonly onReport?: (atMs: number, trial: number, fidelity: number, loss: number) => void;
}

/** A question to the policy, the history it was asked with, and its answer. */
export interface LoggedDecision {
  readonly eventCount: number;
  readonly atMs: number;
  /** Free slot (null), or the trial that reported. */
  readonly about: number | null;
  /** The enqueued trial that was to be filled, and what it was enqueued with. */
  readonly filled: { readonly trial: number; readonly config: Config } | null;
  readonly answer: Intent | Decision;
}

export interface SimulatedTrial {
  readonly number: number;
  readonly config: Config;
  state: TrialState;
  bracket: number;
  /** All it was told to train to, in order. */
  readonly targets: number[];
  attemptCount: number;
  reached: number;
  /** Last finite or NaN loss it reported. */
  loss: number;
}

export interface SimulatedStudy {
  readonly trials: readonly SimulatedTrial[];
  readonly decisions: readonly LoggedDecision[];
  /** Time of all workers together in which they had nothing to do while trials were left to start. */
  readonly idleMs: number;
  /** When the last trial started, and when the study ended. */
  readonly lastStartMs: number;
  readonly endMs: number;
  /** The history after its first `eventCount` events. */
  historyAt(eventCount: number): HistoryRecorder;
  /** Feeds a history from one number of events to another. */
  feed(history: HistoryRecorder, from: number, to: number): void;
}

/**
 * Runs a study in simulated time, as the loop and its storage would: what waits in the queue first, then what the policy says; an end
 * below the greatest fidelity is a pause; failures are final.
 *
 * @throws {Error} If it does not end.
 */
export function simulateStudy(options: SimulatedStudyOptions): SimulatedStudy {
  const simulation = new Simulation(options);
  simulation.run();
  return simulation;
}

interface RunningAttempt {
  readonly trial: SimulatedTrial;
  readonly target: number;
  readonly plan: SimulatedAttempt;
  reportIndex: number;
  untilMs: number;
  decision: Decision | null;
}

type HistoryEvent = (history: HistoryRecorder) => void;

const eventLimit = 2_000_000;

class Simulation implements SimulatedStudy {
  readonly trials: SimulatedTrial[] = [];
  readonly decisions: LoggedDecision[] = [];
  idleMs = 0;
  lastStartMs = 0;
  endMs = 0;
  readonly #options: SimulatedStudyOptions;
  readonly #maxFidelity: number;
  readonly #events: HistoryEvent[] = [];
  #history: HistoryRecorder;
  #policy: Policy;
  #running: RunningAttempt[] = [];
  readonly #queue: SimulatedTrial[] = [];
  #nowMs = 0;

  constructor(options: SimulatedStudyOptions) {
    this.#options = options;
    this.#maxFidelity = options.problem.fidelity?.max ?? 1;
    this.#history = this.#newHistory();
    this.#policy = options.makePolicy();
    for (const config of options.enqueued ?? []) this.#queue.push(this.#add(config, 0));
  }

  run(): void {
    for (;;) {
      this.#fillSlots();
      if (this.#running.length === 0) break;
      this.#advance();
      if (this.#events.length > eventLimit) throw new Error(`the study still goes on after ${eventLimit} events`);
    }
    for (const trial of this.trials) if (!isTerminal(trial.state)) this.#finish(trial, "stopped");
    this.endMs = this.#nowMs;
  }

  historyAt(eventCount: number): HistoryRecorder {
    const history = this.#newHistory();
    this.feed(history, 0, eventCount);
    return history;
  }

  feed(history: HistoryRecorder, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      history.seq = i + 1;
      this.#events[i](history);
    }
  }

  #newHistory(): HistoryRecorder {
    const { space, objectives, replicates } = this.#options.problem;
    return new HistoryRecorder(space, objectives.length, replicates.count);
  }

  get #hasBudget(): boolean {
    const { trialBudget } = this.#options.problem;
    return trialBudget === null || this.trials.length < trialBudget;
  }

  #record(event: HistoryEvent): void {
    this.#events.push(event);
    this.#history.seq = this.#events.length;
    event(this.#history);
    if (this.#options.isKilledAfter?.(this.#events.length)) this.#kill();
  }

  #log(answer: LoggedDecision["answer"], about: number | null = null, filled: LoggedDecision["filled"] = null): void {
    this.decisions.push({ eventCount: this.#events.length, atMs: this.#nowMs, about, filled, answer });
  }

  /** Every attempt goes back to the queue; what was in memory is gone. */
  #kill(): void {
    const dead = this.#running;
    this.#running = [];
    this.#policy = this.#options.makePolicy();
    this.#history = this.historyAt(this.#events.length);
    for (const { trial } of dead) if (trial.state === "running") this.#setState(trial, "queued");
  }

  #fillSlots(): void {
    while (this.#running.length < this.#options.workerCount) {
      const queued = this.#queue.shift();
      if (queued !== undefined) {
        if (queued.attemptCount === 0) this.#fill(queued);
        else this.#claim(queued);
      } else if (!this.#startNext()) return;
    }
  }

  #fill(trial: SimulatedTrial): void {
    const { problem } = this.#options;
    const intent = this.#policy.fill(problem, this.#history, suggestContext(problem, trial.number, trial.config));
    if (intent instanceof Promise || intent.kind !== "start") throw new Error("an enqueued trial was not filled");
    this.#log(intent, null, { trial: trial.number, config: trial.config });
    const { suggestion, bracket, target } = intent;
    trial.bracket = bracket;
    this.#record((history) => history.fill(trial.number, suggestion.config, null, bracket));
    this.#aim(trial, target);
    this.#claim(trial);
  }

  /** @returns Whether there was something to do. */
  #startNext(): boolean {
    const { problem } = this.#options;
    const intent = this.#policy.next(problem, this.#history, suggestContext(problem, this.trials.length, {}));
    if (intent instanceof Promise) throw new TypeError("this policy answers later");
    if (intent.kind === "start" && !this.#hasBudget) return false;
    this.#log(intent);
    if (intent.kind === "wait" || intent.kind === "finish") return false;
    if (intent.kind === "resume") {
      const trial = this.trials[intent.trial];
      if (trial.state !== "paused") throw new Error(`trial ${trial.number} is ${trial.state} and was to be resumed`);
      this.#aim(trial, intent.target);
      this.#claim(trial);
      return true;
    }
    const trial = this.#add(intent.suggestion.config, intent.bracket);
    this.#aim(trial, intent.target);
    this.lastStartMs = this.#nowMs;
    this.#claim(trial);
    return true;
  }

  #add(config: Config, bracket: number): SimulatedTrial {
    const number = this.trials.length;
    const state = "queued";
    const trial: SimulatedTrial = { number, config, state, bracket, targets: [], attemptCount: 0, reached: 0, loss: Number.NaN };
    this.trials.push(trial);
    this.#record((history) => history.add({ number, config, note: null, bracket, state }));
    return trial;
  }

  #aim(trial: SimulatedTrial, target: number | null): void {
    trial.state = "queued";
    trial.targets.push(target ?? this.#maxFidelity);
    this.#record((history) => history.aim(trial.number, target, "queued"));
  }

  #setState(trial: SimulatedTrial, state: TrialState): void {
    trial.state = state;
    if (state === "queued") this.#queue.push(trial);
    this.#record((history) => history.setState(trial.number, state));
  }

  #claim(trial: SimulatedTrial): void {
    const { config, reached, number } = trial;
    const target = trial.targets[trial.targets.length - 1];
    const attempt = ++trial.attemptCount;
    const plan = this.#options.attemptOf({ trial: number, attempt, config, reached, target });
    const firstMs = plan.reports.length > 0 ? plan.reports[0].afterMs : plan.lastMs;
    this.#running.push({ trial, target, plan, reportIndex: 0, untilMs: this.#nowMs + firstMs, decision: null });
    this.#setState(trial, "running");
  }

  /** The next thing that happens; of equals what began first. */
  #advance(): void {
    const next = this.#running.reduce((first, each) => (each.untilMs < first.untilMs ? each : first));
    if (this.#hasBudget) this.idleMs += (this.#options.workerCount - this.#running.length) * (next.untilMs - this.#nowMs);
    this.#nowMs = next.untilMs;
    if (next.reportIndex < next.plan.reports.length) this.#report(next);
    else this.#end(next);
  }

  #report(running: RunningAttempt): void {
    const { trial, plan } = running;
    const { fidelity, loss } = plan.reports[running.reportIndex++];
    const nextMs = plan.reports[running.reportIndex]?.afterMs ?? plan.lastMs;
    running.untilMs += nextMs;
    trial.reached = Math.max(trial.reached, fidelity);
    trial.loss = loss;
    const report = { replicate: 0, attempt: trial.attemptCount, step: running.reportIndex, fidelity, losses: [loss] };
    let isNew = false;
    this.#record((history) => {
      isNew = history.report(trial.number, report);
    });
    this.#options.onReport?.(this.#nowMs, trial.number, fidelity, loss);
    if (!isNew || running.decision !== null || trial.state !== "running") return;
    const history = this.#history;
    const decision = this.#policy.onReport(this.#options.problem, history, history.rowOf(trial.number));
    this.#log(decision, trial.number);
    if (decision.kind === "continue") return;
    running.decision = decision;
    if (plan.hears) this.#end(running);
  }

  #end(running: RunningAttempt): void {
    const { trial, plan, decision, target } = running;
    this.#running = this.#running.filter((each) => each !== running);
    if (decision?.kind === "pause" && plan.end !== "failed") this.#setState(trial, "paused");
    else if (decision?.kind === "stop") this.#finish(trial, "stopped");
    else if (plan.end === "failed") this.#finish(trial, "failed");
    else if (plan.end === "lost") this.#setState(trial, "queued");
    else if (plan.end === "held") this.#hold(trial);
    else if (target < this.#maxFidelity) this.#setState(trial, "paused");
    else this.#finish(trial, Number.isNaN(trial.loss) ? "failed" : "complete");
  }

  #hold(trial: SimulatedTrial): void {
    this.#record((history) => history.setHeld(trial.number, true));
    // A kill in between loses the attempt, not the person's word.
    if (trial.state === "running") this.#setState(trial, "paused");
  }

  #finish(trial: SimulatedTrial, state: TrialState): void {
    trial.state = state;
    const losses = state === "complete" ? [trial.loss] : null;
    const seq = this.#events.length + 1;
    this.#record((history) => history.finish(trial.number, { state, losses, violation: 0 }, seq));
  }
}
