import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AttemptRef,
  type Config,
  createMemoryStorage,
  type Decision,
  type Outcome,
  type Storage,
  type TrialDraft,
  TunesmithError,
} from "@tunesmith/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createSqliteStorage } from "./sqlite-storage.ts";

// Both storages live through the same random life; what each call answers and all that can be read must be the same.

type Call = (storage: Storage, studyId: string) => Promise<unknown>;

/** The answer of a call, or the code of its refusal. */
async function answerOf(call: Call, storage: Storage, studyId: string): Promise<unknown> {
  try {
    return { answer: await call(storage, studyId) };
  } catch (error) {
    if (error instanceof TunesmithError) return { refused: error.code };
    throw error;
  }
}

async function everything(storage: Storage, studyId: string): Promise<unknown> {
  const study = await storage.getStudy(studyId);
  const trials = await storage.getTrials(studyId);
  const details: unknown[] = [];
  for (const { number, replicates } of trials) {
    const checkpoints = await Promise.all(replicates.map(({ index }) => storage.getCheckpoints(studyId, number, index)));
    details.push([await storage.getReports(studyId, number), await storage.getDecisions(studyId, number), checkpoints]);
  }
  return {
    study: { ...study, id: "" },
    ...{ trials, details, open: await storage.openReplicates(studyId), events: await storage.eventsAfter(studyId, 0, 10_000) },
    ...{ window: await storage.readWindow(studyId, [1]), fewest: await storage.bestTrials(studyId, 0, "minimize", 5) },
    ...{ least: await storage.getTotals(studyId, "minimize"), greatest: await storage.getTotals(studyId, "maximize") },
    ...{
      most: await storage.bestTrials(studyId, 0, "maximize", 5),
      unfinished: await storage.getTrials(studyId, { states: ["queued", "paused"] }),
    },
  };
}

/** Takes its place among the other calls only once the lock is there. */
const takeRunner: Call = async (storage, id) => (await storage.acquireRunner(id))?.release();

const trial = fc.integer({ min: 0, max: 5 });
const replicate = fc.integer({ min: 0, max: 2 });
const step = fc.integer({ min: 0, max: 3 });
const value = fc.constantFrom(0, 0.5, 1, -2, 1e-300, Number.NaN, Number.POSITIVE_INFINITY);
const ref = fc.record({ trial, replicate: fc.constantFrom(0, 0, 0, 1), attempt: fc.constantFrom(1, 1, 1, 2) });
const why = { code: "median" };
const drawn = fc.dictionary(fc.constantFrom("a", "b", "__proto__"), fc.constantFrom(1, 1, 0.1, "x", null), {
  noNullPrototype: true,
});

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  value.map((loss): Outcome => ({ kind: "complete", metrics: { loss } })),
  fc.constant<Outcome>({ kind: "stopped", why, metrics: null }),
  fc.constant<Outcome>({ kind: "paused" }),
  fc.constant<Outcome>({ kind: "failed", reason: "exit", message: "exit code 1" }),
  fc.constant<Outcome>({ kind: "released", reason: "preempted" }),
  fc.constant<Outcome>({ kind: "cancelled" }),
);

const call: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom("queued", "open", "claimed", "claimed"), fc.integer({ min: 1, max: 2 }), value)
      .map(addTrial),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(trial, replicate).map(
      ([t, r]): Call =>
        (storage, id) =>
          storage.claim(id, t, r),
    ),
  },
  { weight: 5, arbitrary: fc.tuple(ref, step, value).map(reportOnce) },
  {
    weight: 2,
    arbitrary: fc.tuple(ref, drawn).map(
      ([at, values]): Call =>
        (storage, studyId) =>
          storage.recordValues({ studyId, ...at }, values),
    ),
  },
  { weight: 6, arbitrary: fc.tuple(ref, outcome, fc.constantFrom(null, null, "infra", "error")).map(endAttempt) },
  trial.map(
    (t): Call =>
      (storage, id) =>
        storage.fillTrial(id, t, draftOf("claimed", 1, 0.25)),
  ),
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.option(trial, { freq: 1 }),
        fc.constantFrom(0, 0, 1, 2),
        fc.constantFrom(1, 1, 1, 2),
        fc.integer({ min: 2, max: 6 }),
      )
      .map(exploitOnce),
  },
  fc.tuple(trial, step).map(
    ([t, target]): Call =>
      (storage, id) =>
        storage.resume(id, t, target),
  ),
  trial.map(
    (t): Call =>
      (storage, id) =>
        storage.cancel(id, t),
  ),
  fc.tuple(trial, fc.integer({ min: 1, max: 2 })).map(
    ([t, n]): Call =>
      (storage, id) =>
        storage.addReplicates(id, t, Array(n).fill(5)),
  ),
  fc.tuple(ref, step, fc.constantFrom("pause", "stop")).map(decideOnce),
  { weight: 3, arbitrary: fc.tuple(ref, step).map(saveOnce) },
  fc.tuple(trial, replicate, step).map(
    ([t, r, n]): Call =>
      (storage, id) =>
        storage.removeCheckpoint(id, t, r, n),
  ),
  trial.map(
    (t): Call =>
      (storage, id) =>
        storage.annotate(id, t, ["seen"]),
  ),
  fc.constantFrom("active", "paused", "done").chain((state) =>
    fc.constantFrom("stopped", "trials", null).map(
      (cause): Call =>
        (storage, id) =>
          storage.setStudyState(id, state, cause),
    ),
  ),
  fc.constant(takeRunner),
);

function draftOf(begin: "queued" | "open" | "claimed", count: number, lr: number): TrialDraft {
  const config: Config = Number.isFinite(lr) ? { lr } : { act: "relu" };
  return {
    ...{
      config,
      revision: 1,
      historySeq: 1,
      source: "sampler",
      fixed: null,
      why,
      note: null,
      bracket: 0,
      target: lr === 0 ? null : 3,
    },
    ...{ seeds: Array<number>(count).fill(7), begin },
  };
}

