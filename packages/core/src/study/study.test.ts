import { describe, expect, test } from "vitest";
import { float, int } from "../parameters/build-parameter.ts";
import { compose } from "../policies/compose.ts";
import { random } from "../samplers/random.ts";
import { none } from "../schedulers/none.ts";
import { bindCatalogue } from "./create-study.ts";

const makers = bindCatalogue({ createSampler: () => random(), createScheduler: () => none(), compose });
const parameters = { x: float(-1, 1), n: int(1, 5) };

describe("optimize", () => {
  test("runs the budget's trials and knows the best", async () => {
    const study = await makers.createStudy({ name: "bowl", parameters, seed: 1 });
    const end = await study.optimize((trial) => trial.params.x ** 2 + trial.params.n, { trials: 50, parallel: 4 });
    expect(end).toBe("done");
    const all = [];
    for await (const trial of study.trials()) all.push(trial);
    expect(all).toHaveLength(50);
    expect(all.map(({ number }) => number)).toEqual([...all.keys()]);
    const values = all.map((trial) => trial.values?.[0] ?? Number.NaN);
    expect(study.bestTrial.value).toBe(Math.min(...values));
    await study.close();
  });
});
