/**
 * The distribution of categorical coordinates: independent probabilities, moved along the natural gradient by a step length that
 * adapts to how much the gradients agree.
 *
 * symbol   meaning                                              shape
 * K        choices of a coordinate
 * q        probabilities, coordinate after coordinate            (ΣK,)
 * s        path of gradients in Fisher coordinates               (Σ(K − 1),)
 * Δ, γ     its adaptation; the step length is 1 / Δ
 *
 * Source: R. Hamano et al. (2025), "CatCMA with margin", Sec. 3, https://arxiv.org/abs/2504.07884; Y. Akimoto et al. (2019),
 * "Adaptive stochastic natural gradient method", App. B, https://proceedings.mlr.press/v97/akimoto19a.html
 */

export interface ChoiceDistribution {
  readonly q: Float64Array;
  readonly s: Float64Array;
  readonly delta: number;
  readonly gamma: number;
}

const ALPHA = 1.5;

/** @param q  Starting probabilities; become part of the result. */
export function createChoiceDistribution(q: Float64Array, counts: readonly number[]): ChoiceDistribution {
  return { q, s: new Float64Array(counts.reduce((sum, K) => sum + K - 1, 0)), delta: 1, gamma: 0 };
}

/** The choice that uniform u in [0, 1) falls to, for the coordinate whose K probabilities begin at `start`. */
export function choiceOf(q: Float64Array, start: number, K: number, u: number): number {
  let sum = 0;
  for (let k = 0; k < K - 1; k++) {
    sum += q[start + k];
    if (u < sum) return k;
  }
  return K - 1;
}

/**
 * @param choices  (≥ μ, coordinates) row-major, best first: numbers of choices; NaN where a sample has none.
 * @param weights  Those of the first μ count.
 * @param alpha    Margin, see `marginOf`: no probability falls below α / (K − 1).
 */
export function nextChoiceDistribution(
  old: ChoiceDistribution,
  counts: readonly number[],
  choices: Float64Array,
  weights: Float64Array,
  mu: number,
  alpha: number,
): ChoiceDistribution {
  const gradient = naturalGradient(old.q, counts, choices, weights, mu);
  const root = fisherRoot(old.q, counts, gradient);
  const norm = Math.sqrt(root.reduce((sum, value) => sum + value * value, 0));
  const step = 1 / old.delta;
  const q = old.q.map((value, i) => value + (step / (norm + 1e-8)) * gradient[i]);
  keepMargin(q, counts, alpha);
  const beta = step / Math.sqrt(Math.max(1, root.length));
  const pull = norm > 0 ? Math.sqrt(beta * (2 - beta)) / norm : 0;
  const s = old.s.map((value, i) => (1 - beta) * value + pull * root[i]);
  const gamma = (1 - beta) ** 2 * old.gamma + beta * (2 - beta);
  const squares = s.reduce((sum, value) => sum + value * value, 0);
  return { q, s, delta: old.delta * Math.exp(beta * (gamma - squares / ALPHA)), gamma };
}

/** Σ w_i (c_i − q). */
function naturalGradient(
  q: Float64Array,
  counts: readonly number[],
  choices: Float64Array,
  weights: Float64Array,
  mu: number,
): Float64Array {
  const gradient = new Float64Array(q.length);
  for (let i = 0; i < mu; i++) {
    for (let c = 0, start = 0; c < counts.length; start += counts[c], c++) {
      const chosen = choices[i * counts.length + c];
      if (Number.isNaN(chosen)) continue;
      for (let k = 0; k < counts[c]; k++) gradient[start + k] += weights[i] * ((k === chosen ? 1 : 0) - q[start + k]);
    }
  }
  return gradient;
}

/** F^(1/2) times the gradient, the last probability of each coordinate being what the others leave. */
function fisherRoot(q: Float64Array, counts: readonly number[], gradient: Float64Array): Float64Array {
  const root = new Float64Array(counts.reduce((sum, K) => sum + K - 1, 0));
  let at = 0;
  let start = 0;
  for (const K of counts) {
    const last = q[start + K - 1];
    let sum = 0;
    for (let k = 0; k < K - 1; k++) sum += gradient[start + k];
    for (let k = 0; k < K - 1; k++) {
      const r = Math.sqrt(q[start + k]);
      root[at++] = gradient[start + k] / r + (r * sum) / (last + Math.sqrt(last));
    }
    start += K;
  }
  return root;
}

/** Lifts every probability to its floor; the others pay in proportion to what they have above it. */
export function keepMargin(q: Float64Array, counts: readonly number[], alpha: number): void {
  let start = 0;
  for (const K of counts) {
    const floor = K > 1 ? alpha / (K - 1) : 1;
    let sum = 0;
    for (let k = 0; k < K; k++) sum += q[start + k] = Math.max(q[start + k], floor);
    const above = sum - floor * K;
    if (above > 0) for (let k = 0; k < K; k++) q[start + k] -= ((sum - 1) * (q[start + k] - floor)) / above;
    else q.fill(1 / K, start, start + K);
    start += K;
  }
}
