import { describe, expect, it } from "vitest";
import { categorical, float, int } from "../../parameters/build-parameter.ts";
import { createSpace } from "../../parameters/create-space.ts";
import type { Parameters } from "../../parameters/parameter.ts";
import {
  createEvolution,
  createStrain,
  type Evolution,
  packEvolution,
  packedLength,
  type Strain,
  unpackEvolution,
} from "./evolution.ts";

const mixed: Parameters = { a: float(0, 1), b: int(1, 9), c: categorical(["x", "y", "z"]), d: float(0, 1) };
const wide: Parameters = Object.fromEntries(Array.from({ length: 101 }, (_, j) => [`x${j}`, float(0, 1)]));

function start(strain: Strain): Evolution {
  const restarts = { regime: "small" as const, largeCount: 3, largeEvaluations: 5, smallEvaluations: 7, defaultLambda: 8 };
  const mean = Float64Array.from(strain.genes.numeric, (_, i) => 0.1 * (i + 1));
  return createEvolution(strain, { run: 2, generation: 9, since: 123, lambda: 10, sigma0: 0.2, restarts }, mean);
}

describe("a packed evolution", () => {
  it.each([
    ["mixed", mixed, false],
    ["with learning rates", mixed, true],
    ["diagonal", wide, false],
    ["choices only", { c: categorical(["x", "y", "z"]) }, false],
  ])("gives back every number: %s", (_, parameters, adaptive) => {
    const strain = createStrain(createSpace(parameters, []), adaptive);
    const evolution = start(strain);
    const packed = packEvolution(evolution);
    expect(packed.length).toBe(packedLength(strain, 10));
    expect(unpackEvolution(strain, packed)).toEqual(evolution);
  });

  it("is refused where it does not fit", () => {
    const strain = createStrain(createSpace(mixed, []), false);
    const packed = packEvolution(start(strain));
    expect(unpackEvolution(createStrain(createSpace(wide, []), false), packed)).toBeNull();
    expect(unpackEvolution(strain, packed.slice(0, -1))).toBeNull();
    expect(unpackEvolution(strain, Float64Array.of(Number.NaN))).toBeNull();
  });

  it("belongs to its parameters and its kind", () => {
    const fingerprints = [
      createStrain(createSpace(mixed, []), false),
      createStrain(createSpace(mixed, []), true),
      createStrain(createSpace({ ...mixed, a: float(0, 2) }, []), false),
    ].map(({ fingerprint }) => fingerprint);
    expect(new Set(fingerprints).size).toBe(3);
    expect(createStrain(createSpace(mixed, []), false).fingerprint).toBe(fingerprints[0]);
  });
});
