import { expect, it } from "vitest";
import { frozenSuggestions } from "../../testing/frozen-suggestions.ts";
import { cmaEs } from "./cma-es-sampler.ts";

// Frozen, not known to be right.
it("suggests what it suggested when this was frozen", () => {
  expect(frozenSuggestions(cmaEs(), [7, 20, 33, 46, 59], 6)).toEqual([
    { layers: 6, lr: 0.000306001, momentum: 0.146369, optimizer: "sgd" },
    { layers: 3, lr: 0.000659418, optimizer: "adam" },
    { layers: 3, lr: 0.0019259, optimizer: "adam" },
    { layers: 3, lr: 0.000504419, optimizer: "adam" },
    { layers: 4, lr: 0.00129476, optimizer: "adam" },
  ]);
});
