import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSpace } from "../../parameters/create-space.ts";
import { boxConfig } from "../benchmark-problem.ts";
import { bbob, bbobFunctionCount, isSeparable } from "./bbob.ts";
import { ascendingOrder, legacyUniforms } from "./legacy-random.ts";
import { asymmetric, boundaryPenalty, conditioned, oscillated, rotation } from "./transformations.ts";

// Recipe: cma/bbobbenchmarks.py of pycma, commit 8d1650543a903e4c8c79b4b6788f454024806bd4: instantiate(f, iid), then the function at x.
// f, dimension, instance, f_opt, x, f(x)
const golden: readonly (readonly [number, number, number, number, readonly number[], number])[] = [
  [1, 2, 1, 79.48, [2.185668, -2.774001], 85.83131777982501],
  [1, 5, 3, -247.11, [-2.51078, -1.614167, 3.490633, 3.702811, -3.343219], -169.93054074254002],
  [2, 2, 1, -209.88, [-3.610528, -1.873269], 5135314.568922708],
  [2, 5, 3, -87.89, [2.113305, -0.69421, 2.017687, -0.547891, -3.178346], 76892.6265079121],
  [3, 2, 1, -462.09, [-3.260556, 1.140363], -441.3139181257369],
  [3, 5, 3, 115.68, [2.238382, -0.282184, 2.343737, 2.965704, -2.476449], 216.75734787493096],
  [4, 2, 1, -462.09, [-1.341694, 4.226984], -397.89145021765],
  [4, 5, 3, 115.68, [-4.400288, -4.524174, -2.835384, 0.155712, -0.288005], 462.989264208006],
  [5, 2, 1, -9.21, [-1.240467, 1.727589], 29.754576999999998],
  [5, 5, 3, 66.71, [-3.935422, 4.246886, 4.512799, 0.227076, 1.335816], 204.49852081607747],
  [6, 2, 1, 35.9, [2.201684, 2.236276], 7016.5382247484495],
  [6, 5, 3, -1000.0, [1.182366, 4.683622, 1.962776, -0.180029, -3.526232], 423992.56861174054],
  [7, 2, 1, 92.94, [-1.854885, 0.755926], 143.27899960766985],
  [7, 5, 3, 3.82, [-1.250214, -2.932959, -2.541126, -3.640332, 2.538114], 3153.6930587923316],
  [8, 2, 1, 149.15, [-1.31977, 3.56453], 2517.895380147134],
  [8, 5, 3, 98.62, [-3.905591, -3.235382, -0.954763, 4.099959, 4.276916], 246721.6140616478],
  [9, 2, 1, 123.83, [-2.327887, 3.635247], 41096.46516595093],
  [9, 5, 3, 55.34, [-3.701789, -4.790499, -3.659356, 3.550862, -0.416073], 158136.7293901395],
  [10, 2, 1, -54.94, [-2.879906, -4.795825], 11799086.693358457],
  [10, 5, 3, -491.53, [-1.144972, 3.209612, -3.375784, 0.899171, -0.769994], 4630848.356067895],
  [11, 2, 1, 76.27, [1.977208, -1.27725], 7551915.665052264],
  [11, 5, 3, 13.66, [1.963897, 3.761923, -1.707767, -4.650723, 2.540926], 8117811.36523346],
  [12, 2, 1, -621.11, [3.323078, -4.079677], 24818861783.729023],
  [12, 5, 3, 56.61, [-0.343136, 1.4574, 1.659677, 2.312698, -4.291355], 68885463.62683833],
  [13, 2, 1, 29.97, [-2.536373, -3.344712], 775.3368322667744],
  [13, 5, 3, -279.95, [-2.470811, 3.631858, 4.40207, 4.018012, 4.748547], 2275.4478649895036],
  [14, 2, 1, -52.35, [-2.396259, -0.25946], -49.60925020913699],
  [14, 5, 3, 77.31, [-4.040296, -1.357341, -2.564695, 3.426147, 3.670953], 144.72903509488242],
  [15, 2, 1, 1000.0, [-3.049747, 3.986707], 1027.7956374809423],
  [15, 5, 3, -48.22, [-1.01981, -2.098286, -2.256895, 4.971894, -1.070329], 169.0194581114235],
  [16, 2, 1, 71.35, [2.439304, 1.144466], 109.89571819655077],
  [16, 5, 3, 99.17, [0.103169, -0.542212, 0.419299, -0.453257, 3.636592], 213.3609317595051],
  [17, 2, 1, -16.94, [-1.503406, -0.225443], 288.5510435214747],
  [17, 5, 3, 273.15, [-4.204762, 4.88439, 1.64827, -3.074214, -2.347865], 450.4129952313957],
  [18, 2, 1, -16.94, [4.308641, -1.736325], -8.893878458999248],
  [18, 5, 3, 273.15, [-0.914131, -2.93922, -3.481893, -2.650467, -4.626643], 511.76185256916557],
  [19, 2, 1, -102.55, [2.906617, 0.482285], -83.25875807638509],
  [19, 5, 3, 214.01, [-3.392734, 2.41294, -0.247697, -0.650288, -3.876669], 235.8817046606019],
  [20, 2, 1, -546.5, [-0.932972, 1.802302], -543.220166017208],
  [20, 5, 3, 208.38, [4.921222, 3.871298, -2.663446, 4.332009, -2.503396], 35018.96169509229],
  [21, 2, 1, 40.78, [-1.486958, 3.0702], 47.38004542580652],
  [21, 5, 3, -370.84, [-4.914154, -1.65046, -0.055506, -2.04068, 0.435462], -305.6260789837317],
  [22, 2, 1, -1000.0, [1.553904, -0.836329], -993.5122618733033],
  [22, 5, 3, -49.13, [-2.244699, -3.998083, -2.145432, -4.035695, 3.61038], 37.30334912924297],
  [23, 2, 1, 6.87, [-1.824941, 2.695933], 68.44568151730604],
  [23, 5, 3, -130.61, [2.236141, 4.882048, -2.797181, -4.450421, -3.399106], -108.87170476333938],
  [24, 2, 1, 102.61, [-0.829379, -3.105228], 149.29058234759168],
  [24, 5, 3, 13.64, [-3.779739, 1.223808, 4.938299, -2.106347, -4.532893], 220.05560912290287],
];

