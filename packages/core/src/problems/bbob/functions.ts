import type { BbobInstance } from "./instance.ts";
import { uniformOptimum } from "./instance.ts";
import { ascendingOrder, legacyNormals, legacyUniforms } from "./legacy-random.ts";
import { asymmetric, boundaryPenalty, conditioned, oscillated, rotated, rotation, shifted } from "./transformations.ts";

// Notation of N. Hansen, S. Finck, R. Ros, A. Auger (2009), "Real-parameter black-box optimization benchmarking 2009: noiseless
// functions definitions", INRIA RR-6829: x (d,) the point, xopt its optimum, z the transformed point, R and Q rotations, f_opt is
// added by the caller. Where the report writes Q Λ R, the instances' code applies the rotations in the order R Λ Q, as is done here. The file is longer than most because the 24 definitions are kept together, in the report's order.

/** A function of one instance without f_opt: 0 at `xopt`. */
export interface BbobLandscape {
  readonly xopt: Float64Array;
  readonly value: (x: Float64Array) => number;
}

interface BbobDefinition {
  readonly title: string;
  /** A sum of functions of one coordinate each. */
  readonly separable: boolean;
  readonly build: (instance: BbobInstance) => BbobLandscape;
}

const tau = 2 * Math.PI;

function sum(x: Float64Array, term: (value: number, i: number) => number): number {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += term(x[i], i);
  return total;
}

/** Most functions have a uniform optimum. */
function around(value: (x: Float64Array, xopt: Float64Array, instance: BbobInstance) => number) {
  return (instance: BbobInstance): BbobLandscape => {
    const xopt = uniformOptimum(instance.d, instance.seed);
    return { xopt, value: (x) => value(x, xopt, instance) };
  };
}

const ellipsoidSum = (z: Float64Array): number => sum(z, (v, i) => 1e6 ** (i / (z.length - 1)) * v * v);
const rastriginSum = (z: Float64Array): number => 10 * (z.length - sum(z, (v) => Math.cos(tau * v))) + sum(z, (v) => v * v);

/** The terms of Rosenbrock's valley along z. */
function valleyTerms(z: Float64Array): Float64Array {
  return z.subarray(0, -1).map((v, i) => 100 * (v * v - z[i + 1]) ** 2 + (v - 1) ** 2);
}

/** f4. */
function buecheRastrigin({ d, seed }: BbobInstance): BbobLandscape {
  const xopt = uniformOptimum(d, seed).map((v, i) => (i % 2 === 0 ? Math.abs(v) : v));
  return {
    xopt,
    value(x) {
      const z = shifted(x, xopt)
        .map(oscillated)
        .map((v, i) => 10 ** ((v > 0 && i % 2 === 0 ? 1 : 0) + (0.5 * i) / (d - 1)) * v);
      return rastriginSum(z) + 100 * boundaryPenalty(x);
    },
  };
}

/** f5. */
function linearSlope({ d, seed }: BbobInstance): BbobLandscape {
  const xopt = uniformOptimum(d, seed).map((v) => 5 * Math.sign(v));
  return {
    xopt,
    value: (x) =>
      sum(x, (v, i) => {
        const s = Math.sign(xopt[i]) * 10 ** (i / (d - 1));
        return 5 * Math.abs(s) - s * (v * xopt[i] < 25 ? v : xopt[i]);
      }),
  };
}

/** f6. */
function attractiveSector(x: Float64Array, xopt: Float64Array, { r, q }: BbobInstance): number {
  const z = rotated(r, conditioned(rotated(q, shifted(x, xopt)), 10));
  return oscillated(sum(z, (v, i) => ((v * xopt[i] > 0 ? 100 : 1) * v) ** 2)) ** 0.9;
}

/** f7. */
function stepEllipsoid(x: Float64Array, xopt: Float64Array, { d, r, q }: BbobInstance): number {
  const hat = conditioned(rotated(q, shifted(x, xopt)), 10);
  const stepped = hat.map((v) => (Math.abs(v) > 0.5 ? Math.floor(0.5 + v) : Math.floor(0.5 + 10 * v) / 10));
  const slope = sum(rotated(r, stepped), (v, i) => 10 ** ((2 * i) / (d - 1)) * v * v);
  return 0.1 * Math.max(Math.abs(hat[0]) / 1e4, slope) + boundaryPenalty(x);
}

/** f8. */
function rosenbrock({ d, seed }: BbobInstance): BbobLandscape {
  const xopt = uniformOptimum(d, seed).map((v) => 0.75 * v);
  const scale = Math.max(1, Math.sqrt(d) / 8);
  return { xopt, value: (x) => sum(valleyTerms(shifted(x, xopt).map((v) => scale * v + 1)), (v) => v) };
}

