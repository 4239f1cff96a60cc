import { categorical, float, int } from "../parameters/build-parameter.ts";
import type { LossProblem } from "./best-losses.ts";

/** A bowl over parameters of every kind, its bottom off the middle of each; the least loss is 0. */
export const mixedBowl: LossProblem = {
  parameters: { a: float(0, 1), b: float(1e-4, 1, { log: true }), c: int(1, 20), d: categorical(["p", "q", "r"]) },
  loss: ({ a, b, c, d }) =>
    ((a as number) - 0.71) ** 2 +
    (Math.log10(b as number) + 2.9) ** 2 / 16 +
    ((c as number) - 6) ** 2 / 400 +
    (d === "q" ? 0 : 0.1),
};
