import { describe, expect, test } from "vitest";
import { asha, compose, type Host, none, type Policy, random, webHost } from "../index.ts";
import type { JsonObject } from "../json.ts";
import { createRng, type Rng } from "../numerics/rng.ts";
import { float, int } from "../parameters/build-parameter.ts";
import type { Config } from "../parameters/parameter.ts";
import { historySnapshot } from "../simulation/history-snapshot.ts";
import { createMemoryStorage } from "../storage/memory-storage.ts";
import type { AttemptEnd, Storage, StudyRecord } from "../storage/storage.ts";
import { completeEnd, draft, failedEnd, report, stoppedEnd } from "../testing/storage-stage.ts";
import { compileProblem, problemJson, type SeededProblemSpec } from "../trial/problem-json.ts";
import { type Budget, type StudySettings, studySettingsDefaults } from "../trial/study-settings.ts";
import type { Metrics, Why } from "../trial/trial.ts";
import type { Job } from "./engine.ts";
import { StudySession } from "./study-session.ts";

const host: Host = { ...webHost(), monotonicMs: () => 0 };
const why: Why = { code: "test" };
const spec: SeededProblemSpec = {
  parameters: { x: float(0, 1), n: int(1, 3) },
  objectives: [{ name: "loss", goal: "minimize" }],
  outcomeConstraints: ["cost <= 3"],
  seed: 1,
  seedDrawn: true,
};

function memoryStorage(): Storage {
  return createMemoryStorage({ wallClockMs: unsteadyClock(), studyId: () => "study" });
}

/** Goes on by 10 ms at every reading, and is set back at every seventh. */
function unsteadyClock(): () => number {
  let nowMs = 0;
  let readingCount = 0;
  return () => {
    nowMs += ++readingCount % 7 === 0 ? -40 : 10;
    return nowMs;
  };
}

async function createRecord(
  storage: Storage,
  changed: Partial<SeededProblemSpec> = {},
  budget: Budget = {},
): Promise<StudyRecord> {
  const settings = {
    ...studySettingsDefaults,
    budget,
    retries: { infra: 2, error: 1 },
    sampler: { type: "random" },
    scheduler: { type: "none" },
  };
  const problem = problemJson(compileProblem({ ...spec, ...changed }, 1, settings));
  return storage.createStudy({ name: "s", problem, settings: settings as unknown as JsonObject, definition: null });
}

function open(storage: Storage, record: StudyRecord, policy: Policy = compose(random(), none())): Promise<StudySession> {
  return StudySession.open(storage, host, record, () => policy);
}

/** Everything that a session knows of the past. */
function knowledge(session: StudySession): object {
  const { space } = session.problem;
  const keys = [...session.history.rows].map((row) => space.key(session.history.config(row)));
  const { front, sinceBestCount, goalReached } = session.progressTracker;
  const { history, endedCounts } = session;
  const unfinished = [...history.numbers.subarray(0, history.rows.length)].map((number) => session.isUnfinished(number));
  const lineage = [...history.rows].map((row) => [
    history.parent(row),
    history.startFidelity(row),
    history.hasCheckpoint(row),
    history.pausedByPerson(row),
  ]);
  return {
    history: historySnapshot(history, keys),
    lineage,
    madeCount: session.progress().trialCount,
    endedCounts: { ...endedCounts },
    stepSum: session.progress().stepSum,
    ...{ front, sinceBestCount, goalReached, unfinished },
  };
}

/** Does random things to a study, by its session and by other hands, and returns what it has done. */
class RandomStudy {
  readonly #session: StudySession;
  readonly #storage: Storage;
  readonly #rng: Rng;
  readonly #jobs: Job[] = [];

  constructor(session: StudySession, storage: Storage, rng: Rng) {
    this.#session = session;
    this.#storage = storage;
    this.#rng = rng;
  }

