import fc from "fast-check";
import { expect, it } from "vitest";
import { createRng, type Rng } from "../../numerics/rng.ts";
import { logSumExp, normalCdf } from "../../numerics/special-functions.ts";
import { boolean, categorical, float, int } from "../../parameters/build-parameter.ts";
import { createSpace } from "../../parameters/create-space.ts";
import type { Parameters } from "../../parameters/parameter.ts";
import type { Space } from "../../parameters/space.ts";
import { Arena } from "./arena.ts";
import { DensityRatios } from "./density-ratios.ts";
import { type Axis, cellAt, choiceAt, type Group, kernelGroups } from "./kernel-space.ts";
import { kernelLayout, layOutKernels, logDensityAt, logShareAt, type Meeting, meetCandidates } from "./log-densities.ts";
import { ageWeights, createParzen } from "./tpe.ts";
import { tailEnd, upperTail } from "./upper-tail.ts";

// --- The plain form: Bergstra et al. (2011), Falkner et al. (2018), one kernel, one coordinate, one candidate after the other ---

/** log Σ_i w_i Π_j k_ij(x_j) over the trials and the prior. */
function plainLogDensity(axes: readonly Axis[], points: readonly Float64Array[], floor: number, x: Float64Array): number {
  const m = points.length;
  const ages = ageWeights(m);
  const total = 1 + ages.reduce((sum, weight) => sum + weight, 0);
  const sigmas = axes.map((axis) =>
    plainBandwidths(
      points.map((point) => point[axis.column]),
      floor,
    ),
  );
  const terms = points.map((point, i) =>
    axes.reduce(
      (sum, axis, a) => sum + Math.log(plainKernel(axis, point[axis.column], sigmas[a][i], m, x[axis.column])),
      Math.log(ages[i] / total),
    ),
  );
  const prior = axes.reduce((sum, axis) => sum + Math.log(plainPrior(axis, x[axis.column])), Math.log(1 / total));
  return logSumExp([...terms, prior]);
}

/** The greater gap to a neighbour in sorted order; a single one reaches to the ends of the range. */
function plainBandwidths(centres: readonly number[], floor: number): number[] {
  const order = [...centres.keys()].sort((i, j) => centres[i] - centres[j] || i - j);
  const sigmas: number[] = [];
  order.forEach((i, k) => {
    const gaps = [order[k - 1], order[k + 1]]
      .filter((other) => other !== undefined)
      .map((other) => Math.abs(centres[other] - centres[i]));
    const gap = gaps.length === 0 ? Math.max(centres[i], 1 - centres[i]) : Math.max(...gaps);
    sigmas[i] = Math.min(1, Math.max(floor, gap));
  });
  return sigmas;
}

function plainKernel(axis: Axis, mu: number, sigma: number, m: number, u: number): number {
  if (axis.kind !== "choices") return plainTruncatedNormal(axis, mu, sigma, u);
  const share = axis.prior.length / (m + 1);
  const choice = choiceAt(axis, u);
  return (share * axis.prior[choice] + (choice === choiceAt(axis, mu) ? 1 : 0)) / (1 + share);
}

function plainPrior(axis: Axis, u: number): number {
  if (axis.kind !== "choices") return plainTruncatedNormal(axis, axis.priorCentre, axis.priorSigma, u);
  return axis.prior[choiceAt(axis, u)];
}

/** Density at u, of a stepped coordinate the probability of its cell. */
function plainTruncatedNormal(axis: Exclude<Axis, { kind: "choices" }>, mu: number, sigma: number, u: number): number {
  const tail = (z: number): number => (z < tailEnd ? upperTail(z) : 0);
  const mass = 1 - tail(mu / sigma) - tail((1 - mu) / sigma);
  const z = (u - mu) / sigma;
  if (axis.kind === "continuous") return Math.exp(-0.5 * z * z) / (Math.sqrt(2 * Math.PI) * sigma * mass);
  const cell = cellAt(axis, u);
  const [a, b] = [(axis.edges[cell] - mu) / sigma, (axis.edges[cell + 1] - mu) / sigma];
  return Math.max(1e-300, a > 0 ? normalCdf(-a) - normalCdf(-b) : normalCdf(b) - normalCdf(a)) / mass;
}

// --- The histories ---

const spaces: Readonly<Record<string, Parameters>> = {
  mixed: {
    a: categorical(["p", "q", "r"]),
    b: int(1, 6),
    c: float(0, 1),
    d: int(1, 300, { log: true }),
    e: float(1e-5, 1, { log: true }),
    f: boolean(),
    g: float(-1, 1),
  },
  continuous: Object.fromEntries(Array.from({ length: 13 }, (_, j) => [`x${j + 10}`, float(0, 1)])),
  stepped: { a: int(1, 40), b: int(1, 5), c: int(1, 1_000, { log: true }) },
  choices: { a: categorical(["p", "q"]), b: categorical([1, 2, 3, 4], { weights: [1, 2, 0.5, 4] }) },
};

