import { describe, expect, test } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { boolean, categorical, float, int, ordinal } from "../../parameters/build-parameter.ts";
import { createSpace } from "../../parameters/create-space.ts";
import type { Config, Parameter, ParameterValue } from "../../parameters/parameter.ts";
import type { Space } from "../../parameters/space.ts";
import { HistoryRecorder } from "../../trial/history-recorder.ts";
import { childConfig, type Perturbation, perturbedCoordinate } from "./explore.ts";

const usual: Perturbation = { perturb: [0.8, 1.2], resample: 0 };

/** All that a value becomes in 200 draws, ascending. */
function children(parameter: Parameter, value: ParameterValue, perturbation: Perturbation = usual): ParameterValue[] {
  const { dimensions } = createSpace({ x: parameter });
  const [dimension] = dimensions;
  const found = new Set<ParameterValue>();
  for (let seed = 0; seed < 200; seed++)
    found.add(dimension.decode(perturbedCoordinate(dimension, dimension.encode(value), perturbation, createRng(seed))));
  return [...found].sort((a, b) => Number(a) - Number(b));
}

function close(values: readonly ParameterValue[], expected: readonly number[]): void {
  expect(values.length).toBe(expected.length);
  for (const [i, value] of values.entries()) expect(value as number).toBeCloseTo(expected[i], 12);
}

describe("a perturbed value", () => {
  test("of a float is the value times one of the factors, on a log scale too, and stays in its range", () => {
    close(children(float(0, 10), 5), [4, 6]);
    close(children(float(-10, 10), -5), [-6, -4]);
    close(children(float(1e-6, 1, { log: true }), 0.01), [0.008, 0.012]);
    close(children(float(0, 10), 9), [7.2, 10]);
    close(children(float(4.5, 10), 5), [4.5, 6]);
    close(children(float(0, 10), 5, { perturb: [0.5, 1, 2], resample: 0 }), [2.5, 5, 10]);
  });

  test("of an int or a stepped float moves by at least one step, unless the range ends or the factor is 1", () => {
    expect(children(int(0, 100), 50)).toEqual([40, 60]);
    expect(children(int(0, 100), 1)).toEqual([0, 2]);
    expect(children(int(0, 100), 0)).toEqual([0, 1]);
    expect(children(int(-100, 0), -1)).toEqual([-2, 0]);
    expect(children(int(0, 4), 4)).toEqual([3, 4]);
    expect(children(float(0, 1, { step: 0.25 }), 0.5)).toEqual([0.25, 0.75]);
    expect(children(int(1, 1024, { log: true }), 2)).toEqual([1, 3]);
    expect(children(int(0, 100), 50, { perturb: [1], resample: 0 })).toEqual([50]);
  });

  test("of an ordinal is a neighbour", () => {
    expect(children(ordinal([8, 16, 32, 64]), 16)).toEqual([8, 32]);
    expect(children(ordinal([8, 16, 32, 64]), 8)).toEqual([16]);
    expect(children(ordinal([8, 16, 32, 64]), 64)).toEqual([32]);
  });

  test("of a categorical or boolean stays, and is any of them where it is drawn afresh", () => {
    expect(children(categorical([1, 2, 3]), 2)).toEqual([2]);
    expect(children(boolean(), true)).toEqual([true]);
    expect(children(categorical([1, 2, 3]), 2, { perturb: [0.8], resample: 1 })).toEqual([1, 2, 3]);
  });

  test("is drawn afresh with the given probability, by the prior", () => {
    const [dimension] = createSpace({ x: categorical([1, 2, 3], { weights: [1, 0, 1] }) }).dimensions;
    const rng = createRng(1, "resample");
    let leftCount = 0;
    for (let i = 0; i < 4_000; i++) {
      const value = dimension.decode(perturbedCoordinate(dimension, dimension.encode(2), { perturb: [1], resample: 0.25 }, rng));
      if (value !== 2) leftCount++;
    }
    // 5 standard deviations of a binomial count.
    expect(Math.abs(leftCount - 1_000)).toBeLessThan(5 * Math.sqrt(4_000 * 0.25 * 0.75));
  });
});

describe("a child's config", () => {
  const childrenOf = (space: Space, parent: Config, tuned: readonly string[], resample = 0): Config[] => {
    const history = new HistoryRecorder(space, 1, 1);
    return Array.from({ length: 100 }, (_, seed) => {
      const rng = createRng(seed, "child");
      const isTuned = (name: string): boolean => tuned.includes(name);
      return childConfig(
        space,
        history,
        parent,
        isTuned,
        (dimension, u) => perturbedCoordinate(dimension, u, { perturb: [0.8, 1.2], resample }, rng),
        rng,
      ).config;
    });
  };

  test("has the parent's values to the bit where they are not tuned, others where they are", () => {
    const space = createSpace({ lr: float(1e-6, 1, { log: true }), wd: float(0, 1), act: categorical(["relu", "gelu"]) });
    const parent = { lr: 0.0123456789, wd: 1 / 3, act: "gelu" };
    for (const child of childrenOf(space, parent, ["wd"], 0.5)) {
      expect({ ...child, wd: parent.wd }).toEqual(parent);
      expect(child.wd).not.toBe(parent.wd);
    }
  });

  test("has what a new choice makes active, drawn, and not what it makes inactive", () => {
    const space = createSpace({
      optimizer: categorical(["sgd", "adam"]),
      momentum: float(0, 1, { when: { optimizer: "sgd" } }),
      beta: float(0, 1, { when: { optimizer: "adam" } }),
    });
    const all = childrenOf(space, { optimizer: "sgd", momentum: 0.5 }, ["optimizer", "momentum", "beta"], 0.5);
    for (const child of all) expect(space.check(child)).toEqual([]);
    const betas = new Set(all.filter(({ optimizer }) => optimizer === "adam").map(({ beta }) => beta));
    expect(betas.size).toBeGreaterThan(10);
  });

  test("satisfies the constraints between parameters; where no change does, it is the parent's", () => {
    const space = createSpace({ a: float(0, 1), b: float(0, 1) }, ["a + b <= 1"]);
    for (const child of childrenOf(space, { a: 0.5, b: 0.5 }, ["a", "b"])) expect(space.satisfies(child)).toBe(true);
    const narrow = createSpace({ a: float(0, 1, { default: 0.9 }), b: float(0, 1, { default: 0.9 }) }, [
      "a + b <= 1",
      "a - b >= 0.999",
    ]);
    expect(childrenOf(narrow, { a: 1, b: 0 }, ["a"]).slice(0, 3)).toEqual(Array(3).fill({ a: 1, b: 0 }));
  });
});
