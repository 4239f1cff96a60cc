import { expect, it } from "vitest";
import { frozenSuggestions } from "../../testing/frozen-suggestions.ts";
import { gp } from "./gp-sampler.ts";

// Frozen, not known to be right.
it("suggests what it suggested when this was frozen", () => {
  expect(frozenSuggestions(gp(), [1, 5, 9, 13], 4)).toEqual([
    { layers: 2, lr: 0.01342, optimizer: "adam" },
    { layers: 6, lr: 0.001413, momentum: 0.9688, optimizer: "sgd" },
    { layers: 1, lr: 0.001051, momentum: 0.8845, optimizer: "sgd" },
    { layers: 3, lr: 0.0009767, momentum: 0.99, optimizer: "sgd" },
  ]);
});
