import fc from "fast-check";
import { expect, test } from "vitest";
import { draft } from "../testing/storage-stage.ts";
import type { Outcome, Replicate } from "../trial/trial.ts";
import { isTerminal, mayBecome, type TrialState, trialStateOf } from "../trial/trial-state.ts";
import {
  afterCancel,
  afterClaim,
  afterEnd,
  afterResume,
  afterStudyDone,
  confirmReplicates,
  newReplicates,
  outcomeKey,
  type TrialChange,
} from "./attempt-rules.ts";
import type { AttemptEnd } from "./storage.ts";

const outcomes: readonly Outcome[] = [
  { kind: "complete", metrics: { loss: 1 } },
  { kind: "stopped", why: { code: "median" }, metrics: null },
  { kind: "paused" },
  { kind: "failed", reason: "exit", message: "exit code 1" },
  { kind: "released", reason: "preempted" },
  { kind: "cancelled" },
];

interface Step {
  readonly act: "claim" | "end" | "resume" | "cancel" | "done" | "confirm";
  readonly index: number;
  readonly end: AttemptEnd;
  readonly stopped: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  act: fc.constantFrom("claim", "claim", "claim", "end", "end", "end", "resume", "cancel", "done", "confirm"),
  index: fc.nat(3),
  end: fc.record({
    outcome: fc.constantFrom(...outcomes),
    retry: fc.constantFrom(null, "infra" as const, "error" as const),
    result: fc.constant(null),
  }),
  stopped: fc.boolean(),
});

interface Standing {
  readonly state: TrialState;
  readonly replicates: readonly Replicate[];
}

/** What the step makes of the trial; null if it is not allowed there. */
function stepped({ state, replicates }: Standing, { act, index, end, stopped }: Step): TrialChange | null {
  const replicate = replicates[index % replicates.length];
  switch (act) {
    case "claim":
      return replicate.state === "queued" ? afterClaim(state, replicates, replicate.index) : null;
    case "end":
      return replicate.state === "running" ? afterEnd(state, replicates, replicate.index, end) : null;
    case "resume":
      return state === "paused" ? afterResume(state, replicates, 9) : null;
    case "cancel":
      return isTerminal(state) ? null : afterCancel(state, replicates);
    case "done":
      return afterStudyDone(state, replicates, stopped);
    case "confirm": {
      const confirmable = (state === "complete" || state === "stopped") && replicates.length < 6;
      return confirmable
        ? { state, replicates: [...replicates, ...confirmReplicates(state, replicates, [1])], finish: null }
        : null;
    }
  }
}

function expectAllowed(before: Standing, after: TrialChange): void {
  for (const [i, old] of before.replicates.entries()) {
    const now = after.replicates[i];
    if (old.state !== now.state)
      expect(`${old.state} → ${now.state}: ${mayBecome(old.state, now.state)}`).toBe(`${old.state} → ${now.state}: true`);
    expect(now.attempt - old.attempt).toBe(old.state === "queued" && now.state === "running" ? 1 : 0);
    expect([now.index, now.seed, now.confirm]).toEqual([old.index, old.seed, old.confirm]);
  }
  expect(after.finish !== null).toBe(!isTerminal(before.state) && isTerminal(after.state));
  if (isTerminal(before.state)) expect(after.state).toBe(before.state);
  else expect(after.state).toBe(trialStateOf(after.replicates.filter((each) => !each.confirm).map((each) => each.state)));
}

test("whatever happens: states move along the arrows, finished trials stay, attempts count claims, nothing waits in a finished trial", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 40 }), (count, steps) => {
      const replicates = newReplicates(draft({ seeds: Array.from({ length: count }, (_, i) => i) }));
      let standing: Standing = { state: "queued", replicates };
      for (const each of steps) {
        const change = stepped(standing, each);
        if (change === null) continue;
        expectAllowed(standing, change);
        standing = change;
        if (!isTerminal(standing.state)) continue;
        const own = standing.replicates.filter((replicate) => !replicate.confirm).map((replicate) => replicate.state);
        expect(own.filter((state) => state === "queued" || state === "paused")).toEqual([]);
      }
    }),
    { numRuns: 1_000 },
  );
});

test("replicates that do not change are given back as they are", () => {
  const replicates = newReplicates(draft({ seeds: [1, 2], begin: "claimed" }));
  const claimed = afterClaim("running", replicates, 1);
  expect(claimed.replicates[0]).toBe(replicates[0]);
  const ended = afterEnd("running", claimed.replicates, 0, { outcome: outcomes[0], retry: null, result: null });
  expect(ended.replicates[1]).toBe(claimed.replicates[1]);
});

test("a retry is paid only by a failure", () => {
  const replicates = newReplicates(draft({ begin: "claimed" }));
  for (const outcome of outcomes.filter(({ kind }) => kind !== "failed")) {
    const [after] = afterEnd("running", replicates, 0, { outcome, retry: "infra", result: null }).replicates;
    expect([after.infraRetryCount, after.errorRetryCount]).toEqual([0, 0]);
  }
});

test("outcomes have equal keys exactly when they say the same", () => {
  const keys = outcomes.map(outcomeKey);
  expect(new Set(keys).size).toBe(outcomes.length);
  const nan = (): Outcome => ({ kind: "complete", metrics: { b: Number.NaN, a: -0 } });
  expect(outcomeKey(nan())).toBe(outcomeKey({ metrics: { a: 0, b: Number.NaN }, kind: "complete" }));
  expect(outcomeKey(nan())).not.toBe(outcomeKey({ kind: "complete", metrics: { a: 0, b: 0 } }));
});
