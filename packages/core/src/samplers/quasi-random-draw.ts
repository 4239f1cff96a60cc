import { haltonMaxDimension, haltonPoint } from "../numerics/halton.ts";
import { createRng, type Rng } from "../numerics/rng.ts";
import { sobolPoint } from "../numerics/sobol.ts";
import { sobolMaxDimension } from "../numerics/sobol-directions.ts";
import type { Config } from "../parameters/parameter.ts";
import type { History } from "../trial/history.ts";
import type { Problem } from "../trial/problem.ts";
import { type DrawnConfig, drawConfig } from "./draw-config.ts";

export type SequenceName = "sobol" | "halton";

/** Which point of which sequence. */
export interface QuasiRandomRequest {
  /** Whose points they are: each has a scramble of its own. */
  readonly stream: string;
  /** Sobol's unless another is asked for. */
  readonly sequence?: SequenceName;
  readonly index: number;
  readonly scramble: boolean;
  readonly fixed: Config;
  /** For the dimensions beyond those of the sequence. */
  readonly rng: Rng;
}

const sequences = Object.freeze({
  sobol: { pointAt: sobolPoint, dimensionLimit: sobolMaxDimension },
  halton: { pointAt: haltonPoint, dimensionLimit: haltonMaxDimension },
});

/**
 * The config at one index of a study's sequence, by the declared priors. Where it violates a parameter constraint, the same index of
 * other scrambles follows, so that the points that remain are still spread evenly.
 */
export function drawQuasiRandomConfig(problem: Problem, history: History, request: QuasiRandomRequest): DrawnConfig {
  const { space, seed } = problem;
  const { stream, sequence = "sobol", index, scramble, fixed, rng } = request;
  const { dimensions } = space;
  const { pointAt, dimensionLimit } = sequences[sequence];
  const count = Math.min(dimensions.length, dimensionLimit);
  return drawConfig({
    space,
    history,
    fixed,
    rng,
    propose(draw, point) {
      const plain = !scramble && draw === 0;
      if (count > 0) pointAt(index, count, plain ? null : scrambleSeed(seed, stream, draw), point);
      for (let j = count; j < point.length; j++) point[j] = rng.uniform();
      for (let j = 0; j < point.length; j++) point[j] = dimensions[j].fromPrior(point[j]);
    },
  });
}

function scrambleSeed(seed: number, stream: string, draw: number): number {
  return createRng(seed, stream, "scramble", draw).int(Number.MAX_SAFE_INTEGER);
}
