import { createRng } from "../numerics/rng.ts";
import type { Config } from "../parameters/parameter.ts";
import type { Intent, Policy } from "../policies/policy.ts";
import type { SuggestContext } from "../samplers/sampler.ts";
import type { History } from "../trial/history.ts";
import { HistoryRecorder } from "../trial/history-recorder.ts";
import type { Problem } from "../trial/problem.ts";
import type { Decision } from "../trial/trial.ts";
import { isTerminal, type TrialState } from "../trial/trial-state.ts";

/** How a training goes wrong. */
export const mishaps = Object.freeze([
  "fails at once",
  "fails after it has reported its target",
  "reports NaN",
  "never reports",
  "oversteps its target",
  "oversteps its target and hears nothing",
  "loses its machine now and then",
  "starts over when it is resumed",
  "is paused by a person on its way",
] as const);
export type Mishap = (typeof mishaps)[number];

export interface DrillOptions<State> {
  readonly problem: Problem;
  readonly makePolicy: () => Policy;
  readonly workerCount: number;
  /** One step of training: the model before it (null at the start) → after it, with its loss. */
  readonly advance: (model: State | null, config: Config, step: number) => { readonly model: State; readonly loss: number };
  readonly stepMs?: (trial: number) => number;
  readonly mishapOf?: (trial: number) => Mishap | null;
  readonly enqueued?: readonly Config[];
}

export interface DrillTrial<State> {
  readonly number: number;
  readonly config: Config;
  readonly parent: number | null;
  readonly bracket: number;
  state: TrialState;
  attemptCount: number;
  target: number;
  /** Newest checkpoint, its own or the one it began from. */
  checkpoint: { readonly step: number; readonly model: State | null };
  hasOwnCheckpoint: boolean;
  reached: number;
  loss: number;
}

/** A question to the policy, how much of the history was known, and the answer. */
export interface DrillDecision {
  readonly eventCount: number;
  /** Trial that reported; null for a free slot. */
  readonly about: number | null;
  readonly answer: Intent | Decision;
}

interface Running<State> {
  readonly trial: DrillTrial<State>;
  readonly mishap: Mishap | null;
  readonly from: number;
  readonly msPerStep: number;
  step: number;
  model: State | null;
  untilMs: number;
  decision: Decision | null;
}

/** A study of a population in simulated time, with models that go from checkpoint to checkpoint; ends when nothing can start. */
export class PopulationDrill<State> {
  readonly trials: DrillTrial<State>[] = [];
  readonly decisions: DrillDecision[] = [];
  readonly #options: DrillOptions<State>;
  readonly #events: ((history: HistoryRecorder) => void)[] = [];
  readonly #history: HistoryRecorder;
  readonly #policy: Policy;
  readonly #max: number;
  #running: Running<State>[] = [];
  #nowMs = 0;

  constructor(options: DrillOptions<State>) {
    this.#options = options;
    this.#max = options.problem.fidelity?.max ?? 1;
    this.#history = this.historyAt(0);
    this.#policy = options.makePolicy();
  }

  get history(): History {
    return this.#history;
  }

  /** @throws {Error} If the study does not end, or the policy asks for what no storage would do. */
  run(): this {
    const { enqueued = [] } = this.#options;
    for (const config of enqueued) this.#enqueue(config);
    for (;;) {
      this.#fillSlots();
      const next = this.#running.reduce<Running<State> | null>(
        (first, each) => (first && first.untilMs <= each.untilMs ? first : each),
        null,
      );
      if (next === null) return this;
      this.#nowMs = next.untilMs;
      this.#step(next);
      if (this.#events.length > 1_000_000) throw new Error("the study still goes on after a million events");
    }
  }