const anyFunction = fc.integer({ min: 1, max: bbobFunctionCount });
const anyDimension = fc.integer({ min: 2, max: 12 });
const anyInstance = fc.integer({ min: 1, max: 500 });

describe("bbob", () => {
  it.each(golden)("f%i in %i dimensions, instance %i, agrees with the reference", (f, d, instance, fopt, x, value) => {
    const problem = bbob(f, d, instance);
    expect(problem.optimum?.value).toBe(fopt);
    const found = problem.evaluate(boxConfig(x)).value;
    expect(Math.abs(found - value)).toBeLessThanOrEqual(1e-10 * Math.max(1, Math.abs(value)));
  });

  it("has its declared value at its declared optimum, inside the box, for any function, dimension and instance", () => {
    fc.assert(
      fc.property(anyFunction, anyDimension, anyInstance, (f, d, instance) => {
        const { optimum, evaluate } = bbob(f, d, instance);
        if (optimum === null) throw new Error("no optimum");
        for (const value of Object.values(optimum.config)) expect(Math.abs(value as number)).toBeLessThanOrEqual(5);
        expect(Math.abs(evaluate(optimum.config).value - optimum.value)).toBeLessThan(1e-6);
      }),
    );
  });

  it("is nowhere better than its optimum", () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(anyFunction, anyInstance, fc.array(unit, { minLength: 2, maxLength: 6 }), (f, instance, units) => {
        const { optimum, evaluate } = bbob(f, units.length, instance);
        const value = evaluate(boxConfig(units.map((u) => 10 * u - 5))).value;
        expect(value).toBeGreaterThanOrEqual((optimum?.value ?? Number.NaN) - 1e-9 * Math.abs(value) - 1e-9);
      }),
    );
  });

  it("is a sum over coordinates exactly where it says so", () => {
    // The mixed second difference f(a,b) − f(a,0) − f(0,b) + f(0,0) of a separable function is 0 everywhere.
    for (let f = 1; f <= bbobFunctionCount; f++) {
      const { evaluate } = bbob(f, 3, 7);
      const at = (a: number, b: number): number => evaluate({ x1: a, x2: b, x3: 0.3 }).value;
      let most = 0;
      for (const [a, b] of [
        [1.1, -2.3],
        [-3.7, 0.9],
        [2.2, 3.3],
        [-0.4, -4.1],
      ]) {
        const scale = Math.abs(at(a, b)) + Math.abs(at(0, 0)) + 1;
        most = Math.max(most, Math.abs(at(a, b) - at(a, 0) - at(0, b) + at(0, 0)) / scale);
      }
      if (isSeparable(f)) expect(most, `f${f}`).toBeLessThan(1e-12);
      else expect(most, `f${f}`).toBeGreaterThan(1e-9);
    }
  });

  it("declares parameters that a space can be made of", () => {
    expect(createSpace(bbob(3, 4, 1).parameters).dimensions).toHaveLength(4);
  });

  it("moves its optimum and its value from instance to instance", () => {
    const optima = [1, 2, 3, 4].map((instance) => bbob(1, 2, instance).optimum);
    expect(new Set(optima.map((optimum) => optimum?.value)).size).toBe(4);
    expect(new Set(optima.map((optimum) => optimum?.config.x1)).size).toBe(4);
  });

  it("refuses what it has no definition for", () => {
    expect(() => bbob(25, 2, 1)).toThrow("f is 25, must be a whole number from 1 to 24");
    expect(() => bbob(1, 1, 1)).toThrow("d is 1, must be a whole number from 2 to 1000");
    expect(() => bbob(1, 2, 0)).toThrow("instance is 0, must be");
    expect(() => bbob(1, 2, 1).evaluate({ x1: 0 })).toThrow("x2 is undefined, must be a finite number");
  });
});