  async act(): Promise<void> {
    const often = [this.#start, this.#report, this.#end, this.#other];
    const actions = [...often, ...often, this.#report, this.#save, this.#save];
    try {
      await actions[this.#rng.int(actions.length)].call(this);
    } catch (error) {
      const code = (error as { code?: string }).code ?? "";
      // What another hand did first: the attempt is over, the trial is finished.
      if (!["stale-attempt", "wrong-state", "conflicting-report", "trial-not-found"].includes(code)) throw error;
    }
  }

  async #start(): Promise<void> {
    const next = await this.#session.next(this.#rng.int(8) === 0 ? "confirm" : "search");
    if (next.kind === "job") this.#jobs.push(next.job);
  }

  async #report(): Promise<void> {
    const job = this.#anyJob();
    if (job === null) return;
    const reports = Array.from({ length: 1 + this.#rng.int(2) }, () => {
      const step = 1 + this.#rng.int(6);
      return { step, fidelity: step, metrics: this.#metrics() };
    });
    await this.#session.report(job, reports);
  }

  async #end(): Promise<void> {
    const job = this.#anyJob();
    if (job === null) return;
    this.#jobs.splice(this.#jobs.indexOf(job), 1);
    const metrics = this.#metrics();
    const ends: readonly (() => Promise<unknown>)[] = [
      () => this.#session.end(job, { kind: "complete", metrics }, null),
      () => this.#session.end(job, { kind: "complete", metrics }, null),
      () => this.#session.end(job, { kind: "complete", metrics: { loss: Number.NaN } }, null),
      () => this.#session.end(job, { kind: "complete", metrics }, { kind: "pause", why }),
      () => this.#session.end(job, { kind: "complete", metrics }, { kind: "stop", why }),
      () => this.#session.end(job, { kind: "stopped", why, metrics: null }, null),
      () => this.#session.end(job, { kind: "released", reason: "preempted" }, null),
      ...(["error", "infra", "oom"] as const).map(
        (reason) => () => this.#session.end(job, { kind: "failed", reason, message: "m" }, null),
      ),
    ];
    await ends[this.#rng.int(ends.length)]();
  }

  async #other(): Promise<void> {
    const { studyId, history } = this.#session;
    const trial = this.#rng.int(Math.max(1, history.trialCount));
    const configs: readonly Config[] = [{ n: 2 }, { x: 0.5, n: 1 }, {}];
    const config = configs[this.#rng.int(3)];
    const actions: readonly (() => Promise<unknown>)[] = [
      () => this.#storage.addTrials(studyId, [draft({ config, fixed: config, source: "enqueued", begin: "open" })], null),
      () => this.#session.ask({ n: 3 }).then((next) => next.kind === "job" && this.#jobs.push(next.job)),
      () => this.#storage.cancel(studyId, trial),
      () => this.#storage.resume(studyId, trial, 9),
      () => this.#exploit(trial),
      () => this.#exploit(trial),
      () => this.#pauseByHand(),
      () => this.#pauseByHand(),
      () => this.#storage.addReplicates(studyId, trial, [7, 8]),
      () => this.#storage.annotate(studyId, trial, ["tag"]),
      async () => (await this.#storage.acquireRunner(studyId))?.release(),
      async () => {
        await this.#storage.setStudyState(studyId, "done", this.#rng.int(2) === 0 ? "stopped" : "trials");
        await this.#storage.setStudyState(studyId, "active", null);
      },
    ];
    await actions[this.#rng.int(actions.length)]();
  }

  async #exploit(trial: number): Promise<void> {
    const { studyId, history, problem } = this.#session;
    const trials = await this.#storage.getTrials(studyId);
    const parents: number[] = [];
    for (const { number, replicates } of trials)
      if (replicates.every(({ attempt }) => attempt > 0) && (await this.#storage.getCheckpoints(studyId, number, 0)).length > 0)
        parents.push(number);
    const paused = trials.filter(({ state }) => state === "paused").map(({ number }) => number);
    const member = [null, trial, paused[0] ?? null, paused[0] ?? null][this.#rng.int(4)];
    const seeds = Array.from({ length: problem.replicates.count }, (_, i) => i);
    const base = { ...draft({ config: { x: 0.25, n: 1 }, seeds, historySeq: history.seq }), parent: parents[0] ?? trial };
    await this.#storage.exploit(studyId, member, why, { ...base, source: "child", begin: "queued" }, trials.length);
  }

  async #pauseByHand(): Promise<void> {
    const job = this.#anyJob();
    if (job === null) return;
    await this.#storage.decide(job.ref, 0, { kind: "pause", why: { code: "person" } });
    if (this.#rng.int(2) === 0) await this.#session.sync();
    if (this.#rng.int(2) === 0) return;
    this.#jobs.splice(this.#jobs.indexOf(job), 1);
    await this.#session.end(job, { kind: "released", reason: "preempted" }, this.#session.heardDecision(job.ref));
  }

  async #save(): Promise<void> {
    const job = this.#anyJob();
    if (job !== null) await this.#session.checkpoint(job, { step: 1 + this.#rng.int(2), location: "x" });
  }

  #anyJob(): Job | null {
    return this.#jobs.length === 0 ? null : this.#jobs[this.#rng.int(this.#jobs.length)];
  }

  #metrics(): { readonly [name: string]: number } {
    const loss = this.#rng.int(6) === 0 ? Number.NaN : this.#rng.int(10);
    return this.#rng.int(4) === 0 ? { loss, other: 1 - loss } : { loss, other: 1 - loss, cost: this.#rng.int(6) };
  }
}

/** A storage to which a study does something after each of these reads. */
function busyStorage(storage: Storage, study: RandomStudy, reads: readonly (keyof Storage)[]): Storage {
  return new Proxy(storage, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
      if (!reads.includes(name as keyof Storage)) return method.bind(target);
      return async (...args: unknown[]) => {
        const result = await method.apply(target, args);
        for (let i = 0; i < 8; i++) await study.act();
        return result;
      };
    },
  });
}

describe("the history of a session", () => {
  const variants: readonly [string, Partial<SeededProblemSpec>][] = [
    ["one objective", {}],
    ["replicates", { replicates: { kind: "repeats", count: 3 } }],
    ["a fidelity", { fidelity: { name: "epochs", min: 1, max: 6 } }],
    [
      "two objectives",
      {
        objectives: [
          { name: "loss", goal: "minimize" },
          { name: "other", goal: "maximize", stopAt: 0 },
        ],
      },
    ],
    ["folds and no constraint", { replicates: { kind: "folds", count: 2 }, outcomeConstraints: [] }],
  ];
  test.each(variants)("fed event by event equals one that is opened anew, at every moment: %s", async (_, changed) => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 25; seed++) {
      const storage = memoryStorage();
      const record = await createRecord(storage, changed);
      const fed = await open(storage, record);
      const study = new RandomStudy(fed, storage, createRng(seed, "history"));
      for (let i = 0; i < 60; i++) {
        await study.act();
        await fed.sync();
        if (i % 6 === 5) expect(knowledge(await open(storage, record))).toEqual(knowledge(fed));
        for (const { state, source } of await storage.getTrials(record.id)) seen.add(state).add(source);
        for (const row of fed.history.rows) if (fed.history.pausedByPerson(row)) seen.add("held");
      }
    }
    // The walks reach everything.
    const states = ["cancelled", "complete", "failed", "paused", "queued", "running", "stopped"];
    for (const each of [...states, "child", "held"]) expect(seen).toContain(each);
  });

  test("shows the trial states that are on record", async () => {
    const storage = memoryStorage();
    const record = await createRecord(storage, { replicates: { kind: "repeats", count: 3 } });
    const session = await open(storage, record);
    const study = new RandomStudy(session, storage, createRng(5, "states"));
    for (let i = 0; i < 400; i++) {
      await study.act();
      await session.sync();
      const { history } = session;
      const onRecord = await storage.getTrials(record.id);
      const codes = ["queued", "running", "paused", "complete", "stopped", "failed", "cancelled"];
      expect(onRecord.map(({ number }) => codes[history.states[history.rowOf(number)]])).toEqual(
        onRecord.map(({ state }) => state),
      );
      expect(history.trialCount).toBe(onRecord.length);
    }
  });

  test("is the same when it is opened while others write", async () => {
    const storage = memoryStorage();
    const record = await createRecord(storage);
    const writer = await open(storage, record);
    const study = new RandomStudy(writer, storage, createRng(3, "others"));
    for (let i = 0; i < 60; i++) await study.act();
    const busy = busyStorage(storage, study, ["getStudy", "readWindow"]);
    const late = await open(busy, record);
    await late.sync();
    await writer.sync();
    expect(knowledge(late)).toEqual(knowledge(writer));
  });

  test("a trial took the time from its first claim to its end, and that stays so", async () => {
    let nowMs = 1_000;
    const storage = createMemoryStorage({ wallClockMs: () => nowMs, studyId: () => "study" });
    const record = await createRecord(storage, { outcomeConstraints: [] });
    const session = await open(storage, record);
    const [paused, lost] = [await startedJob(session), await startedJob(session)];
    nowMs += 7;
    await session.end(paused, { kind: "paused" }, null);
    await session.end(lost, { kind: "released", reason: "preempted" }, null);
    await storage.resume("study", 0, null);
    nowMs += 0.5;
    const [again, running] = [await startedJob(session), await startedJob(session)];
    await session.end(again, { kind: "complete", metrics: { loss: 1 } }, null);
    nowMs += 1;
    await session.end(running, { kind: "complete", metrics: { loss: 2 } }, null);
    await storage.addTrials("study", [draft({ config: { x: 0.5, n: 1 } })], null);
    await storage.cancel("study", 2);
    await startedJob(session);
    await session.sync();
    const durations = [7.5, 8.5, Number.NaN, Number.NaN];
    expect([...session.history.durationsMs.subarray(0, 4)]).toEqual(durations);
    nowMs += 1;
    await storage.addReplicates("study", 0, [5]);
    await storage.claim("study", 0, 1);
    expect([...(await open(storage, record)).history.durationsMs.subarray(0, 4)]).toEqual(durations);
  });

  test("of a study whose seed was chosen nobody sees how long a trial took", async () => {
    const storage = memoryStorage();
    const record = await createRecord(storage, { seedDrawn: false, outcomeConstraints: [] });
    const session = await open(storage, record);
    await complete(session, { x: 0.5 }, 1);
    for (const { history } of [session, await open(storage, record)]) {
      expect(history.finishedCount).toBe(1);
      expect(history.durationsMs[0]).toBeNaN();
    }
  });

  test("an asked trial with fixed values is seen whole", async () => {
    const storage = memoryStorage();
    const session = await open(storage, await createRecord(storage));
    await session.ask({ n: 2 });
    await session.sync();
    expect(Object.keys(session.history.config(0)).sort()).toEqual(["n", "x"]);
    expect([...session.history.points.subarray(0, 2)].some(Number.isNaN)).toBe(false);
  });

  test("a trial of an earlier revision that does not fit any more counts, but is neither in view nor best", async () => {
    const storage = memoryStorage();
    const record = await createRecord(storage, { parameters: { x: float(0, 9) }, outcomeConstraints: [] });
    const before = await open(storage, record);
    await complete(before, { x: 5 }, 1);
    await complete(before, { x: 0.5 }, 2);
    const problem = problemJson(
      compileProblem({ ...spec, parameters: { x: float(0, 1) }, outcomeConstraints: [] }, 2, before.settings),
    );
    const revised = await storage.reviseStudy(record.id, {
      problem,
      settings: record.settings,
      definition: null,
      silent: false,
      reason: "r",
    });
    const { history, progressTracker } = await open(storage, revised);
    expect([history.trialCount, history.finishedCount, history.rowOf(0), history.rowOf(1)]).toEqual([2, 2, -1, 0]);
    expect(progressTracker.front.map(({ number, config }) => [number, config])).toEqual([[1, { x: 0.5 }]]);
    await expect(before.sync()).rejects.toMatchObject({ code: "wrong-state" });
  });
});

