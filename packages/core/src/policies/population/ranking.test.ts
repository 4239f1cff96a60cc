import { describe, expect, test } from "vitest";
import type { Member } from "./members.ts";
import { betterParents, parentsInNeed, rankMembers } from "./ranking.ts";

function member(trial: number, score: number | null, more: Partial<Member> = {}): Member {
  return {
    number: trial + 1,
    row: trial,
    trial,
    standing: "waiting",
    reached: 50,
    target: 50,
    score,
    hasCheckpoint: true,
    faultCount: 0,
    ...more,
  };
}

function numbers(members: readonly Member[]): number[] {
  return members.map(({ trial }) => trial);
}

describe("the ranking of members", () => {
  test("is by score, NaN last, ties by trial, without those that do not live or have none", () => {
    const members = [
      member(0, Number.NaN),
      member(1, 2),
      member(2, 1, { standing: "over" }),
      member(3, Infinity),
      member(4, null),
      member(5, 2, { standing: "under-way" }),
      member(6, -1, { standing: "held" }),
      member(7, 0, { standing: "failed" }),
      member(8, 0, { standing: "short" }),
    ];
    expect(numbers(rankMembers(members, 0.25).members)).toEqual([6, 1, 5, 3, 0]);
  });

  test.each([
    [1, 0.25, 0],
    [2, 0.25, 1],
    [3, 0.25, 1],
    [4, 0.25, 1],
    [5, 0.25, 2],
    [16, 0.25, 4],
    [16, 0, 0],
    [7, 0.5, 3],
  ])("of %i with quantile %d has %i at either edge", (count, quantile, edgeCount) => {
    const members = Array.from({ length: count }, (_, trial) => member(trial, trial));
    expect(rankMembers(members, quantile).edgeCount).toBe(edgeCount);
  });
});

describe("those that a member may be copied from", () => {
  const ranked = (members: readonly Member[]) => rankMembers(members, 0.25);
  const worst = member(7, 7);
  const others = [1, 2, 3, 4, 5, 6].map((trial) => member(trial, trial));

  test("are none on its way to the end, which it may have saved already", () => {
    const members = (more: Partial<Member>) => [member(0, 0, more), ...others, worst];
    const parents = (more: Partial<Member>) => numbers(betterParents(ranked(members(more)), worst, 100));
    expect(parents({ standing: "under-way", target: 90 })).toContain(0);
    expect(parents({ standing: "under-way", target: 100 })).not.toContain(0);
  });

  test("are those among the best, if it is among the worst", () => {
    const members = [member(0, 0), ...others, worst];
    expect(numbers(betterParents(ranked(members), worst, 100))).toEqual([0, 1]);
    expect(numbers(betterParents(ranked(members), members[6], 100))).toEqual([0, 1]);
    expect(betterParents(ranked(members), members[5], 100)).toEqual([]);
    expect(betterParents(ranked(members), member(9, null), 100)).toEqual([]);
  });

  test.each<[string, Partial<Member>, boolean]>([
    ["trained less than half as far", { reached: 24 }, false],
    ["trained half as far", { reached: 25 }, true],
    ["has no checkpoint", { hasCheckpoint: false }, false],
    ["has trained to the end", { reached: 100 }, false],
    ["reported NaN", { score: Number.NaN }, false],
    ["is held by a person behind it", { standing: "held", reached: 49 }, false],
    ["is held by a person where it is", { standing: "held" }, true],
    ["runs", { standing: "under-way" }, true],
  ])("one that %s: %s is %s", (_, more, isParent) => {
    const members = [member(0, -1, more), ...others, worst];
    expect(numbers(betterParents(ranked(members), worst, 100)).includes(0)).toBe(isParent);
  });

  test("are none where all score alike", () => {
    const members = Array.from({ length: 8 }, (_, trial) => member(trial, 1));
    expect(betterParents(ranked(members), members[7], 100)).toEqual([]);
  });

  test("because it failed are the best of those that have a checkpoint and farther to go, at least one", () => {
    const members = [member(0, 0, { hasCheckpoint: false }), member(1, 1, { reached: 100 }), ...others.slice(1), worst];
    expect(numbers(parentsInNeed(ranked(members), 0.25, 100))).toEqual([2, 3]);
    expect(numbers(parentsInNeed(ranked([member(3, 3)]), 0.25, 100))).toEqual([3]);
    expect(parentsInNeed(ranked([member(3, Number.NaN)]), 0.25, 100)).toEqual([]);
  });
});
