import { describe, expect, test } from "vitest";
import {
  createAbort,
  createMemoryStorage,
  createStudy,
  type Json,
  type ObjectiveTrial,
  openStudy,
  type ParamsOf,
  type Study,
  type Trial,
} from "../index.ts";
import { categorical, float, int } from "../parameters/build-parameter.ts";
import { createSimulatedHost } from "../simulation/simulated-host.ts";

const parameters = {
  lr: float(1e-5, 1e-1, { log: true }),
  layers: int(1, 4),
  optimizer: categorical(["adam", "sgd"]),
  momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
};
const options = {
  name: "s",
  parameters,
  objective: { name: "loss", goal: "minimize" },
  fidelity: { name: "epochs", min: 1, max: 9 },
  scheduler: "asha",
  sampler: "tpe",
  seed: 42,
} as const;
type TestStudy = Study<typeof parameters>;

async function objective(trial: ObjectiveTrial<ParamsOf<typeof parameters>>): Promise<void> {
  if (trial.number % 7 === 3) throw new Error("no luck");
  for (const epoch of trial.steps()) {
    const loss = Math.abs(Math.log10(trial.params.lr) + 3) + trial.params.layers / epoch + (trial.params.momentum ?? 0);
    if ((await trial.report(epoch, { loss })) !== "continue") return;
  }
}

async function suggestionsOf(study: { trials(): AsyncGenerator<Trial> }): Promise<string[]> {
  const found: string[] = [];
  for await (const { number, config, why, note, state, values } of study.trials())
    found.push(JSON.stringify({ number, config, why, note, state, values }));
  return found;
}

async function uninterrupted(trials: number): Promise<string[]> {
  const study = await createStudy(options);
  await study.optimize(objective, { trials });
  return suggestionsOf(study);
}

let studyCount = 0;
function memoryStorage() {
  return createMemoryStorage({ wallClockMs: () => 0, studyId: () => `study${studyCount++}` });
}

describe("a study that was left and continued suggests byte for byte what it would have without", () => {
  test("interrupted at any report, with parallel 1", async () => {
    const trials = 16;
    const expected = await uninterrupted(trials);
    for (let leaveAt = 1; leaveAt <= 60; leaveAt += 2) {
      const study = await createStudy(options);
      const left = createAbort();
      let reportCount = 0;
      const reported = (): void => {
        if (++reportCount === leaveAt) left.abort();
      };
      const end = await study.optimize(objective, { trials, signal: left.signal, observer: { reported } });
      if (end === "interrupted") expect(await study.optimize(objective, { trials })).toBe("done");
      expect(await suggestionsOf(study)).toEqual(expected);
    }
  });

  test("interrupted between trials, again and again, by another process each time", async () => {
    const expected = await uninterrupted(20);
    const storage = memoryStorage();
    for (let trials = 1; trials <= 20; trials += 3) {
      const study = await createStudy({ ...options, storage: storage.connect(), ifExists: "resume" });
      const left = createAbort();
      await study.optimize(objective, {
        trials: 20,
        signal: left.signal,
        onTrial: ({ number }) => number >= trials && left.abort(),
      });
      await study.close();
    }
    const last = await createStudy({ ...options, storage, ifExists: "resume" });
    await last.optimize(objective, { trials: 20 });
    expect(await suggestionsOf(last)).toEqual(expected);
  });

  test("from its JSON, at any trial, also when it runs on from there twice", async () => {
    const expected = await uninterrupted(18);
    for (const trials of [1, 4, 9, 17]) {
      const first = await createStudy(options);
      await first.optimize(objective, { trials });
      const json = JSON.parse(JSON.stringify(await first.toJSON())) as Json;
      for (let copy = 0; copy < 2; copy++) {
        const study = (await openStudy(json)) as unknown as TestStudy;
        await study.optimize(objective, { trials: 18 });
        expect(await suggestionsOf(study)).toEqual(expected);
      }
      await first.optimize(objective, { trials: 18 });
      expect(await suggestionsOf(first)).toEqual(expected);
    }
  });

  test("when its process died in the middle of a trial", async () => {
    const expected = await uninterrupted(12);
    const storage = memoryStorage();
    const dying = storage.connect();
    const study = await createStudy({ ...options, storage: dying, host: createSimulatedHost() });
    // The sixth trial never returns, then all that the process held is gone.
    await new Promise<void>((begun) => {
      const dead = (trial: ObjectiveTrial<ParamsOf<typeof parameters>>): Promise<void> => {
        if (trial.number < 5) return objective(trial);
        begun();
        return new Promise(() => {});
      };
      study.optimize(dead, { trials: 12 }).catch(() => {});
    });
    await dying.close();
    const next = await createStudy({ ...options, storage, ifExists: "resume" });
    await next.optimize(objective, { trials: 12 });
    expect(await suggestionsOf(next)).toEqual(expected);
  });

  test.each(["optimize", "ask"])(
    "when its process died between a decision to stop and the end of the trial, by %s",
    async (verb) => {
      const expected = await uninterrupted(16);
      const storage = memoryStorage();
      const dying = storage.connect();
      const study = await createStudy({ ...options, storage: dying, host: createSimulatedHost() });
      const stopped = await new Promise<number>((told) => {
        const dead = async (trial: ObjectiveTrial<ParamsOf<typeof parameters>>): Promise<void> => {
          await objective(trial);
          if ([...trial.steps()].length > 0 || trial.number % 7 === 3) return;
          const [decision] = await storage.getDecisions(study.id, trial.number);
          if (decision === undefined) return;
          told(trial.number);
          await new Promise(() => {});
        };
        study.optimize(dead, { trials: 16 }).catch(() => {});
      });
      await dying.close();
      const next = await createStudy({ ...options, storage, ifExists: "resume" });
      const ran: number[] = [];
      if (verb === "ask") await next.tell(await next.ask(), { failed: "asked only" });
      else
        await next.optimize(
          (trial) => {
            ran.push(trial.number);
            return objective(trial);
          },
          { trials: 16 },
        );
      expect(ran).not.toContain(stopped);
      const found = await suggestionsOf(next);
      expect(found[stopped]).toBe(expected[stopped]);
      if (verb === "optimize") expect(found).toEqual(expected);
    },
  );

  test("a retry waits for its turn, so that the order does not depend on how long it pauses", async () => {
    const run = async (leave: boolean): Promise<string[]> => {
      const host = createSimulatedHost();
      const study = await createStudy({ ...options, host, retries: { infra: 0, error: 2 } });
      const left = createAbort();
      let failedCount = 0;
      const flaky: typeof objective = async (trial) => {
        if (trial.number === 4 && failedCount < 2) {
          failedCount++;
          if (leave) left.abort();
          throw new Error("flaky");
        }
        return objective(trial);
      };
      await host.run(study.optimize(flaky, { trials: 12, signal: left.signal }));
      await host.run(study.optimize(flaky, { trials: 12 }));
      return suggestionsOf(study);
    };
    expect(await run(true)).toEqual(await run(false));
  });
});