/** A valley along z = scale · Q x + 1/2; f9 and f19. */
function rotatedValley(outer: (terms: Float64Array) => number) {
  return ({ d, q }: BbobInstance): BbobLandscape => {
    const scale = Math.max(1, Math.sqrt(d) / 8);
    const xopt = new Float64Array(d);
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) xopt[j] += (q[i * d + j] * 0.5) / scale;
    return { xopt, value: (x) => outer(valleyTerms(rotated(q, x).map((v) => scale * v + 0.5))) };
  };
}

/** f12; its optimum comes from another seed. */
function bentCigar({ d, seed, r }: BbobInstance): BbobLandscape {
  const xopt = uniformOptimum(d, seed + 1_000_000);
  return {
    xopt,
    value(x) {
      const z = rotated(r, asymmetric(rotated(r, shifted(x, xopt)), 0.5));
      return sum(z, (v, i) => (i === 0 ? 1 : 1e6) * v * v);
    },
  };
}

/** f13. */
function sharpRidge(x: Float64Array, xopt: Float64Array, { r, q }: BbobInstance): number {
  const z = rotated(r, conditioned(rotated(q, shifted(x, xopt)), 10));
  return z[0] ** 2 + 100 * Math.sqrt(sum(z, (v, i) => (i === 0 ? 0 : v * v)));
}

/** f15. */
function rotatedRastrigin(x: Float64Array, xopt: Float64Array, { r, q }: BbobInstance): number {
  const rough = asymmetric(rotated(r, shifted(x, xopt)).map(oscillated), 0.2);
  return rastriginSum(rotated(r, conditioned(rotated(q, rough), 10)));
}

/** f16. */
function weierstrass(x: Float64Array, xopt: Float64Array, { d, r, q }: BbobInstance): number {
  const z = rotated(r, conditioned(rotated(q, rotated(r, shifted(x, xopt)).map(oscillated)), 0.01));
  const series = (v: number): number => {
    let total = 0;
    for (let k = 0; k < 12; k++) total += 0.5 ** k * Math.cos(tau * 3 ** k * (v + 0.5));
    return total;
  };
  return 10 * (sum(z, series) / d - series(0)) ** 3 + (10 / d) * boundaryPenalty(x);
}

/** f17 and f18. */
function schaffersF7(conditioning: number) {
  return (x: Float64Array, xopt: Float64Array, { d, r, q }: BbobInstance): number => {
    const z = conditioned(rotated(q, asymmetric(rotated(r, shifted(x, xopt)), 0.5)), conditioning);
    const waves = sum(z.subarray(0, -1), (v, i) => {
      const s = Math.hypot(v, z[i + 1]);
      return Math.sqrt(s) * (1 + Math.sin(50 * s ** 0.2) ** 2);
    });
    return (waves / (d - 1)) ** 2 + 10 * boundaryPenalty(x);
  };
}

/** f20. */
function schwefel({ d, seed }: BbobInstance): BbobLandscape {
  const xopt = legacyUniforms(d, seed).map((u) => (Math.sign(u - 0.5) * 4.2096874633) / 2);
  const centre = xopt.map((v) => 2 * Math.abs(v));
  return {
    xopt,
    value(x) {
      const hat = x.map((v, i) => 2 * Math.sign(xopt[i]) * v);
      const coupled = hat.map((v, i) => (i === 0 ? v : v + 0.25 * (hat[i - 1] - centre[i - 1])));
      const z = conditioned(shifted(coupled, centre), 10).map((v, i) => 100 * (v + centre[i]));
      const waves = sum(z, (v) => v * Math.sin(Math.sqrt(Math.abs(v)))) / (100 * d);
      return 4.189828872724339 - waves + 100 * boundaryPenalty(z.map((v) => v / 100));
    },
  };
}

/** f21 and f22: Gaussian peaks, the first of which is the highest. */
function gallagher(peakCount: number, firstCondition: number, width: number) {
  return ({ d, seed }: BbobInstance): BbobLandscape => {
    const r = rotation(d, seed);
    const order = ascendingOrder(legacyUniforms(peakCount - 1, seed));
    const drawn = legacyUniforms(peakCount * d, seed);
    const peaks = Array.from({ length: peakCount }, (_, k) => {
      const condition = k === 0 ? firstCondition : 1000 ** (order[k - 1] / (peakCount - 2));
      const axes = ascendingOrder(legacyUniforms(d, seed + 1000 * k));
      const centre = drawn.subarray(k * d, (k + 1) * d).map((u) => (k === 0 ? 0.8 : 1) * (width * u - width / 2));
      return {
        centre,
        rotatedCentre: rotated(r, centre),
        scales: Float64Array.from(axes, (axis) => condition ** (axis / (d - 1) - 0.5)),
        height: k === 0 ? 10 : 1.1 + (8 * (k - 1)) / (peakCount - 2),
      };
    });
    return {
      xopt: peaks[0].centre,
      value(x) {
        const y = rotated(r, x);
        let highest = 0;
        for (const { rotatedCentre, scales, height } of peaks) {
          const distance = sum(y, (v, i) => scales[i] * (v - rotatedCentre[i]) ** 2);
          highest = Math.max(highest, height * Math.exp(-distance / (2 * d)));
        }
        return oscillated(10 - highest) ** 2 + boundaryPenalty(x);
      },
    };
  };
}

