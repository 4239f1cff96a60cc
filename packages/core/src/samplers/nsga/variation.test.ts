import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { boolean, categorical, float, int, ordinal } from "../../parameters/build-parameter.ts";
import { createSpace } from "../../parameters/create-space.ts";
import { crossPoints, fillMissing, mutatePoint } from "./variation.ts";

const rates = { crossoverChance: 0.9, crossoverIndex: 20, mutationIndex: 20, mutationChance: null };

describe("crossPoints", () => {
  it("takes a choice from either parent, half and half, and numbers around them", () => {
    const space = createSpace({ c: categorical(["p", "q", "r", "s"]), x: float(0, 1) });
    const parents = Float64Array.of(0.125, 0.4, 0.875, 0.6);
    const rng = createRng(1, "cross");
    const child = new Float64Array(2);
    const n = 4_000;
    let first = 0;
    let own = 0;
    for (let i = 0; i < n; i++) {
      crossPoints(space, parents, 0, 2, 20, rng, child);
      expect([0.125, 0.875]).toContain(child[0]);
      if (child[0] === 0.125) first++;
      if (child[1] === 0.4) own++;
    }
    for (const count of [first, own]) expect(Math.abs(count / n - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / n));
  });

  it("takes a coordinate that only one parent has from that one, and leaves open what neither has", () => {
    const space = createSpace({ a: float(0, 1), b: float(0, 1), c: float(0, 1) });
    const parents = Float64Array.of(0.2, Number.NaN, Number.NaN, Number.NaN, 0.7, Number.NaN);
    const child = new Float64Array(3);
    crossPoints(space, parents, 0, 3, 20, createRng(2), child);
    expect([...child]).toEqual([0.2, 0.7, Number.NaN]);
  });
});

describe("fillMissing", () => {
  it("draws what is open by the prior and leaves the rest", () => {
    const space = createSpace({ a: categorical(["x", "y", "z"], { weights: [0, 0, 1] }), b: float(0, 1) });
    const child = Float64Array.of(Number.NaN, 0.3);
    fillMissing(space, createRng(3), child);
    expect(space.decode(child)).toEqual({ a: "z", b: 0.3 });
  });
});

describe("mutatePoint", () => {
  const many = createSpace(Object.fromEntries(Array.from({ length: 20 }, (_, j) => [`x${j}`, float(0, 1)])));

  it("moves one coordinate on average, of many", () => {
    const rng = createRng(4, "rate");
    const n = 2_000;
    let moved = 0;
    for (let i = 0; i < n; i++) {
      const child = new Float64Array(20).fill(0.5);
      mutatePoint(many, rates, false, rng, child);
      moved += child.filter((u) => u !== 0.5).length;
    }
    // Binomial with 20 n draws of chance 1/20.
    expect(Math.abs(moved / n - 1)).toBeLessThan(4 * Math.sqrt(0.95 / n));
  });

  it("moves exactly one at random where one must and none would", () => {
    const rng = createRng(5, "forced");
    const hit = new Set<number>();
    for (let i = 0; i < 200; i++) {
      const child = new Float64Array(20).fill(0.5);
      mutatePoint(many, { ...rates, mutationChance: 0 }, true, rng, child);
      const moved = [...child.keys()].filter((j) => child[j] !== 0.5);
      expect(moved).toHaveLength(1);
      hit.add(moved[0]);
    }
    expect(hit.size).toBe(20);
    const still = new Float64Array(20).fill(0.5);
    mutatePoint(many, { ...rates, mutationChance: 0 }, false, rng, still);
    expect(still.every((u) => u === 0.5)).toBe(true);
  });

  it("gives every stepped, ordered or unordered parameter another value, inside the range", () => {
    const kinds = {
      bool: boolean(),
      few: int(1, 3),
      logs: int(1, 5_000, { log: true }),
      many: int(-1_000_000, 1_000_000),
      name: categorical(["a", "b", "c"]),
      size: ordinal(["s", "m", "l"]),
      step: float(0, 1, { step: 0.1 }),
    };
    const space = createSpace(kinds);
    const names = Object.keys(kinds);
    const point = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: names.length, maxLength: names.length });
    fc.assert(
      fc.property(point, fc.integer({ min: 0, max: 1e6 }), (drawn, seed) => {
        // On the centres of the cells, as in a history.
        const before = space.decode(Float64Array.from(drawn));
        const child = space.encode(before);
        mutatePoint(space, { ...rates, mutationChance: 1 }, false, createRng(seed), child);
        const after = space.decode(child);
        expect(space.check(after)).toEqual([]);
        for (const name of names) expect(after[name], name).not.toBe(before[name]);
      }),
    );
  });

  it("takes small steps on many integers and single ones on few", () => {
    const space = createSpace({ few: int(1, 9), many: int(1, 1_001) });
    const rng = createRng(6, "steps");
    const few: number[] = [];
    const many: number[] = [];
    for (let i = 0; i < 2_000; i++) {
      const child = space.encode({ few: 5, many: 501 });
      mutatePoint(space, { ...rates, mutationChance: 1 }, false, rng, child);
      const after = space.decode(child);
      few.push(Math.abs((after.few as number) - 5));
      many.push(Math.abs((after.many as number) - 501));
    }
    // The mean step of the polynomial is 1/22 of the range, of 9 values less than one.
    expect(few.filter((step) => step === 1).length).toBeGreaterThan(1_800);
    const mean = many.reduce((a, b) => a + b) / many.length;
    expect(Math.abs(mean - 1_001 / 22)).toBeLessThan((4 * 1_001) / 22 / Math.sqrt(many.length));
  });

  it("leaves inactive coordinates and counts only active ones", () => {
    const space = createSpace({
      kind: categorical(["a", "b"]),
      u: float(0, 1, { when: { kind: "a" } }),
      v: float(0, 1, { when: { kind: "b" } }),
    });
    const rng = createRng(7, "inactive");
    const n = 2_000;
    let moved = 0;
    for (let i = 0; i < n; i++) {
      const child = Float64Array.of(0.25, 0.5, 0.5);
      mutatePoint(space, rates, false, rng, child);
      expect(child[2]).toBe(0.5);
      moved += (child[0] === 0.25 ? 0 : 1) + (child[1] === 0.5 ? 0 : 1);
    }
    // Two active ones, each with chance 1/2; the choice stays what it is when eight draws say so, 2^-8.
    expect(Math.abs(moved / n - 1)).toBeLessThan(4 * Math.sqrt(0.5 / n) + 2 ** -8);
  });

  it("does nothing to a point without coordinates", () => {
    const child = new Float64Array(0);
    mutatePoint(createSpace({}), rates, true, createRng(8), child);
    expect(child).toHaveLength(0);
  });
});
