import { createRng } from "./core/index.js";

/** Standard deviation of the noise on both coordinates: large enough that no network can separate the moons cleanly. */
const noise = 0.25;

/**
 * Points of two half circles that reach into each other.
 *
 * @param {number} count  Number of points, half of them in each moon.
 * @param {string} part   Which independent sample: the same name gives the same points on every machine.
 * @returns {{ points: Float64Array, labels: Uint8Array }} (count, 2) row-major, and (count,) 0 for the upper moon, 1 for the lower.
 */
export function twoMoons(count, part) {
  const rng = createRng(20, "two moons", part);
  const points = new Float64Array(2 * count);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const lower = i % 2;
    const angle = Math.PI * rng.uniform();
    points[2 * i] = (lower ? 1 - Math.cos(angle) : Math.cos(angle)) + noise * rng.normal();
    points[2 * i + 1] = (lower ? 0.5 - Math.sin(angle) : Math.sin(angle)) + noise * rng.normal();
    labels[i] = lower;
  }
  return { points, labels };
}

export const train = twoMoons(800, "train");
export const validation = twoMoons(400, "validation");
