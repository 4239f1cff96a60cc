import { expect, it } from "vitest";
import { frozenSuggestions } from "../../testing/frozen-suggestions.ts";
import { tpe } from "./tpe-sampler.ts";

// Frozen, not known to be right. Renewed for version 3: bandwidths by a drawn exponent, in stepped coordinates at least half a cell.
it("suggests what it suggested when this was frozen", () => {
  expect(frozenSuggestions(tpe(), [0, 13, 26, 39], 9)).toEqual([
    { layers: 1, lr: 0.0000200512828, optimizer: "adam" },
    { layers: 3, lr: 0.00344512928, optimizer: "adam" },
    { layers: 3, lr: 0.000924665782, momentum: 0.758193643, optimizer: "sgd" },
    { layers: 3, lr: 0.00133679119, momentum: 0.775196233, optimizer: "sgd" },
  ]);
});