/** Points around a few centres, as of a study that has begun to converge; spread 1 is the whole range. */
function drawPoints(space: Space, count: number, spread: number, rng: Rng): Float64Array[] {
  const centres = Array.from({ length: 3 }, () => space.dimensions.map(() => rng.uniform()));
  return Array.from({ length: count }, () => {
    const centre = centres[rng.int(3)];
    const raw = Float64Array.from(centre, (u) => Math.min(1, Math.max(0, u + spread * (rng.uniform() - 0.5))));
    return space.encode(space.decode(raw));
  });
}

function columnsOf(points: readonly Float64Array[]): Float64Array[] {
  return Array.from(points[0], (_, j) => Float64Array.from(points, (point) => point[j]));
}

function meetingOf(
  group: Group,
  points: readonly Float64Array[],
  floor: number,
  x: readonly Float64Array[],
  arena: Arena,
): Meeting {
  const m = points.length;
  const centres = group.axes.map(({ column }) => Float64Array.from([...points.map((point) => point[column]), 0]));
  const orders = centres.map((centre) => Int32Array.from([...points.keys()].sort((i, j) => centre[i] - centre[j] || i - j)));
  const parzen = createParzen(
    group,
    ageWeights(m),
    centres,
    orders,
    group.axes.map(() => floor),
    arena,
  );
  return meetCandidates(layOutKernels(kernelLayout(group), parzen, arena), x, arena);
}

const cases = fc.record({
  name: fc.constantFrom(...Object.keys(spaces)),
  count: fc.constantFrom(0, 1, 2, 26, 90, 300),
  spread: fc.constantFrom(0, 0.02, 0.3, 2),
  floor: fc.constantFrom(0.03, 0.003, 1e-6, 1),
  seed: fc.nat(1_000),
});

it("is that of the plain form within 1e-12", () => {
  fc.assert(
    fc.property(cases, ({ name, count, spread, floor, seed }) => {
      const space = createSpace(spaces[name]);
      const [group] = kernelGroups(space);
      const rng = createRng(seed, "plain");
      const points = drawPoints(space, count, spread, rng);
      const candidates = [...drawPoints(space, 4, 1, rng), ...points.slice(0, 4)];
      const meeting = meetingOf(group, points, floor, columnsOf(candidates), new Arena());
      candidates.forEach((candidate, c) => {
        const plain = plainLogDensity(group.axes, points, floor, candidate);
        expect(Math.abs(logDensityAt(meeting, c) - plain)).toBeLessThan(1e-12 * Math.max(1, Math.abs(plain)));
      });
    }),
    { numRuns: 150 },
  );
});

it("is the sum of its shares and the prior's term", () => {
  fc.assert(
    fc.property(cases, ({ name, count, spread, floor, seed }) => {
      const space = createSpace(spaces[name]);
      const [group] = kernelGroups(space);
      const rng = createRng(seed, "shares");
      const points = drawPoints(space, count, spread, rng);
      const candidates = drawPoints(space, 5, 1, rng);
      const meeting = meetingOf(group, points, floor, columnsOf(candidates), new Arena());
      candidates.forEach((_, c) => {
        const prior = meeting.priorTerms[c];
        const shares = Array.from({ length: 8 }, (_, first) => logShareAt(meeting, c, first, 8, prior - 40));
        const whole = logDensityAt(meeting, c);
        expect(Math.abs(logSumExp([...shares, prior]) - whole)).toBeLessThan(1e-12 * Math.max(1, Math.abs(whole)));
      });
    }),
    { numRuns: 60 },
  );
});

it("gives the ratios from the greatest on, to the bit those of all candidates in full", () => {
  fc.assert(
    fc.property(cases, fc.constantFrom(0, 40, 600), ({ name, count, spread, floor, seed }, more) => {
      const space = createSpace(spaces[name]);
      const [group] = kernelGroups(space);
      const rng = createRng(seed, "ratios");
      const x = columnsOf(drawPoints(space, 24, spread, rng));
      const arena = new Arena();
      const below = meetingOf(group, drawPoints(space, 25, spread, rng), floor, x, arena);
      const above = meetingOf(group, drawPoints(space, count + more, spread, rng), floor, x, arena);
      const full = Array.from(x[0], (_, c) => logDensityAt(below, c) - logDensityAt(above, c));
      const expected = [...full.keys()].sort((a, b) => full[b] - full[a] || a - b);
      const ratios = new DensityRatios([below], [above], 24);
      const found = expected.map(() => {
        const c = ratios.takeGreatest();
        expect(ratios.bounds[c]).toBe(full[c]);
        return c;
      });
      expect(found).toEqual(expected);
      expect(ratios.takeGreatest()).toBe(-1);
    }),
    { numRuns: 80 },
  );
});
