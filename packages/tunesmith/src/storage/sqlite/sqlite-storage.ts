import { randomBytes } from "node:crypto";
import {
  type AttemptEnd,
  type AttemptRef,
  type Checkpoint,
  type ChildDraft,
  type Config,
  type Decision,
  type JsonObject,
  type NewStudy,
  type OpenReplicate,
  type Report,
  type RunnerLock,
  type Storage,
  type StoredDecision,
  type StoredReport,
  type StudyCause,
  type StudyEvent,
  type StudyRecord,
  type StudyRevision,
  type StudyState,
  type StudyTotals,
  storedCheckpoint,
  storedChildDraft,
  storedConfig,
  storedDecision,
  storedDraft,
  storedEnd,
  storedFinite,
  storedInteger,
  storedLimit,
  storedMessage,
  storedNewStudy,
  storedReport,
  storedRevision,
  storedSeeds,
  storedTags,
  storedTarget,
  storedWhy,
  type Trial,
  type TrialDraft,
  type TrialParent,
  type TrialQuery,
  TunesmithError,
  type Why,
  type Window,
} from "@tunesmith/core";
import { createFailpoint, type Failpoint } from "../failpoint.ts";
import { addCheckpoint, decide, end, recordValues, removeCheckpoint, report } from "../operations/attempt-operations.ts";
import { KnownStudies } from "../operations/known-studies.ts";
import { NameSets } from "../operations/name-sets.ts";
import { beginPurge, isBeingPurged, purgeableStudies, purgeSome } from "../operations/purge-operation.ts";
import {
  bestTrials,
  eventsAfter,
  getCheckpoints,
  getDecisions,
  getReports,
  getTrial,
  getTrials,
  openReplicates,
} from "../operations/reading-operations.ts";
import { findStudy, type OperationContext } from "../operations/study-change.ts";
import {
  addActiveTime,
  createStudy,
  deleteStudy,
  getRevision,
  getStudy,
  listStudies,
  reviseStudy,
} from "../operations/study-operations.ts";
import { getTotals } from "../operations/totals-operation.ts";
import {
  addReplicates,
  addTrials,
  annotate,
  cancel,
  claim,
  exploit,
  fillTrial,
  recover,
  resume,
  setStudyState,
} from "../operations/trial-operations.ts";
import { readWindow } from "../operations/window-operation.ts";
import type { Operation } from "../statement.ts";
import { WriterQueue } from "../writer-queue.ts";
import { dataVersion, FileWatch } from "./file-watch.ts";
import { closeStore, type OpenStore, openStore, type SqliteStorageOptions } from "./open-store.ts";
import { sqliteTransactions } from "./sqlite-transactions.ts";

export type { SqliteStorageOptions } from "./open-store.ts";

/**
 * Studies in one SQLite file, shared by any number of local processes.
 *
 * @throws {TunesmithError} `storage-unusable` if the file, the disk or the SQLite underneath cannot keep what `Storage` promises.
 */
export async function createSqliteStorage(options: SqliteStorageOptions): Promise<SqliteStorage> {
  const failpoint = createFailpoint(process.env.TUNESMITH_FAILPOINT);
  return new SqliteStorage(await openStore(options, failpoint), options.wallClockMs, failpoint);
}

/** What `Storage` promises, and what only files on a disk need. Made by `createSqliteStorage`. */
export type { SqliteStorage };

class SqliteStorage implements Storage {
  readonly #store: OpenStore;
  readonly #watch: FileWatch;
  readonly #queue: WriterQueue;
  readonly #context: OperationContext;
  readonly #failpoint: Failpoint;
  #closed = false;

