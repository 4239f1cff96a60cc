import { describe, expect, test } from "vitest";
import { createMemoryStorage, createStudy, type Storage } from "../index.ts";
import { categorical, float, int } from "../parameters/build-parameter.ts";
import { enqueueConfigs } from "./enqueue.ts";

const parameters = { x: float(-1, 1), n: int(1, 5), kind: categorical(["p", "q"]), rate: float(0, 1, { when: { kind: "q" } }) };
const options = { name: "s", parameters, parameterConstraints: ["n * x <= 4"], sampler: "random", seed: 1 } as const;

describe("enqueue", () => {
  test("configs run in order before anything else, what they leave open is filled", async () => {
    const study = await createStudy(options);
    expect(await study.enqueue([{ x: 0.5, n: 2, kind: "p" }, { kind: "q" }, {}])).toEqual([0, 1, 2]);
    expect(await study.enqueue({ n: 5 })).toEqual([3]);
    const seen: object[] = [];
    await study.optimize((trial) => seen.push(trial.params), { trials: 6 });
    expect(seen[0]).toEqual({ x: 0.5, n: 2, kind: "p" });
    expect(seen[1]).toMatchObject({ kind: "q", rate: expect.any(Number), x: expect.any(Number) });
    expect(seen[3]).toMatchObject({ n: 5 });
    const found = [];
    for await (const { source, fixed } of study.trials()) found.push([source, fixed]);
    expect(found).toEqual([
      ["enqueued", { x: 0.5, n: 2, kind: "p" }],
      ["enqueued", { kind: "q" }],
      ["enqueued", {}],
      ["enqueued", { n: 5 }],
      ["sampler", null],
      ["sampler", null],
    ]);
  });

  test("all faults are told at once, and then nothing is changed", async () => {
    const storage = createMemoryStorage({ wallClockMs: () => 0, studyId: () => "study" });
    const study = await createStudy({ ...options, storage });
    const before = await storage.getStudy("study");
    const wrong = [{ n: 9 }, { x: 0 }, { y: 1, kind: "r" }, { kind: "p", rate: 0.5 }] as unknown as { n: number }[];
    await expect(study.enqueue(wrong)).rejects.toMatchObject({
      code: "invalid-input",
      faults: [{ path: "0.n" }, { path: "2.y" }, { path: "2.kind" }, { path: "3.rate" }],
    });
    await expect(study.enqueue({ x: 1, n: 5 })).rejects.toMatchObject({
      code: "invalid-input",
      message: expect.stringContaining("n * x <= 4 does not hold"),
    });
    expect(await storage.getStudy("study")).toEqual(before);
  });

  test("beyond the budget none is queued", async () => {
    const study = await createStudy({ ...options, budget: { trials: 3 } });
    await study.enqueue([{ n: 1 }, { n: 2 }]);
    await expect(study.enqueue([{ n: 3 }, { n: 4 }])).rejects.toMatchObject({ code: "budget-spent" });
    expect(await study.enqueue({ n: 3 })).toEqual([2]);
    expect(await study.optimize((trial) => trial.params.n)).toBe("done");
    expect(study.bestTrial.params.n).toBe(1);
  });

  test("a trial's seeds belong to its number, also when another process takes the number first", async () => {
    const seeds = async (meddle: boolean): Promise<readonly number[]> => {
      const storage = createMemoryStorage({ wallClockMs: () => 0, studyId: () => "study" });
      const study = await createStudy({ ...options, storage });
      const { createSpace } = await import("../parameters/create-space.ts");
      const space = createSpace(parameters, []);
      const problem = {
        space,
        revision: 1,
        replicates: { kind: "repeats", count: 2 },
        seed: 1,
        fidelity: null,
      } as unknown as Parameters<typeof enqueueConfigs>[2];
      await study.enqueue({ n: 1 });
      if (!meddle) await study.enqueue({ n: 2 });
      let isMeddled = !meddle;
      const busy: Storage = new Proxy(storage, {
        get:
          (target, name) =>
          async (...args: unknown[]) => {
            const result = await (Reflect.get(target, name) as (...args: unknown[]) => unknown).apply(target, args);
            if (name === "getStudy" && !isMeddled) {
              isMeddled = true;
              await study.enqueue({ n: 2 });
            }
            return result;
          },
      });
      const [number] = await enqueueConfigs(busy, "study", problem, null, [{ n: 3 }]);
      expect(number).toBe(2);
      return (await storage.getTrial("study", 2))?.replicates.map(({ seed }) => seed) ?? [];
    };
    expect(await seeds(true)).toEqual(await seeds(false));
  });
});
