/**
 * CMA-ES, the covariance matrix adaptation evolution strategy: sample from a normal distribution, rank, move mean, step size and
 * covariance towards the better samples and away from the worse ones.
 *
 * symbol   meaning                                                          shape
 * d        coordinates
 * λ, μ     samples of a generation; those of them that pull
 * w        weights by rank: μ positive ones of sum 1, then negative ones    (λ,)
 * μ_eff    variance-effective selection mass
 * g        generation, 0 before the first update
 * m, σ     mean; step size
 * C        covariance matrix, packed: rows of the lower triangle; or its diagonal   (d (d + 1) / 2,) or (d,)
 * B, D     C = B D² Bᵀ, possibly of some generations ago                     (d, d) row-major, (d,)
 * p_σ, p_c evolution paths                                                   (d,)
 * y        steps (x − m) / σ, the best first                                 (λ, d) row-major
 * c_…, d_σ learning rates and damping
 * χ        expected length of a standard normal vector
 *
 * Source: N. Hansen (2016), "The CMA evolution strategy: a tutorial", App. A, https://arxiv.org/abs/1604.00772 (equation numbers
 * below are its); R. Ros, N. Hansen (2008), "A simple modification in CMA-ES achieving linear time and space complexity",
 * https://doi.org/10.1007/978-3-540-87700-4_30 (diagonal C); N. Hansen (2011), "Injecting external solutions into CMA-ES",
 * https://arxiv.org/abs/1110.4181 (the caps).
 * Departs: h_σ counts g + 1 generations and 1e-8 is added to the squared length of negative steps, as the cmaes
 * library does, with which it is compared.
 */
import { symmetricEigen } from "../../numerics/symmetric-eigen.ts";

// --- Constants (Table 1) ---

export interface Constants {
  readonly d: number;
  readonly lambda: number;
  readonly mu: number;
  readonly muEff: number;
  readonly c1: number;
  readonly cMu: number;
  readonly cSigma: number;
  readonly dSigma: number;
  readonly cC: number;
  readonly chi: number;
  /** (λ,) */
  readonly weights: Float64Array;
  /** Whether C is kept as its diagonal. */
  readonly diagonal: boolean;
}

/** λ = 4 + ⌊3 ln d⌋, d ≥ 1. */
export function defaultPopulationSize(d: number): number {
  return 4 + Math.floor(3 * Math.log(d));
}

/**
 * @param d       At least 1; with 0 only λ, μ, μ_eff and the positive weights mean anything.
 * @param lambda  At least 4.
 */
export function createConstants(d: number, lambda: number): Constants {
  const ranks = rankWeights(d, lambda, (lambda + 1) / 2, lambda); // (49)
  const { raw, mu, muEff, c1 } = ranks;
  const muEffMinus = effectiveMass(raw.subarray(mu));
  const cMu = Math.min(1 - c1, (2 * (muEff - 2 + 1 / muEff)) / ((d + 2) ** 2 + muEff));
  return completeConstants(d, ranks, {
    cMu,
    cSigma: (muEff + 2) / (d + muEff + 5),
    cC: (4 + muEff / d) / (d + 4 + (2 * muEff) / d),
    negativeSum: Math.min(1 + c1 / cMu, 1 + (2 * muEffMinus) / (muEff + 2), (1 - c1 - cMu) / (d * cMu)),
    diagonal: false,
  });
}

/**
 * The constants of the separable variant: C is diagonal, so c_μ may be (d + 2) / 3 times as large. Weights are ln(μ + 1) − ln i for
 * the better half, none for the others (Ros, Hansen 2008, Table 1).
 */
export function createDiagonalConstants(d: number, lambda: number): Constants {
  const mu = Math.floor(lambda / 2);
  const ranks = rankWeights(d, lambda, mu + 1, mu);
  const { muEff, c1 } = ranks;
  const full = 2 / muEff / (d + Math.SQRT2) ** 2 + (1 - 1 / muEff) * Math.min(1, (2 * muEff - 1) / ((d + 2) ** 2 + muEff));
  return completeConstants(d, ranks, {
    cMu: Math.min(1 - c1, ((d + 2) / 3) * full),
    cSigma: (muEff + 2) / (d + muEff + 3),
    cC: 4 / (d + 4),
    negativeSum: 0,
    diagonal: true,
  });
}

/** What both variants have in common: the weights, not yet scaled, and what follows from the positive ones. */
interface RankWeights extends Pick<Constants, "lambda" | "mu" | "muEff" | "c1"> {
  /** (λ,) */
  readonly raw: Float64Array;
}

/** w'_i = ln(zero) − ln i for the best `count`, none for the others. */
function rankWeights(d: number, lambda: number, zero: number, count: number): RankWeights {
  const mu = Math.floor(lambda / 2);
  const raw = Float64Array.from({ length: lambda }, (_, i) => (i < count ? Math.log(zero) - Math.log(i + 1) : 0));
  const muEff = effectiveMass(raw.subarray(0, mu));
  return { lambda, mu, muEff, c1: 2 / ((d + 1.3) ** 2 + muEff), raw };
}

