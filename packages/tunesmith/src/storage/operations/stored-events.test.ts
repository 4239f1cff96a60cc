import type { StudyEvent } from "@tunesmith/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventKinds, eventRows, eventsOf } from "./stored-events.ts";

const small = fc.constantFrom(null, 0, 1, 2);
const event = fc.record({ kind: fc.constantFrom(...eventKinds), trial: small, replicate: small, attempt: small, ref: small });
const none = { replicate: null, attempt: null, ref: null };

describe("the rows of events", () => {
  it("hold a trial that is made and claimed in one, and an end that finishes it in another", () => {
    const life: StudyEvent[] = [
      { seq: 1, kind: "trial-added", trial: 7, ...none },
      { seq: 2, kind: "claimed", trial: 7, replicate: 0, attempt: 1, ref: null },
      { seq: 3, kind: "replicate-ended", trial: 7, replicate: 0, attempt: 1, ref: null },
      { seq: 4, kind: "trial-finished", trial: 7, ...none },
    ];
    expect(eventRows(life)).toEqual([
      [1, 100, 7, null, null, null],
      [3, 101, 7, 0, 1, null],
    ]);
    expect(eventRows(life).flatMap(eventsOf)).toEqual(life);
  });

  it("give any events back as they were", () => {
    const pairs = fc.constantFrom(
      ["trial-added", "claimed"] as const,
      ["replicate-ended", "trial-finished"] as const,
      ["claimed", "trial-added"] as const,
    );
    const pair = fc.tuple(pairs, event, event).map(([[a, b], first, second]) => [
      { ...first, kind: a },
      { ...second, kind: b },
    ]);
    const some = fc
      .array(
        fc.oneof(
          event.map((each) => [each]),
          pair,
        ),
      )
      .map((lists) => lists.flat().map((each, i) => ({ seq: i + 1, ...each })));
    fc.assert(
      fc.property(some, (events) => {
        expect(eventRows(events).flatMap(eventsOf)).toEqual(events);
      }),
      { numRuns: 2_000 },
    );
  });
});
