import { describe, expect, test } from "vitest";
import { asha, createMemoryStorage, createStudy, grid, openStudy, pbt, random, type Sampler, tpe } from "../index.ts";
import { float, int } from "../parameters/build-parameter.ts";
import { createSimulatedHost } from "../simulation/simulated-host.ts";

const parameters = { x: float(-1, 1), n: int(1, 5) };

let studyCount = 0;
function memoryStorage() {
  return createMemoryStorage({ wallClockMs: () => 0, studyId: () => `study${studyCount++}` });
}

describe("createStudy", () => {
  test("stores what it was told and what it fills in", async () => {
    const storage = memoryStorage();
    const study = await createStudy({
      name: "s",
      parameters,
      storage,
      host: createSimulatedHost(77),
      fidelity: { name: "epochs", min: 1, max: 9 },
    });
    expect([study.name, study.seed, study.state]).toEqual(["s", 77, "active"]);
    expect(await storage.getStudy("s")).toMatchObject({
      id: study.id,
      problem: { objectives: [{ name: "value", goal: "minimize" }], seed: 77, replicates: { kind: "repeats", count: 1 } },
      settings: {
        sampler: { type: "auto" },
        scheduler: { type: "auto" },
        budget: {},
        parallel: 1,
        retries: { infra: 3, error: 0 },
        confirm: null,
      },
    });
    await createStudy({ name: "t", parameters, storage, sampler: tpe({ startupCount: 4 }), scheduler: { type: "none" } });
    expect((await storage.getStudy("t"))?.settings).toMatchObject({
      sampler: { type: "tpe", startupCount: 4 },
      scheduler: { type: "none" },
    });
  });

  test.each([
    [{ parallel: 0 }, "invalid-input"],
    [{ budget: { trials: -1 } }, "invalid-input"],
    [{ objective: { goal: "best" as "minimize" } }, "invalid-input"],
    [{ objective: { goal: "minimize" as const }, objectives: [] }, "invalid-input"],
    [{ sampler: "genie" }, "invalid-input"],
    [{ sampler: grid() }, "refused"],
    [{ scheduler: asha() }, "refused"],
  ])("refuses %j, and then there is no study", async (wrong, code) => {
    const storage = memoryStorage();
    await expect(createStudy({ parameters, storage, ...wrong })).rejects.toMatchObject({ code });
    expect(await storage.listStudies()).toEqual([]);
  });

  test("refuses to confirm what a population finds, which is no single config", async () => {
    const options = { parameters, fidelity: { name: "steps", min: 1, max: 20 }, confirm: { top: 1, seeds: 2 } } as const;
    for (const scheduler of ["pbt", pbt()])
      await expect(createStudy({ ...options, scheduler })).rejects.toThrow(
        "confirm: repeats one config from the start, but pbt finds a schedule of values; leave confirm out",
      );
    await (await createStudy({ ...options, scheduler: "pbt", confirm: null })).close();
  });

  test("keeps on record that nobody chose the seed, whoever continues the study; samplers see durations only then", async () => {
    let nowMs = 0;
    const storage = createMemoryStorage({ wallClockMs: () => nowMs++, studyId: () => `study${studyCount++}` });
    const seen: number[][] = [];
    const curious = {
      ...random(),
      suggest(...[problem, history, context]: Parameters<Sampler["suggest"]>) {
        seen.push([...history.rows].map((row) => history.durationsMs[row]));
        return random().suggest(problem, history, context);
      },
    };
    const options = { parameters, storage, sampler: curious, ifExists: "resume" } as const;
    const tune = async (name: string, seed: number | undefined, trials: number): Promise<void> => {
      const study = await createStudy({ ...options, name, ...(seed === undefined ? {} : { seed }) });
      await study.optimize(() => 1, { trials });
      await study.close();
    };
    await tune("drawn", undefined, 1);
    const seed = (await storage.getStudy("drawn"))?.problem.seed as number;
    await tune("drawn", seed, 2);
    await tune("drawn", undefined, 3);
    expect(seen.splice(0)).toEqual([[], [1], [1, 1]]);
    await tune("chosen", seed, 1);
    await tune("chosen", undefined, 3);
    expect(seen).toEqual([[], [Number.NaN], [Number.NaN, Number.NaN]]);
  });

  test("a name that is taken is refused unless the study is to be continued", async () => {
    const storage = memoryStorage();
    const study = await createStudy({ name: "s", parameters, storage, seed: 1 });
    await study.close();
    await expect(createStudy({ name: "s", parameters, storage })).rejects.toMatchObject({ code: "study-exists" });
    expect((await createStudy({ name: "s", parameters, storage, ifExists: "resume" })).id).toBe(study.id);
  });
});

