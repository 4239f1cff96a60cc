import { describe, expect, test } from "vitest";
import { createMemoryStorage, createStudy, grid, openStudy, type TellResult } from "../index.ts";
import { float, int } from "../parameters/build-parameter.ts";

const parameters = { x: float(-1, 1), n: int(1, 5) };
const options = { parameters, sampler: "random", seed: 1 } as const;

describe("ask and tell", () => {
  test("an asked trial goes on from what it saved, when the study is opened again before it was told", async () => {
    const study = await createStudy({ ...options, fidelity: { name: "steps", min: 1, max: 9 }, scheduler: "none" });
    const first = await study.ask();
    expect(first.checkpoint()).toBeNull();
    for (const step of [1, 2]) await first.saveCheckpoint(step, { step, weights: [0.5] });
    const again = await (await openStudy(await study.toJSON())).ask();
    expect(again.number).toBe(first.number);
    expect(again.checkpoint()).toEqual({ step: 2, state: { step: 2, weights: [0.5] } });
  });

  test("suggest what optimize would", async () => {
    const [one, other] = [await createStudy({ ...options, sampler: "tpe" }), await createStudy({ ...options, sampler: "tpe" })];
    const loss = ({ x, n }: { x: number; n: number }): number => x * x + n;
    await one.optimize((trial) => loss(trial.params), { trials: 25 });
    for (let i = 0; i < 25; i++) {
      const trial = await other.ask();
      await other.tell(trial, loss(trial.params));
    }
    const configs = async (study: typeof one): Promise<unknown[]> => {
      const found: unknown[] = [];
      for await (const { config } of study.trials()) found.push(config);
      return found;
    };
    expect(await configs(other)).toEqual(await configs(one));
    expect(other.bestTrial).toEqual(one.bestTrial);
  });

  test("tell takes a number, metrics, a failure, or nothing after reports", async () => {
    const study = await createStudy(options);
    const told = [];
    const results: readonly TellResult[] = [2, { value: 3, cost: 1 }, { failed: "out of memory" }, Number.NaN, { cost: 1 }];
    for (const result of results) told.push(await study.tell(await study.ask(), result));
    const reporting = await study.ask();
    expect(await reporting.report(1, 7)).toBe("continue");
    expect(await reporting.report(2, { value: 6 })).toBe("continue");
    told.push(await study.tell(reporting.number));
    expect(told.map(({ state, values, reason, message }) => [state, values, reason, message])).toEqual([
      ["complete", [2], null, null],
      ["complete", [3], null, null],
      ["failed", null, "error", "out of memory"],
      ["failed", null, "non_finite", "value is NaN"],
      ["failed", null, "no_result", "no value; seen: cost"],
      ["complete", [6], null, null],
    ]);
  });

  test("a final number keeps the other metrics of the last report", async () => {
    const study = await createStudy({ ...options, outcomeConstraints: ["latency <= 5"] });
    const trial = await study.ask();
    await trial.report(1, { value: 9, latency: 3 });
    expect(await study.tell(trial, 1)).toMatchObject({ values: [1], metrics: { value: 1, latency: 3 } });
  });

  test("a wrong result is refused and the trial can be told again; twice told is refused", async () => {
    const study = await createStudy(options);
    const trial = await study.ask();
    await expect(study.tell(trial, "5" as unknown as number)).rejects.toMatchObject({ code: "invalid-input" });
    await expect(study.tell(trial, { "\uD800": 1, value: 1 })).rejects.toMatchObject({ code: "invalid-input" });
    await study.tell(trial, 5);
    await expect(study.tell(trial, 5)).rejects.toMatchObject({
      code: "wrong-state",
      message: "trial 0 was not asked for, or is told already",
    });
    await expect(study.tell(99, 5)).rejects.toMatchObject({ code: "wrong-state" });
  });

  test("one number is refused with several objectives, in reports too", async () => {
    const study = await createStudy({
      ...options,
      objectives: [
        { name: "a", goal: "minimize" },
        { name: "b", goal: "minimize" },
      ],
    });
    const trial = await study.ask();
    await expect(trial.report(1, 1)).rejects.toMatchObject({ code: "invalid-input" });
    await expect(study.tell(trial, 1)).rejects.toMatchObject({ code: "invalid-input" });
    expect(await study.tell(trial, { a: 1, b: 2 })).toMatchObject({ values: [1, 2] });
  });

  test("a scheduler's stop is answered to this and every later report, and stands", async () => {
    const study = await createStudy({ ...options, fidelity: { name: "epochs", min: 1, max: 9 }, scheduler: "asha" });
    const trials = await Promise.all([0, 1, 2, 3].map(() => study.ask()));
    const answers: string[] = [];
    for (const trial of trials) answers.push(await trial.report(1, trial.number));
    expect(answers).toEqual(["continue", "continue", "stop", "stop"]);
    expect(await trials[2].report(2, 0)).toBe("stop");
    expect(await study.tell(trials[2], 0)).toMatchObject({ state: "stopped", values: [0], stopWhy: { code: "asha-rung" } });
    expect(await study.tell(trials[3], { failed: "after the stop" })).toMatchObject({ state: "stopped", values: [3] });
  });

  test("the budget is exact, the grid ends, and a study that is paused or stopped asks nothing", async () => {
    const limited = await createStudy({ ...options, budget: { trials: 2 } });
    await Promise.all([limited.ask(), limited.ask()]);
    await expect(limited.ask()).rejects.toMatchObject({ code: "budget-spent", message: "study has nothing left to try: trials" });
    const finite = await createStudy({ parameters: { a: int(1, 2) }, sampler: grid() });
    for (let i = 0; i < 2; i++) await finite.tell(await finite.ask(), 1);
    await expect(finite.ask()).rejects.toMatchObject({
      code: "budget-spent",
      message: "study has nothing left to try: exhausted",
    });
    const paused = await createStudy(options);
    await paused.pause();
    await expect(paused.ask()).rejects.toMatchObject({ code: "wrong-state", message: "study is paused; resume it first" });
    await paused.resume();
    await paused.ask();
    await paused.stop();
    await expect(paused.ask()).rejects.toMatchObject({ code: "wrong-state" });
  });

  test("the manual sampler waits for what is enqueued", async () => {
    const study = await createStudy({ ...options, sampler: "manual" });
    await expect(study.ask()).rejects.toMatchObject({
      code: "budget-spent",
      message: expect.stringContaining("has nothing to try now"),
    });
    await study.enqueue({ x: 0.5, n: 2 });
    expect((await study.ask()).params).toEqual({ x: 0.5, n: 2 });
  });

  test("what waits is asked first; fixed values make a new trial that has them", async () => {
    const study = await createStudy(options);
    await study.enqueue({ n: 4 });
    const fixed = await study.ask({ n: 5 });
    expect([fixed.number, fixed.params.n]).toEqual([1, 5]);
    const enqueued = await study.ask();
    expect([enqueued.number, enqueued.params.n]).toEqual([0, 4]);
    await expect(study.ask({ n: 9 })).rejects.toMatchObject({
      code: "invalid-input",
      message: expect.stringContaining("n: is 9, outside [1, 5]"),
    });
  });

  test("replicates are asked one by one; a failed trial with a retry left is asked again", async () => {
    const study = await createStudy({ ...options, replicates: { kind: "folds", count: 2 }, retries: { infra: 0, error: 1 } });
    const [first, second] = [await study.ask(), await study.ask()];
    expect([first, second].map(({ number, replicate, fold }) => [number, replicate, fold])).toEqual([
      [0, 0, 0],
      [0, 1, 1],
    ]);
    await study.tell(second, { failed: "no luck" });
    const again = await study.ask();
    expect([again.number, again.replicate]).toEqual([0, 1]);
    await study.tell(again, 3);
    expect(await study.tell(first, 1)).toMatchObject({ state: "complete", values: [2], standardErrors: [1] });
  });

  test("trials that were asked and never told are asked again after the study is opened anew", async () => {
    const storage = createMemoryStorage({ wallClockMs: () => 0, studyId: () => "study" });
    const study = await createStudy({ ...options, storage });
    const lost = await study.ask();
    await study.close();
    const again = await createStudy({ ...options, storage, ifExists: "resume" });
    expect(await again.ask()).toMatchObject({ number: 0, params: lost.params });
    await expect(lost.report(1, 1)).rejects.toMatchObject({ code: "stale-attempt" });
  });
});
