import { suggestContext } from "../loop/next-job.ts";
import { float } from "../parameters/build-parameter.ts";
import type { Config } from "../parameters/parameter.ts";
import type { Policy } from "../policies/policy.ts";
import { type LoggedDecision, type SimulatedStudy, simulateStudy } from "../simulation/simulated-study.ts";
import type { History } from "../trial/history.ts";
import type { Problem } from "../trial/problem.ts";
import { isTerminal, trialStateCodes } from "../trial/trial-state.ts";
import { expectEqual, expectTrue } from "./contract-assertions.ts";
import { testProblem } from "./test-study.ts";
import { type Misbehaviour, misbehaviours, type TrainingFates, trainingAttempt } from "./training-fates.ts";

/** One promise of a policy's contract. */
export interface PolicyContractCase {
  readonly name: string;
  /** `makePolicy` makes an equal fresh instance at every call; its sampler never runs out. Throws if the promise is broken. */
  run(makePolicy: () => Policy): void;
}

interface PolicyTrial {
  readonly workerCount: number;
  readonly share: number;
  readonly misbehaviour: Misbehaviour;
  readonly trialBudget: number;
  readonly seed: number;
  readonly enqueued?: readonly Config[];
  readonly isKilledAfter?: (eventCount: number) => boolean;
}

const workerCounts: readonly number[] = [1, 2, 8, 64];
const failureShares: readonly number[] = [0, 0.2, 0.5, 1];
const maxFidelity = 27;

/** A problem whose trials train for 1 to 27 steps. */
function policyProblem(trialBudget: number, seed: number): Problem {
  const problem = testProblem({ parameters: { x: float(0, 1) }, fidelity: { min: 1, max: maxFidelity }, seed });
  return { ...problem, trialBudget };
}

/** Runs one study of the contract in simulated time. @throws {Error} If it does not end. */
function runPolicy(makePolicy: () => Policy, trial: PolicyTrial): SimulatedStudy {
  const { trialBudget, seed, share, misbehaviour, ...surroundings } = trial;
  const fates: TrainingFates = { seed, share, misbehaviour, maxFidelity };
  const problem = policyProblem(trialBudget, seed);
  return simulateStudy({ ...surroundings, problem, makePolicy, attemptOf: (start) => trainingAttempt(fates, start) });
}

/** What every policy promises, whatever the trainings do (R13). */
export const policyContract: readonly PolicyContractCase[] = [
  {
    name: "whatever goes wrong with any share of the trainings: ends with the whole budget used and every trial ended, leaves no worker idle before, resumes only what has reported, and repeats every decision from the history alone",
    run(makePolicy) {
      for (const misbehaviour of misbehaviours)
        for (const share of failureShares)
          for (const workerCount of workerCounts) {
            const trial = { ...usual, misbehaviour, share, workerCount };
            checkStudy(makePolicy, trial, `${workerCount} workers, ${share} of the trainings: ${misbehaviour}`);
          }
    },
  },
  {
    name: "goes on after its process was killed at any instant, and what follows is again decided by the history alone",
    run(makePolicy) {
      for (const every of [1, 7, 40, 133]) {
        let killCount = 0;
        const isKilledAfter = (eventCount: number): boolean => eventCount % every === 0 && killCount++ < 200;
        const trial = { ...usual, workerCount: 8, isKilledAfter };
        const study = runPolicy(makePolicy, trial);
        expectTrue(killCount > 0, `kills with one every ${every} events`);
        expectEqual(study.trials.length, trial.trialBudget, `killed every ${every} events: trials`);
        expectEqual(unfinishedCount(study), 0, `killed every ${every} events: unfinished trials`);
        checkDecisions(makePolicy, study, policyProblem(trial.trialBudget, trial.seed), `killed every ${every} events`);
      }
    },
  },
  {
    name: "takes in what was enqueued",
    run(makePolicy) {
      for (const workerCount of workerCounts) {
        const enqueued = Array.from({ length: 12 }, (_, i) => ({ x: i / 12 }));
        const { trials, idleMs } = runPolicy(makePolicy, { ...usual, workerCount, enqueued });
        expectEqual(
          trials.slice(0, 12).map(({ config }) => config),
          enqueued,
          `${workerCount} workers: enqueued configs`,
        );
        expectEqual(trials.filter(({ attemptCount }) => attemptCount === 0).length, 0, `${workerCount} workers: never begun`);
        expectEqual(idleMs, 0, `${workerCount} workers: idle milliseconds`);
      }
    },
  },
  {
    name: "has trained some trial to the end when all goes well, also with a budget that ends in the middle",
    run(makePolicy) {
      for (const workerCount of workerCounts)
        for (const trialBudget of [1, 2, 3, 10, 28, 100]) {
          const { trials } = runPolicy(makePolicy, { ...usual, workerCount, trialBudget, share: 0 });
          const completeCount = trials.filter(({ state }) => state === "complete").length;
          expectTrue(completeCount > 0, `a complete one of ${trialBudget} trials with ${workerCount} workers`);
        }
    },
  },
];

