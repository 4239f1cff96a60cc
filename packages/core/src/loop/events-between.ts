import type { Storage, StudyEvent } from "../storage/storage.ts";

const pageSize = 1_000;

/** The events of a study after `afterSeq`, up to `lastSeq`, which must have happened. */
export async function* eventsBetween(
  storage: Storage,
  studyId: string,
  afterSeq: number,
  lastSeq: number,
): AsyncGenerator<StudyEvent> {
  for (let at = afterSeq; at < lastSeq; ) {
    const events = await storage.eventsAfter(studyId, at, Math.min(pageSize, lastSeq - at));
    yield* events;
    at = events[events.length - 1].seq;
  }
}
