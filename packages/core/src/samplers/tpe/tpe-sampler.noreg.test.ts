import { expect, it } from "vitest";
import { frozenSuggestions } from "../../testing/frozen-suggestions.ts";
import { tpe } from "./tpe-sampler.ts";

// Frozen, not known to be right.
it("suggests what it suggested when this was frozen", () => {
  expect(frozenSuggestions(tpe(), [0, 13, 26, 39], 9)).toEqual([
    { layers: 1, lr: 0.0000200512828, optimizer: "adam" },
    { layers: 5, lr: 0.00617774455, momentum: 0.944453047, optimizer: "sgd" },
    { layers: 4, lr: 0.000923987047, momentum: 0.723629237, optimizer: "sgd" },
    { layers: 4, lr: 0.000992286365, optimizer: "adam" },
  ]);
});
