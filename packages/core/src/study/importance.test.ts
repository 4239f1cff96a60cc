import { expect, test } from "vitest";
import { createStudy } from "../index.ts";
import { categorical, float } from "../parameters/build-parameter.ts";

const parameters = { strong: float(0, 1), weak: float(0, 1), idle: categorical(["a", "b"]) };

test("a study tells which parameters matter, and withholds it while it knows too little", async () => {
  const study = await createStudy({ parameters, objective: { goal: "maximize" }, sampler: "random", seed: 3 });
  const objective = ({ params }: { params: { strong: number; weak: number } }): number => -3 * params.strong - params.weak;
  await study.optimize(objective, { trials: 20 });
  expect(await study.importance()).toMatchObject([
    { objective: "value", withheld: { code: "importance-few-trials", trialCount: 20, required: 30 }, parameters: [] },
  ]);
  await study.optimize(objective, { trials: 200 });
  const [{ withheld, parameters: shares }] = await study.importance();
  expect(withheld).toBeNull();
  // Variances 9 : 1.
  expect(shares.map(({ name }) => name)).toEqual(["strong", "weak", "idle"]);
  expect(shares[0].low).toBeLessThan(0.9);
  expect(shares[0].high).toBeGreaterThan(0.85);
  expect(shares[2].share).toBeLessThan(0.02);
});
