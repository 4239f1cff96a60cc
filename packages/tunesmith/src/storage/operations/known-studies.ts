import type { StudyEvent, Trial } from "@tunesmith/core";

/** What a connection knows of a study without asking the database. */
export interface KnownStudy {
  /** The short key. */
  readonly study: number;
  seq: number;
  trialCount: number;
  childCount: number;
  /** The newest events, those up to `seq` without a gap; frozen. */
  readonly events: StudyEvent[];
  /** Trials as they are on record; frozen. */
  readonly trials: Map<number, Trial>;
}

const maxStudyCount = 64;
const maxEventCount = 1_024;
const maxTrialCount = 256;

/**
 * What this connection has read and written, for as long as nobody else writes.
 *
 * Right because it is asked only after `keepIf` was told the database's version, within the transaction or before a read that needs
 * none, and forgets everything when somebody else has committed or when anything was rolled back. A write takes out the trial that it
 * holds, and puts in its events when it is done with them.
 */
export class KnownStudies {
  readonly #byId = new Map<string, KnownStudy>();
  #version = -1;

  forget(): void {
    this.#byId.clear();
  }

  /** @param version  Changes when another connection has committed (`PRAGMA data_version`). */
  keepIf(version: number): void {
    if (version !== this.#version) this.forget();
    this.#version = version;
  }

  get(studyId: string): KnownStudy | undefined {
    return this.#byId.get(studyId);
  }

  add(studyId: string, study: number, seq: number, trialCount: number, childCount: number): KnownStudy {
    if (this.#byId.size >= maxStudyCount) this.forget();
    const known: KnownStudy = { study, seq, trialCount, childCount, events: [], trials: new Map() };
    this.#byId.set(studyId, known);
    return known;
  }
}

/** Takes in events that were written, from `known.seq` on. */
export function appendEvents(known: KnownStudy, events: readonly StudyEvent[]): void {
  for (const event of events) known.events.push(Object.freeze(event));
  known.seq += events.length;
  if (known.events.length > 2 * maxEventCount) known.events.splice(0, known.events.length - maxEventCount);
}

/** At most `limit` events after `afterSeq`; undefined if not all of them are known. */
export function knownEventsAfter(known: KnownStudy, afterSeq: number, limit: number): readonly StudyEvent[] | undefined {
  const skipCount = afterSeq - (known.seq - known.events.length);
  return skipCount < 0 ? undefined : known.events.slice(skipCount, skipCount + limit);
}

/** Freezes a trial that was just read, and keeps it. */
export function keepTrial(known: KnownStudy, trial: Trial): Trial {
  // Enough for those that are under way; the oldest goes.
  if (known.trials.size >= maxTrialCount) known.trials.delete(known.trials.keys().next().value as number);
  known.trials.set(trial.number, deeplyFrozen(trial));
  return trial;
}

function deeplyFrozen<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  for (const member of Object.values(value)) deeplyFrozen(member);
  return Object.freeze(value);
}
