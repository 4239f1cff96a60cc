import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boolean, categorical, float, int, ordinal } from "../../parameters/build-parameter.ts";
import { createSpace } from "../../parameters/create-space.ts";
import { createGenes, express, genotypeOf, reflect, unreflect } from "./genes.ts";

describe("the bounds", () => {
  it("are never passed, and met smoothly", () => {
    fc.assert(
      fc.property(fc.double({ min: -50, max: 50, noNaN: true }), (x) => {
        const u = reflect(x);
        expect(u).toBeGreaterThanOrEqual(0);
        expect(u).toBeLessThanOrEqual(1);
        expect(Math.abs(reflect(x + 1e-6) - u)).toBeLessThan(1.01e-6);
      }),
    );
    expect([reflect(-0.05), reflect(1.05)].map((u) => Math.round(u * 1e12))).toEqual([0, 1e12]);
  });

  it("leave the inside as it is and can be turned back", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (u) => {
        expect(reflect(unreflect(u))).toBeCloseTo(u, 14);
        if (u >= 0.05 && u <= 0.95) expect(unreflect(u)).toBe(u);
      }),
    );
  });
});

describe("genotypes", () => {
  const space = createSpace(
    {
      a: float(-3, 7),
      b: int(1, 5_000, { log: true }),
      c: categorical(["x", "y", "z"], { weights: [0, 1, 3] }),
      d: boolean(),
      e: int(3, 4),
      f: ordinal(["s", "m", "l"]),
      g: float(0, 1, { step: 0.25 }),
      h: int(1, 2, { log: true }),
    },
    [],
  );
  const genes = createGenes(space);

  it("are real numbers for what has more than two values in order, choices for the rest", () => {
    const names = (list: readonly { readonly column: number }[]): string[] =>
      list.map(({ column }) => space.dimensions[column].name);
    expect(names(genes.numeric)).toEqual(["a", "b", "f", "g"]);
    expect(names(genes.choices)).toEqual(["c", "d", "e", "h"]);
    expect(genes.counts).toEqual([2, 2, 2, 2]);
    expect([...genes.choices[0].prior]).toEqual([0.25, 0.75]);
  });

  it("stand for the config they were made of", () => {
    const point = new Float64Array(8);
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 8, maxLength: 8 }), (u) => {
        const config = space.decode(Float64Array.from(u, (value, j) => space.dimensions[j].fromPrior(value)));
        express(genes, genotypeOf(genes, space.encode(config)), point);
        expect(space.key(space.decode(point)).replace(/"a":[^,]*/, "")).toBe(space.key(config).replace(/"a":[^,]*/, ""));
        expect(space.decode(point).a).toBeCloseTo(config.a as number, 12);
      }),
    );
  });

  it("know the borders of their cells", () => {
    for (const { column, cells } of genes.numeric) {
      if (cells === null) continue;
      const { decode } = space.dimensions[column];
      for (let k = 1; k < cells.count; k += Math.ceil(cells.count / 50)) {
        expect(cells.cellOf(cells.edge(k) - 1e-9)).toBe(k - 1);
        expect(cells.cellOf(cells.edge(k) + 1e-9)).toBe(k);
        expect(decode(cells.edge(k) + 1e-9)).toBe(decode(cells.centre(k)));
        expect(cells.cellOf(cells.centre(k))).toBe(k);
      }
    }
  });

  it("have no gene for what is inactive or excluded", () => {
    const point = space.encode(space.decode(new Float64Array(8).fill(0.9)));
    point[0] = Number.NaN;
    point[2] = 1 / 6;
    const genotype = genotypeOf(genes, point);
    expect(genotype[0]).toBeNaN();
    expect(genotype[4]).toBeNaN();
    expect(genotype[1]).not.toBeNaN();
  });
});
