import { randomBytes } from "node:crypto";
import { join } from "node:path";
import {
  type AttemptEnd,
  type AttemptRef,
  type Checkpoint,
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
  storedCheckpoint,
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
  type Trial,
  type TrialDraft,
  type TrialQuery,
  TunesmithError,
  type Window,
} from "@tunesmith/core";
import { createFailpoint, type Failpoint } from "../failpoint.ts";
import { migrate } from "../migrations/migrate.ts";
import { type Migration, migrations } from "../migrations/migrations.ts";
import { addCheckpoint, decide, end, removeCheckpoint, report } from "../operations/attempt-operations.ts";
import { NameSets } from "../operations/name-sets.ts";
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
import {
  addReplicates,
  addTrials,
  annotate,
  cancel,
  claim,
  fillTrial,
  recover,
  resume,
  setStudyState,
} from "../operations/trial-operations.ts";
import { readWindow } from "../operations/window-operation.ts";
import type { Operation } from "../statement.ts";
import { WriterQueue } from "../writer-queue.ts";
import { type Connection, loadDriver } from "./driver.ts";
import { FileWatch } from "./file-watch.ts";
import { networkFileSystem } from "./network-file-system.ts";
import { closeDatabase, makePrivateFolder, openDatabase } from "./open-database.ts";
import { RunnerLocks } from "./runner-locks.ts";
import { toStorageError } from "./sqlite-error.ts";
import { sqliteTransactions } from "./sqlite-transactions.ts";

export interface SqliteStorageOptions {
  /** Where the files lie: `tunesmith.db`, its companions, and `locks/`. Made if missing, readable by its owner only. */
  readonly folder: string;
  /** Display only, see `Host.wallClockMs`. */
  readonly wallClockMs: () => number;
  /** Told in one line what a person should know: a network file system, a copy made before a migration. */
  readonly onNotice?: (line: string) => void;
  /** How long a write waits while another process writes, up to four times over. Default 5,000. */
  readonly busyTimeoutMs?: number;
  /** Shut out other processes. Default: only on a network file system, where files are not shared safely (R39). */
  readonly exclusive?: boolean;
  /** For tests of upgrades. */
  readonly migrations?: readonly Migration[];
}

/**
 * Studies in one SQLite file, shared by any number of local processes.
 *
 * @throws {TunesmithError} `storage-unusable` if the file, the disk or the SQLite underneath cannot keep what `Storage` promises.
 */
export async function createSqliteStorage(options: SqliteStorageOptions): Promise<Storage> {
  const { folder, onNotice = () => {}, wallClockMs } = options;
  const failpoint = createFailpoint(process.env.TUNESMITH_FAILPOINT);
  const driver = await loadDriver();
  await makePrivateFolder(folder);
  const network = await networkFileSystem(folder);
  const exclusive = options.exclusive ?? network !== null;
  if (network !== null && exclusive)
    onNotice(`${folder} is on a network file system (${network}): no other process can use it meanwhile`);
  const connection = await openDatabase(driver, join(folder, "tunesmith.db"), {
    busyTimeoutMs: options.busyTimeoutMs ?? 5_000,
    exclusive,
  });
  try {
    const backup = await migrate(connection, { migrations: options.migrations ?? migrations, failpoint, wallClockMs });
    if (backup !== null) onNotice(`the database was upgraded; a copy from before is ${backup}`);
  } catch (error) {
    connection.close();
    throw toStorageError(error, connection.path);
  }
  const locks = new RunnerLocks(driver, join(folder, "locks"));
  return new SqliteStorage(connection, locks, { exclusive, wallClockMs, failpoint });
}

interface OpenedWith {
  readonly exclusive: boolean;
  readonly wallClockMs: () => number;
  readonly failpoint: Failpoint;
}

class SqliteStorage implements Storage {
  readonly #connection: Connection;
  readonly #exclusive: boolean;
  readonly #locks: RunnerLocks;
  readonly #watch: FileWatch;
  readonly #queue: WriterQueue;
  readonly #context: OperationContext;
  readonly #failpoint: Failpoint;
  #closed = false;

  constructor(connection: Connection, locks: RunnerLocks, { exclusive, wallClockMs, failpoint }: OpenedWith) {
    const names = new NameSets();
    this.#exclusive = exclusive;
    this.#connection = connection;
    this.#locks = locks;
    this.#failpoint = failpoint;
    this.#watch = new FileWatch(connection);
    this.#context = { names, wallClockMs };
    this.#queue = new WriterQueue(sqliteTransactions(connection), { failpoint, onRollback: () => names.forget() });
  }

  async createStudy(study: NewStudy): Promise<StudyRecord> {
    // Hexadecimal: different in any file system, also in those that take upper and lower case for the same.
    return this.#write(createStudy(this.#context, randomBytes(16).toString("hex"), storedNewStudy(study)));
  }

  async getStudy(nameOrId: string): Promise<StudyRecord | null> {
    return this.#read(getStudy(nameOrId));
  }

  async listStudies(): Promise<readonly StudyRecord[]> {
    return this.#read(listStudies());
  }

  async getRevision(studyId: string, revision: number): Promise<JsonObject> {
    return this.#read(getRevision(studyId, revision));
  }

  async reviseStudy(studyId: string, revision: StudyRevision): Promise<StudyRecord> {
    return this.#write(reviseStudy(studyId, storedRevision(revision)));
  }

  async setStudyState(studyId: string, state: StudyState, cause: StudyCause | null, message?: string): Promise<void> {
    return this.#write(setStudyState(this.#context, studyId, state, cause, storedMessage(message)));
  }

  async deleteStudy(studyId: string): Promise<void> {
    return this.#write(deleteStudy(this.#context, studyId));
  }

