import { createRng, type Rng } from "../numerics/rng.ts";
import { sobolPoint } from "../numerics/sobol.ts";
import { sobolMaxDimension } from "../numerics/sobol-directions.ts";
import type { Config } from "../parameters/parameter.ts";
import type { History } from "../trial/history.ts";
import type { Problem } from "../trial/problem.ts";
import { type DrawnConfig, drawConfig } from "./draw-config.ts";

/** Which point of which sequence. */
export interface SobolRequest {
  /** Names the sequence; each has a scramble of its own. */
  readonly sequence: string;
  readonly index: number;
  readonly scramble: boolean;
  readonly fixed: Config;
  /** For the dimensions beyond the Sobol table. */
  readonly rng: Rng;
}

/**
 * The config at one index of the study's Sobol sequence, by the declared priors. Where it violates a parameter constraint, the
 * same index of other scrambles follows, so that the points that remain are still spread evenly.
 */
export function drawSobolConfig(problem: Problem, history: History, request: SobolRequest): DrawnConfig {
  const { space, seed } = problem;
  const { sequence, index, scramble, fixed, rng } = request;
  const { dimensions } = space;
  const sobolCount = Math.min(dimensions.length, sobolMaxDimension);
  return drawConfig({
    space,
    history,
    fixed,
    rng,
    propose(draw, point) {
      const plain = !scramble && draw === 0;
      if (sobolCount > 0) sobolPoint(index, sobolCount, plain ? null : scrambleSeed(seed, sequence, draw), point);
      for (let j = sobolCount; j < point.length; j++) point[j] = rng.uniform();
      for (let j = 0; j < point.length; j++) point[j] = dimensions[j].fromPrior(point[j]);
    },
  });
}

function scrambleSeed(seed: number, sequence: string, draw: number): number {
  return createRng(seed, sequence, "scramble", draw).int(Number.MAX_SAFE_INTEGER);
}
