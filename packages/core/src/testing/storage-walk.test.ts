import { expect, test } from "vitest";
import { createMemoryStorage, type MemoryStorage } from "../storage/memory-storage.ts";
import type { Trial } from "../trial/trial.ts";
import type { TrialState } from "../trial/trial-state.ts";
import { walkStorage } from "./storage-walk.ts";

function memory(): MemoryStorage {
  let nowMs = 0;
  return createMemoryStorage({ wallClockMs: () => nowMs++, studyId: () => "walk" });
}

test("equal seeds give equal walks, different ones do not", async () => {
  const walk = await walkStorage(memory(), 1, 60);
  expect(await walkStorage(memory(), 1, 60)).toEqual(walk);
  expect(await walkStorage(memory(), 2, 60)).not.toEqual(walk);
});

test("walks reach every state, and each command both succeeds and is refused somewhere", async () => {
  const states = new Set<TrialState>();
  const answers = new Set<string>();
  for (let seed = 0; seed < 200; seed++) {
    const walk = await walkStorage(memory(), seed, 60);
    for (const trial of walk.everything.trials as unknown as readonly Trial[]) states.add(trial.state);
    for (const each of walk.answers) {
      const [command, outcome] = each.split(": ");
      answers.add(`${command.split(" ")[0]} ${/^[a-z-]+$/.test(outcome) ? outcome : "done"}`);
    }
  }
  expect([...states].sort()).toEqual(["cancelled", "complete", "failed", "paused", "queued", "running", "stopped"]);
  const refused = ["budget-spent", "wrong-state", "trial-not-found", "stale-attempt", "conflicting-report"];
  for (const code of refused) expect([...answers].some((each) => each.endsWith(code))).toBe(true);
  for (const command of [
    "add",
    "fill",
    "claim",
    "report",
    "decide",
    "end",
    "resume",
    "cancel",
    "confirm",
    "checkpoint",
    "forget",
    "annotate",
  ]) {
    expect([...answers].filter((each) => each.startsWith(`${command} `)).length).toBeGreaterThan(1);
  }
});

test("after any walk numbers and seqs are dense and counters equal what is counted", async () => {
  for (let seed = 0; seed < 300; seed++) {
    const { everything } = await walkStorage(memory(), seed, 60);
    const { record, trials, events } = everything as unknown as {
      record: { seq: number; trialCount: number; stateCounts: Record<string, number> };
      trials: readonly Trial[];
      events: readonly { seq: number; kind: string; trial: number | null }[];
    };
    expect(trials.map((trial) => trial.number)).toEqual([...trials.keys()]);
    expect(events.map((event) => event.seq)).toEqual(Array.from({ length: record.seq }, (_, i) => i + 1));
    const counts = Object.fromEntries(Object.keys(record.stateCounts).map((state) => [state, 0]));
    for (const trial of trials) counts[trial.state]++;
    expect(record.stateCounts).toEqual(counts);
    for (const trial of trials) {
      const ends = events.filter((event) => event.kind === "trial-finished" && event.trial === trial.number);
      expect(ends.map((event) => event.seq)).toEqual(trial.finishedSeq === null ? [] : [trial.finishedSeq]);
    }
  }
});
