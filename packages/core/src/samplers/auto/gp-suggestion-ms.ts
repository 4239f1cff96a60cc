// Measured on one core of a server, sums of waves and squares in 2 and 10 dimensions: 5 ms at 15 results, 8 and 9 at 100, 16 and 20 at 190.
const BASE_MS = 3;
const MS_PER_PAIR = 4e-4;
const MS_PER_COORDINATE = 2e-3;

/**
 * About how long a Gaussian process thinks about one trial, by how much there is to compute: a triangular system for each of some hundred
 * candidates, O(n²), and its kernel, O(n d).
 *
 * @param n  Results.
 * @param d  Parameters.
 * @returns  Milliseconds, no clock is read.
 *
 * Accuracy: within a factor of two from 10 to 200 results on that machine; fits that are due now and then are spread over all trials.
 */
export function gpSuggestionMs(n: number, d: number): number {
  return BASE_MS + MS_PER_PAIR * n * n + MS_PER_COORDINATE * n * d;
}