async function startedJob(session: StudySession): Promise<Job> {
  const next = await session.next("search");
  if (next.kind !== "job") throw new Error(next.kind);
  return next.job;
}

async function complete(session: StudySession, fixed: { readonly [name: string]: number }, loss: number): Promise<void> {
  const next = await session.ask(fixed);
  if (next.kind !== "job") throw new Error(next.kind);
  await session.end(next.job, completedEnd({ loss }).outcome, null);
}

function completedEnd(metrics: Metrics): AttemptEnd {
  const result = { values: Object.values(metrics), standardErrors: null, metrics };
  return { outcome: { kind: "complete", metrics }, retry: null, result };
}

describe("beyond the window", () => {
  const trialCount = 11_200;
  type EndOf = (trial: number) => AttemptEnd | "cancel";

  /** Finishes very many trials in an order other than that of their numbers; leaves some running. */
  async function fill(storage: Storage, { id: studyId }: StudyRecord, endOf: EndOf): Promise<void> {
    for (let first = 0; first < trialCount; first += 100) {
      const configs = Array.from({ length: 100 }, (_, i) => ({ x: (first + i) / trialCount, n: 2 }));
      await storage.addTrials(
        studyId,
        configs.map((config) => draft({ config, begin: "claimed" })),
        null,
      );
      for (let i = 99; i >= 0; i--) {
        const trial = first + ((i * 37) % 100);
        const ref = { studyId, trial, replicate: 0, attempt: 1 };
        if (trial % 500 < 6) await storage.report(ref, [report(1 + (trial % 7)), report(1)]);
        if (trial % 997 === 5) continue;
        const end = endOf(trial);
        await (end === "cancel" ? storage.cancel(studyId, trial) : storage.end(ref, end));
      }
    }
  }

  /** The best value is that of trials 2041 and 2040, which finish in this order; worse come all the time, and whatever else there is. */
  function anyEnd(sign: 1 | -1): EndOf {
    const others: Readonly<Record<number, AttemptEnd | "cancel">> = {
      3: stoppedEnd(sign * -1e6),
      5: failedEnd(),
      7: "cancel",
      9: completeEnd(Number.NaN),
      11: completeEnd(sign * Number.POSITIVE_INFINITY),
      13: stoppedEnd(),
    };
    return (trial) => {
      if (trial === 2_040 || trial === 2_041) return completeEnd(sign * -5);
      return others[trial % 97] ?? completeEnd(sign * ((trial * 7919) % 5_003));
    };
  }

  /** A storage that counts its calls by name. */
  function counted(storage: Storage): { readonly storage: Storage; readonly callCounts: Map<string, number> } {
    const callCounts = new Map<string, number>();
    const counting = new Proxy(storage, {
      get(target, name) {
        const method = Reflect.get(target, name) as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => {
          callCounts.set(String(name), (callCounts.get(String(name)) ?? 0) + 1);
          return method.apply(target, args);
        };
      },
    });
    return { storage: counting, callCounts };
  }

  /** Opens a study anew, which must know what `fed` knows. @returns How often it read what. */
  async function openAnew(storage: Storage, fed: StudySession): Promise<ReadonlyMap<string, number>> {
    await fed.sync();
    const { storage: counting, callCounts } = counted(storage);
    const fresh = await open(counting, fed.record);
    expect(knowledge(fresh)).toEqual(knowledge(fed));
    expect(fresh.history.rows.length).toBeLessThan(8_700);
    return callCounts;
  }

  /** A change of settings alone: a new revision of the same problem. */
  async function searchOtherwise(storage: Storage, { id }: StudyRecord): Promise<StudyRecord> {
    const { problem, settings, revision } = (await storage.getStudy(id)) as StudyRecord;
    const changed = { ...settings, sampler: { type: "random", revision } };
    return storage.reviseStudy(id, { problem, settings: changed, definition: null, silent: false, reason: "settings" });
  }

  test.each([
    ["minimised", "minimize", 1],
    ["maximised", "maximize", -1],
  ] as const)("one objective, %s: opened anew it knows all without reading all trials", async (_, goal, sign) => {
    const storage = memoryStorage();
    const objectives = [{ name: "loss", goal, stopAt: sign * -4 }] as const;
    const record = await createRecord(storage, { objectives, outcomeConstraints: [] }, { noImprovement: 50_000, steps: 1e9 });
    const fed = await open(storage, record);
    await fill(storage, record, anyEnd(sign));
    const calls = await openAnew(storage, fed);
    expect(calls.get("getTrials")).toBeUndefined();
    expect(calls.get("getTrial") ?? 0).toBe(0);
    const { progressTracker } = fed;
    expect([progressTracker.front[0].number, progressTracker.goalReached]).toEqual([2_041, true]);
    expect(progressTracker.sinceBestCount).toBeGreaterThan(8_900);
  });

  test("an infinite best is known, though the window does not keep it", async () => {
    const storage = memoryStorage();
    const record = await createRecord(storage, { outcomeConstraints: [] });
    const fed = await open(storage, record);
    await fill(storage, record, (trial) => completeEnd(trial === 40 ? Number.NEGATIVE_INFINITY : trial % 100));
    expect((await openAnew(storage, fed)).get("getTrials")).toBeUndefined();
    expect([fed.progressTracker.front[0].number, fed.history.rowOf(40)]).toEqual([40, -1]);
  });

  test("revisions that only changed the settings do not make it read all trials, whenever they came", async () => {
    const storage = memoryStorage();
    const record = await createRecord(storage, { outcomeConstraints: [] }, { noImprovement: 50_000 });
    await searchOtherwise(storage, record);
    const fed = await open(storage, record);
    await fill(storage, record, anyEnd(1));
    await searchOtherwise(storage, record);
    const calls = await openAnew(storage, fed);
    expect(fed.record.revision).toBe(3);
    expect([calls.get("getTrials"), calls.get("getRevision")]).toEqual([undefined, 2]);
  });

  test("a revision that changed the problem makes it read all trials: some do not fit any more", async () => {
    const storage = memoryStorage();
    const record = await createRecord(storage, { outcomeConstraints: [] });
    const changed = { ...spec, parameters: { x: float(0.3, 0.9), n: int(1, 3) }, outcomeConstraints: [] };
    const settings = record.settings as unknown as StudySettings;
    const problem = problemJson(compileProblem(changed, 2, settings));
    const revision = { problem, settings: record.settings, definition: null, silent: false, reason: "problem" };
    const fed = await open(storage, await storage.reviseStudy(record.id, revision));
    await fill(storage, record, anyEnd(1));
    expect((await openAnew(storage, fed)).get("getTrials")).toBeGreaterThan(1);
    expect(fed.history.rowOf(trialCount - 1)).toBe(-1);
    // Trials 2040 and 2041 do not fit.
    expect(fed.progressTracker.front[0].number).toBeGreaterThan(0.3 * trialCount);
    await searchOtherwise(storage, record);
    expect((await openAnew(storage, fed)).get("getTrials")).toBeGreaterThan(1);
  });

  const readingAll: readonly [string, Partial<SeededProblemSpec>, EndOf][] = [
    [
      "outcome constraints",
      { outcomeConstraints: ["loss >= -1", "loss <= 4900"] },
      (trial) => completedEnd({ loss: trial === 40 ? -1 : (trial * 7919) % 5_003 }),
    ],
    [
      "two objectives",
      {
        objectives: [
          { name: "loss", goal: "minimize" },
          { name: "gain", goal: "maximize" },
        ],
        outcomeConstraints: [],
      },
      // Of each quarter none beats another: what a shrinking keeps depends on the crowding among what the one before has kept.
      (trial) => completedEnd({ loss: ((trial * 7919) % 11_213) ** 2 + (trial % 4) * 1e9, gain: ((trial * 7919) % 11_213) ** 2 }),
    ],
  ];
  test.each(readingAll)("%s: opened anew it knows what a fed one knows", async (_, changed, endOf) => {
    const storage = memoryStorage();
    const record = await createRecord(storage, changed);
    const fed = await open(storage, record);
    await fill(storage, record, endOf);
    expect((await openAnew(storage, fed)).get("getTrials")).toBeGreaterThan(1);
  });

  test("others may write while it is opened, and it follows from there", async () => {
    const storage = memoryStorage();
    const fidelity = { name: "epochs", min: 1, max: 6 };
    const record = await createRecord(storage, { fidelity, outcomeConstraints: [] });
    await fill(storage, record, (trial) => completeEnd(100 + (trial % 100)));
    const writer = await open(storage, record);
    const study = new RandomStudy(writer, storage, createRng(4, "others"));
    const early = await open(storage, record);
    const { seq } = early.history;
    for (let round = 0; round < 6; round++) {
      const late = await open(busyStorage(storage, study, ["getStudy", "getTotals", "readWindow"]), record);
      for (const session of [late, early, writer]) await session.sync();
      expect(knowledge(late)).toEqual(knowledge(early));
      expect(knowledge(writer)).toEqual(knowledge(early));
    }
    expect(early.history.seq).toBeGreaterThan(seq + 100);
    expect(early.progressTracker.front[0].losses[0]).toBeLessThan(100);
  });

  test("a limit that is set later counts the whole study from then on", async () => {
    const storage = memoryStorage();
    const record = await createRecord(storage, { outcomeConstraints: [] });
    await fill(storage, record, (trial) => completeEnd(trial === 40 ? -1 : trial % 100));
    const session = await open(storage, record);
    const settings = { ...record.settings, budget: { steps: 100, noImprovement: 11_000 } };
    await storage.reviseStudy(record.id, { problem: record.problem, settings, definition: null, silent: true, reason: "budget" });
    await session.sync();
    expect((await openAnew(storage, session)).get("getTrials")).toBeUndefined();
    // Trial 40 is the 79th to finish.
    expect(session.progress().sinceBestCount).toBe(session.history.finishedCount - 79);
    expect(session.budgetEnd()).toBe("no_improvement");
  });
});

