/**
 * An order in which every parameter comes after the parents of its condition; those without a condition come first, as declared.
 *
 * @param parents  Per parameter the indexes of its parents, each once.
 * @returns `order`: indexes, complete only without cycles. `cycles`: each from a parameter to itself; at least one where
 *          no order exists.
 *
 * Source: A. B. Kahn (1962), "Topological sorting of large networks". https://doi.org/10.1145/368996.369025
 */
export function orderByParents(parents: readonly (readonly number[])[]): { order: number[]; cycles: number[][] } {
  const children: number[][] = parents.map(() => []);
  const waiting = parents.map((own) => own.length);
  parents.forEach((own, index) => {
    for (const parent of own) children[parent].push(index);
  });
  const order: number[] = [];
  waiting.forEach((count, index) => {
    if (count === 0) order.push(index);
  });
  for (let i = 0; i < order.length; i++) {
    for (const child of children[order[i]]) if (--waiting[child] === 0) order.push(child);
  }
  return { order, cycles: order.length === parents.length ? [] : findCycles(parents, waiting) };
}

/** Walks from child to parent through what could not be ordered: each such walk ends in a cycle or where another ended. */
function findCycles(parents: readonly (readonly number[])[], waiting: readonly number[]): number[][] {
  const walkOf = new Int32Array(parents.length).fill(-1);
  const cycles: number[][] = [];
  for (let start = 0; start < parents.length; start++) {
    const walk: number[] = [];
    let at = start;
    while (waiting[at] > 0 && walkOf[at] === -1) {
      walkOf[at] = start;
      walk.push(at);
      at = parents[at].find((parent) => waiting[parent] > 0) as number;
    }
    if (walk.length > 0 && walkOf[at] === start) cycles.push(walk.slice(walk.indexOf(at)));
  }
  return cycles;
}
