/**
 * Learning rates that keep the signal-to-noise ratio of the updates constant: noise and many local optima slow them down.
 *
 * symbol   meaning                                                      shape
 * η        share of an update that is taken, of m and of Σ = σ² C
 * E, V     moving averages of the updates and of their squared lengths, in coordinates where the distribution is standard normal
 * α, β, γ  aimed-at ratio, averaging rates, damping
 *
 * Source: M. Nomura, Y. Akimoto, I. Ono (2023), "CMA-ES with learning rate adaptation", Alg. 1, https://arxiv.org/abs/2304.03473
 */
import { type Basis, createBasis, diagonalAt, type Gaussian } from "./cma-es.ts";

export interface LearningRates {
  readonly etaM: number;
  readonly etaSigma: number;
  readonly vM: number;
  readonly vSigma: number;
  /** (d,) */
  readonly eM: Float64Array;
  /** Packed like C. */
  readonly eSigma: Float64Array;
}

const ALPHA = 1.4;
const BETA_M = 0.1;
const BETA_SIGMA = 0.03;
const GAMMA = 0.1;

export function createLearningRates(d: number, packedLength: number): LearningRates {
  return { etaM: 1, etaSigma: 1, vM: 0, vSigma: 0, eM: new Float64Array(d), eSigma: new Float64Array(packedLength) };
}

/**
 * Takes back part of the step from `old` to `next` and adapts how much.
 *
 * @param basis  Of `old.C`, exactly.
 * Cost: O(d³); O(d) for a diagonal C.
 */
export function dampen(
  rates: LearningRates,
  old: Gaussian,
  basis: Basis,
  next: Gaussian,
): { readonly gaussian: Gaussian; readonly rates: LearningRates } {
  const d = old.m.length;
  const diagonal = basis.B === null;
  const stepM = next.m.map((value, i) => value - old.m[i]);
  const stepSigma = next.C.map((value, i) => next.sigma ** 2 * value - old.sigma ** 2 * old.C[i]);
  const root = inverseRoot(basis, d);
  const localM = multiply(root, stepM, d, diagonal).map((value) => value / old.sigma);
  const localSigma = sandwich(root, stepSigma, d, diagonal).map((value) => value / old.sigma ** 2 / Math.SQRT2);

  const eM = rates.eM.map((value, i) => (1 - BETA_M) * value + BETA_M * localM[i]);
  const eSigma = rates.eSigma.map((value, i) => (1 - BETA_SIGMA) * value + BETA_SIGMA * localSigma[i]);
  const vM = (1 - BETA_M) * rates.vM + BETA_M * sumOfSquares(localM);
  const vSigma = (1 - BETA_SIGMA) * rates.vSigma + BETA_SIGMA * squaredNorm(localSigma, d, diagonal);
  const etaM = adapt(rates.etaM, sumOfSquares(eM), vM, BETA_M);
  const etaSigma = adapt(rates.etaSigma, squaredNorm(eSigma, d, diagonal), vSigma, BETA_SIGMA);

  const m = old.m.map((value, i) => value + etaM * stepM[i]);
  const Sigma = old.C.map((value, i) => old.sigma ** 2 * value + etaSigma * stepSigma[i]);
  const { sigma, C } = split(Sigma, d, diagonal);
  const gaussian = { ...next, m, C, sigma: (sigma * rates.etaM) / etaM };
  return { gaussian, rates: { etaM, etaSigma, vM, vSigma, eM, eSigma } };
}

function adapt(eta: number, squaredMean: number, v: number, beta: number): number {
  const ratio = (squaredMean - (beta / (2 - beta)) * v) / (v - squaredMean);
  const relative = Math.min(1, Math.max(-1, ratio / (ALPHA * eta) - 1));
  // 0 / 0 while nothing has moved.
  return Number.isNaN(relative) ? eta : Math.min(1, eta * Math.exp(Math.min(GAMMA * eta, beta) * relative));
}

/** Σ = σ² C with det C = 1. */
function split(Sigma: Float64Array, d: number, diagonal: boolean): { readonly sigma: number; readonly C: Float64Array } {
  const { D } = createBasis(Sigma, d, diagonal);
  const sigma = Math.exp(D.reduce((sum, root) => sum + Math.log(root), 0) / d);
  return { sigma, C: Sigma.map((value) => value / sigma ** 2) };
}

/** C^(−1/2): (d, d) row-major, or its diagonal. */
function inverseRoot({ B, D }: Basis, d: number): Float64Array {
  if (B === null) return D.map((root) => 1 / root);
  const out = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += (B[i * d + k] * B[j * d + k]) / D[k];
      out[i * d + j] = sum;
      out[j * d + i] = sum;
    }
  }
  return out;
}

function multiply(root: Float64Array, v: Float64Array, d: number, diagonal: boolean): Float64Array {
  if (diagonal) return v.map((value, i) => root[i] * value);
  return v.map((_, i) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += root[i * d + j] * v[j];
    return sum;
  });
}

/** R S R of packed S, packed. */
function sandwich(root: Float64Array, S: Float64Array, d: number, diagonal: boolean): Float64Array {
  if (diagonal) return S.map((value, i) => root[i] * root[i] * value);
  const RS = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let k = 0, at = 0; k < d; k++) {
      const rik = root[i * d + k];
      for (let j = 0; j < k; j++, at++) {
        RS[i * d + j] += rik * S[at];
        RS[i * d + k] += root[i * d + j] * S[at];
      }
      RS[i * d + k] += rik * S[at++];
    }
  }
  const out = new Float64Array(S.length);
  for (let i = 0, at = 0; i < d; i++) {
    for (let j = 0; j <= i; j++, at++) for (let k = 0; k < d; k++) out[at] += RS[i * d + k] * root[j * d + k];
  }
  return out;
}

function sumOfSquares(v: Float64Array): number {
  return v.reduce((sum, value) => sum + value * value, 0);
}

/** Frobenius norm squared of a packed symmetric matrix. */
function squaredNorm(S: Float64Array, d: number, diagonal: boolean): number {
  if (diagonal) return sumOfSquares(S);
  let sum = 2 * sumOfSquares(S);
  for (let i = 0; i < d; i++) sum -= S[diagonalAt(i, false)] ** 2;
  return sum;
}