  async addActiveTime(studyId: string, activeMs: number): Promise<void> {
    return this.#write(addActiveTime(studyId, storedFinite(activeMs, "activeMs")));
  }

  async acquireRunner(studyId: string): Promise<RunnerLock | null> {
    await this.#read(findStudy(studyId));
    if (!(await this.#locks.acquire(studyId))) return null;
    this.#failpoint("after-runner-lock");
    try {
      await this.#write(recover(this.#context, studyId));
    } catch (error) {
      this.#locks.release(studyId);
      throw error;
    }
    return this.#runnerLock(studyId);
  }

  #runnerLock(studyId: string): RunnerLock {
    let held = true;
    return {
      release: async () => {
        if (held) this.#locks.release(studyId);
        held = false;
      },
    };
  }

  async hasRunner(studyId: string): Promise<boolean> {
    await this.#read(findStudy(studyId));
    return this.#locks.isHeld(studyId);
  }

  async addTrials(
    studyId: string,
    drafts: readonly TrialDraft[],
    trialLimit: number | null,
    expectedNumber?: number,
  ): Promise<readonly number[]> {
    return this.#write(addTrials(this.#context, studyId, drafts.map(storedDraft), trialLimit, expectedNumber));
  }

  async fillTrial(studyId: string, trial: number, draft: TrialDraft): Promise<number> {
    return this.#write(fillTrial(this.#context, studyId, trial, storedDraft(draft)));
  }

  async claim(studyId: string, trial: number, replicate: number): Promise<number> {
    return this.#write(claim(this.#context, studyId, trial, replicate));
  }

  async resume(studyId: string, trial: number, target: number): Promise<void> {
    return this.#write(resume(this.#context, studyId, trial, storedFinite(target, "target")));
  }

  async report(ref: AttemptRef, reports: readonly Report[]): Promise<readonly boolean[]> {
    return this.#write(report(this.#context, ref, reports.map(storedReport)));
  }

  async decide(ref: AttemptRef, step: number, decision: Decision): Promise<void> {
    const checked = storedDecision(decision) as Exclude<Decision, { kind: "continue" }>;
    return this.#write(decide(this.#context, ref, storedInteger(step, "step"), checked));
  }

  async end(ref: AttemptRef, attemptEnd: AttemptEnd): Promise<void> {
    return this.#write(end(this.#context, ref, storedEnd(attemptEnd)));
  }

  async cancel(studyId: string, trial: number): Promise<void> {
    return this.#write(cancel(this.#context, studyId, trial));
  }

  async addReplicates(studyId: string, trial: number, seeds: readonly number[]): Promise<readonly number[]> {
    return this.#write(addReplicates(this.#context, studyId, trial, storedSeeds(seeds)));
  }

  async addCheckpoint(ref: AttemptRef, checkpoint: Checkpoint): Promise<void> {
    return this.#write(addCheckpoint(this.#context, ref, storedCheckpoint(checkpoint)));
  }

  async removeCheckpoint(studyId: string, trial: number, replicate: number, step: number): Promise<void> {
    return this.#write(removeCheckpoint(this.#context, studyId, trial, replicate, step));
  }

  async annotate(studyId: string, trial: number, tags: readonly string[]): Promise<void> {
    return this.#write(annotate(this.#context, studyId, trial, storedTags(tags)));
  }

  async getTrial(studyId: string, trial: number): Promise<Trial | null> {
    return this.#read(getTrial(this.#context, studyId, trial));
  }

  async getTrials(studyId: string, query: TrialQuery = {}): Promise<readonly Trial[]> {
    if (query.limit !== undefined) storedLimit(query.limit);
    return this.#read(getTrials(this.#context, studyId, query));
  }

  async bestTrials(studyId: string, objective: number, goal: "minimize" | "maximize", limit: number): Promise<readonly Trial[]> {
    return this.#read(bestTrials(this.#context, studyId, objective, goal, storedLimit(limit)));
  }

  async getReports(studyId: string, trial: number, afterSeq = 0): Promise<readonly StoredReport[]> {
    return this.#read(getReports(this.#context, studyId, trial, afterSeq));
  }

  async getDecisions(studyId: string, trial: number): Promise<readonly StoredDecision[]> {
    return this.#read(getDecisions(studyId, trial));
  }

  async getCheckpoints(studyId: string, trial: number, replicate: number): Promise<readonly Checkpoint[]> {
    return this.#read(getCheckpoints(studyId, trial, replicate));
  }

  async eventsAfter(studyId: string, afterSeq: number, limit: number): Promise<readonly StudyEvent[]> {
    return this.#read(eventsAfter(studyId, storedInteger(afterSeq, "afterSeq"), storedLimit(limit)));
  }

  async openReplicates(studyId: string): Promise<readonly OpenReplicate[]> {
    return this.#read(openReplicates(studyId));
  }

  async readWindow(studyId: string, lossSigns: readonly number[]): Promise<Window> {
    return this.#read(readWindow(this.#context, studyId, lossSigns));
  }

  watch(listener: () => void): () => void {
    this.#requireOpen();
    return this.#watch.add(listener);
  }

  /** Waits for the writes that were handed in before. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch.close();
    await this.#queue.idle();
    this.#locks.close();
    closeDatabase(this.#connection, this.#exclusive);
  }

  #write<Result>(operation: Operation<Result>): Promise<Result> {
    this.#requireOpen();
    return this.#queue.write(operation);
  }

  #read<Result>(operation: Operation<Result>): Promise<Result> {
    this.#requireOpen();
    return this.#queue.read(operation);
  }

  #requireOpen(): void {
    if (this.#closed) throw new TunesmithError("storage-unusable", "the storage is closed");
  }
}
