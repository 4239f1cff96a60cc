import type { StudyEvent, Trial } from "@tunesmith/core";
import { describe, expect, it } from "vitest";
import { appendEvents, KnownStudies, keepTrial, knownEventsAfter } from "./known-studies.ts";

function events(first: number, count: number): StudyEvent[] {
  const rest = { kind: "trial-added", trial: 0, replicate: null, attempt: null, ref: null } as const;
  return Array.from({ length: count }, (_, i) => ({ seq: first + i, ...rest }));
}

function known() {
  const studies = new KnownStudies();
  studies.keepIf(1);
  return { studies, study: studies.add("a", 1, 10, 0, 0) };
}

const seqs = (found: readonly StudyEvent[] | undefined): readonly number[] | undefined => found?.map(({ seq }) => seq);

describe("what a connection knows", () => {
  it("is kept while nobody else writes, and forgotten when somebody did", () => {
    const { studies, study } = known();
    studies.keepIf(1);
    expect(studies.get("a")).toBe(study);
    studies.keepIf(2);
    expect(studies.get("a")).toBeUndefined();
  });

  it("of events is those it wrote itself, up to the newest; those before are not known", () => {
    const { study } = known();
    expect(seqs(knownEventsAfter(study, 10, 5))).toEqual([]);
    expect(seqs(knownEventsAfter(study, 9, 5))).toBeUndefined();
    appendEvents(study, events(11, 3));
    expect(study.seq).toBe(13);
    expect(seqs(knownEventsAfter(study, 10, 2))).toEqual([11, 12]);
    expect(seqs(knownEventsAfter(study, 12, 5))).toEqual([13]);
    expect(seqs(knownEventsAfter(study, 99, 5))).toEqual([]);
    expect(seqs(knownEventsAfter(study, 9, 5))).toBeUndefined();
  });

  it("of events and trials is bounded", () => {
    const { study } = known();
    for (let i = 0; i < 50; i++) appendEvents(study, events(study.seq + 1, 100));
    expect(study.events.length).toBeLessThanOrEqual(2_048);
    expect(seqs(knownEventsAfter(study, 5_008, 5))).toEqual([5_009, 5_010]);
    for (let number = 0; number < 1_000; number++) keepTrial(study, { number } as Trial);
    expect(study.trials.size).toBe(256);
    expect(study.trials.has(999)).toBe(true);
  });

  it("is nothing that a caller could change", () => {
    const { study } = known();
    const trial = keepTrial(study, { number: 1, note: { theta: [1, { x: 2 }] } } as unknown as Trial);
    const theta = trial.note?.theta as readonly unknown[];
    expect([trial, trial.note, theta, theta[1]].every((each) => Object.isFrozen(each))).toBe(true);
  });
});
