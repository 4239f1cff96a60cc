import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkpointsToDelete, parseKeep } from "./checkpoint-retention.ts";

describe("parseKeep", () => {
  it.each<[string, ReturnType<typeof parseKeep>]>([
    ["all", { all: true, best: true, lastCount: 0 }],
    ["none", { all: false, best: false, lastCount: 0 }],
    ["best", { all: false, best: true, lastCount: 0 }],
    ["last3", { all: false, best: false, lastCount: 3 }],
    ["best+last2", { all: false, best: true, lastCount: 2 }],
  ])("reads %s", (text, rule) => {
    expect(parseKeep(text)).toEqual(rule);
  });

  it.each(["", "last", "last0", "best+", "+last2", "bestlast2", "best+best", "last2+best", "2", "ALL"])("refuses %j", (text) => {
    expect(parseKeep(text)).toBe(null);
  });
});

describe("checkpointsToDelete", () => {
  const rule = (text: string) => parseKeep(text) ?? expect.unreachable();

  it("keeps the best and the last two", () => {
    expect(checkpointsToDelete([9, 1, 3, 27, 12], rule("best+last2"), { bestStep: 3 })).toEqual([1, 9]);
  });

  it("takes the first checkpoint that contains the best step for the best", () => {
    expect(checkpointsToDelete([5, 10, 15, 20], rule("best+last1"), { bestStep: 7 })).toEqual([5, 15]);
    expect(checkpointsToDelete([5, 10], rule("best"), { bestStep: 11 })).toEqual([5]);
  });

  it("deletes nothing with all, everything but what is pinned with none", () => {
    expect(checkpointsToDelete([1, 2], rule("all"), { bestStep: null })).toEqual([]);
    expect(checkpointsToDelete([1, 2, 3], rule("none"), { bestStep: 2, pinned: new Set([3]) })).toEqual([1, 2]);
  });

  it("keeps at most best + N beside the pinned ones, always the newest N, and never deletes what is not there", () => {
    const steps = fc.uniqueArray(fc.nat(50), { maxLength: 20 });
    fc.assert(
      fc.property(steps, fc.nat(50), fc.integer({ min: 1, max: 5 }), (existing, bestStep, lastCount) => {
        const deleted = checkpointsToDelete(existing, { all: false, best: true, lastCount }, { bestStep });
        const kept = existing.filter((step) => !deleted.includes(step)).sort((a, b) => a - b);
        expect(deleted.every((step) => existing.includes(step))).toBe(true);
        expect(kept.length).toBeLessThanOrEqual(lastCount + 1);
        expect(kept.slice(-lastCount)).toEqual([...existing].sort((a, b) => a - b).slice(-lastCount));
      }),
    );
  });
});
