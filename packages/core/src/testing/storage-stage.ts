import type { JsonObject } from "../json.ts";
import type { AttemptEnd, NewStudy, Storage, StudyRecord, TrialDraft, TrialResult } from "../storage/storage.ts";
import type { AttemptRef, FailureReason, Replicate, Report, Trial } from "../trial/trial.ts";
import type { ErrorCode } from "../tunesmith-error.ts";
import { expectEqual, expectRefusal } from "./contract-assertions.ts";

/** Where the storage under test comes from. */
export interface StoragePlace {
  /** A storage in a place of its own, without studies. */
  open(): Promise<Storage>;
  /**
   * Another handle on the place that was opened last, as another process would have; also after the other handles are closed.
   * Only an implementation that cannot have a second handle leaves it out, and the cases with `needsReopen`.
   */
  reopen?(): Promise<Storage>;
}

/** One promise of an interface as a test that any runner can run. */
export interface ContractCase {
  /** Unique in its contract; a specification in one sentence. */
  readonly name: string;
  /** Whether it calls `StoragePlace.reopen`. */
  readonly needsReopen: boolean;
  /** Rejects with what was found and expected when the promise is not kept. Closes every handle it opened. */
  run(place: StoragePlace): Promise<void>;
}

/** A storage with one study, and shorthands to bring trials into every state. */
export class StorageStage {
  readonly storage: Storage;
  readonly study: StudyRecord;
  readonly id: string;
  readonly #reopen: () => Promise<Storage>;

  constructor(storage: Storage, study: StudyRecord, reopen: () => Promise<Storage>) {
    this.storage = storage;
    this.study = study;
    this.id = study.id;
    this.#reopen = reopen;
  }

  /** A second handle on the same data. */
  reopen(): Promise<Storage> {
    return this.#reopen();
  }

  async add(changes: Partial<TrialDraft> = {}): Promise<number> {
    const [number] = await this.storage.addTrials(this.id, [draft(changes)], null);
    return number;
  }

  /** A new trial whose replicate 0 runs. */
  async running(changes: Partial<TrialDraft> = {}): Promise<AttemptRef> {
    return this.ref(await this.add({ begin: "claimed", ...changes }));
  }

  async complete(value: number, changes: Partial<TrialDraft> = {}): Promise<number> {
    const ref = await this.running(changes);
    await this.storage.end(ref, completeEnd(value));
    return ref.trial;
  }

  async paused(changes: Partial<TrialDraft> = {}): Promise<AttemptRef> {
    const ref = await this.running(changes);
    await this.storage.end(ref, pausedEnd);
    return ref;
  }

  async claim(trial: number, replicate = 0): Promise<AttemptRef> {
    return this.ref(trial, replicate, await this.storage.claim(this.id, trial, replicate));
  }

  ref(trial: number, replicate = 0, attempt = 1): AttemptRef {
    return { studyId: this.id, trial, replicate, attempt };
  }

  async trial(number: number): Promise<Trial> {
    const trial = await this.storage.getTrial(this.id, number);
    if (trial === null) throw new Error(`trial ${number}: found nothing, expected a trial`);
    return trial;
  }

  async replicate(ref: Pick<AttemptRef, "trial" | "replicate">): Promise<Replicate> {
    return (await this.trial(ref.trial)).replicates[ref.replicate];
  }

  async record(): Promise<StudyRecord> {
    return (await this.storage.getStudy(this.id)) as StudyRecord;
  }

  /** The events of the study as text: `kind trial/replicate/attempt ref`, missing parts as `-`. */
  async events(afterSeq = 0): Promise<readonly string[]> {
    const events = await this.storage.eventsAfter(this.id, afterSeq, 10_000);
    return events.map(
      ({ kind, trial, replicate, attempt, ref }) => `${kind} ${trial ?? "-"}/${replicate ?? "-"}/${attempt ?? "-"} ${ref ?? "-"}`,
    );
  }

  /** The events that `act` adds. */
  async eventsOf(act: () => Promise<unknown>): Promise<readonly string[]> {
    const { seq } = await this.record();
    await act();
    return this.events(seq);
  }

  /** That `act` is refused with this code and leaves everything as it was. */
  async expectNoEffect(code: ErrorCode, what: string, act: () => Promise<unknown>): Promise<void> {
    const before = await this.everything();
    await expectRefusal(act(), code, what);
    expectEqual(await this.everything(), before, `${what}, effect of the refused write`);
  }