  /** The history after its first events, read anew. */
  historyAt(eventCount: number): HistoryRecorder {
    const { space, objectives, replicates } = this.#options.problem;
    const history = new HistoryRecorder(space, objectives.length, replicates.count);
    for (const event of this.#events.slice(0, eventCount)) event(history);
    return history;
  }

  context(trialNumber: number, fixed: Config = {}): SuggestContext {
    return { trialNumber, fixed, rng: (purpose) => createRng(this.#options.problem.seed, trialNumber, purpose) };
  }

  #record(event: (history: HistoryRecorder) => void): void {
    this.#events.push(event);
    event(this.#history);
  }

  #ask(): Intent {
    const { problem } = this.#options;
    const answer = this.#policy.next(problem, this.#history, this.context(this.trials.length));
    if (answer instanceof Promise) throw new TypeError("this policy answers later");
    this.decisions.push({ eventCount: this.#events.length, about: null, answer });
    return answer;
  }

  #fillSlots(): void {
    while (this.#running.length < this.#options.workerCount) {
      const queued = this.trials.find(
        ({ number, state }) => state === "queued" && !this.#running.some(({ trial }) => trial.number === number),
      );
      if (queued === undefined && !this.#carryOut(this.#ask())) return;
      const next = queued ?? this.trials.find(({ state }) => state === "queued");
      if (next !== undefined) this.#claim(next);
    }
  }

  /** @returns Whether there was something to do. */
  #carryOut(intent: Intent): boolean {
    if (intent.kind === "wait" || intent.kind === "finish") return false;
    if (intent.kind === "resume") {
      const trial = this.trials[intent.trial];
      if (trial.state !== "paused" || this.#isHeld(trial))
        throw new Error(`trial ${trial.number} is ${trial.state} and was to be resumed`);
      this.#aim(trial, intent.target);
    } else {
      const parent = intent.kind === "exploit" ? this.#exploit(intent.trial, intent.parent) : null;
      const trial = this.#add(intent.suggestion.config, intent.bracket, parent);
      this.#aim(trial, intent.target ?? this.#max);
    }
    return true;
  }

  /** What a storage would check and do. */
  #exploit(number: number | null, parentNumber: number): DrillTrial<State> {
    const parent = this.trials[parentNumber];
    if (!parent.hasOwnCheckpoint) throw new Error(`trial ${parentNumber} has no checkpoint and was to be copied`);
    if (number === null) return parent;
    const trial = this.trials[number];
    if (trial.state !== "paused" || this.#isHeld(trial)) throw new Error(`trial ${number} is ${trial.state} and was to give way`);
    this.#finish(trial, "stopped");
    return parent;
  }

  #isHeld({ number }: DrillTrial<State>): boolean {
    return this.#history.pausedByPerson(this.#history.rowOf(number));
  }

  #enqueue(config: Config): void {
    const { problem } = this.#options;
    const filled = this.#policy.fill(problem, this.#history, this.context(this.trials.length, config));
    if (filled instanceof Promise || filled.kind !== "start") throw new Error("an enqueued trial was not filled");
    this.#aim(this.#add(filled.suggestion.config, filled.bracket, null), filled.target ?? this.#max);
  }

  #add(config: Config, bracket: number, parent: DrillTrial<State> | null): DrillTrial<State> {
    const number = this.trials.length;
    const checkpoint = parent?.checkpoint ?? { step: 0, model: null };
    const trial: DrillTrial<State> = {
      number,
      config,
      parent: parent?.number ?? null,
      bracket,
      state: "queued",
      attemptCount: 0,
      target: 0,
      checkpoint,
      hasOwnCheckpoint: false,
      reached: 0,
      loss: Number.NaN,
    };
    this.trials.push(trial);
    const origin = parent && { trial: parent.number, step: checkpoint.step };
    this.#record((history) => history.add({ number, config, note: null, bracket, state: "queued", parent: origin }));
    return trial;
  }

  #aim(trial: DrillTrial<State>, target: number): void {
    if (!(target > trial.checkpoint.step || target === this.#max))
      throw new Error(`trial ${trial.number} was to train to ${target}`);
    trial.target = target;
    trial.state = "queued";
    this.#record((history) => history.aim(trial.number, target, "queued"));
  }

  #claim(trial: DrillTrial<State>): void {
    const { stepMs = () => 1, mishapOf = () => null } = this.#options;
    const mishap = mishapOf(trial.number);
    const startsOver = mishap === "starts over when it is resumed" && trial.parent === null;
    const { step, model } = startsOver ? { step: 0, model: null } : trial.checkpoint;
    const msPerStep = stepMs(trial.number);
    trial.attemptCount++;
    this.#running.push({ trial, mishap, from: step, msPerStep, step, model, untilMs: this.#nowMs + msPerStep, decision: null });
    this.#setState(trial, "running");
  }

  #setState(trial: DrillTrial<State>, state: TrialState): void {
    trial.state = state;
    this.#record((history) => history.setState(trial.number, state));
  }

