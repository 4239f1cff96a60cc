// Regions below a level of a function on a square, as closed lines.

/**
 * @param values  Row by row of a grid of `size` × `size` points.
 * @returns       Closed lines around the region where the function is at most `level`, as [column, row] with fractions; the region is
 *                what an odd number of them surrounds. Beyond the grid nothing is inside.
 */
export function regionBelow(values, size, level) {
  const valueAt = (i, j) => (i < 0 || j < 0 || i >= size || j >= size ? Infinity : values[j * size + i]);
  const next = new Map();
  for (let j = -1; j < size; j++)
    for (let i = -1; i < size; i++) for (const [from, to] of cellSegments(i, j, valueAt, level)) next.set(from.key, { from, to });
  const loops = [];
  while (next.size > 0) {
    const [first] = next.keys();
    const loop = [];
    for (let key = first; next.has(key); ) {
      const { from, to } = next.get(key);
      next.delete(key);
      loop.push(from.point);
      key = to.key;
    }
    loops.push(loop);
  }
  return loops;
}

/** Pieces of the border within one cell: each cuts a run of outside corners off, from where the walk around leaves to where it returns. */
function cellSegments(i, j, valueAt, level) {
  const corners = [
    [i, j],
    [i + 1, j],
    [i + 1, j + 1],
    [i, j + 1],
  ];
  const inside = corners.map(([x, y]) => valueAt(x, y) <= level);
  const segments = [];
  for (let k = 0; k < 4; k++) {
    if (!inside[k] || inside[(k + 1) % 4]) continue;
    let back = (k + 1) % 4;
    while (!inside[(back + 1) % 4]) back = (back + 1) % 4;
    const crossing = (corner) => crossingBetween(corners[corner], corners[(corner + 1) % 4], valueAt, level);
    segments.push([crossing(k), crossing(back)]);
  }
  return segments;
}

function crossingBetween(a, b, valueAt, level) {
  // In one order whichever cell asks, so that neighbours agree to the last bit.
  const [p, q] = a[0] + a[1] < b[0] + b[1] ? [a, b] : [b, a];
  const [low, high] = [valueAt(...p), valueAt(...q)];
  const share = low === Infinity ? 1 : high === Infinity ? 0 : (level - low) / (high - low);
  return { key: `${p} ${q}`, point: [p[0] + share * (q[0] - p[0]), p[1] + share * (q[1] - p[1])] };
}
