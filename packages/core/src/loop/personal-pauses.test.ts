import { expect, test } from "vitest";
import type { StudyEventKind } from "../storage/storage.ts";
import type { Decision } from "../trial/trial.ts";
import { applyToPauses, type PersonalPauses } from "./personal-pauses.ts";

const byPerson: Decision = { kind: "pause", why: { code: "person" } };

/** The pauses after events about one trial: kind, replicate, attempt and what was decided. */
function after(...events: readonly (readonly [StudyEventKind, number | null, number | null, Decision?])[]): PersonalPauses {
  const pauses: PersonalPauses = new Map();
  events.forEach(([kind, replicate, attempt, decision], i) => {
    applyToPauses(pauses, { seq: i + 1, kind, trial: 0, replicate, attempt, ref: null }, decision);
  });
  return pauses;
}

test("a person's pause stands until the trial is resumed", () => {
  expect(after(["decided", 0, 1, byPerson], ["reported", 0, 1], ["replicate-ended", 0, 1])).toEqual(new Map([[0, 1]]));
  expect(after(["decided", 0, 1, byPerson], ["decided", 1, 2, byPerson], ["resumed", null, null])).toEqual(new Map());
});

test("a person's pause stands though the attempt was lost before it heard", () => {
  const lost = [
    ["requeued", 0, 1],
    ["claimed", 0, 2],
    ["replicate-ended", 0, 2],
  ] as const;
  expect(after(["decided", 0, 1, byPerson], ...lost)).toEqual(new Map([[0, 1]]));
});

test("a person's pause is undone by a later attempt that trains on", () => {
  const events = [
    ["requeued", 0, 1],
    ["claimed", 0, 2],
    ["reported", 0, 2],
  ] as const;
  expect(after(["decided", 0, 1, byPerson], ...events)).toEqual(new Map());
  expect(after(["decided", 0, 1, byPerson], ["reported", 1, 2])).toEqual(new Map([[0, 1]]));
});

test("what a rule decided is no person's pause", () => {
  expect(after(["decided", 0, 1, { kind: "pause", why: { code: "rung" } }])).toEqual(new Map());
  expect(after(["decided", 0, 1, { kind: "stop", why: { code: "person" } }])).toEqual(new Map());
});
