import { describe, expect, test } from "vitest";
import { isTerminal, mayBecome, type TrialState, trialStateCodes, trialStateOf } from "./trial-state.ts";

const states = Object.keys(trialStateCodes) as TrialState[];

describe("trial states", () => {
  test("a terminal state becomes nothing else, every other one can end", () => {
    for (const from of states) {
      const to = states.filter((state) => mayBecome(from, state));
      if (isTerminal(from)) expect(to).toEqual([]);
      else expect(to.filter(isTerminal)).not.toEqual([]);
    }
    expect(states.filter(isTerminal)).toEqual(["complete", "stopped", "failed", "cancelled"]);
  });

  test.each<[TrialState[], TrialState]>([
    [["queued", "queued"], "queued"],
    [["running", "queued"], "running"],
    [["complete", "queued"], "running"],
    [["complete", "paused"], "paused"],
    [["paused", "queued"], "queued"],
    [["complete", "complete"], "complete"],
    [["complete", "failed"], "failed"],
    [["stopped", "running"], "stopped"],
    [["failed", "stopped"], "failed"],
    [["cancelled", "failed"], "cancelled"],
  ])("replicates %j make the trial %s", (replicates, trial) => {
    expect(trialStateOf(replicates)).toBe(trial);
  });
});
