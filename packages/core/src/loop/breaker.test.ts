import { describe, expect, test } from "vitest";
import type { Trial } from "../trial/trial.ts";
import { Breaker } from "./breaker.ts";

function ended(state: Trial["state"], message: string | null = "no torch"): Trial {
  return { state, reason: state === "failed" ? "exit" : null, message } as Trial;
}

function heard(trials: readonly Trial[], before: readonly Trial[] = []): readonly (string | null)[] {
  const breaker = new Breaker(before);
  return trials.map((trial) => breaker.afterEnd(trial));
}

const failed = ended("failed");

describe("Breaker", () => {
  test("speaks when the fifth of the first five fails like the others, and only once", () => {
    expect(heard(Array(8).fill(failed))).toEqual([null, null, null, null, "no torch", null, null, null]);
  });

  test.each([ended("complete"), ended("stopped"), ended("failed", "no CUDA")])(
    "is silent for good after another end: %j",
    (other) => {
      expect(heard([failed, failed, other, ...Array(9).fill(failed)])).toEqual(Array(12).fill(null));
    },
  );

  test("takes failures that differ only in the numbers they name for alike", () => {
    const bad = [0.98, -3, 1e-5, 7, 0.5].map((lr) => ended("failed", `bad option: --lr=${lr}`));
    expect(heard(bad)).toEqual([null, null, null, null, "bad option: --lr=0.5"]);
    expect(heard([...bad.slice(0, 4), ended("failed", "bad option: --momentum=0.5")])).toEqual(Array(5).fill(null));
  });

  test("does not count what a person cancelled", () => {
    expect(heard([failed, failed, ended("cancelled"), failed, failed, failed])).toEqual([
      null,
      null,
      null,
      null,
      null,
      "no torch",
    ]);
  });

  test("counts on from an earlier run, and is silent when that had spoken", () => {
    expect(heard([failed, failed], [failed, failed, failed])).toEqual([null, "no torch"]);
    expect(heard([failed, failed], Array(5).fill(failed))).toEqual([null, null]);
    expect(heard(Array(5).fill(failed), [ended("complete")])).toEqual(Array(5).fill(null));
  });
});
