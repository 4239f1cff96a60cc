import { createRng, type Rng } from "../numerics/rng.ts";
import { float } from "../parameters/build-parameter.ts";
import type { Scheduler } from "../schedulers/scheduler.ts";
import type { Problem } from "../trial/problem.ts";
import type { Decision } from "../trial/trial.ts";
import { trialStateCodes } from "../trial/trial-state.ts";
import { expectEqual, expectTrue } from "./contract-assertions.ts";
import { TestStudy, testProblem } from "./test-study.ts";

const parameters = { x: float(0, 1) };
const fidelity = { min: 1, max: 27 };

/** What schedulers are tried on; they may refuse some, but not all. */
export const schedulerProblems: Readonly<Record<string, Problem>> = {
  steps: testProblem({ parameters, fidelity }),
  seconds: testProblem({ parameters, fidelity: { ...fidelity, unit: "time" } }),
  objectives: testProblem({ parameters, fidelity, objectiveCount: 2 }),
  "define by run": { ...testProblem({ parameters, fidelity }), defineByRun: true },
  "without fidelity": testProblem({ parameters }),
  "unit value": testProblem({ parameters, fidelity: { ...fidelity, unit: "value" } }),
};

const lossKinds = ["plain", "constant", "infinite", "nan"] as const;
type LossKind = (typeof lossKinds)[number];

/** What was decided about one report. */
export interface Decided {
  readonly decision: Decision;
  readonly row: number;
  readonly losses: readonly number[];
  /** Fidelity of the report before, 0 if there is none, and of this one. */
  readonly before: number;
  readonly reached: number;
}

/** Runs a study as its loop would: so many workers, each with a trial that reports, fails, or ends as it is told. */
export class Drill {
  readonly study: TestStudy;
  readonly scheduler: Scheduler;
  readonly kind: LossKind;
  readonly rng: Rng;
  /** Hears what is decided. */
  onDecision: (decided: Decided) => void = () => undefined;
  /** What a trial reports, given what was drawn for it. */
  lossesOf: (losses: readonly number[]) => readonly number[] = (losses) => losses;
  readonly #workerCount: number;
  /** Chance that a trial fails instead of reporting. */
  readonly #failureRate: number;
  readonly #running = new Map<number, { reached: number; readonly target: number }>();
  #turnCount = 0;

  constructor(scheduler: Scheduler, problem: Problem, kind: LossKind, workerCount: number, failureRate: number) {
    this.study = new TestStudy(problem);
    this.scheduler = scheduler;
    this.kind = kind;
    this.rng = createRng(11, "drill", kind, workerCount);
    this.#workerCount = workerCount;
    this.#failureRate = failureRate;
  }

  /** Gives free workers something to do. @returns Whether there is anything left to advance. */
  next(): boolean {
    while (this.#running.size < this.#workerCount && this.#begin());
    return this.#running.size > 0;
  }

  /** One event of one running trial. */
  advance(): void {
    // 40 trials of at most 27 reports, and as many ends and resumptions, are fewer.
    if (this.#turnCount++ > 5_000) throw new Error("the study does not come to its end");
    const { study, rng } = this;
    const trial = [...this.#running.keys()][rng.int(this.#running.size)];
    const run = this.#running.get(trial) as { reached: number; target: number };
    if (rng.uniform() < this.#failureRate) {
      this.#end(trial, "failed");
      return;
    }
    // Some overstep: not every step is reported.
    const reached = Math.min(run.target, run.reached + (rng.uniform() < 0.2 ? 3 : 1));
    const losses = this.lossesOf(drawLosses(study.problem, this.kind, rng));
    const row = study.report(trial, reached, losses);
    const decision = this.scheduler.onReport(study.problem, study.history, row);
    this.onDecision({ decision, row, losses, before: run.reached, reached });
    run.reached = reached;
    if (decision.kind !== "continue") this.#end(trial, decision.kind === "pause" ? "paused" : "stopped");
    else if (reached >= run.target) this.#end(trial, losses.some(Number.isNaN) ? "failed" : "complete");
  }

  #begin(): boolean {
    const { study, scheduler } = this;
    const resumed = scheduler.resume(study.problem, study.history);
    if (resumed !== null) {
      const row = study.history.rowOf(resumed.trial);
      const reached = study.history.fidelities[row];
      expectEqual(study.history.states[row], trialStateCodes.paused, `state of resumed trial ${resumed.trial}`);
      expectTrue(resumed.target > reached, `a target beyond ${reached}, found ${resumed.target}`);
      study.setState(resumed.trial, "running");
      this.#running.set(resumed.trial, { reached, target: resumed.target });
      return true;
    }
    if (study.trialCount === 40) return false;
    const { target, bracket } = scheduler.start(study.problem, study.history, study.trialCount);
    const most = study.problem.fidelity?.max ?? null;
    if (most === null) expectEqual(target, null, "target without a fidelity");
    else expectTrue(target !== null && target >= fidelity.min && target <= most, `a target from 1 to ${most}, found ${target}`);
    expectTrue(Number.isSafeInteger(bracket) && bracket >= 0, `a bracket from 0, found ${bracket}`);
    this.#running.set(study.add({ config: { x: 0.5 } }, bracket), { reached: 0, target: target ?? fidelity.max });
    return true;
  }

  #end(trial: number, state: "complete" | "stopped" | "paused" | "failed"): void {
    const { study } = this;
    this.#running.delete(trial);
    const row = study.history.rowOf(trial);
    const m = study.problem.objectives.length;
    const losses = state === "complete" ? [...study.history.losses.subarray(row * m, (row + 1) * m)] : null;
    if (state === "paused") study.setState(trial, state);
    else study.finish(trial, { state, losses });
  }
}

/** A drill on each problem that the scheduler serves, with each kind of losses and some numbers of workers and failures. */
export function forEachDrill(makeScheduler: () => Scheduler, run: (drill: Drill) => void): void {
  for (const [name, problem] of Object.entries(schedulerProblems)) {
    const scheduler = makeScheduler();
    if (scheduler.refuse(problem) !== null) continue;
    for (const kind of lossKinds) {
      for (const [workerCount, failureRate] of [
        [1, 0],
        [4, 0.05],
        [20, 0.3],
        [3, 1],
      ])
        runNamed(`${name}, ${kind} losses, ${workerCount} workers, failure rate ${failureRate}`, () =>
          run(new Drill(makeScheduler(), problem, kind, workerCount, failureRate)),
        );
    }
  }
}

/** Says in an error where it happened. */
function runNamed(name: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Losses of one report. */
export function drawLosses({ objectives }: Problem, kind: LossKind, rng: Rng): number[] {
  return objectives.map(() => {
    const u = rng.uniform();
    if (kind === "constant") return 7;
    if (kind === "infinite" && u < 0.4) return u < 0.2 ? Infinity : -Infinity;
    return kind === "nan" && u < 0.5 ? Number.NaN : u;
  });
}