function effectiveMass(weights: Float64Array): number {
  let sum = 0;
  let squares = 0;
  for (const w of weights) {
    sum += w;
    squares += w * w;
  }
  return (sum * sum) / squares;
}

/** In what the variants differ. */
interface VariantConstants extends Pick<Constants, "cMu" | "cSigma" | "cC" | "diagonal"> {
  /** What the negative weights add up to, without the sign. */
  readonly negativeSum: number;
}

function completeConstants(d: number, ranks: RankWeights, variant: VariantConstants): Constants {
  const { lambda, mu, muEff, c1, raw } = ranks;
  const { cMu, cSigma, cC, negativeSum, diagonal } = variant;
  const dSigma = 1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (d + 1)) - 1) + cSigma;
  const chi = Math.sqrt(d) * (1 - 1 / (4 * d) + 1 / (21 * d * d));
  const weights = scaleWeights(raw, mu, negativeSum);
  return { d, lambda, mu, muEff, c1, cMu, cSigma, dSigma, cC, chi, weights, diagonal };
}

function scaleWeights(raw: Float64Array, mu: number, negativeSum: number): Float64Array {
  const positive = raw.subarray(0, mu).reduce((sum, w) => sum + w, 0);
  const negative = raw.reduce((sum, w) => sum + Math.max(0, -w), 0);
  return raw.map((w) => (w >= 0 ? w / positive : (negativeSum * w) / negative));
}

// --- The distribution ---

export interface Gaussian {
  readonly g: number;
  readonly sigma: number;
  readonly m: Float64Array;
  readonly pSigma: Float64Array;
  readonly pC: Float64Array;
  readonly C: Float64Array;
}

/** The distribution before the first generation: N(mean, σ² I). */
export function createGaussian(mean: Float64Array, sigma: number, diagonal: boolean): Gaussian {
  const d = mean.length;
  const C = new Float64Array(diagonal ? d : (d * (d + 1)) / 2);
  for (let i = 0; i < d; i++) C[diagonalAt(i, diagonal)] = 1;
  return { g: 0, sigma, m: mean, pSigma: new Float64Array(d), pC: new Float64Array(d), C };
}

/** Where C_ii is. */
export function diagonalAt(i: number, diagonal: boolean): number {
  return diagonal ? i : (i * (i + 3)) / 2;
}

/** B and D of some C. */
export interface Basis {
  /** (d, d) row-major, eigenvectors in columns; null for a diagonal C. */
  readonly B: Float64Array | null;
  /** (d, d) row-major, (B D)ᵀ; null for a diagonal C. */
  readonly BDt: Float64Array | null;
  /** (d,) Roots of the eigenvalues; ascending unless C is diagonal. */
  readonly D: Float64Array;
}

const EIGENVALUE_FLOOR = 1e-20;

/**
 * Cost: O(d³); O(d) for a diagonal C.
 * Departs: eigenvalues are at least 1e-20 of the largest.
 */
export function createBasis(C: Float64Array, d: number, diagonal: boolean): Basis {
  if (diagonal || d === 0) return { B: null, BDt: null, D: C.map((value) => Math.sqrt(Math.max(value, Number.MIN_VALUE))) };
  const B = new Float64Array(d * d);
  const D = new Float64Array(d);
  symmetricEigen(unpackLower(C, d), d, D, B);
  const floor = Math.max(EIGENVALUE_FLOOR * D[d - 1], Number.MIN_VALUE);
  for (let j = 0; j < d; j++) D[j] = Math.sqrt(Math.max(D[j], floor));
  const BDt = new Float64Array(d * d);
  for (let j = 0; j < d; j++) for (let i = 0; i < d; i++) BDt[j * d + i] = B[i * d + j] * D[j];
  return { B, BDt, D };
}

function unpackLower(C: Float64Array, d: number): Float64Array {
  const full = new Float64Array(d * d);
  for (let i = 0, at = 0; i < d; i++) for (let j = 0; j <= i; j++) full[i * d + j] = C[at++];
  return full;
}

/**
 * For how many generations one basis serves: C changes by at most 1/40 meanwhile, and by at most 1/d.
 *
 * Departs: the tutorial's B.2 waits 1 / (10 d (c_1 + c_μ)) generations, which for a default λ is hardly ever more than one.
 */
export function basisLifetime({ d, c1, cMu, diagonal }: Constants): number {
  return diagonal ? 1 : Math.max(1, Math.floor(Math.min(0.025, 1 / d) / (c1 + cMu)));
}

/** x = m + σ B D z (38 – 40). */
export function sample({ m, sigma }: Gaussian, { BDt, D }: Basis, z: Float64Array, x: Float64Array): void {
  const d = m.length;
  for (let i = 0; i < d; i++) x[i] = m[i] + (BDt === null ? sigma * D[i] * z[i] : 0);
  if (BDt === null) return;
  for (let j = 0; j < d; j++) {
    const step = sigma * z[j];
    for (let i = 0, at = j * d; i < d; i++) x[i] += BDt[at + i] * step;
  }
}

