import type { Rng } from "../../numerics/rng.ts";
import { sobolPoint } from "../../numerics/sobol.ts";
import { sobolMaxDimension } from "../../numerics/sobol-directions.ts";
import type { SearchDomain } from "./search-domain.ts";

/** A box within the unit cube. */
export interface Box {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Points to begin with, as latents and settled, (count, d) each. */
export interface Candidates {
  readonly count: number;
  readonly latents: Float64Array;
  readonly points: Float64Array;
}

// Of every candidate asked for, so many may be refused by the parameter constraints.
const TRIES = 8;
// A redrawn candidate keeps most of its base: about this many coordinates change.
const CHANGED_COUNT = 20;
const NUDGE = 0.1;

/**
 * Points spread over the box, by a scrambled Sobol sequence, every other one by the declared priors; the known good points nudged; and the
 * same with some coordinates drawn anew. Only those that keep the parameter constraints.
 *
 * @param bases           Latents of the best points, best first; at least one.
 * @param inverseLengths  (d,) 1 / ℓ: a nudge is a tenth of ℓ, at most a tenth of the cube, and at least one step.
 *
 * Source: coordinates drawn anew: R. G. Regis, C. A. Shoemaker (2013), "Combining radial basis function surrogates and
 * dynamic coordinate search", https://doi.org/10.1080/0305215X.2012.687731
 */
export function drawCandidates(
  domain: SearchDomain,
  bases: readonly Float64Array[],
  inverseLengths: Float64Array,
  box: Box,
  spreadCount: number,
  rng: Rng,
): Candidates {
  const d = inverseLengths.length;
  const nearCount = Math.ceil(spreadCount / 8);
  const capacity = spreadCount + 2 * nearCount;
  const latents = new Float64Array(capacity * d);
  const points = new Float64Array(capacity * d);
  let count = 0;
  const collect = (wanted: number, draw: (index: number, latent: Float64Array) => void): void => {
    const end = count + wanted;
    for (let index = 0; index < TRIES * wanted && count < end; index++) {
      const latent = latents.subarray(count * d, (count + 1) * d);
      draw(index, latent);
      if (domain.settle(latents, count * d, points, count * d)) count++;
    }
  };
  collect(spreadCount, spreadDraw(domain, bases[0], box, rng));
  collect(nearCount, nudgeDraw(domain, bases, inverseLengths, box, rng));
  collect(nearCount, redraw(domain, bases, box, rng));
  return { count, latents, points };
}

type Draw = (index: number, latent: Float64Array) => void;

function spreadDraw({ layout: { dimensions } }: SearchDomain, base: Float64Array, { lower, upper }: Box, rng: Rng): Draw {
  const d = dimensions.length;
  const sobolCount = Math.min(d, sobolMaxDimension);
  const scramble = rng.int(Number.MAX_SAFE_INTEGER);
  // In high dimension points that differ from the best one everywhere are all equally far from everything known.
  const changed = Math.min(1, CHANGED_COUNT / d);
  return (index, latent) => {
    sobolPoint(index, sobolCount, scramble, latent);
    for (let j = sobolCount; j < d; j++) latent[j] = rng.uniform();
    for (let j = 0; j < d; j++) {
      if (changed < 1 && rng.uniform() > changed) latent[j] = base[j];
      else if (index % 2 === 1 && dimensions[j].hasPrior) latent[j] = dimensions[j].fromPrior(latent[j]);
      else latent[j] = lower[j] + (upper[j] - lower[j]) * latent[j];
    }
  };
}

function nudgeDraw(
  { layout: { dimensions } }: SearchDomain,
  bases: readonly Float64Array[],
  inverseLengths: Float64Array,
  { lower, upper }: Box,
  rng: Rng,
): Draw {
  const sds = inverseLengths.map((inverse, j) => Math.max(Math.min(NUDGE, NUDGE / inverse), 0.7 / dimensions[j].cellCount));
  return (index, latent) => {
    const base = bases[index % bases.length];
    for (let j = 0; j < latent.length; j++) {
      if (dimensions[j].kind === "categorical") latent[j] = rng.uniform() < NUDGE ? rng.uniform() : base[j];
      else latent[j] = Math.min(upper[j], Math.max(lower[j], base[j] + sds[j] * rng.normal()));
    }
  };
}

function redraw({ layout: { dimensions } }: SearchDomain, bases: readonly Float64Array[], { lower, upper }: Box, rng: Rng): Draw {
  const d = dimensions.length;
  return (index, latent) => {
    latent.set(bases[index % bases.length]);
    const changed = Math.min(0.5, CHANGED_COUNT / d);
    const least = rng.int(d);
    for (let j = 0; j < d; j++) {
      if (j === least || rng.uniform() < changed) latent[j] = lower[j] + (upper[j] - lower[j]) * rng.uniform();
    }
  };
}
