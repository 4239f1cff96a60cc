import type { JsonObject } from "../json.ts";
import type { Checkpoint } from "../loop/engine.ts";
import type { Config } from "../parameters/parameter.ts";
import type { AttemptRef, Decision, Report, StoredReport, Trial, TrialParent, Why } from "../trial/trial.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import {
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
} from "./check-stored.ts";
import { MemoryStudy } from "./memory-study.ts";
import type {
  AttemptEnd,
  ChildDraft,
  NewStudy,
  OpenReplicate,
  RunnerLock,
  Storage,
  StoredDecision,
  StudyCause,
  StudyEvent,
  StudyRecord,
  StudyRevision,
  StudyState,
  StudyTotals,
  TrialDraft,
  TrialQuery,
  Window,
} from "./storage.ts";
import type { StudySnapshot } from "./study-json.ts";

export interface MemoryStorageOptions {
  /** Display only, see `Host.wallClockMs`. */
  readonly wallClockMs: () => number;
  /** A new random id at each call. */
  readonly studyId: () => string;
}

/** Studies that live as long as the process. */
export interface MemoryStorage extends Storage {
  /** Another handle on the same studies, as another process would have on a file. */
  connect(): MemoryStorage;
  /** Takes in a study as it was. @throws {TunesmithError} `study-exists` if its name or id is taken. */
  restoreStudy(snapshot: StudySnapshot): Promise<StudyRecord>;
}

export function createMemoryStorage(options: MemoryStorageOptions): MemoryStorage {
  return new MemoryHandle(new SharedStudies(options));
}

/** What all handles see. */
class SharedStudies {
  readonly options: MemoryStorageOptions;
  readonly byId = new Map<string, MemoryStudy>();
  readonly idByName = new Map<string, string>();
  readonly runners = new Map<MemoryStudy, MemoryHandle>();
  readonly listeners = new Set<{ readonly handle: MemoryHandle; readonly listener: () => void }>();

  constructor(options: MemoryStorageOptions) {
    this.options = options;
  }

  requireFree(name: string): void {
    if (this.idByName.has(name)) throw new TunesmithError("study-exists", `there is a study named ${name} already`);
  }

  add(study: MemoryStudy): StudyRecord {
    this.byId.set(study.id, study);
    if (study.deletedAt === null) this.idByName.set(study.name, study.id);
    return study.record();
  }
}

/**
 * One handle. Each write runs to its end before any other code, and the promises of async functions that never wait resolve in the
 * order of the calls: that is the whole of "serialised" here.
 */
class MemoryHandle implements MemoryStorage {
  readonly #shared: SharedStudies;
  #closed = false;

  constructor(shared: SharedStudies) {
    this.#shared = shared;
  }

