import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exclusiveHypervolume, hypervolume } from "./hypervolume.ts";
import { createRng } from "./rng.ts";

const CORNER = 4;
/** Points on the integer grid 0 … 5; the reference corner at 4 leaves some outside. */
const points = fc
  .integer({ min: 1, max: 5 })
  .chain((m) => fc.array(fc.array(fc.nat(5), { minLength: m, maxLength: m }), { minLength: 1, maxLength: 12 }));

function pack(rows: readonly (readonly number[])[]): Float64Array {
  return Float64Array.from(rows.flat());
}

function volume(rows: readonly (readonly number[])[], corner: number): number {
  const m = rows[0].length;
  return hypervolume(pack(rows), rows.length, m, new Array(m).fill(corner));
}

/** The definition, on a grid of whole numbers: how many unit cells below the corner some point dominates. */
function countedVolume(rows: readonly (readonly number[])[], corner: number): number {
  const m = rows[0].length;
  let count = 0;
  for (let cell = 0; cell < corner ** m; cell++) {
    const low = Array.from({ length: m }, (_, k) => Math.floor(cell / corner ** k) % corner);
    if (rows.some((row) => row.every((loss, k) => loss <= low[k]))) count++;
  }
  return count;
}

describe("hypervolume", () => {
  it("gives the golden volumes in 2, 3 and 4 dimensions", () => {
    // Recipe: all coordinates are whole numbers, so counting the dominated unit cubes below 6 gives the volume.
    expect(
      volume(
        [
          [1, 5],
          [2, 3],
          [4, 1],
        ],
        6,
      ),
    ).toBe(17);
    expect(
      volume(
        [
          [1, 5, 3],
          [2, 3, 4],
          [4, 1, 2],
          [3, 3, 1],
        ],
        6,
      ),
    ).toBe(71);
    expect(
      volume(
        [
          [1, 5, 3, 2],
          [2, 3, 4, 1],
          [4, 1, 2, 3],
          [3, 3, 1, 4],
        ],
        6,
      ),
    ).toBe(254);
  });

  it("counts the dominated cells, for 1 to 5 objectives, with duplicates, dominated points and points outside", () => {
    fc.assert(
      fc.property(points, (rows) => {
        expect(volume(rows, CORNER)).toBe(countedVolume(rows, CORNER));
      }),
      { numRuns: 500 },
    );
  });

  it("does not depend on the order of the points or of the objectives", () => {
    fc.assert(
      fc.property(points, fc.maxSafeNat(), (rows, seed) => {
        const rng = createRng(seed);
        const objectives = rng.shuffle(rows[0].map((_, k) => k));
        const moved = rng.shuffle(rows.map((row) => objectives.map((k) => row[k])));
        expect(volume(moved, CORNER)).toBe(volume(rows, CORNER));
      }),
    );
  });

  it("nears the exact volumes of the ZDT1 and ZDT2 fronts from below", () => {
    // Recipe: under (1.1, 1.1) a front f2(x) on [0, 1] that ends at 0
    // dominates ∫ (1.1 − f2) dx and 0.1 × 1.1 beyond: 0.1 + 2/3 + 0.11 for 1 − √x, 0.1 + 1/3 + 0.11 for 1 − x².
    const n = 20_000;
    const front = (second: (first: number) => number) => Array.from({ length: n + 1 }, (_, i) => [i / n, second(i / n)]);
    const zdt1 = volume(
      front((x) => 1 - Math.sqrt(x)),
      1.1,
    );
    const zdt2 = volume(
      front((x) => 1 - x * x),
      1.1,
    );
    // The steps below a front fall short by half a step of 1/n per unit of height.
    expect(0.1 + 2 / 3 + 0.11 - zdt1).toBeGreaterThan(0);
    expect(0.1 + 2 / 3 + 0.11 - zdt1).toBeLessThan(1 / n);
    expect(0.1 + 1 / 3 + 0.11 - zdt2).toBeGreaterThan(0);
    expect(0.1 + 1 / 3 + 0.11 - zdt2).toBeLessThan(1 / n);
  });

  it("agrees with a Monte Carlo estimate on a four-objective front of 60 points", () => {
    const rng = createRng(11);
    const rows = Array.from({ length: 60 }, () => {
      const direction = Array.from({ length: 4 }, () => Math.abs(rng.normal()));
      const length = Math.hypot(...direction);
      return direction.map((x) => 1 - x / length);
    });
    let hits = 0;
    const drawCount = 40_000;
    for (let i = 0; i < drawCount; i++) {
      const x = [rng.uniform(), rng.uniform(), rng.uniform(), rng.uniform()];
      if (rows.some((row) => row.every((loss, k) => loss <= x[k]))) hits++;
    }
    // Standard deviation of the estimate: at most 0.0025.
    expect(Math.abs(volume(rows, 1) - hits / drawCount)).toBeLessThan(0.012);
  });

  it("is 0 for no points, for points on or beyond the reference, and infinite for −∞ inside", () => {
    expect(hypervolume(new Float64Array(0), 0, 3, [1, 1, 1])).toBe(0);
    expect(
      volume(
        [
          [1, 0.5],
          [0.5, Infinity],
        ],
        1,
      ),
    ).toBe(0);
    expect(
      volume(
        [
          [-Infinity, 0.5],
          [0.2, 0.2],
        ],
        1,
      ),
    ).toBe(Infinity);
    expect(volume([[-Infinity, 2]], 1)).toBe(0);
  });

  it("leaves its argument as it is", () => {
    const losses = pack([
      [1, 5, 3],
      [2, 3, 4],
      [4, 1, 2],
    ]);
    const copy = losses.slice();
    hypervolume(losses, 3, 3, [6, 6, 6]);
    expect(losses).toEqual(copy);
  });

  it("refuses NaN, wrong lengths and an infinite reference", () => {
    expect(() => hypervolume(Float64Array.of(1, Number.NaN), 1, 2, [3, 3])).toThrow("objective 1 of point 0 is NaN");
    expect(() => hypervolume(Float64Array.of(1), 1, 2, [3, 3])).toThrow("losses has 1 values, must have n × m = 1 × 2");
    expect(() => hypervolume(Float64Array.of(1, 2), 1, 2, [3])).toThrow("reference has 1 values, must have m = 2");
    expect(() => hypervolume(Float64Array.of(1, 2), 1, 2, [3, Infinity])).toThrow("reference[1] is Infinity, must be finite");
    expect(() => hypervolume(new Float64Array(0), 0, 0, [])).toThrow("m is 0");
  });
});

describe("exclusiveHypervolume", () => {
  it("is the difference a point makes to the volume", () => {
    fc.assert(
      fc.property(points, (rows) => {
        const m = rows[0].length;
        const others = Int32Array.from(rows.slice(1), (_, i) => i + 1);
        const own = exclusiveHypervolume(pack(rows), m, new Array(m).fill(CORNER), 0, others, others.length);
        const without = rows.length === 1 ? 0 : volume(rows.slice(1), CORNER);
        expect(own).toBe(volume(rows, CORNER) - without);
      }),
      { numRuns: 300 },
    );
  });

  it("looks only at the first entries of the list", () => {
    const losses = pack([
      [1, 1],
      [1, 1],
      [2, 0],
    ]);
    expect(exclusiveHypervolume(losses, 2, [3, 3], 0, Int32Array.of(1, 2), 0)).toBe(4);
    expect(exclusiveHypervolume(losses, 2, [3, 3], 0, Int32Array.of(2, 1), 1)).toBe(2);
  });
});
