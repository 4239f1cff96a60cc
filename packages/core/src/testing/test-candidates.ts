import type { Candidates } from "../samplers/nsga/constrained-ranks.ts";

/**
 * Candidates with these losses.
 * @param violations  (n,) default: all feasible.
 */
export function testCandidates(rows: readonly (readonly number[])[], violations: readonly number[] = []): Candidates {
  return {
    m: rows[0].length,
    losses: Float64Array.from(rows.flat()),
    violations: Float64Array.from(rows, (_, i) => violations[i] ?? 0),
  };
}