describe("an interrupted call", () => {
  test("tells the trials by their signal, waits for them, and puts them back in the queue", async () => {
    const host = createSimulatedHost();
    const study = await createStudy({ parameters, sampler: "random", seed: 1, host });
    const left = createAbort();
    const seen: boolean[] = [];
    const end = study.optimize(
      async ({ signal }) => {
        await host.sleep(1_000, signal);
        seen.push(signal.aborted);
        await host.sleep(500);
        return 1;
      },
      { trials: 10, parallel: 3, signal: left.signal },
    );
    void host.sleep(300).then(() => left.abort());
    expect(await host.run(end)).toBe("interrupted");
    expect([seen, host.monotonicMs()]).toEqual([[true, true, true], 800]);
    const states: string[] = [];
    for await (const trial of study.trials()) states.push(`${trial.state} ${trial.replicates[0].errorRetryCount}`);
    expect(states).toEqual(["queued 0", "queued 0", "queued 0"]);
    expect(study.state).toBe("active");
  });

  test("with a signal that was raised before starts nothing", async () => {
    const study = await createStudy({ parameters, sampler: "random", seed: 1 });
    const left = createAbort();
    left.abort();
    expect(await study.optimize(() => expect.unreachable(), { trials: 3, signal: left.signal })).toBe("interrupted");
  });

  test("keeps the result of an objective that had finished without looking at its signal", async () => {
    const host = createSimulatedHost();
    const study = await createStudy({ parameters, sampler: "random", seed: 1, host });
    const left = createAbort();
    const end = study.optimize(() => host.sleep(100).then(() => 7), { trials: 5, signal: left.signal });
    left.abort();
    expect(await host.run(end)).toBe("interrupted");
    expect(study.bestTrials.length).toBeLessThanOrEqual(1);
    for await (const trial of study.trials()) expect(trial).toMatchObject({ state: "complete", values: [7] });
  });
});

describe("close", () => {
  test("interrupts the call that runs, waits for it, and gives the study free", async () => {
    const host = createSimulatedHost();
    const storage = memoryStorage();
    const study = await createStudy({ name: "s", parameters, sampler: "random", seed: 1, host, storage });
    const run = study.optimize(({ signal }) => host.sleep(1_000, signal).then(() => 1), { trials: 5, parallel: 2 });
    await expect(createStudy({ name: "s", parameters, storage, ifExists: "resume" })).rejects.toMatchObject({
      code: "study-locked",
    });
    await host.run(host.sleep(10));
    await host.run(study.close());
    expect(await run).toBe("interrupted");
    expect(await storage.hasRunner(study.id)).toBe(false);
    await study.close();
    for (const verb of [() => study.optimize(() => 1), () => study.ask(), () => study.tell(0, 1)])
      await expect(verb()).rejects.toMatchObject({ code: "wrong-state" });
    const next = await createStudy({ name: "s", parameters, storage, ifExists: "resume", sampler: "random" });
    expect(await next.optimize(() => 1, { trials: 5 })).toBe("done");
  });

  test("two calls of optimize at a time are refused", async () => {
    const study = await createStudy({ parameters, sampler: "random", seed: 1 });
    const first = study.optimize(() => 1, { trials: 3 });
    await expect(study.optimize(() => 1, { trials: 3 })).rejects.toMatchObject({ code: "wrong-state" });
    expect(await first).toBe("done");
    expect(await study.optimize(() => 1, { trials: 4 })).toBe("done");
  });
});
