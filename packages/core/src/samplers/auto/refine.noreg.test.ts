import { expect, it } from "vitest";
import { frozenSuggestions } from "../../testing/frozen-suggestions.ts";
import { random } from "../random.ts";
import type { Sampler } from "../sampler.ts";
import { refine } from "./refine.ts";

const draws = random();

/** Every other trial from the thirtieth on is a step downhill. */
const halfRefined: Sampler = {
  ...draws,
  suggest(problem, history, context) {
    const steps = context.trialNumber >= 30 && context.trialNumber % 2 === 1;
    return (steps ? refine(problem, history, context) : null) ?? draws.suggest(problem, history, context);
  },
};

// Frozen, not known to be right.
it("suggests what it suggested when this was frozen", () => {
  expect(frozenSuggestions(halfRefined, [39, 45, 51], 4)).toEqual([
    { layers: 3, lr: 0.0001585, optimizer: "adam" },
    { layers: 3, lr: 0.001189, optimizer: "adam" },
    { layers: 3, lr: 0.0009911, optimizer: "adam" },
  ]);
});
