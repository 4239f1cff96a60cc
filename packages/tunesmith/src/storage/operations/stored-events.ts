import type { StudyEvent } from "@tunesmith/core";
import type { Row, SqlValue } from "../statement.ts";

/** The code of an event in the database: its place here. Never reorder, only add at the end. */
export const eventKinds: readonly StudyEvent["kind"][] = Object.freeze([
  "study-created",
  "study-revised",
  "study-state",
  "trial-added",
  "trial-filled",
  "claimed",
  "reported",
  "decided",
  "resumed",
  "checkpoint",
  "replicate-ended",
  "requeued",
  "replicates-added",
  "trial-finished",
  "annotated",
  "values-recorded",
  "trial-budget-changed",
  "parallel-changed",
]);

const eventCodes = new Map(eventKinds.map((kind, code) => [kind, code]));

/**
 * Codes of rows that stand for two events, the second with the next seq; most trials consist of these two. Since schema 2.
 * 100: `trial-added`, and `claimed` of its first attempt. 101: `replicate-ended`, and `trial-finished`.
 */
const pairCodes = { addedAndClaimed: 100, endedAndFinished: 101 } as const;

export const eventColumns = "seq, kind, trial, replicate, attempt, ref";

/** Rows of `eventColumns` for events in their order. */
export function eventRows(events: readonly StudyEvent[]): readonly SqlValue[][] {
  const rows: SqlValue[][] = [];
  for (let i = 0; i < events.length; i++) {
    const event = events[i];
    const pair = pairOf(event, events[i + 1]);
    rows.push(pair ?? [event.seq, eventCodes.get(event.kind) as number, event.trial, event.replicate, event.attempt, event.ref]);
    if (pair !== null) i++;
  }
  return rows;
}

/** The row of two events that it gives back exactly; null if they are no such pair. */
function pairOf(first: StudyEvent, second: StudyEvent | undefined): SqlValue[] | null {
  const { seq, kind, trial, replicate, attempt, ref } = first;
  if (second === undefined || second.trial !== trial || ref !== null || second.ref !== null) return null;
  if (kind === "trial-added" && second.kind === "claimed" && replicate === null && attempt === null)
    return second.replicate === 0 && second.attempt === 1 ? [seq, pairCodes.addedAndClaimed, trial, null, null, null] : null;
  if (kind === "replicate-ended" && second.kind === "trial-finished" && second.replicate === null && second.attempt === null)
    return [seq, pairCodes.endedAndFinished, trial, replicate, attempt, null];
  return null;
}

/** The one or two events of a row of `eventColumns`. */
export function eventsOf(row: Row): readonly StudyEvent[] {
  const [seq, code, trial, replicate, attempt, ref] = row as readonly number[];
  const first = { seq, trial, replicate, attempt, ref };
  const none = { replicate: null, attempt: null, ref: null };
  const second = { seq: seq + 1, trial, ...none };
  if (code === pairCodes.addedAndClaimed)
    return [
      { ...first, kind: "trial-added" },
      { ...second, kind: "claimed", replicate: 0, attempt: 1 },
    ];
  if (code === pairCodes.endedAndFinished)
    return [
      { ...first, kind: "replicate-ended" },
      { ...second, kind: "trial-finished" },
    ];
  return [{ ...first, kind: eventKinds[code] }];
}
