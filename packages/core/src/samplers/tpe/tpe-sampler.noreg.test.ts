import { expect, it } from "vitest";
import { frozenSuggestions } from "../../testing/frozen-suggestions.ts";
import { tpe } from "./tpe-sampler.ts";

// Frozen, not known to be right.
it("suggests what it suggested when this was frozen", () => {
  expect(frozenSuggestions(tpe(), [0, 13, 26, 39], 9)).toEqual([
    { layers: 1, lr: 0.0000200512828, optimizer: "adam" },
    { layers: 2, lr: 0.00129715866, momentum: 0.96031827, optimizer: "sgd" },
    { layers: 2, lr: 0.00101892525, momentum: 0.777188333, optimizer: "sgd" },
    { layers: 2, lr: 0.000993597445, momentum: 0.978989394, optimizer: "sgd" },
  ]);
});