describe("the transformations", () => {
  it("make rotations that are orthonormal", () => {
    fc.assert(
      fc.property(anyDimension, fc.nat(2 ** 31 - 2), (d, seed) => {
        const matrix = rotation(d, seed);
        for (let i = 0; i < d; i++) {
          for (let j = 0; j < d; j++) {
            let product = 0;
            for (let k = 0; k < d; k++) product += matrix[i * d + k] * matrix[j * d + k];
            expect(Math.abs(product - (i === j ? 1 : 0))).toBeLessThan(1e-9);
          }
        }
      }),
    );
  });

  it("exist for the seeds of the generator only", () => {
    for (const seed of [2 ** 31 - 1, -(2 ** 31), Number.NaN]) expect(() => rotation(3, seed)).toThrow(RangeError);
  });

  it("keep 0 and signs, grow monotonely and condition by the square root", () => {
    expect([-3, -0.1, 0, 0.1, 3].map((v) => Math.sign(oscillated(v)))).toEqual([-1, -1, 0, 1, 1]);
    const many = Array.from({ length: 2000 }, (_, i) => oscillated((i - 1000) / 100));
    for (let i = 1; i < many.length; i++) expect(many[i]).toBeGreaterThan(many[i - 1]);
    expect(Array.from(asymmetric(Float64Array.of(-2, 4, 4), 0.5))).toEqual([-2, 4 ** 1.5, 4 ** 2]);
    expect(Array.from(conditioned(Float64Array.of(1, 1, 1), 100))).toEqual([1, 100 ** 0.25, 10]);
    expect(boundaryPenalty(Float64Array.of(5, -7, 5.5))).toBe(4.25);
  });
});

describe("legacyUniforms", () => {
  it("takes 0 and negative seeds as their size, at least 1", () => {
    expect(legacyUniforms(5, 0)).toEqual(legacyUniforms(5, 1));
    expect(legacyUniforms(5, -3)).toEqual(legacyUniforms(5, 3));
    expect(legacyUniforms(5, 3)).not.toEqual(legacyUniforms(5, 4));
  });

  it("gives uniform numbers", () => {
    const values = legacyUniforms(20_000, 12);
    expect(values.every((v) => v > 0 && v < 1)).toBe(true);
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    // Five standard errors of the mean of 20,000.
    expect(Math.abs(mean - 0.5)).toBeLessThan((5 * Math.sqrt(1 / 12)) / Math.sqrt(20_000));
    expect(ascendingOrder(Float64Array.of(3, 1, 2))).toEqual([1, 2, 0]);
  });
});
