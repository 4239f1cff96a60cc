import { describe, expect, test } from "vitest";
import { compose } from "../policies/compose.ts";
import type { Policy } from "../policies/policy.ts";
import { random } from "../samplers/random.ts";
import { asha } from "../schedulers/asha.ts";
import { ashaPromotion } from "../schedulers/asha-promotion.ts";
import { hyperband } from "../schedulers/hyperband.ts";
import { none } from "../schedulers/none.ts";
import type { Scheduler } from "../schedulers/scheduler.ts";
import { successiveHalving } from "../schedulers/successive-halving.ts";
import { trialStateCodes } from "../trial/trial-state.ts";
import { policyContract } from "./policy-contract.ts";

const schedulers: Readonly<Record<string, () => Scheduler>> = {
  none,
  asha,
  "asha-promotion": ashaPromotion,
  "successive-halving": successiveHalving,
  hyperband,
};

describe.each(Object.entries(schedulers))("random + %s", (_, scheduler) => {
  for (const { name, run } of policyContract) test(name, () => run(() => compose(random(), scheduler())));
});

describe("the contract finds a policy that", () => {
  const base = (): Policy => compose(random(), ashaPromotion());
  const { running, paused } = trialStateCodes;
  const broken: readonly (readonly [string, () => Policy, RegExp])[] = [
    [
      "lets workers wait for each other",
      () => ({
        ...base(),
        next: (problem, history, context) =>
          history.rows.some((row) => history.states[row] === running) ? { kind: "wait" } : base().next(problem, history, context),
      }),
      /idle milliseconds/,
    ],
    [
      "resumes what has not reported",
      () => ({
        ...base(),
        next(problem, history, context) {
          const row = history.rows.find((each) => history.states[each] === paused);
          if (row === undefined) return base().next(problem, history, context);
          return { kind: "resume", trial: history.numbers[row], target: 27 };
        },
      }),
      /a report at 1 of trial/,
    ],
    [
      "remembers what is not in the history",
      () => {
        let askedCount = 0;
        const onReport: Policy["onReport"] = () =>
          ++askedCount % 7 === 0 ? { kind: "stop", why: { code: "seventh" } } : { kind: "continue" };
        return { ...base(), onReport };
      },
      /a fresh instance/,
    ],
    [
      "never lets a trial train to the end",
      () => ({ ...base(), onReport: () => ({ kind: "stop", why: { code: "no" } }) }),
      /a complete one of/,
    ],
  ];
  test.each(broken)("%s", (_, makePolicy, message) => {
    expect(() => {
      for (const { run } of policyContract) run(makePolicy);
    }).toThrow(message);
  });
});