/** out = D⁻¹ Bᵀ y, of the length of C^(−1/2) y. */
function whiten({ B, D }: Basis, y: Float64Array, start: number, out: Float64Array): void {
  const d = D.length;
  if (B === null) {
    for (let i = 0; i < d; i++) out[i] = y[start + i] / D[i];
    return;
  }
  out.fill(0);
  for (let i = 0; i < d; i++) {
    const yi = y[start + i];
    for (let j = 0, at = i * d; j < d; j++) out[j] += B[at + j] * yi;
  }
  for (let j = 0; j < d; j++) out[j] /= D[j];
}

function rotateBack({ B, D }: Basis, u: Float64Array, out: Float64Array): void {
  const d = D.length;
  for (let i = 0; i < d; i++) {
    let sum = 0;
    if (B === null) sum = u[i];
    else for (let j = 0, at = i * d; j < d; j++) sum += B[at + j] * u[j];
    out[i] = sum;
  }
}

/** The greatest Mahalanobis length of a step that does not come from the distribution: √d + 2d / (d + 2) (Hansen 2011, Sec. 3). */
export function injectionCap(d: number): number {
  return Math.sqrt(d) + (2 * d) / (d + 2);
}

/** Shortens the step that starts at `start` to the cap. */
export function capStep(basis: Basis, y: Float64Array, start: number): void {
  const d = basis.D.length;
  const u = new Float64Array(d);
  whiten(basis, y, start, u);
  const length = Math.sqrt(squaredLength(u));
  const cap = injectionCap(d);
  if (!(length > cap)) return;
  for (let i = 0; i < d; i++) y[start + i] *= cap / length;
}

function squaredLength(v: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += v[i] * v[i];
  return sum;
}

// --- One generation (41 – 47) ---

/**
 * The distribution after a generation.
 *
 * @param y  (λ, d) row-major, best first; kept.
 * Cost: O(λ d²); O(λ d) for a diagonal C.
 */
export function nextGaussian(old: Gaussian, basis: Basis, constants: Constants, y: Float64Array): Gaussian {
  const { d, mu, muEff, cSigma, dSigma, cC, chi, weights } = constants;
  const g = old.g + 1;
  const yw = new Float64Array(d);
  for (let k = 0; k < mu; k++) for (let i = 0; i < d; i++) yw[i] += weights[k] * y[k * d + i]; // (41)
  const m = old.m.map((value, i) => value + old.sigma * yw[i]); // (42), c_m = 1

  const u = new Float64Array(d);
  const pSigma = new Float64Array(d);
  whiten(basis, yw, 0, u);
  rotateBack(basis, u, pSigma); // C^(−1/2) y_w
  const pull = Math.sqrt(cSigma * (2 - cSigma) * muEff);
  for (let i = 0; i < d; i++) pSigma[i] = (1 - cSigma) * old.pSigma[i] + pull * pSigma[i]; // (43)
  const length = Math.sqrt(squaredLength(pSigma));
  // (44); more than a factor e at once is never right (Hansen 2011, Sec. 3).
  const sigma = old.sigma * Math.exp(Math.min(1, (cSigma / dSigma) * (length / chi - 1)));

  const isSteady = length / Math.sqrt(1 - (1 - cSigma) ** (2 * (g + 1))) < (1.4 + 2 / (d + 1)) * chi;
  const pathPull = isSteady ? Math.sqrt(cC * (2 - cC) * muEff) : 0;
  const pC = old.pC.map((value, i) => (1 - cC) * value + pathPull * yw[i]); // (45)
  const C = nextCovariance(old.C, basis, constants, y, pC, isSteady);
  return { g, sigma, m, pSigma, pC, C };
}

/** (46), (47). */
function nextCovariance(
  old: Float64Array,
  basis: Basis,
  constants: Constants,
  y: Float64Array,
  pC: Float64Array,
  isSteady: boolean,
): Float64Array {
  const { d, lambda, c1, cMu, cC, weights, diagonal } = constants;
  const total = weights.reduce((sum, w) => sum + w, 0);
  const decay = 1 + (isSteady ? 0 : c1 * cC * (2 - cC)) - c1 - cMu * total;
  const C = old.map((value) => decay * value);
  addOuterProduct(C, pC, 0, c1, diagonal);
  const u = new Float64Array(d);
  for (let k = 0; k < lambda; k++) {
    let w = cMu * weights[k];
    if (w === 0) continue;
    if (w < 0) {
      whiten(basis, y, k * d, u);
      w *= d / (squaredLength(u) + 1e-8); // (46)
    }
    addOuterProduct(C, y, k * d, w, diagonal);
  }
  return C;
}

/** C += w v vᵀ of the (d,) v that starts at `start`. */
function addOuterProduct(C: Float64Array, v: Float64Array, start: number, w: number, diagonal: boolean): void {
  for (let i = start, at = 0; at < C.length; i++) {
    const wi = w * v[i];
    for (let j = diagonal ? i : start; j <= i; j++) C[at++] += wi * v[j];
  }
}