  #finish(trial: DrillTrial<State>, state: TrialState): void {
    trial.state = state;
    const losses = state === "complete" ? [trial.loss] : null;
    this.#record((history) => history.finish(trial.number, { state, losses, violation: 0 }, this.#events.length));
  }

  #step(running: Running<State>): void {
    running.untilMs += running.msPerStep;
    if (running.mishap !== "fails at once" && running.step < this.#max) this.#train(running);
    const end = this.#endOf(running);
    if (end !== null) this.#end(running, end);
  }

  /** Null while it goes on. */
  #endOf({ trial, mishap, from, step, decision }: Running<State>): TrialState | "held" | "left" | null {
    if (mishap === "fails at once") return "failed";
    const isHalfWay = step >= from + (trial.target - from) / 2;
    if (mishap === "loses its machine now and then" && trial.attemptCount % 3 === 1 && isHalfWay) return "queued";
    if (mishap === "is paused by a person on its way" && isHalfWay) return "held";
    const isTold = decision !== null && mishap !== "oversteps its target and hears nothing";
    const oversteps = mishap?.startsWith("oversteps") && step < this.#max;
    return isTold || (step >= trial.target && !oversteps) ? "left" : null;
  }

  #train(running: Running<State>): void {
    const { trial, mishap } = running;
    const { model, loss } = this.#options.advance(running.model, trial.config, ++running.step);
    running.model = model;
    if (mishap === "never reports") return;
    trial.reached = running.step;
    trial.loss = mishap === "reports NaN" ? Number.NaN : loss;
    const report = {
      replicate: 0,
      attempt: trial.attemptCount,
      step: running.step,
      fidelity: running.step,
      losses: [trial.loss],
    };
    this.#record((history) => history.report(trial.number, report));
    if (running.decision !== null) return;
    const history = this.#history;
    const answer = this.#policy.onReport(this.#options.problem, history, history.rowOf(trial.number));
    this.decisions.push({ eventCount: this.#events.length, about: trial.number, answer });
    if (answer.kind !== "continue") running.decision = answer;
  }

  #end(running: Running<State>, end: TrialState | "held" | "left"): void {
    const { trial } = running;
    this.#running = this.#running.filter((each) => each !== running);
    const state = end === "left" ? this.#save(running) : end === "held" ? "paused" : end;
    if (end === "held") this.#record((history) => history.setHeld(trial.number, true));
    if (isTerminal(state)) this.#finish(trial, state);
    else this.#setState(trial, state);
  }

  /** @returns What becomes of a trial that leaves after it has saved. */
  #save({ trial, mishap, decision, step, model }: Running<State>): TrialState {
    trial.checkpoint = { step, model };
    trial.hasOwnCheckpoint = true;
    this.#record((history) => history.addCheckpoint(trial.number, 0));
    if (mishap === "fails after it has reported its target") return "failed";
    if (decision?.kind === "pause" || trial.target < this.#max) return "paused";
    return Number.isNaN(trial.loss) ? "failed" : "complete";
  }
}
