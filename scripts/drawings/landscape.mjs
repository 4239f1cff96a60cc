// The function of two parameters that the samplers are shown on, and its map.
import { regionBelow } from "./contours.mjs";
import { linearScale, pathOf, rect } from "./svg.mjs";

export const parameters = Object.freeze({
  x: { type: "float", min: -2, max: 2, log: false },
  y: { type: "float", min: -1.5, max: 2.5, log: false },
});

/**
 * A curved valley, y = 0.6 x² − 0.4, that sinks towards its least value 0 at x = 1.1, off the centre and off the axes; with a second hole on the
 * other arm, where nothing is below 0.30.
 */
export function landscape({ x, y }) {
  const valley = y - 0.6 * x * x + 0.4;
  const hole = 1.5 * Math.exp(-((x + 1.2) ** 2 + (y - 0.464) ** 2) / 0.12);
  return 4 * valley ** 2 + 0.35 * (x - 1.1) ** 2 - hole;
}

const gridSize = 61;
const levelCount = 12;

/**
 * Filled contours, each with a twelfth more of the square below it than the last.
 *
 * @param colour  From 0, the greatest losses, to 1.
 */
export function landscapeMap(colour, { left, top, size }) {
  const at = (i, { min, max }) => min + (i / (gridSize - 1)) * (max - min);
  const values = Array.from({ length: gridSize * gridSize }, (_, k) =>
    landscape({ x: at(k % gridSize, parameters.x), y: at(Math.floor(k / gridSize), parameters.y) }),
  );
  const sorted = [...values].sort((a, b) => a - b);
  const levels = Array.from({ length: levelCount }, (_, k) => sorted[Math.floor(((k + 0.35) / levelCount) * sorted.length)]);
  const column = linearScale([0, gridSize - 1], [left, left + size]);
  const row = linearScale([0, gridSize - 1], [top + size, top]);
  const regions = levels.map((level, k) => {
    const loops = regionBelow(values, gridSize, level).map((loop) => `${pathOf(loop.map(([i, j]) => [column(i), row(j)]))}Z`);
    return `<path d="${loops.join("")}" fill="${colour(1 - k / levelCount)}" fill-rule="evenodd" stroke="#000" stroke-opacity="0.18" stroke-width="0.6"/>`;
  });
  return [rect(left, top, size, size, `fill="${colour(0)}"`), regions.reverse()];
}
