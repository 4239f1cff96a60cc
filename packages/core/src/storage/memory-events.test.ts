import { expect, test } from "vitest";
import { MemoryEvents } from "./memory-events.ts";
import { type StudyEvent, studyEventKinds } from "./storage.ts";

/** Every kind, with and without each number, the smallest and the greatest. */
function madeEvents(): StudyEvent[] {
  const numbers = [null, 0, 1, 2 ** 31 - 1];
  const refs = [...numbers, Number.MAX_SAFE_INTEGER];
  return Array.from({ length: 500 }, (_, i) => ({
    seq: i + 1,
    kind: studyEventKinds[i % studyEventKinds.length],
    trial: numbers[i % 4],
    replicate: numbers[(i >> 2) % 4],
    attempt: numbers[(i >> 4) % 4],
    ref: refs[i % 5],
  }));
}

test("events come back as they were added, from any seq on, at most as many as asked for", () => {
  const made = madeEvents();
  const events = new MemoryEvents();
  made.forEach(({ seq, ...event }) => {
    expect(events.add(event)).toBe(seq);
  });
  expect(events.count).toBe(500);
  expect(events.after(0, 10_000)).toEqual(made);
  expect(events.after(63, 3)).toEqual(made.slice(63, 66));
  expect(events.after(499, 10)).toEqual(made.slice(499));
  expect([events.after(500, 10), events.after(900, 10), events.after(0, 0)]).toEqual([[], [], []]);
});