describe("decisions", () => {
  test("a policy is asked at each fidelity that all replicates have reached, with the history of that very report", async () => {
    const storage = memoryStorage();
    const asked: unknown[] = [];
    const policy: Policy = {
      ...compose(random(), none()),
      onReport(_, { seq, numbers, fidelities }, row) {
        asked.push([seq, numbers[row], fidelities[row]]);
        return { kind: "continue" };
      },
    };
    const session = await open(storage, await createRecord(storage, { replicates: { kind: "folds", count: 2 } }), policy);
    const [first, second] = [await session.next("search"), await session.next("search")];
    if (first.kind !== "job" || second.kind !== "job") throw new Error("two jobs are needed");
    const reports = (...steps: number[]) => steps.map((step) => ({ step, fidelity: step, metrics: { loss: step } }));
    await session.report(first.job, reports(1, 2, 3));
    expect(asked).toEqual([]);
    const { seq } = session.history;
    await session.report(second.job, reports(1, 2));
    await session.report(second.job, reports(2));
    expect(asked).toEqual([
      [seq + 1, 0, 1],
      [seq + 2, 0, 2],
    ]);
  });

  test("a rung in the middle of a batch of reports is judged", async () => {
    const storage = memoryStorage();
    const changed = { fidelity: { name: "epochs", min: 1, max: 9 }, outcomeConstraints: [] };
    const session = await open(storage, await createRecord(storage, changed), compose(random(), asha()));
    const said = [];
    for (let i = 0; i < 6; i++) {
      const next = await session.next("search");
      if (next.kind !== "job") throw new Error(next.kind);
      said.push(
        await session.report(
          next.job,
          [2, 3, 4].map((step) => ({ step, fidelity: step, metrics: { loss: i } })),
        ),
      );
    }
    expect(said.map(({ kind }) => kind)).toEqual(["continue", "continue", "stop", "stop", "stop", "stop"]);
    const stored = await storage.getDecisions(session.studyId, 2);
    expect(stored.map(({ step, decision }) => [step, decision.kind])).toEqual([[2, "stop"]]);
  });
});