function saveOnce([at, n]: [Omit<AttemptRef, "studyId">, number]): Call {
  return (storage, studyId) => storage.addCheckpoint({ studyId, ...at }, { step: n, location: `step-${n}` });
}

function exploitOnce([t, parent, count, next]: [number | null, number, number, number]): Call {
  const draft = { ...draftOf("claimed", count, 0.5), source: "child", begin: "claimed", parent } as const;
  return (storage, id) => storage.exploit(id, t, why, draft, next);
}

function addTrial([begin, count, lr]: ["queued" | "open" | "claimed", number, number]): Call {
  return (storage, id) => storage.addTrials(id, [draftOf(begin, count, lr)], 6);
}

function reportOnce([at, n, loss]: [Omit<AttemptRef, "studyId">, number, number]): Call {
  return (storage, studyId) =>
    storage.report({ studyId, ...at }, [
      {
        step: n, // Quarters, whose sums have no rounding.
        fidelity: n / 4,
        metrics: { loss },
      },
    ]);
}

function decideOnce([at, n, kind]: [Omit<AttemptRef, "studyId">, number, "pause" | "stop"]): Call {
  const decision: Decision = { kind, why };
  return (storage, studyId) => storage.decide({ studyId, ...at }, n, decision);
}

function endAttempt([at, ended, retry]: [Omit<AttemptRef, "studyId">, Outcome, "infra" | "error" | null]): Call {
  const metrics = ended.kind === "complete" ? ended.metrics : null;
  const result = metrics && { values: [metrics.loss], standardErrors: null, metrics };
  return (storage, studyId) => storage.end({ studyId, ...at }, { outcome: ended, retry, result });
}

it("SQLite storage answers and holds what memory storage does, whatever happens", async () => {
  const wallClockMs = (): number => 1_700_000_000_000;
  const folder = await mkdtemp(join(tmpdir(), "tunesmith-model-"));
  const sqlite = await createSqliteStorage({ folder, wallClockMs });
  let studyCount = 0;
  await fc.assert(
    fc.asyncProperty(
      life(call, (each) => each, { minLength: 10, maxLength: 40, size: "max" }),
      async (calls) => {
        const study = { name: `study ${studyCount++}`, problem: {}, settings: {}, definition: null };
        const { id } = await sqlite.createStudy(study);
        const model = createMemoryStorage({ wallClockMs, studyId: () => "study" });
        await model.createStudy(study);
        // Without waiting, so that SQLite has them in few transactions.
        const found: Promise<unknown>[] = [];
        for (const each of calls) {
          if (each === takeRunner) await Promise.all(found);
          found.push(answerOf(each, sqlite, id));
          if (each === takeRunner) await Promise.all(found);
        }
        const expected: unknown[] = [];
        for (const each of calls) expected.push(await answerOf(each, model, "study"));
        expect(await Promise.all(found)).toEqual(expected);
        expect(await everything(sqlite, id)).toEqual(await everything(model, "study"));
      },
    ),
    { numRuns: 300 },
  );
  await sqlite.close();
  await rm(folder, { recursive: true });
});

/** Begins, half the time, with a trial that could be a parent. */
function life<Item>(
  step: fc.Arbitrary<Item>,
  ofPrelude: (call: Call) => Item,
  lengths: fc.ArrayConstraints,
): fc.Arbitrary<Item[]> {
  const parent = [
    addTrial(["claimed", 1, 1]),
    saveOnce([{ trial: 0, replicate: 0, attempt: 1 }, 2]),
    addTrial(["claimed", 2, 1]),
  ];
  return fc
    .tuple(fc.constantFrom([], parent), fc.array(step, lengths))
    .map(([prelude, steps]) => [...prelude.map(ofPrelude), ...steps]);
}

/** What is answered from what a connection knows, if it may be. */
async function recent(storage: Storage, studyId: string): Promise<unknown> {
  const { seq = 0 } = (await storage.getStudy(studyId)) ?? {};
  return {
    trials: await Promise.all([0, 1, 2, 3].map((number) => storage.getTrial(studyId, number))),
    events: await Promise.all([0, 1, 5].map((back) => storage.eventsAfter(studyId, Math.max(0, seq - back), 3))),
    open: await storage.openReplicates(studyId),
  };
}

it("two handles know of each other's writes at once, in any order", async () => {
  const wallClockMs = (): number => 1_700_000_000_000;
  const folder = await mkdtemp(join(tmpdir(), "tunesmith-model-"));
  const handles = await Promise.all([0, 1].map(() => createSqliteStorage({ folder, wallClockMs })));
  const step = fc.tuple(call, fc.nat({ max: 1 }), fc.nat({ max: 1 }));
  const steps = life<[Call, number, number]>(step, (each) => [each, 0, 1], { minLength: 10, maxLength: 25, size: "max" });
  let studyCount = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const study = { name: `study ${studyCount++}`, problem: {}, settings: {}, definition: null };
      const { id } = await handles[0].createStudy(study);
      const model = createMemoryStorage({ wallClockMs, studyId: () => "study" });
      await model.createStudy(study);
      for (const [each, writer, reader] of given) {
        expect(await answerOf(each, handles[writer], id)).toEqual(await answerOf(each, model, "study"));
        const expected = await recent(model, "study");
        expect(await recent(handles[reader], id)).toEqual(expected);
        expect(await recent(handles[1 - reader], id)).toEqual(expected);
      }
    }),
    { numRuns: 200 },
  );
  await Promise.all(handles.map((handle) => handle.close()));
  await rm(folder, { recursive: true });
});
