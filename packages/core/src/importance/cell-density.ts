/**
 * Kernel density of a sample on equal cells.
 *
 * Ordered cells: normal kernels of Scott's width σ m^(−1/5), at least half a cell, cut off at the ends of the range and brought back
 * to mass 1. Choices: their frequencies after one more trial that is all of them in equal parts.
 *
 * @param counts  (cells,) Number of observations in each; not all 0.
 * @returns       (cells,) Positive masses that sum to 1.
 * Source: D. W. Scott (1992), "Multivariate density estimation", eq. 6.42, https://doi.org/10.1002/9780470316849; for choices
 * J. Aitchison, C. Aitken (1976), https://doi.org/10.1093/biomet/63.3.413, with a width that shrinks like 1/m.
 * Departs: one part in a million of every mass is spread evenly, so that a density divides.
 */
export function cellDensity(counts: Float64Array, ordered: boolean): Float64Array {
  return ordered ? kernelDensity(counts) : frequencies(counts);
}

const EVEN_PART = 1e-6;

function frequencies(counts: Float64Array): Float64Array {
  const m = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (count + 1 / counts.length) / (m + 1));
}

function kernelDensity(counts: Float64Array): Float64Array {
  const cellCount = counts.length;
  const m = counts.reduce((sum, count) => sum + count, 0);
  const kernel = kernelOf(counts, m);
  const density = new Float64Array(cellCount).fill(EVEN_PART / cellCount);
  for (let source = 0; source < cellCount; source++) {
    if (counts[source] === 0) continue;
    let mass = 0;
    for (let cell = 0; cell < cellCount; cell++) mass += kernel[Math.abs(cell - source)];
    const weight = ((1 - EVEN_PART) * counts[source]) / (m * mass);
    for (let cell = 0; cell < cellCount; cell++) density[cell] += weight * kernel[Math.abs(cell - source)];
  }
  return density;
}

/** (cells,) Height of the kernel by distance in cells. */
function kernelOf(counts: Float64Array, m: number): Float64Array {
  const mean = counts.reduce((sum, count, cell) => sum + (count * cell) / m, 0);
  const variance = counts.reduce((sum, count, cell) => sum + (count * (cell - mean) ** 2) / m, 0);
  const width = Math.max(0.5, Math.sqrt(variance) * m ** -0.2);
  return Float64Array.from(counts, (_, distance) => Math.exp(-0.5 * (distance / width) ** 2));
}
