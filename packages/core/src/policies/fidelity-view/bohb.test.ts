import { describe, expect, it, test } from "vitest";
import { canonicalJson } from "../../json.ts";
import { createRng } from "../../numerics/rng.ts";
import { float } from "../../parameters/build-parameter.ts";
import type { Config } from "../../parameters/parameter.ts";
import { grid } from "../../samplers/grid.ts";
import { random } from "../../samplers/random.ts";
import { tpe } from "../../samplers/tpe/tpe-sampler.ts";
import { hyperband } from "../../schedulers/hyperband.ts";
import { type AttemptStart, type SimulatedAttempt, simulateStudy } from "../../simulation/simulated-study.ts";
import { mixedBowl } from "../../testing/mixed-bowl.ts";
import { policyContract } from "../../testing/policy-contract.ts";
import { testProblem } from "../../testing/test-study.ts";
import { compose } from "../compose.ts";
import type { Policy } from "../policy.ts";
import { bohb } from "./bohb.ts";
import { modelAsha } from "./model-asha.ts";

describe.each([
  ["bohb", () => bohb({ leastResults: 3 }).drive(tpe({ startupCount: 3 }))],
  ["model-asha", () => modelAsha({ leastResults: 3 }).drive(tpe({ startupCount: 3 }))],
])("%s", (_, makePolicy) => {
  for (const { name, run } of policyContract) test(name, { timeout: 600_000 }, () => run(makePolicy));
});

const fidelity = { min: 1, max: 27 };

/** A training whose loss falls towards that of its config; by up to 0.3 the lowest fidelity misleads. */
function attemptOf({ trial, config, reached, target }: AttemptStart): SimulatedAttempt {
  const misled = 0.3 * createRng(5, trial).uniform();
  const reports = [];
  for (let at = reached + 1; at <= target; at++)
    reports.push({ afterMs: 1, fidelity: at, loss: mixedBowl.loss(config) + misled / at });
  return { reports, lastMs: 0, end: "complete", hears: true };
}

function study(makePolicy: () => Policy, seed: number, trialBudget: number) {
  const problem = { ...testProblem({ parameters: mixedBowl.parameters, fidelity, seed }), trialBudget };
  return simulateStudy({ problem, makePolicy, workerCount: 4, attemptOf });
}

function bestOf(makePolicy: () => Policy, seed: number): number {
  const complete = study(makePolicy, seed, 120).trials.filter(({ state }) => state === "complete");
  return Math.min(...complete.map(({ config }) => mixedBowl.loss(config as Config)));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

describe("bohb", () => {
  it("starts as many trials in each bracket, and lets as many pass each rung, as Hyperband does", () => {
    const targets = (makePolicy: () => Policy) =>
      study(makePolicy, 1, 27 + 12 + 6 + 4)
        .trials.map(({ bracket, targets }) => `${bracket}: ${targets}`)
        .sort();
    expect(targets(() => bohb().drive(tpe()))).toEqual(targets(() => compose(random(), hyperband())));
  });

  it("draws at random until a level has enough results, then learns at levels that rise", () => {
    const { decisions } = study(() => bohb({ randomShare: 0.3 }).drive(tpe()), 2, 150);
    const whys = decisions.flatMap(({ answer }) => (answer.kind === "start" ? [answer.suggestion.why] : []));
    expect(whys.slice(0, 10).every(({ code }) => code === "tpe-startup")).toBe(true);
    const levels = whys.flatMap(({ judgedAt }) => (typeof judgedAt === "number" ? [judgedAt] : []));
    expect([...new Set(levels)]).toEqual([1, 3, 9, 27].slice(0, new Set(levels).size));
    expect(new Set(levels).size).toBeGreaterThanOrEqual(3);
    expect(whys.some(({ code }) => code === "random-share")).toBe(true);
  });

  it("finds better configs than random suggestions do in as many trials, over 20 seeds", () => {
    const seeds = Array.from({ length: 20 }, (_, seed) => seed);
    const found = median(seeds.map((seed) => bestOf(() => bohb().drive(tpe()), seed)));
    const drawn = median(seeds.map((seed) => bestOf(() => compose(random(), hyperband()), seed)));
    expect(found).toBeLessThan(drawn / 1.5);
  });
});

describe.each([
  ["bohb", bohb],
  ["model-asha", modelAsha],
])("%s as a scheduler", (type, make) => {
  it("has a name, a version and options that JSON can carry", () => {
    const made = make({ eta: 4, leastResults: 20, randomShare: 0.25 });
    expect(made).toMatchObject({ type, version: 1, options: { eta: 4, leastResults: 20, randomShare: 0.25 } });
    expect(JSON.parse(canonicalJson(made.options))).toEqual(made.options);
  });

  it("refuses what it cannot compare, in its own name, and samplers that do not learn", () => {
    const parameters = { x: float(0, 1) };
    const refusal = (spec: object) => make().refuse(testProblem({ parameters, fidelity, ...spec }));
    expect(refusal({})).toBeNull();
    expect(refusal({ fidelity: null })).toMatch(new RegExp(`^${type} .*needs a fidelity`));
    expect(refusal({ objectiveCount: 2 })).toMatch(new RegExp(`^${type} .*there are 2 objectives`));
    const driven = (sampler: Parameters<ReturnType<typeof make>["drive"]>[0]) =>
      make().drive(sampler).refuse(testProblem({ parameters, fidelity }));
    expect(driven(tpe())).toBeNull();
    expect(driven(grid())).toMatch(new RegExp(`^${type} lets a sampler learn .*grid does not learn$`));
  });

  it("names wrong options", () => {
    expect(() => make({ eta: 1, leastResults: 0, randomShare: 1.5 })).toThrow(
      new RegExp(`^${type}: eta: is 1; .*leastResults: is 0; .*randomShare: is 1.5; allowed: a number from 0 to 1`),
    );
  });
});
