import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalCdf } from "../../numerics/special-functions.ts";
import { type Cells, centreSamples, keepStretch, marginOf } from "./margin.ts";

function equalCells(count: number): Cells {
  return {
    count,
    cellOf: (x) => Math.min(count - 1, Math.max(0, Math.floor(x * count))),
    centre: (k) => (k + 0.5) / count,
    edge: (k) => k / count,
  };
}

/** Chance of a sample to lie in another cell than the mean, as the distribution stands. */
function leaving(cells: Cells, m: number, deviation: number): number {
  const cell = cells.cellOf(m);
  const below = cell === 0 ? 0 : normalCdf((cells.edge(cell) - m) / deviation);
  const above = cell === cells.count - 1 ? 0 : normalCdf((m - cells.edge(cell + 1)) / deviation);
  return below + above;
}

const situation = fc.record({
  count: fc.integer({ min: 3, max: 50 }),
  m: fc.double({ min: -0.2, max: 1.2, noNaN: true }),
  deviation: fc.double({ min: 1e-12, max: 0.3, noNaN: true }),
  n: fc.integer({ min: 1, max: 30 }),
});

describe("the margin", () => {
  it("leaves 27 % of the samples somewhere else than the mean", () => {
    for (const n of [1, 2, 10, 100]) expect((1 - marginOf(n)) ** n).toBeCloseTo(0.73, 12);
    expect(marginOf(0)).toBe(0);
  });

  it("keeps the chance to leave a cell, however narrow the distribution became, and the mean in its cell", () => {
    fc.assert(
      fc.property(situation, ({ count, m, deviation, n }) => {
        const cells = equalCells(count);
        const alpha = marginOf(n);
        const kept = keepStretch(cells, { m, A: 1, p: 0.5 - 1e-8 }, deviation, true, alpha);
        const chance = leaving(cells, kept.m, deviation * kept.A);
        expect(cells.cellOf(kept.m)).toBe(cells.cellOf(m));
        expect(chance).toBeGreaterThanOrEqual(alpha * (1 - 1e-6) - 1e-7);
        expect(Math.abs(chance - kept.p)).toBeLessThan(1e-6);
      }),
    );
  });

  it("lets the chance only shrink while no better sample has left", () => {
    fc.assert(
      fc.property(situation, fc.double({ min: 0, max: 1, noNaN: true }), ({ count, m, deviation, n }, share) => {
        const alpha = marginOf(n);
        const p = alpha + share * (0.5 - alpha) * 0.99;
        const kept = keepStretch(equalCells(count), { m, A: 1, p }, deviation, false, alpha);
        expect(kept.p).toBeLessThanOrEqual(p + 1e-7);
      }),
    );
  });
});

describe("centering", () => {
  const cells = equalCells(4);

  it("takes what left the mean's cell as the centre of its own", () => {
    const x = Float64Array.of(0.3, 0.55, 0.9);
    expect(centreSamples(cells, 0.3, x)).toBe(true);
    expect([...x.subarray(1)]).toEqual([0.625, 0.875]);
  });

  it("takes back the shift of the sum by what stayed, as far as that has room", () => {
    const x = Float64Array.of(0.26, 0.49, 0.52);
    centreSamples(cells, 0.3, x);
    // 0.52 moved by +0.105; 0.49 lies 0.115 above its cell's centre 0.375 and gives that back.
    expect(x[2]).toBe(0.625);
    expect(x[0]).toBe(0.26);
    expect(x[1]).toBeCloseTo(0.385, 12);
    expect(x[0] + x[1] + x[2]).toBeCloseTo(0.26 + 0.49 + 0.52, 12);
  });

  it("changes nothing while all stay", () => {
    const x = Float64Array.of(0.26, 0.49);
    expect(centreSamples(cells, 0.3, x)).toBe(false);
    expect([...x]).toEqual([0.26, 0.49]);
  });
});
