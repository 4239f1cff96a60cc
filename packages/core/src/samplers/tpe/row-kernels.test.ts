import fc from "fast-check";
import { expect, it } from "vitest";
import { createRng } from "../../numerics/rng.ts";
import { categorical, float, int } from "../../parameters/build-parameter.ts";
import type { Space } from "../../parameters/space.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import type { History } from "../../trial/history.ts";
import { Arena } from "./arena.ts";
import { type Group, kernelGroups } from "./kernel-space.ts";
import { type KernelTable, kernelLayout, layOutKernels, logDensityAt, meetCandidates } from "./log-densities.ts";
import { RowKernels } from "./row-kernels.ts";
import { SortedColumns } from "./sorted-columns.ts";
import { ageWeights, createParzen } from "./tpe.ts";

const parameters = {
  a: categorical(["p", "q", "r"]),
  b: int(1, 6),
  c: float(0, 1),
  d: float(1e-5, 1, { log: true }),
  e: float(0, 1, { when: { a: "q" } }),
};

function logsAt(table: KernelTable, x: readonly Float64Array[]): number[] {
  const meeting = meetCandidates(table, x, new Arena());
  return Array.from(x[0], (_, c) => logDensityAt(meeting, c));
}

/** The density of the members, made anew as that of few trials is. */
function plainLogs(group: Group, history: History, rows: Int32Array, floor: number, x: readonly Float64Array[]): number[] {
  const { points, dimensionCount: d } = history;
  const centres = group.axes.map(({ column }) => Float64Array.from([...rows, 0], (row) => points[row * d + column]));
  const orders = centres.map((mu) => Int32Array.from(rows.keys()).sort((i, j) => mu[i] - mu[j] || i - j));
  const arena = new Arena();
  const parzen = createParzen(
    group,
    ageWeights(rows.length),
    centres,
    orders,
    group.axes.map(() => floor),
    arena,
  );
  return logsAt(layOutKernels(kernelLayout(group), parzen, arena), x);
}

function activeRows(history: History, { axes }: Group, isMember: (row: number) => boolean): Int32Array {
  const { points, dimensionCount: d } = history;
  return history.rows.filter((row) => isMember(row) && !Number.isNaN(points[row * d + axes[0].column]));
}

function columnsOf(space: Space, seed: number): Float64Array[] {
  const rng = createRng(seed, "candidates");
  return space.dimensions.map(() => Float64Array.from({ length: 6 }, () => rng.uniform()));
}

const steps = fc.array(
  fc.record({
    added: fc.nat(40),
    swapped: fc.nat(8),
    floor: fc.constantFrom(0.01, 0.01, 0.01, 0.1),
    spread: fc.constantFrom(0.02, 1),
  }),
  { minLength: 1, maxLength: 12 },
);

it("are those of an instance that sees the history for the first time, to the bit, and of the plain form", () => {
  fc.assert(
    fc.property(steps, fc.nat(1_000), (list, seed) => {
      const study = new TestStudy(testProblem({ parameters, seed }));
      const { space } = study.problem;
      const groups = kernelGroups(space);
      const rng = createRng(seed, "rows");
      const columns = new SortedColumns();
      const warm = groups.map((group) => new RowKernels(group));
      const outside = new Set<number>();
      const x = columnsOf(space, seed);
      for (const { added, swapped, floor, spread } of list) {
        for (let i = 0; i < added; i++) {
          const config = space.decode(Float64Array.from(space.dimensions, () => 0.4 + spread * (rng.uniform() - 0.4)));
          study.addFinished(config, { losses: [0] });
        }
        for (let i = 0; i < swapped && study.trialCount > 0; i++) {
          const row = rng.int(study.trialCount);
          if (!outside.delete(row)) outside.add(row);
        }
        columns.update(study.history);
        groups.forEach((group, at) => {
          const rows = activeRows(study.history, group, (row) => !outside.has(row));
          const weights = ageWeights(rows.length);
          const logs = logsAt(warm[at].table(study.history, columns, rows, weights, floor), x);
          const fresh = new RowKernels(group).table(study.history, columns, rows, weights, floor);
          expect(logs).toEqual(logsAt(fresh, x));
          plainLogs(group, study.history, rows, floor, x).forEach((log, c) => {
            expect(Math.abs(logs[c] - log)).toBeLessThan(1e-12 * Math.max(1, Math.abs(log)));
          });
        });
      }
    }),
    { numRuns: 30 },
  );
});

it("follow from one history to another and back", () => {
  const make = (shift: number): TestStudy => {
    const study = new TestStudy(testProblem({ parameters: { c: float(0, 1) } }));
    for (let i = 0; i < 30; i++) study.addFinished({ c: (i / 40 + shift) % 1 }, { losses: [0] });
    return study;
  };
  const [first, second] = [make(0), make(0.3)];
  const [group] = kernelGroups(first.problem.space);
  const [columns, warm] = [new SortedColumns(), new RowKernels(group)];
  const x = [Float64Array.of(0, 0.31, 0.5, 1)];
  for (const { history } of [first, second, first]) {
    columns.update(history);
    const rows = history.rows.slice();
    const logs = logsAt(warm.table(history, columns, rows, ageWeights(30), 0.01), x);
    const expected = plainLogs(group, history, rows, 0.01, x);
    logs.forEach((log, c) => {
      expect(log).toBeCloseTo(expected[c], 12);
    });
  }
});