  constructor(store: OpenStore, wallClockMs: () => number, failpoint: Failpoint) {
    const { connection, room } = store;
    const [names, known] = [new NameSets(), new KnownStudies()];
    this.#store = store;
    this.#failpoint = failpoint;
    this.#watch = new FileWatch(connection);
    this.#context = { names, known, wallClockMs };
    this.#queue = new WriterQueue(sqliteTransactions(connection), {
      failpoint,
      onBegin: () => known.keepIf(dataVersion(connection)),
      onRollback() {
        names.forget();
        known.forget();
      },
      makeRoom: () => room.giveBack(),
    });
  }

  async createStudy(study: NewStudy): Promise<StudyRecord> {
    // Hexadecimal: different in any file system, also in those that take upper and lower case for the same.
    return this.#write(createStudy, this.#context, randomBytes(16).toString("hex"), storedNewStudy(study));
  }

  async getStudy(nameOrId: string): Promise<StudyRecord | null> {
    return this.#look(getStudy, nameOrId);
  }

  async listStudies(): Promise<readonly StudyRecord[]> {
    return this.#look(listStudies);
  }

  async getRevision(studyId: string, revision: number): Promise<JsonObject> {
    return this.#read(getRevision, this.#context, studyId, revision);
  }

  async reviseStudy(studyId: string, revision: StudyRevision): Promise<StudyRecord> {
    return this.#write(reviseStudy, this.#context, studyId, storedRevision(revision));
  }

  async setStudyState(studyId: string, state: StudyState, cause: StudyCause | null, message?: string): Promise<void> {
    return this.#write(setStudyState, this.#context, studyId, state, cause, storedMessage(message));
  }

  async deleteStudy(studyId: string): Promise<void> {
    return this.#write(deleteStudy, this.#context, studyId);
  }

  async addActiveTime(studyId: string, activeMs: number): Promise<void> {
    return this.#write(addActiveTime, this.#context, studyId, storedFinite(activeMs, "activeMs"));
  }

  async acquireRunner(studyId: string): Promise<RunnerLock | null> {
    await this.#look(findStudy, this.#context, studyId);
    if (!(await this.#store.locks.acquire(studyId))) return null;
    this.#failpoint("after-runner-lock");
    try {
      await this.#write(recover, this.#context, studyId);
    } catch (error) {
      this.#store.locks.release(studyId);
      throw error;
    }
    this.#store.room.keepBallast();
    return this.#runnerLock(studyId);
  }

  #runnerLock(studyId: string): RunnerLock {
    let held = true;
    return {
      release: async () => {
        if (held) this.#store.locks.release(studyId);
        held = false;
      },
    };
  }

  async hasRunner(studyId: string): Promise<boolean> {
    await this.#look(findStudy, this.#context, studyId);
    return this.#store.locks.isHeld(studyId);
  }

  async addTrials(
    studyId: string,
    drafts: readonly TrialDraft[],
    trialLimit: number | null,
    expectedNumber?: number,
  ): Promise<readonly number[]> {
    const checked = drafts.map(storedDraft);
    if (this.#store.room.isShort) await this.#store.room.requireForTrials();
    return this.#write(addTrials, this.#context, studyId, checked, trialLimit, expectedNumber);
  }

  async exploit(
    studyId: string,
    trial: number | null,
    why: Why,
    draft: ChildDraft,
    expectedNumber: number,
  ): Promise<TrialParent> {
    const [checkedWhy, checked] = [storedWhy(why, "why"), storedChildDraft(draft)];
    if (this.#store.room.isShort) await this.#store.room.requireForTrials();
    return this.#write(exploit, this.#context, studyId, trial, checkedWhy, checked, expectedNumber);
  }

  async fillTrial(studyId: string, trial: number, draft: TrialDraft): Promise<number> {
    const checked = storedDraft(draft);
    if (this.#store.room.isShort) await this.#store.room.requireForTrials();
    return this.#write(fillTrial, this.#context, studyId, trial, checked);
  }

  async claim(studyId: string, trial: number, replicate: number): Promise<number> {
    if (this.#store.room.isShort) await this.#store.room.requireForTrials();
    return this.#write(claim, this.#context, studyId, trial, replicate);
  }

  async resume(studyId: string, trial: number, target: number | null): Promise<void> {
    return this.#write(resume, this.#context, studyId, trial, storedTarget(target));
  }

  async report(ref: AttemptRef, reports: readonly Report[]): Promise<readonly boolean[]> {
    return this.#write(report, this.#context, ref, reports.map(storedReport));
  }

  async recordValues(ref: AttemptRef, values: Config): Promise<void> {
    return this.#write(recordValues, this.#context, ref, storedConfig(values, "values"));
  }

  async decide(ref: AttemptRef, step: number, decision: Decision): Promise<void> {
    const checked = storedDecision(decision) as Exclude<Decision, { kind: "continue" }>;
    return this.#write(decide, this.#context, ref, storedInteger(step, "step"), checked);
  }

  async end(ref: AttemptRef, attemptEnd: AttemptEnd): Promise<void> {
    return this.#write(end, this.#context, ref, storedEnd(attemptEnd));
  }

  async cancel(studyId: string, trial: number): Promise<void> {
    return this.#write(cancel, this.#context, studyId, trial);
  }

  async addReplicates(studyId: string, trial: number, seeds: readonly number[]): Promise<readonly number[]> {
    return this.#write(addReplicates, this.#context, studyId, trial, storedSeeds(seeds));
  }

  async addCheckpoint(ref: AttemptRef, checkpoint: Checkpoint): Promise<void> {
    return this.#write(addCheckpoint, this.#context, ref, storedCheckpoint(checkpoint));
  }

  async removeCheckpoint(studyId: string, trial: number, replicate: number, step: number): Promise<boolean> {
    return this.#write(removeCheckpoint, this.#context, studyId, trial, replicate, step);
  }

  async annotate(studyId: string, trial: number, tags: readonly string[]): Promise<void> {
    return this.#write(annotate, this.#context, studyId, trial, storedTags(tags));
  }

  async getTrial(studyId: string, trial: number): Promise<Trial | null> {
    return this.#look(getTrial, this.#context, studyId, trial);
  }

  async getTrials(studyId: string, query: TrialQuery = {}): Promise<readonly Trial[]> {
    if (query.limit !== undefined) storedLimit(query.limit);
    return this.#read(getTrials, this.#context, studyId, query);
  }

  async bestTrials(studyId: string, objective: number, goal: "minimize" | "maximize", limit: number): Promise<readonly Trial[]> {
    return this.#read(bestTrials, this.#context, studyId, objective, goal, storedLimit(limit));
  }

  async getReports(studyId: string, trial: number, afterSeq = 0): Promise<readonly StoredReport[]> {
    return this.#look(getReports, this.#context, studyId, trial, afterSeq);
  }

  async getDecisions(studyId: string, trial: number): Promise<readonly StoredDecision[]> {
    return this.#look(getDecisions, this.#context, studyId, trial);
  }

  async getCheckpoints(studyId: string, trial: number, replicate: number): Promise<readonly Checkpoint[]> {
    return this.#look(getCheckpoints, this.#context, studyId, trial, replicate);
  }

  async eventsAfter(studyId: string, afterSeq: number, limit: number): Promise<readonly StudyEvent[]> {
    return this.#look(eventsAfter, this.#context, studyId, storedInteger(afterSeq, "afterSeq"), storedLimit(limit));
  }

  async openReplicates(studyId: string): Promise<readonly OpenReplicate[]> {
    return this.#look(openReplicates, this.#context, studyId);
  }

  async readWindow(studyId: string, lossSigns: readonly number[]): Promise<Window> {
    return this.#read(readWindow, this.#context, studyId, lossSigns);
  }

  async getTotals(studyId: string, goal: "minimize" | "maximize"): Promise<StudyTotals> {
    return this.#read(getTotals, this.#context, studyId, goal);
  }

  watch(listener: () => void): () => void {
    this.#requireOpen();
    return this.#watch.add(listener);
  }

  /**
   * Removes studies that were deleted before an instant, for good, except those that somebody runs. Nobody finds them from the start;
   * when it is interrupted, the next purge goes on. Their space in the file is used again, the file gets no shorter.
   *
   * @param deletedBefore  As `StudyRecord.deletedAt`.
   * @returns How many were removed.
   *
   * Cost: linear in what the studies hold, in short transactions.
   */
  async purgeDeleted(deletedBefore: number): Promise<number> {
    let purgedCount = 0;
    for (const purgeable of await this.#read(purgeableStudies, storedFinite(deletedBefore, "deletedBefore"))) {
      if (!isBeingPurged(purgeable)) {
        if (this.#store.locks.isHeld(purgeable.id)) continue;
        await this.#write(beginPurge, this.#context, purgeable);
        await this.#store.locks.remove(purgeable.id);
      }
      while (await this.#write(purgeSome, purgeable));
      purgedCount++;
    }
    return purgedCount;
  }

  /** Waits for the writes that were handed in before. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch.close();
    await this.#queue.idle();
    await closeStore(this.#store);
  }

  #write<Args extends readonly unknown[], Result>(
    operation: (...args: Args) => Operation<Result>,
    ...args: Args
  ): Promise<Result> {
    this.#requireOpen();
    const { refusal } = this.#store;
    if (refusal !== null) throw new TunesmithError("storage-unusable", refusal);
    return this.#queue.write(() => operation(...args));
  }

  /** Of several statements, all of which see the same state. */
  #read<Args extends readonly unknown[], Result>(
    operation: (...args: Args) => Operation<Result>,
    ...args: Args
  ): Promise<Result> {
    this.#requireOpen();
    return this.#queue.read(() => operation(...args));
  }

  /** Of one statement that gives the answer; what else it asks never changes: the short key of a study, lists of names. */
  #look<Args extends readonly unknown[], Result>(
    operation: (...args: Args) => Operation<Result>,
    ...args: Args
  ): Promise<Result> {
    this.#requireOpen();
    return this.#queue.look(() => operation(...args));
  }

  #requireOpen(): void {
    if (this.#closed) throw new TunesmithError("storage-unusable", "the storage is closed");
  }
}
