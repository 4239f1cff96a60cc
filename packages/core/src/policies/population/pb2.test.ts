import { describe, expect, test } from "vitest";
import { categorical, float, int } from "../../parameters/build-parameter.ts";
import type { Config, Parameters } from "../../parameters/parameter.ts";
import { random } from "../../samplers/random.ts";
import { PopulationDrill } from "../../testing/population-drill.ts";
import { testProblem } from "../../testing/test-study.ts";
import type { Policy } from "../policy.ts";
import { type Pb2Options, pb2 } from "./pb2.ts";
import { pbt } from "./pbt.ts";

const max = 200;
const few = { population: 4, interval: 20 };

/** The loss falls at a rate that depends on x and y; the best x wanders with the step. */
function train(model: number | null, { x, y }: Config, step: number): { model: number; loss: number } {
  const best = 0.2 + 0.6 * (step / max);
  const rate = 0.03 * (1 - 4 * ((x as number) - best) ** 2 - 2 * ((y as number) - 0.4) ** 2);
  const next = (model ?? 1) * (1 - rate);
  return { model: next, loss: next };
}

function drill(
  seed: number,
  makePolicy: () => Policy,
  parameters: Parameters = { x: float(0, 1), y: float(0, 1) },
  parameterConstraints: readonly string[] = [],
): PopulationDrill<number> {
  const problem = testProblem({ parameters, parameterConstraints, fidelity: { min: 1, max }, seed });
  return new PopulationDrill<number>({ problem, makePolicy, workerCount: 4, advance: train }).run();
}

/** log10 of the best loss at the end, mean over 20 seeds. */
function meanBest(makePolicy: () => Policy): number {
  let sum = 0;
  for (let seed = 0; seed < 20; seed++) {
    const ends = drill(seed, makePolicy).trials.filter(({ state }) => state === "complete");
    sum += Math.log10(Math.min(...ends.map(({ loss }) => loss)));
  }
  return sum / 20;
}

describe("pb2", () => {
  test("follows a wandering optimum with four members closer than perturbation at random does", () => {
    const bandit = meanBest(() => pb2(few).drive(random()));
    const perturbed = meanBest(() => pbt(few).drive(random()));
    const alone = meanBest(() => pb2({ ...few, quantile: 0 }).drive(random()));
    // Measured -2.22, -2.12 and -1.78; on forty other seeds 0.24 and 0.23 apart. A difference over twenty seeds has a standard error of 0.14.
    expect(bandit).toBeLessThan(perturbed);
    expect(perturbed).toBeLessThan(alone);
    expect(bandit).toBeLessThan(alone - 0.28);
  });

  const childrenOf = (study: PopulationDrill<number>) => study.trials.filter(({ parent }) => parent !== null);

  test("changes numbers by its model once four gains are known, and says what it expects", () => {
    const study = drill(3, () => pb2(few).drive(random()));
    const whys = study.decisions.flatMap(({ answer }) => (answer.kind === "exploit" ? [answer.suggestion.why] : []));
    expect(whys.length).toBeGreaterThan(2);
    const last = whys[whys.length - 1];
    expect(last.code).toBe("pbt-exploit");
    expect(last.gainCount).toBeGreaterThan(4);
    for (const key of ["gain", "sd", "forgetting"]) expect(last[key]).toBeTypeOf("number");
  });

  test("keeps choices or draws them afresh, keeps what is not tuned, and rounds to steps", () => {
    const parameters = { x: float(0, 1), y: float(0, 1), n: int(1, 4), c: categorical(["a", "b"]) };
    const options: Pb2Options = { ...few, tune: ["x", "n", "c"] };
    let keptCount = 0;
    let childCount = 0;
    for (let seed = 0; seed < 6; seed++) {
      const study = drill(seed, () => pb2(options).drive(random()), parameters);
      for (const { config, parent } of childrenOf(study)) {
        const from = study.trials[parent as number].config;
        expect(config.y).toBe(from.y);
        expect([1, 2, 3, 4]).toContain(config.n);
        childCount++;
        if (config.c === from.c) keptCount++;
      }
    }
    // Kept with probability 3/4 + 1/8.
    expect(keptCount / childCount).toBeGreaterThan(0.6);
    expect(keptCount).toBeLessThan(childCount);
  });

  test("stays within the constraints between parameters, by its next best candidates", () => {
    const study = drill(1, () => pb2(few).drive(random()), undefined, ["x + y <= 0.8"]);
    const outcomes = study.decisions.flatMap(({ answer }) => (answer.kind === "exploit" ? [answer.suggestion.why.outcome] : []));
    for (const { config } of study.trials) expect((config.x as number) + (config.y as number)).toBeLessThanOrEqual(0.8);
    expect(new Set(outcomes)).toEqual(new Set(["drawn"]));
  });

  test("decides by the history alone", () => {
    const makePolicy = (): Policy => pb2(few).drive(random());
    const problem = testProblem({ parameters: { x: float(0, 1), y: float(0, 1) }, fidelity: { min: 1, max }, seed: 2 });
    const study = drill(2, makePolicy);
    for (const { eventCount, answer } of study.decisions) {
      if (answer.kind !== "exploit") continue;
      const history = study.historyAt(eventCount);
      expect(makePolicy().next(problem, history, study.context(history.trialCount))).toEqual(answer);
    }
  });

  test("is refused where there is no number to tune, and what pbt is refused for", () => {
    const problem = testProblem({ parameters: { x: float(0, 1), c: categorical(["a", "b"]) }, fidelity: { min: 1, max } });
    expect(pb2().drive(random()).refuse(problem)).toBeNull();
    expect(
      pb2({ tune: ["c"] })
        .drive(random())
        .refuse(problem),
    ).toBe("pb2 chooses numbers, but none of the parameters to tune is one; pbt changes choices");
    expect(
      pb2()
        .drive(random())
        .refuse({ ...problem, fidelity: null }),
    ).toContain("needs a fidelity");
    expect(() => pb2({ population: 1 }).drive(random())).toThrow("pb2: population: is 1; allowed: a whole number from 2");
  });
});
