import fc from "fast-check";
import { expect, it } from "vitest";
import { createRng } from "../numerics/rng.ts";
import { createPermutation } from "./permutation.ts";

it("is one to one onto 0 … size − 1", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3_000 }), fc.nat(), (size, seed) => {
      const permute = createPermutation(size, createRng(seed));
      const images = new Set(Array.from({ length: size }, (_, position) => permute(position)));
      expect(images.size).toBe(size);
      expect(Math.max(...images)).toBe(size - 1);
    }),
    { numRuns: 60 },
  );
});

it("stays inside the greatest size", () => {
  const size = Number.MAX_SAFE_INTEGER;
  const permute = createPermutation(size, createRng(1));
  const images = [0, 1, 2, size - 1].map(permute);
  expect(new Set(images).size).toBe(4);
  for (const image of images) expect(Number.isSafeInteger(image) && image >= 0 && image < size).toBe(true);
});

it("gives other seeds other orders, and every first position its share", () => {
  const counts = new Int32Array(10);
  for (let seed = 0; seed < 2_000; seed++) counts[createPermutation(10, createRng(seed))(0)]++;
  const chiSquare = counts.reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0);
  // The 0.1 % point for 9 degrees of freedom; the seeds are fixed.
  expect(chiSquare).toBeLessThan(27.88);
});
