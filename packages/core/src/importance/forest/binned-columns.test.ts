import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BinnedColumn, binColumn, binTable, INACTIVE, widthOfSet } from "./binned-columns.ts";

const coordinates = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 300 });
const ordered = { choiceCount: null, gates: [] };

describe("binColumn", () => {
  it("cuts in the middle between few different values", () => {
    const column = binColumn(Float64Array.of(0.5, 0.1, 0.5, 0.9), ordered);
    expect([...column.widths].map((width) => Number(width.toFixed(12)))).toEqual([0.3, 0.4, 0.3]);
    expect([0, 0.29, 0.31, 0.69, 0.71, 1].map(column.binAt)).toEqual([0, 0, 1, 1, 2, 2]);
  });

  it("puts every value into the bin that covers it, and the widths add up to 1", () => {
    fc.assert(
      fc.property(coordinates, (values) => {
        const { widths, binCount, binAt } = binColumn(Float64Array.from(values), ordered);
        const ends = [...widths].map((_, bin) => widths.subarray(0, bin + 1).reduce((sum, width) => sum + width, 0));
        expect(binCount).toBeLessThanOrEqual(64);
        expect(ends[binCount - 1]).toBeCloseTo(1, 12);
        for (const u of values) {
          expect(u).toBeLessThanOrEqual(ends[binAt(u)] + 1e-12);
          expect(u).toBeGreaterThanOrEqual((ends[binAt(u) - 1] ?? 0) - 1e-12);
        }
      }),
    );
  });

  it("fills 64 bins about equally when there are many values", () => {
    const values = Float64Array.from({ length: 6_400 }, (_, i) => (((i * 2_731) % 6_400) / 6_400) ** 3);
    const { binCount, binAt } = binColumn(values, ordered);
    const counts = new Int32Array(binCount);
    for (const u of values) counts[binAt(u)]++;
    expect(binCount).toBe(64);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(99);
    expect(Math.max(...counts)).toBeLessThanOrEqual(101);
  });

  it("does not depend on the order of the values", () => {
    fc.assert(
      fc.property(coordinates, (values) => {
        const again = binColumn(Float64Array.from(values).reverse(), ordered);
        expect(again.widths).toEqual(binColumn(Float64Array.from(values), ordered).widths);
      }),
    );
  });

  it("gives every choice a bin, seen or not", () => {
    const { widths, binAt } = binColumn(Float64Array.of(0.125, 0.125), { choiceCount: 4, gates: [] });
    expect([...widths]).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect([0.125, 0.375, 0.625, 0.875].map(binAt)).toEqual([0, 1, 2, 3]);
  });

  it("lets the rarest of many choices share the last bin", () => {
    const often = Float64Array.from({ length: 200 }, (_, i) => ((i % 2 === 0 ? 70 : i % 100) + 0.5) / 100);
    const { widths, binAt } = binColumn(often, { choiceCount: 100, gates: [] });
    expect(binAt(0.705)).toBe(0);
    expect(widths[0]).toBeCloseTo(0.01, 12);
    expect(widths[63]).toBeCloseTo(0.37, 12);
  });

  it("keeps inactive coordinates apart, also when there are no others", () => {
    const column = binColumn(Float64Array.of(Number.NaN, Number.NaN), ordered);
    expect([...column.widths]).toEqual([1]);
    expect(column.binAt(Number.NaN)).toBe(INACTIVE);
    expect([...binTable([column], Float64Array.of(0.3, Number.NaN)).bins]).toEqual([0, INACTIVE]);
  });
});

describe("widthOfSet", () => {
  it("is the sum of the widths of the members", () => {
    const values = Float64Array.from({ length: 64 }, (_, i) => (i / 64) ** 2);
    const column: BinnedColumn = binColumn(values, ordered);
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 32 - 1 }), fc.nat({ max: 2 ** 32 - 1 }), (low, high) => {
        let sum = 0;
        for (let bin = 0; bin < 64; bin++) {
          const word = bin < 32 ? low : high;
          if (((word >>> (bin % 32)) & 1) === 1) sum += column.widths[bin];
        }
        expect(widthOfSet(column, low, high)).toBeCloseTo(sum, 12);
      }),
    );
  });
});
