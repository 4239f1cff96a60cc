import { expect, test } from "vitest";
import { backOffMs, retryFor } from "./retry.ts";

const limits = { infra: 2, error: 1 };

test.each([
  ["infra", 0, 0, "infra"],
  ["lease_lost", 1, 0, "infra"],
  ["preempted", 2, 0, null],
  ["error", 2, 0, "error"],
  ["exit", 0, 1, null],
  ["oom", 0, 0, "error"],
  ["non_finite", 0, 0, "error"],
] as const)(
  "%s after %d retries of infrastructure and %d of errors is retried as %s",
  (reason, infraRetryCount, errorRetryCount, retry) => {
    expect(retryFor(reason, { infraRetryCount, errorRetryCount }, limits)).toBe(retry);
  },
);

test("the pause doubles from one second to a minute", () => {
  expect([1, 2, 3, 6, 7, 50].map(backOffMs)).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000]);
});