const usual: PolicyTrial = { workerCount: 8, share: 0.2, misbehaviour: "fails at once", trialBudget: 60, seed: 3 };

function checkStudy(makePolicy: () => Policy, trial: PolicyTrial, what: string): void {
  const study = runPolicy(makePolicy, trial);
  expectEqual(study.trials.length, trial.trialBudget, `${what}: trials`);
  expectEqual(unfinishedCount(study), 0, `${what}: unfinished trials`);
  expectEqual(study.idleMs, 0, `${what}: idle milliseconds`);
  checkDecisions(makePolicy, study, policyProblem(trial.trialBudget, trial.seed), what);
}

function unfinishedCount({ trials }: SimulatedStudy): number {
  return trials.filter(({ state }) => !isTerminal(state)).length;
}

/** A trial goes on only after it has reported where it was told to train to, and always farther. */
function checkResumed(
  { trial, target }: { readonly trial: number; readonly target: number },
  history: History,
  what: string,
): void {
  const row = history.rowOf(trial);
  const told = history.targets[row];
  expectTrue(history.states[row] === trialStateCodes.paused, `${what}: a paused trial to be resumed, found ${trial}`);
  expectTrue(!history.pausedByPerson(row), `${what}: nothing that a person paused to be resumed, found ${trial}`);
  expectTrue(history.fidelities[row] >= told, `${what}: a report at ${told} of trial ${trial}, which is resumed`);
  expectTrue(target > told && target <= maxFidelity, `${what}: a target in (${told}, ${maxFidelity}], found ${target}`);
}

// A fresh instance has to read the whole history.
const coldEvery = 41;

function checkDecisions(makePolicy: () => Policy, study: SimulatedStudy, problem: Problem, what: string): void {
  const warm = makePolicy();
  const history = study.historyAt(0);
  let fedCount = 0;
  study.decisions.forEach((decision, i) => {
    study.feed(history, fedCount, decision.eventCount);
    fedCount = decision.eventCount;
    if (decision.answer.kind === "resume") checkResumed(decision.answer, history, `${what}: decision ${i}`);
    const again = (policy: Policy): unknown => ask(policy, problem, history, decision);
    expectEqual(again(warm), decision.answer, `${what}: decision ${i}, asked again`);
    if (i % coldEvery === 0) expectEqual(again(makePolicy()), decision.answer, `${what}: decision ${i}, a fresh instance`);
  });
}

function ask(
  policy: Policy,
  problem: Problem,
  history: ReturnType<SimulatedStudy["historyAt"]>,
  decision: LoggedDecision,
): unknown {
  const { about, filled } = decision;
  if (about !== null) return policy.onReport(problem, history, history.rowOf(about));
  if (filled === null) return policy.next(problem, history, suggestContext(problem, history.trialCount, {}));
  return policy.fill(problem, history, suggestContext(problem, filled.trial, filled.config));
}