  connect(): MemoryStorage {
    return new MemoryHandle(this.#shared);
  }

  async createStudy(study: NewStudy): Promise<StudyRecord> {
    this.#requireOpen();
    const checked = storedNewStudy(study);
    this.#shared.requireFree(checked.name);
    const { studyId, wallClockMs } = this.#shared.options;
    const record = this.#shared.add(MemoryStudy.create(studyId(), checked, wallClockMs));
    this.#announce();
    return record;
  }

  async restoreStudy(snapshot: StudySnapshot): Promise<StudyRecord> {
    this.#requireOpen();
    const { id, name } = snapshot.record;
    this.#shared.requireFree(name);
    if (this.#shared.byId.has(id)) throw new TunesmithError("study-exists", `there is a study with the id ${id} already`);
    const record = this.#shared.add(MemoryStudy.restore(snapshot, this.#shared.options.wallClockMs));
    this.#announce();
    return record;
  }

  async getStudy(nameOrId: string): Promise<StudyRecord | null> {
    this.#requireOpen();
    const { byId, idByName } = this.#shared;
    return (byId.get(nameOrId) ?? byId.get(idByName.get(nameOrId) ?? ""))?.record() ?? null;
  }

  async listStudies(): Promise<readonly StudyRecord[]> {
    this.#requireOpen();
    const kept = [...this.#shared.byId.values()].filter((study) => study.deletedAt === null);
    return kept.reverse().map((study) => study.record());
  }

  async getRevision(studyId: string, revision: number): Promise<JsonObject> {
    return this.#study(studyId).revision(revision);
  }

  async reviseStudy(studyId: string, revision: StudyRevision): Promise<StudyRecord> {
    return this.#write(studyId, (study) => study.revise(storedRevision(revision)));
  }

  async setStudyState(studyId: string, state: StudyState, cause: StudyCause | null, message?: string): Promise<void> {
    this.#write(studyId, (study) => study.setState(state, cause, storedMessage(message)));
  }

  async deleteStudy(studyId: string): Promise<void> {
    this.#write(studyId, (study) => {
      study.delete();
      if (this.#shared.idByName.get(study.name) === study.id) this.#shared.idByName.delete(study.name);
    });
  }

  async addActiveTime(studyId: string, activeMs: number): Promise<void> {
    this.#write(studyId, (study) => study.addActiveTime(storedFinite(activeMs, "activeMs")));
  }

  async acquireRunner(studyId: string): Promise<RunnerLock | null> {
    const study = this.#study(studyId);
    const { runners } = this.#shared;
    if (runners.has(study)) return null;
    this.#write(studyId, () => study.recover());
    runners.set(study, this);
    let held = true;
    return {
      release: async () => {
        if (held && runners.get(study) === this) runners.delete(study);
        held = false;
      },
    };
  }

  async hasRunner(studyId: string): Promise<boolean> {
    return this.#shared.runners.has(this.#study(studyId));
  }

  async addTrials(
    studyId: string,
    drafts: readonly TrialDraft[],
    trialLimit: number | null,
    expectedNumber?: number,
  ): Promise<readonly number[]> {
    return this.#write(studyId, (study) => study.addTrials(drafts.map(storedDraft), trialLimit, expectedNumber));
  }

  async exploit(
    studyId: string,
    trial: number | null,
    why: Why,
    draft: ChildDraft,
    expectedNumber: number,
  ): Promise<TrialParent> {
    return this.#write(studyId, (study) => study.exploit(trial, storedWhy(why, "why"), storedChildDraft(draft), expectedNumber));
  }

  async fillTrial(studyId: string, trial: number, draft: TrialDraft): Promise<number> {
    return this.#write(studyId, (study) => study.fillTrial(trial, storedDraft(draft)));
  }

  async claim(studyId: string, trial: number, replicate: number): Promise<number> {
    return this.#write(studyId, (study) => study.claim(trial, replicate));
  }

  async resume(studyId: string, trial: number, target: number | null): Promise<void> {
    this.#write(studyId, (study) => study.resume(trial, storedTarget(target)));
  }

  async report(ref: AttemptRef, reports: readonly Report[]): Promise<readonly boolean[]> {
    return this.#write(ref.studyId, (study) => study.report(ref, reports.map(storedReport)));
  }

  async recordValues(ref: AttemptRef, values: Config): Promise<void> {
    this.#write(ref.studyId, (study) => study.recordValues(ref, storedConfig(values, "values")));
  }

  async decide(ref: AttemptRef, step: number, decision: Decision): Promise<void> {
    this.#write(ref.studyId, (study) => study.decide(ref, storedInteger(step, "step"), storedDecision(decision)));
  }

  async end(ref: AttemptRef, end: AttemptEnd): Promise<void> {
    this.#write(ref.studyId, (study) => study.end(ref, storedEnd(end)));
  }

  async cancel(studyId: string, trial: number): Promise<void> {
    this.#write(studyId, (study) => study.cancel(trial));
  }

  async addReplicates(studyId: string, trial: number, seeds: readonly number[]): Promise<readonly number[]> {
    return this.#write(studyId, (study) => study.addReplicates(trial, storedSeeds(seeds)));
  }

  async addCheckpoint(ref: AttemptRef, checkpoint: Checkpoint): Promise<void> {
    this.#write(ref.studyId, (study) => study.addCheckpoint(ref, storedCheckpoint(checkpoint)));
  }

  async removeCheckpoint(studyId: string, trial: number, replicate: number, step: number): Promise<boolean> {
    return this.#write(studyId, (study) => study.removeCheckpoint(trial, replicate, step));
  }

  async annotate(studyId: string, trial: number, tags: readonly string[]): Promise<void> {
    this.#write(studyId, (study) => study.annotate(trial, storedTags(tags)));
  }

  async getTrial(studyId: string, trial: number): Promise<Trial | null> {
    return this.#study(studyId).trials.find(trial)?.trial ?? null;
  }

  async getTrials(studyId: string, query: TrialQuery = {}): Promise<readonly Trial[]> {
    const { trials } = this.#study(studyId);
    if (query.limit !== undefined) storedLimit(query.limit);
    return trials.page(query);
  }

  async bestTrials(studyId: string, objective: number, goal: "minimize" | "maximize", limit: number): Promise<readonly Trial[]> {
    return this.#study(studyId).trials.best(objective, goal, storedLimit(limit));
  }

  async getReports(studyId: string, trial: number, afterSeq = 0): Promise<readonly StoredReport[]> {
    return this.#study(studyId).reports(trial, afterSeq);
  }

  async getDecisions(studyId: string, trial: number): Promise<readonly StoredDecision[]> {
    return [...(this.#study(studyId).trials.find(trial)?.decisions ?? [])];
  }

  async getCheckpoints(studyId: string, trial: number, replicate: number): Promise<readonly Checkpoint[]> {
    return (this.#study(studyId).trials.find(trial)?.runs[replicate]?.checkpoints ?? []).toReversed();
  }

  async eventsAfter(studyId: string, afterSeq: number, limit: number): Promise<readonly StudyEvent[]> {
    return this.#study(studyId).eventsAfter(storedInteger(afterSeq, "afterSeq"), storedLimit(limit));
  }

  async openReplicates(studyId: string): Promise<readonly OpenReplicate[]> {
    return this.#study(studyId).trials.openReplicates();
  }

  async readWindow(studyId: string, lossSigns: readonly number[]): Promise<Window> {
    return this.#study(studyId).window(lossSigns);
  }

  async getTotals(studyId: string, goal: "minimize" | "maximize"): Promise<StudyTotals> {
    return this.#study(studyId).totals(goal);
  }

  watch(listener: () => void): () => void {
    const { listeners } = this.#shared;
    const entry = { handle: this, listener };
    listeners.add(entry);
    return () => void listeners.delete(entry);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const { runners, listeners } = this.#shared;
    for (const [study, holder] of runners) if (holder === this) runners.delete(study);
    for (const entry of listeners) if (entry.handle === this) listeners.delete(entry);
  }

  #requireOpen(): void {
    if (this.#closed) throw new TunesmithError("storage-unusable", "the storage is closed");
  }

  #study(studyId: string): MemoryStudy {
    this.#requireOpen();
    const study = this.#shared.byId.get(studyId);
    if (study === undefined) throw new TunesmithError("study-not-found", `there is no study with the id ${studyId}`);
    return study;
  }

  #write<Result>(studyId: string, change: (study: MemoryStudy) => Result): Result {
    const result = change(this.#study(studyId));
    this.#announce();
    return result;
  }

  // Later, so that a listener that throws does not look like a failed write.
  #announce(): void {
    const { listeners } = this.#shared;
    for (const entry of listeners) {
      if (entry.handle !== this) void Promise.resolve().then(() => listeners.has(entry) && entry.listener());
    }
  }
}
