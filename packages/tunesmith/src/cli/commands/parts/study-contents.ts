import type {
  Checkpoint,
  Storage,
  StoredDecision,
  StoredReport,
  StudyEvent,
  StudyRecord,
  StudySettings,
  Trial,
} from "@tunesmith/core";
import { allTrials } from "./all-trials.ts";

/** Everything that is stored about a study, read at rest. */
export interface StudyContents {
  readonly record: StudyRecord;
  readonly settings: StudySettings;
  readonly hasRunner: boolean;
  /** As the storage lists them. */
  readonly trials: readonly Trial[];
  readonly events: readonly StudyEvent[];
  /** By trial. */
  readonly reports: ReadonlyMap<number, readonly StoredReport[]>;
  readonly decisions: ReadonlyMap<number, readonly StoredDecision[]>;
  /** By trial, then by replicate; newest first. */
  readonly checkpoints: ReadonlyMap<number, readonly (readonly Checkpoint[])[]>;
}

const mostTries = 5;
const pageSize = 5_000;

/** Reads a study; null if it changed each time while it was read. */
export async function readContents(storage: Storage, studyId: string): Promise<StudyContents | null> {
  for (let triesLeft = mostTries; triesLeft > 0; triesLeft--) {
    const before = await storage.getStudy(studyId);
    if (before === null) return null;
    const contents = await readOnce(storage, before);
    const after = await storage.getStudy(studyId);
    if (after?.seq === before.seq && after.state === before.state) return contents;
  }
  return null;
}

async function readOnce(storage: Storage, record: StudyRecord): Promise<StudyContents> {
  const { id } = record;
  const trials: Trial[] = [];
  const reports = new Map<number, readonly StoredReport[]>();
  const decisions = new Map<number, readonly StoredDecision[]>();
  const checkpoints = new Map<number, readonly (readonly Checkpoint[])[]>();
  for await (const trial of allTrials(storage, id)) {
    const { number } = trial;
    trials.push(trial);
    reports.set(number, await storage.getReports(id, number));
    decisions.set(number, await storage.getDecisions(id, number));
    const lists: (readonly Checkpoint[])[] = [];
    for (const { index } of trial.replicates) lists.push(await storage.getCheckpoints(id, number, index));
    checkpoints.set(number, lists);
  }
  const settings = record.settings as unknown as StudySettings;
  const events = await readEvents(storage, id);
  return { record, settings, hasRunner: await storage.hasRunner(id), trials, events, reports, decisions, checkpoints };
}

async function readEvents(storage: Storage, studyId: string): Promise<readonly StudyEvent[]> {
  const events: StudyEvent[] = [];
  for (;;) {
    const page = await storage.eventsAfter(studyId, events.at(-1)?.seq ?? 0, pageSize);
    for (const event of page) events.push(event);
    if (page.length < pageSize) return events;
  }
}
