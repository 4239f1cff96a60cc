import fc from "fast-check";
import { expect, it } from "vitest";
import { categorical, float, int } from "../../parameters/build-parameter.ts";
import type { Config } from "../../parameters/parameter.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import { SortedColumns } from "./sorted-columns.ts";

const parameters = { c: categorical(["p", "q"]), n: int(1, 3), x: float(0, 1, { when: { c: "p" } }) };

it("orders each column like a full sort, however the history grew between the calls", () => {
  const steps = fc.array(
    fc.record({
      look: fc.boolean(),
      open: fc.boolean(),
      n: fc.integer({ min: 1, max: 3 }),
      x: fc.constantFrom(0, 0.25, 0.5, 1),
      p: fc.boolean(),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(steps, (list) => {
      const study = new TestStudy(testProblem({ parameters }));
      const warm = new SortedColumns();
      const open: number[] = [];
      for (const { look, open: isOpen, n, x, p } of list) {
        const config: Config = p ? { c: "p", n, x } : { c: "q", n };
        const trial = study.add({ config: isOpen ? { n } : config }, 0, "queued");
        if (isOpen) open.push(trial);
        else study.finish(trial, { losses: [x] });
        if (look) warm.update(study.history);
        // What a person enqueued in part gets its point only now.
        if (look && open.length > 0) study.history.fill(open.pop() as number, config, null, 0);
      }
      warm.update(study.history);
      const { rows, points, numbers } = study.history;
      for (let j = 0; j < 3; j++) {
        const active = Array.from(rows).filter((row) => !Number.isNaN(points[row * 3 + j]));
        const expected = active.sort((a, b) => points[a * 3 + j] - points[b * 3 + j] || numbers[a] - numbers[b]);
        expect([...warm.order(j)]).toEqual(expected);
      }
    }),
    { numRuns: 80 },
  );
});

it("follows a history that has shrunk to its best and newest trials", () => {
  const study = new TestStudy(testProblem({ parameters: { x: float(0, 1) } }));
  const warm = new SortedColumns();
  for (let i = 0; i < 10_003; i++) {
    study.addFinished({ x: ((i * 7_919) % 10_007) / 10_007 }, { losses: [i % 1_000] });
    if (i % 2_000 === 0 || i > 9_998) warm.update(study.history);
  }
  const { rows, points } = study.history;
  expect(rows.length).toBeLessThan(10_000);
  expect([...warm.order(0)]).toEqual(Array.from(rows).sort((a, b) => points[a] - points[b]));
});

it("starts anew with a history it does not know", () => {
  const columns = new SortedColumns();
  for (const x of [0.2, 0.8]) {
    const study = new TestStudy(testProblem({ parameters: { x: float(0, 1) } }));
    study.addFinished({ x }, { losses: [1] });
    study.addFinished({ x: 0.5 }, { losses: [1] });
    columns.update(study.history);
    expect([...columns.order(0)]).toEqual(x < 0.5 ? [0, 1] : [1, 0]);
  }
});
