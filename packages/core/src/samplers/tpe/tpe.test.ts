import { describe, expect, it } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { normalCdf } from "../../numerics/special-functions.ts";
import { createSpace } from "../../parameters/create-space.ts";
import type { Config, Parameters } from "../../parameters/parameter.ts";
import { Arena } from "./arena.ts";
import { type Group, kernelGroups } from "./kernel-space.ts";
import { kernelLayout, layOutKernels, logDensityAt, meetCandidates } from "./log-densities.ts";
import { ageWeights, createParzen, drawCandidates, goodTrialCount, neighbourBandwidths, type Parzen, sharpFloor } from "./tpe.ts";

const parameters = {
  c: { type: "categorical", values: ["a", "b", "c"] },
  k: { type: "int", min: 1, max: 8, log: false },
  r: { type: "float", min: 1e-4, max: 1, log: true },
  x: { type: "float", min: 0, max: 1, log: false },
} satisfies Parameters;

// Recipe: a Parzen estimator of another library (Optuna): prior weight 1, magic clip on, endpoints off.
const observed: Config[] = [
  { x: 0.1, r: 1e-3, k: 2, c: "a" },
  { x: 0.4, r: 0.5, k: 2, c: "c" },
  { x: 0.35, r: 0.02, k: 5, c: "c" },
  { x: 0.8, r: 0.1, k: 8, c: "b" },
];

/** The Parzen estimator of some configs of an unconditional space, all weights alike. */
function parzenOf(declared: Parameters, configs: readonly Config[], floor: number): { group: Group; parzen: Parzen } {
  const space = createSpace(declared);
  const [group] = kernelGroups(space);
  const points = configs.map((config) => space.encode(config));
  const centres = group.axes.map(({ column }) => Float64Array.from([...points.map((point) => point[column]), 0]));
  const orders = centres.map((centre, a) =>
    group.axes[a].kind === "choices"
      ? new Int32Array(0)
      : Int32Array.from([...configs.keys()].sort((i, j) => centre[i] - centre[j] || i - j)),
  );
  const floors = group.axes.map(() => floor);
  return { group, parzen: createParzen(group, new Float64Array(configs.length).fill(1), centres, orders, floors, new Arena()) };
}

function logDensitiesAt(declared: Parameters, group: Group, parzen: Parzen, configs: readonly Config[]): Float64Array {
  const space = createSpace(declared);
  const points = configs.map((config) => space.encode(config));
  const x = space.dimensions.map((_, j) => Float64Array.from(points, (point) => point[j]));
  return logDensities(group, parzen, x);
}

function logDensities(group: Group, parzen: Parzen, x: readonly Float64Array[]): Float64Array {
  const arena = new Arena();
  const meeting = meetCandidates(layOutKernels(kernelLayout(group), parzen, arena), x, arena);
  return Float64Array.from(x[0], (_, c) => logDensityAt(meeting, c));
}

describe("goodTrialCount", () => {
  it("is a tenth, rounded up, at most 25", () => {
    const counts = [1, 10, 11, 100, 250, 251, 1000].map((n) => goodTrialCount(n, 0.1, 25));
    expect(counts).toEqual([1, 1, 2, 10, 25, 25, 25]);
  });

  it("does not round up what only floating point put above a whole number", () => {
    expect(0.07 * 100).toBeGreaterThan(7);
    expect(goodTrialCount(100, 0.07, 25)).toBe(7);
  });
});

describe("ageWeights", () => {
  it("rises from 1/m to 1 and stays there for the newest 25", () => {
    const weights = ageWeights(30);
    [1 / 30, 0.275, 0.5166666666666667, 0.7583333333333333, 1].forEach((weight, i) => {
      expect(weights[i]).toBeCloseTo(weight, 14);
    });
    expect([...weights.subarray(5)]).toEqual(Array(25).fill(1));
  });

  it("is 1 for all of up to 25 trials and 1/m for the one too many of 26", () => {
    expect([...ageWeights(25)]).toEqual(Array(25).fill(1));
    expect(ageWeights(26)[0]).toBe(1 / 26);
  });
});

