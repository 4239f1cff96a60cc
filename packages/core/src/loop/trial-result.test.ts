import { describe, expect, test } from "vitest";
import type { Objective } from "../trial/problem.ts";
import { lossesOf, resultFault, resultMetrics, standardError, trialResult } from "./trial-result.ts";

const loss: Objective = { name: "loss", goal: "minimize", take: "last" };
const accuracy: Objective = { name: "accuracy", goal: "maximize", take: "last" };

function reports(...metrics: { [name: string]: number }[]) {
  return metrics.map((each, i) => ({ step: i + 1, fidelity: i + 1, metrics: each }));
}

describe("resultMetrics", () => {
  const curve = reports({ loss: 3, time: 1 }, { loss: 1, time: 2 }, { loss: Number.NaN }, { loss: 2, time: 4 }, { time: 5 });

  test.each([
    ["last", 2],
    ["best", 1],
    ["mean:1", 2],
    ["mean:2", Number.NaN],
    ["mean:9", Number.NaN],
  ] as const)("take %s gives %d of the reports that carry the objective; the rest is of the last report", (take, value) => {
    expect(resultMetrics(curve, null, [{ ...loss, take }])).toEqual({ loss: value, time: 5 });
  });

  test("mean:k of fewer than k reports is the mean of all", () => {
    expect(resultMetrics(reports({ loss: 1 }, { loss: 4 }), null, [{ ...loss, take: "mean:5" }])).toEqual({ loss: 2.5 });
  });

  test("the best of a maximised objective is its greatest, NaN if nothing else was reported", () => {
    const take = { ...accuracy, take: "best" } as const;
    expect(resultMetrics(reports({ accuracy: 0.5 }, { accuracy: 0.9 }, { accuracy: 0.7 }), null, [take])).toEqual({
      accuracy: 0.9,
    });
    expect(resultMetrics(reports({ accuracy: Number.NaN }), null, [take])).toEqual({ accuracy: Number.NaN });
  });

  test("the final word wins over the last report, not over more than the last", () => {
    expect(resultMetrics(curve, { loss: 9 }, [loss])).toEqual({ loss: 9, time: 5 });
    expect(resultMetrics(curve, { loss: 9 }, [{ ...loss, take: "best" }])).toEqual({ loss: 1, time: 5 });
    expect(resultMetrics([], { loss: 9 }, [{ ...loss, take: "best" }])).toEqual({ loss: 9 });
  });

  test("nothing said is null", () => {
    expect(resultMetrics([], null, [loss])).toBeNull();
  });
});

describe("resultFault", () => {
  test.each([
    [{ loss: 1 }, null],
    [{ loss: Number.POSITIVE_INFINITY }, null],
    [{ loss: Number.NEGATIVE_INFINITY }, "non_finite"],
    [{ loss: Number.NaN }, "non_finite"],
    [{ accuracy: 1 }, "no_result"],
    [null, "no_result"],
  ] as const)("%j is %s", (metrics, reason) => {
    expect(resultFault(metrics, [loss])?.reason ?? null).toBe(reason);
  });

  test("names what was seen instead", () => {
    expect(resultFault({ val_loss: 1, acc: 2 }, [loss])?.message).toBe("no loss; seen: val_loss, acc");
    expect(resultFault({ accuracy: Number.POSITIVE_INFINITY }, [accuracy])).toEqual({
      reason: "non_finite",
      message: "accuracy is Infinity",
    });
  });
});

describe("trialResult", () => {
  test("is mean and standard error over the replicates, and the mean of what all of them said", () => {
    const result = trialResult(
      [
        { loss: 1, a: 1 },
        { loss: 2, a: 3, b: 1 },
        { loss: 6, a: 5 },
      ],
      [loss],
    );
    // Sample deviation of 1, 2, 6: √7; over √3.
    expect(result).toEqual({ values: [3], standardErrors: [Math.sqrt(7 / 3)], metrics: { loss: 3, a: 3 } });
  });

  test("one replicate has no standard error", () => {
    expect(trialResult([{ loss: 1 }], [loss])).toEqual({ values: [1], standardErrors: null, metrics: { loss: 1 } });
    expect(standardError([1])).toBeNaN();
  });
});

test("losses are minimised, a missing metric is NaN", () => {
  expect(lossesOf({ accuracy: 0.9 }, [loss, accuracy])).toEqual([Number.NaN, -0.9]);
});
