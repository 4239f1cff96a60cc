import { expect, test } from "vitest";
import { gpSuggestionMs } from "./gp-suggestion-ms.ts";

test.each([
  [15, 2, 5.6],
  [15, 10, 4.5],
  [50, 2, 4.6],
  [50, 10, 9.9],
  [100, 2, 8.1],
  [100, 10, 9.3],
  [190, 2, 16.3],
  [190, 10, 20.2],
])("%i results of %i parameters: within a factor of two of the measured %f ms", (n, d, measuredMs) => {
  const ratio = gpSuggestionMs(n, d) / measuredMs;
  expect(ratio).toBeGreaterThan(0.5);
  expect(ratio).toBeLessThan(2);
});