describe("bandwidths", () => {
  const { group, parzen } = parzenOf(parameters, observed, 1 / 6);
  const sigmasOf = (name: string, range: number): number[] =>
    [...parzen.sigmas[group.axes.findIndex(({ column }) => column === Object.keys(parameters).sort().indexOf(name))]].map(
      (sigma) => sigma * range,
    );

  it("are the greater gap to a neighbour, as in the reference", () => {
    const expected = {
      x: [0.25, 0.4, 0.25, 0.4, 1],
      r: [2.995732273553991, 1.6094379124341, 2.995732273553991, 1.6094379124341005, 9.210340371976182],
      k: [8 / 6, 3, 3, 3, 8],
    };
    for (const [name, range] of [
      ["x", 1],
      ["r", Math.log(1e4)],
      ["k", 8],
    ] as const)
      sigmasOf(name, range).forEach((sigma, i) => {
        expect(sigma).toBeCloseTo(expected[name][i], 12);
      });
  });

  it("reach to the ends of the range for a single trial", () => {
    const sigma = new Float64Array(1);
    neighbourBandwidths(Float64Array.of(0.2), Int32Array.of(0), 0.01, sigma);
    expect(sigma[0]).toBeCloseTo(0.8, 15);
  });

  it("have a floor that falls with the number of trials, the faster the greater the sharpness, down to 1e-6", () => {
    const [c, , r] = group.axes;
    expect(c.kind).toBe("choices");
    expect(r.kind).toBe("continuous");
    expect([0, 2, 7].map((m) => sharpFloor(r, m, 1))).toEqual([1 / 2, 1 / 4, 1 / 9]);
    expect([0, 2, 8].map((m) => sharpFloor(r, m, 2))).toEqual([1 / 4, 1 / 16, 1 / 100]);
    expect(sharpFloor(r, 998, 3)).toBe(1e-6);
    expect(sharpFloor(r, 9_998, 0)).toBe(1);
  });

  it("are at least half a cell in a stepped coordinate, so that its neighbours are tried", () => {
    const [, k] = group.axes;
    expect(k.kind).toBe("cells");
    expect([0, 2, 8, 25].map((m) => sharpFloor(k, m, 2))).toEqual([1 / 4, 1 / 16, 1 / 16, 1 / 16]);
    // P(|Z| < 1): a kernel in the middle of its cell keeps this much there.
    const { group: stepped, parzen: one } = parzenOf({ k: parameters.k }, [{ k: 4 }, { k: 4 }], sharpFloor(k, 25, 2));
    const { parzen: none } = parzenOf({ k: parameters.k }, [], 1);
    const [logs, priorLogs] = [one, none].map((parzen) =>
      logDensitiesAt({ k: parameters.k }, stepped, parzen, [{ k: 3 }, { k: 4 }, { k: 5 }]),
    );
    // The prior weighs a third of the three kernels.
    const [left, own, right] = [...logs].map((log, i) => (3 * Math.exp(log) - Math.exp(priorLogs[i])) / 2);
    expect(own).toBeCloseTo(0.6826894921370859, 6);
    expect(left).toBeCloseTo(right, 6);
    expect(left).toBeGreaterThan(0.15);
  });
});

describe("log density", () => {
  it("is that of the reference", () => {
    const { group, parzen } = parzenOf(parameters, observed, 1 / 6);
    const logs = logDensitiesAt(parameters, group, parzen, [
      { x: 0.2, r: 0.01, k: 3, c: "c" },
      { x: 0.9, r: 0.3, k: 8, c: "a" },
    ]);
    // The reference measures r in ln r, whose range is ln 10^4; ours is 1.
    const perLogUnit = Math.log(Math.log(1e4));
    expect(logs[0] - perLogUnit).toBeCloseTo(-4.854892862765083, 11);
    expect(logs[1] - perLogUnit).toBeCloseTo(-5.879126657198473, 11);
  });

  it("sums to 1 over the values of a stepped log parameter and a choice", () => {
    const declared = {
      b: { type: "categorical", values: [1, 2, 3, 4], weights: [1, 0, 2, 5] },
      n: { type: "int", min: 1, max: 40, log: true },
    } satisfies Parameters;
    const configs = [
      { b: 1, n: 1 },
      { b: 2, n: 1 },
      { b: 4, n: 3 },
      { b: 4, n: 40 },
    ];
    const { group, parzen } = parzenOf(declared, configs, 0.003);
    const all = [1, 2, 3, 4].flatMap((b) => Array.from({ length: 40 }, (_, i) => ({ b, n: i + 1 })));
    const total = logDensitiesAt(declared, group, parzen, all).reduce((sum, log) => sum + Math.exp(log), 0);
    expect(total).toBeCloseTo(1, 12);
  });

  it("integrates to 1 over a continuous parameter", () => {
    const declared = { x: { type: "float", min: 0, max: 1, log: false } } satisfies Parameters;
    const { group, parzen } = parzenOf(declared, [{ x: 0 }, { x: 0.4 }, { x: 0.41 }, { x: 1 }], 0.01);
    const n = 20_000;
    const middles = Array.from({ length: n }, (_, i) => ({ x: (i + 0.5) / n }));
    const total = logDensitiesAt(declared, group, parzen, middles).reduce((sum, log) => sum + Math.exp(log) / n, 0);
    expect(total).toBeCloseTo(1, 6);
  });

  it("of a group without trials is the prior", () => {
    const declared = { x: { type: "float", min: 0, max: 1, log: false } } satisfies Parameters;
    const { group, parzen } = parzenOf(declared, [], 0.01);
    const mass = normalCdf(0.5) - normalCdf(-0.5);
    const [log] = logDensitiesAt(declared, group, parzen, [{ x: 0.5 }]);
    expect(log).toBeCloseTo(-Math.log(mass * Math.sqrt(2 * Math.PI)), 14);
  });

  it("rises where a trial is added", () => {
    const declared = { x: { type: "float", min: 0, max: 1, log: false } } satisfies Parameters;
    const logAt = (xs: readonly number[]): number => {
      const { group, parzen } = parzenOf(
        declared,
        xs.map((x) => ({ x })),
        0.01,
      );
      return logDensitiesAt(declared, group, parzen, [{ x: 0.5 }])[0];
    };
    expect(logAt([0.2, 0.9, 0.5])).toBeGreaterThan(logAt([0.2, 0.9]));
  });
});

