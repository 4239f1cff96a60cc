import { describe, expect, it } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { float } from "../../parameters/build-parameter.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import type { Problem } from "../../trial/problem.ts";
import type { Scheduler } from "../scheduler.ts";
import { median } from "./median.ts";
import { patience } from "./patience.ts";
import { percentile } from "./percentile.ts";
import { wilcoxon } from "./wilcoxon.ts";

const seedCount = 40;
const trialCount = 60;

interface Outcome {
  /** Share of all steps that were not made. */
  readonly saved: number;
  /** Whether the trial that would have ended best was stopped. */
  readonly isBestLost: boolean;
}

/**
 * A study in which four trials train at a time, a step each in turn, until all have had theirs.
 *
 * @param curves    Losses by trial and step.
 * @param resultOf  What a whole curve comes to.
 */
function run(
  scheduler: Scheduler,
  problem: Problem,
  curves: readonly (readonly number[])[],
  resultOf: (curve: readonly number[]) => number,
): Outcome {
  const study = new TestStudy(problem);
  const results = curves.map(resultOf);
  const best = results.indexOf(Math.min(...results));
  const running = new Set<number>();
  const reached = curves.map(() => 0);
  let isBestLost = false;
  for (;;) {
    while (running.size < 4 && study.trialCount < curves.length) running.add(study.add({ config: { x: 0.5 } }));
    if (running.size === 0) break;
    for (const trial of [...running]) {
      const row = study.report(trial, reached[trial] + 1, [curves[trial][reached[trial]++]]);
      const isStopped = scheduler.onReport(problem, study.history, row).kind === "stop";
      if (!isStopped && reached[trial] < curves[trial].length) continue;
      running.delete(trial);
      study.finish(trial, isStopped ? { state: "stopped", losses: null } : { losses: [results[trial]] });
      isBestLost ||= isStopped && trial === best;
    }
  }
  const made = reached.reduce((a, b) => a + b, 0);
  return { saved: 1 - made / (curves.length * curves[0].length), isBestLost };
}

const epochs = testProblem({ parameters: { x: float(0, 1) }, fidelity: { min: 1, max: 50 } });

/** Power laws that cross: floor in [0.1, 1], height in [0.2, 2], exponent log-uniform in [0.2, 1.5], normal noise. */
function powerLaws(seed: number, noise: number): number[][] {
  return Array.from({ length: trialCount }, (_, trial) => {
    const rng = createRng(seed, trial, "power law");
    const [floor, height, exponent] = [0.1 + 0.9 * rng.uniform(), 0.2 + 1.8 * rng.uniform(), 0.2 * 7.5 ** rng.uniform()];
    return Array.from({ length: 50 }, (_, i) => floor + height * (i + 1) ** -exponent + noise * rng.normal());
  });
}

const tenFolds = testProblem({ parameters: { x: float(0, 1) }, fidelity: { min: 1, max: 10 } });

/** Losses by trial and fold: a trial's own in [0, 0.3], a fold's own with deviation 0.1, noise with deviation 0.05. */
function folds(seed: number): number[][] {
  const shared = createRng(seed, "folds");
  const ofFold = Array.from({ length: 10 }, () => 0.1 * shared.normal());
  return Array.from({ length: trialCount }, (_, trial) => {
    const rng = createRng(seed, trial, "trial");
    const own = 0.3 * rng.uniform();
    return ofFold.map((fold) => own + fold + 0.05 * rng.normal());
  });
}

const last = (curve: readonly number[]): number => curve[curve.length - 1];
const mean = (curve: readonly number[]): number => curve.reduce((a, b) => a + b, 0) / curve.length;

/** The same study under 40 seeds. */
function measure(runSeed: (seed: number) => Outcome): { readonly leastSaved: number; readonly lostCount: number } {
  const found = Array.from({ length: seedCount }, (_, seed) => runSeed(seed));
  return {
    leastSaved: Math.min(...found.map(({ saved }) => saved)),
    lostCount: found.filter(({ isBestLost }) => isBestLost).length,
  };
}

function onPowerLaws(make: () => Scheduler, noise: number): ReturnType<typeof measure> {
  return measure((seed) => run(make(), epochs, powerLaws(seed, noise), last));
}

// Measured with 200 seeds; the bound on the trials lost is what 40 seeds exceed once in 1,000 at the measured rate (at 1 in 200
// where none was lost), the bound on what is saved lies a tenth below the least of the 200.
//
//                        least saved   median saved   best lost
// median, noise 0.02           0.376          0.513   0 of 200
// median, noise 0.1            0.322          0.461   0 of 200
// percentile, noise 0.02       0.511          0.611   2 of 200
// percentile, noise 0.1        0.456          0.589  15 of 200
// patience, noise 0.02         0.239          0.329   1 of 200
// patience, noise 0.1          0.394          0.495  12 of 200
// wilcoxon on folds            0.378          0.465   4 of 200
// median without window or best few kept, noise 0.02 and 0.1: best lost 25 and 31 of 200; patience with keep 0: 200 of 200
describe("stopping rules with their defaults", () => {
  const rules: readonly (readonly [make: () => Scheduler, noise: number, leastSaved: number, mostLost: number])[] = [
    [median, 0.02, 0.33, 3],
    [median, 0.1, 0.29, 3],
    [percentile, 0.02, 0.46, 3],
    [percentile, 0.1, 0.41, 9],
    [patience, 0.02, 0.21, 3],
    [patience, 0.1, 0.35, 8],
  ];
  for (const [make, noise, leastSaved, mostLost] of rules) {
    it(`${make().type} saves epochs on power laws with noise ${noise} and rarely stops the best`, () => {
      const found = onPowerLaws(() => make(), noise);
      expect(found.leastSaved).toBeGreaterThan(leastSaved);
      expect(found.lostCount).toBeLessThanOrEqual(mostLost);
    });
  }

  it("wilcoxon saves folds and rarely stops the best", () => {
    const found = measure((seed) => run(wilcoxon(), tenFolds, folds(seed), mean));
    expect(found.leastSaved).toBeGreaterThan(0.34);
    expect(found.lostCount).toBeLessThanOrEqual(5);
  });

  it("lose the best more often without their safety features", () => {
    const unsafe = onPowerLaws(() => median({ window: [0, 1], keep: 0 }), 0.02);
    expect(unsafe.lostCount).toBeGreaterThan(onPowerLaws(median, 0.02).lostCount);
    expect(onPowerLaws(() => patience({ keep: 0 }), 0.02).lostCount).toBe(seedCount);
  });
});