  /** That `act` is accepted and leaves everything as it was. */
  async expectUnchanged(what: string, act: () => Promise<unknown>): Promise<void> {
    const before = await this.everything();
    await act();
    expectEqual(await this.everything(), before, what);
  }

  /** That the study's events are numbered from 1 to `count`. */
  async expectSeqs(count: number): Promise<void> {
    const events = await this.storage.eventsAfter(this.id, 0, 10_000);
    expectEqual(
      events.map((event) => event.seq),
      Array.from({ length: count }, (_, i) => i + 1),
      "seqs",
    );
  }

  /** Everything the storage tells about the study. */
  async everything(): Promise<JsonObject> {
    const { storage, id } = this;
    const trials = await storage.getTrials(id, { limit: 10_000 });
    const details: unknown[] = [];
    for (const { number, replicates } of trials) {
      const checkpoints: unknown[] = [];
      for (const { index } of replicates) checkpoints.push(await storage.getCheckpoints(id, number, index));
      details.push({
        reports: await storage.getReports(id, number),
        decisions: await storage.getDecisions(id, number),
        checkpoints,
      });
    }
    const all = {
      record: await storage.getStudy(id),
      studies: await storage.listStudies(),
      trials,
      details,
      events: await storage.eventsAfter(id, 0, 10_000),
      open: await storage.openReplicates(id),
    };
    return all as unknown as JsonObject;
  }
}

export function newStudy(name: string): NewStudy {
  return { name, problem: { parameters: { lr: 1 } }, settings: { sampler: "random" }, definition: null };
}

export function draft(changes: Partial<TrialDraft> = {}): TrialDraft {
  return {
    config: { lr: 0.1 },
    revision: 1,
    historySeq: 1,
    source: "sampler",
    fixed: null,
    why: { code: "random" },
    note: null,
    bracket: 0,
    target: 9,
    seeds: [7],
    begin: "queued",
    ...changes,
  };
}

export function report(step: number, loss = step / 10): Report {
  return { step, fidelity: step, metrics: { loss } };
}

export function resultOf(value: number): TrialResult {
  return { values: [value], standardErrors: null, metrics: { loss: value } };
}

export function completeEnd(value: number): AttemptEnd {
  return { outcome: { kind: "complete", metrics: { loss: value } }, retry: null, result: resultOf(value) };
}

export function stoppedEnd(value: number | null = null): AttemptEnd {
  const metrics = value === null ? null : { loss: value };
  return {
    outcome: { kind: "stopped", why: { code: "median", step: 3 }, metrics },
    retry: null,
    result: value === null ? null : resultOf(value),
  };
}

export function failedEnd(
  retry: AttemptEnd["retry"] = null,
  reason: FailureReason = "exit",
  message = "exit code 1",
): AttemptEnd {
  return { outcome: { kind: "failed", reason, message }, retry, result: null };
}

export function releasedEnd(reason: "preempted" | "lease_lost" = "preempted"): AttemptEnd {
  return { outcome: { kind: "released", reason }, retry: null, result: null };
}

export const pausedEnd: AttemptEnd = Object.freeze({ outcome: Object.freeze({ kind: "paused" }), retry: null, result: null });
export const cancelledEnd: AttemptEnd = Object.freeze({
  outcome: Object.freeze({ kind: "cancelled" }),
  retry: null,
  result: null,
});

/** A case on one handle. */
export function onOneHandle(name: string, body: (stage: StorageStage) => Promise<void>): ContractCase {
  return { name, needsReopen: false, run: (place) => runOnStage(place, body) };
}

/** A case that opens further handles on the same data. */
export function onTwoHandles(name: string, body: (stage: StorageStage) => Promise<void>): ContractCase {
  return { name, needsReopen: true, run: (place) => runOnStage(place, body) };
}

async function runOnStage(place: StoragePlace, body: (stage: StorageStage) => Promise<void>): Promise<void> {
  const opened: Storage[] = [await place.open()];
  try {
    const study = await opened[0].createStudy(newStudy("digits"));
    await body(
      new StorageStage(opened[0], study, async () => {
        if (place.reopen === undefined) throw new Error("this case needs StoragePlace.reopen");
        const another = await place.reopen();
        opened.push(another);
        return another;
      }),
    );
  } finally {
    for (const storage of opened) await storage.close();
  }
}