describe("drawCandidates", () => {
  const declared = { c: parameters.c, x: parameters.x } satisfies Parameters;
  const { group, parzen } = parzenOf(
    declared,
    [
      { c: "a", x: 0.1 },
      { c: "c", x: 0.75 },
      { c: "c", x: 0.8 },
    ],
    0.05,
  );

  it("draws pure candidates from the mixture itself (Kolmogorov–Smirnov, mean of the choice)", () => {
    const n = 4_000;
    const x = [new Float64Array(2 * n), new Float64Array(2 * n)];
    drawCandidates([group], [parzen], () => -1, 0.2, createRng(5, "draws"), x);
    const sorted = x[1].slice(0, n).sort();
    const axis = 1;
    const cdf = (u: number): number => {
      let sum = 0;
      for (let i = 0; i <= parzen.count; i++) {
        const [mu, sigma] = [parzen.centres[axis][i], parzen.sigmas[axis][i]];
        const [low, high] = [normalCdf(-mu / sigma), normalCdf((1 - mu) / sigma)];
        sum += (parzen.weights[i] * (normalCdf((u - mu) / sigma) - low)) / (high - low);
      }
      return sum;
    };
    const distance = sorted.reduce((worst, u, i) => Math.max(worst, Math.abs(cdf(u) - (i + 0.5) / n)), 0);
    // The 0.1 % point of the Kolmogorov distribution; the seed is fixed, so the test cannot flicker.
    expect(distance).toBeLessThan(1.95 / Math.sqrt(n));
    const share = x[0].slice(0, n).filter((u) => u > 2 / 3).length / n;
    // Two kernels (weight 1/4 each) with P(c) = 1.25/1.75, one with 0.25/1.75, the prior 1/3.
    const expected = 0.5 * (1.25 / 1.75) + 0.25 * (0.25 / 1.75) + 0.25 / 3;
    expect(Math.abs(share - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / n));
  });

  it("estimates E over ℓ of g/ℓ as 1", () => {
    const other = parzenOf(
      declared,
      [
        { c: "b", x: 0.3 },
        { c: "a", x: 0.9 },
      ],
      0.2,
    ).parzen;
    const n = 20_000;
    const x = [new Float64Array(2 * n), new Float64Array(2 * n)];
    drawCandidates([group], [parzen], () => -1, 0, createRng(6, "draws"), x);
    const below = logDensities(group, parzen, x);
    const ratios = logDensities(group, other, x).map((log, c) => Math.exp(log - below[c]));
    const mean = ratios.reduce((a, b) => a + b) / ratios.length;
    const sd = Math.sqrt(ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / ratios.length);
    expect(Math.abs(mean - 1)).toBeLessThan((4 * sd) / Math.sqrt(ratios.length));
  });

  it("recombines coordinates of different trials in the second half only", () => {
    const two = parzenOf(
      { x: parameters.x, y: parameters.x },
      [
        { x: 0.1, y: 0.1 },
        { x: 0.9, y: 0.9 },
      ],
      0.001,
    );
    const narrow = {
      ...two.parzen,
      sigmas: two.parzen.sigmas.map((sigma) => sigma.fill(0.001)),
      cumulative: Float64Array.of(0.5, 1, 1),
    };
    const x = [new Float64Array(400), new Float64Array(400)];
    drawCandidates([two.group], [narrow], () => -1, 0.2, createRng(7, "draws"), x);
    const mixed = Array.from(x[0], (u, c) => Math.abs(u - x[1][c]) > 0.4);
    expect(mixed.slice(0, 200).filter(Boolean)).toHaveLength(0);
    // A coordinate changes over with probability 0.2 and then lands on the other trial half of the time.
    const share = mixed.slice(200).filter(Boolean).length / 200;
    expect(Math.abs(share - 2 * 0.1 * 0.9)).toBeLessThan(4 * Math.sqrt((0.18 * 0.82) / 200));
  });
});