/** f23. */
function katsuura(x: Float64Array, xopt: Float64Array, { d, r, q }: BbobInstance): number {
  const z = rotated(r, conditioned(rotated(q, shifted(x, xopt)), 100));
  let product = 1;
  for (let i = 0; i < d; i++) {
    let rough = 0;
    for (let j = 1; j <= 32; j++) rough += Math.abs(2 ** j * z[i] - Math.round(2 ** j * z[i])) / 2 ** j;
    product *= (1 + (i + 1) * rough) ** (10 / d ** 1.2);
  }
  return (10 / d ** 2) * (product - 1) + boundaryPenalty(x);
}

/** f24. */
function lunacek({ d, seed, r, q }: BbobInstance): BbobLandscape {
  const mu0 = 2.5;
  const s = 1 - 1 / (2 * Math.sqrt(d + 20) - 8.2);
  const mu1 = -Math.sqrt((mu0 ** 2 - 1) / s);
  const xopt = legacyNormals(d, seed).map((v) => 0.5 * mu0 * Math.sign(v));
  return {
    xopt,
    value(x) {
      const hat = x.map((v, i) => 2 * Math.sign(xopt[i]) * v);
      const z = rotated(
        r,
        conditioned(
          rotated(
            q,
            hat.map((v) => v - mu0),
          ),
          100,
        ),
      );
      const funnels = Math.min(
        sum(hat, (v) => (v - mu0) ** 2),
        d + s * sum(hat, (v) => (v - mu1) ** 2),
      );
      return funnels + 10 * (d - sum(z, (v) => Math.cos(tau * v))) + 1e4 * boundaryPenalty(x);
    },
  };
}

const spun = (x: Float64Array, xopt: Float64Array, { r }: BbobInstance): Float64Array => rotated(r, shifted(x, xopt));

function define(title: string, build: BbobDefinition["build"], separable = false): BbobDefinition {
  return Object.freeze({ title, separable, build });
}

/** f1 … f24, at index 0 … 23. */
export const bbobDefinitions: readonly BbobDefinition[] = Object.freeze([
  define(
    "sphere",
    around((x, xopt) => sum(shifted(x, xopt), (v) => v * v)),
    true,
  ),
  define(
    "ellipsoid, separable",
    around((x, xopt) => ellipsoidSum(shifted(x, xopt).map(oscillated))),
    true,
  ),
  define(
    "Rastrigin, separable",
    around((x, xopt) => rastriginSum(conditioned(asymmetric(shifted(x, xopt).map(oscillated), 0.2), 10))),
    true,
  ),
  define("Büche-Rastrigin", buecheRastrigin, true),
  define("linear slope", linearSlope, true),
  define("attractive sector", around(attractiveSector)),
  define("step ellipsoid", around(stepEllipsoid)),
  define("Rosenbrock", rosenbrock),
  define(
    "Rosenbrock, rotated",
    rotatedValley((terms) => sum(terms, (v) => v)),
  ),
  define(
    "ellipsoid, rotated",
    around((x, xopt, of) => ellipsoidSum(spun(x, xopt, of).map(oscillated))),
  ),
  define(
    "discus",
    around((x, xopt, of) => sum(spun(x, xopt, of).map(oscillated), (v, i) => (i === 0 ? 1e6 : 1) * v * v)),
  ),
  define("bent cigar", bentCigar),
  define("sharp ridge", around(sharpRidge)),
  define(
    "different powers",
    around((x, xopt, of) => Math.sqrt(sum(spun(x, xopt, of), (v, i) => Math.abs(v) ** (2 + (4 * i) / (of.d - 1))))),
  ),
  define("Rastrigin, rotated", around(rotatedRastrigin)),
  define("Weierstrass", around(weierstrass)),
  define("Schaffers F7", around(schaffersF7(10))),
  define("Schaffers F7, ill-conditioned", around(schaffersF7(1000))),
  define(
    "Griewank-Rosenbrock",
    rotatedValley((terms) => 10 + (10 * sum(terms, (v) => v / 4000 - Math.cos(v))) / terms.length),
  ),
  define("Schwefel", schwefel),
  define("Gallagher, 101 peaks", gallagher(101, Math.sqrt(1000), 10)),
  define("Gallagher, 21 peaks", gallagher(21, 1000, 9.8)),
  define("Katsuura", around(katsuura)),
  define("Lunacek bi-Rastrigin", lunacek),
]);