describe("ifExists: resume", () => {
  test("makes the study when it is not there, continues it when it is", async () => {
    const storage = memoryStorage();
    for (const trials of [3, 3, 7]) {
      const study = await createStudy({ name: "s", parameters, storage, sampler: "random", seed: 5, ifExists: "resume" });
      expect(await study.optimize((trial) => trial.params.x, { trials })).toBe("done");
      expect(await storage.getStudy("s")).toMatchObject({ trialCount: trials });
      await study.close();
    }
  });

  test("refuses another problem and another seed, and does not run a study that another runs", async () => {
    const storage = memoryStorage();
    const options = { name: "s", parameters, storage, ifExists: "resume" } as const;
    const study = await createStudy({ ...options, seed: 5 });
    await expect(createStudy(options)).rejects.toMatchObject({ code: "study-locked" });
    await study.close();
    await expect(createStudy({ ...options, parameters: { x: float(0, 1) } })).rejects.toMatchObject({ code: "study-exists" });
    await expect(createStudy({ ...options, objective: { goal: "maximize" } })).rejects.toMatchObject({ code: "study-exists" });
    await expect(createStudy({ ...options, seed: 6 })).rejects.toMatchObject({
      code: "study-exists",
      message: expect.stringContaining("seed 5"),
    });
    expect(await storage.hasRunner(study.id)).toBe(false);
  });

  test("takes the settings that are given, keeps the others; another sampler makes a new revision", async () => {
    const storage = memoryStorage();
    const options = { name: "s", parameters, storage, ifExists: "resume" } as const;
    await (await createStudy({ ...options, sampler: "random", parallel: 3, budget: { trials: 4 }, seed: 1 })).close();
    await (await createStudy({ ...options, budget: { trials: 9 } })).close();
    expect(await storage.getStudy("s")).toMatchObject({
      revision: 1,
      settings: { sampler: { type: "random" }, parallel: 3, budget: { trials: 9 } },
    });
    const study = await createStudy({ ...options, sampler: "qmc" });
    expect(await storage.getStudy("s")).toMatchObject({ revision: 2, settings: { sampler: { type: "qmc" }, parallel: 3 } });
    await study.optimize((trial) => trial.params.x);
    expect(await storage.getTrial(study.id, 8)).toMatchObject({ revision: 2, why: { code: "qmc" } });
    await study.close();
    await expect(createStudy({ ...options, parallel: 0 })).rejects.toMatchObject({ code: "invalid-input" });
    await expect(createStudy({ ...options, sampler: grid() })).rejects.toMatchObject({ code: "refused" });
    expect(await storage.getStudy("s")).toMatchObject({ revision: 2, settings: { sampler: { type: "qmc" } } });
    await (await createStudy(options)).close();
  });
});

describe("openStudy", () => {
  test("takes the study's own sampler when the program made it", async () => {
    const own: Sampler = { ...random(), type: "own", suggest: () => ({ config: { x: 0.5, n: 1 }, why: { code: "own" } }) };
    const first = await createStudy({ parameters, sampler: own });
    await first.optimize(() => 1, { trials: 1 });
    const json = await first.toJSON();
    await expect(openStudy(json)).rejects.toMatchObject({ code: "invalid-input" });
    const study = await openStudy(json, { sampler: own });
    await study.optimize(() => 1, { trials: 2 });
    expect(study.bestTrial.params).toEqual({ x: 0.5, n: 1 });
  });

  test("gives back what there was to know, and refuses what is no export", async () => {
    const first = await createStudy({ name: "s", parameters, sampler: "random", seed: 3 });
    await expect(openStudy({ a: 1 })).rejects.toMatchObject({ code: "invalid-input" });
    expect(() => first.bestTrial).toThrow(expect.objectContaining({ code: "trial-not-found" }));
    await first.optimize((trial) => trial.params.x, { trials: 9 });
    const study = await openStudy(JSON.parse(JSON.stringify(await first.toJSON())));
    expect([study.id, study.name, study.seed, study.state]).toEqual([first.id, "s", 3, "done"]);
    expect(study.bestTrials).toEqual(first.bestTrials);
  });
});
