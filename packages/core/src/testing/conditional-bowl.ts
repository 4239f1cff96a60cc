import { categorical, float } from "../parameters/build-parameter.ts";
import type { LossProblem } from "./best-losses.ts";

/** A bowl that is there for one of four choices only; elsewhere no loss is below a half. The least loss is 0. */
export const conditionalBowl: LossProblem = {
  parameters: {
    kind: categorical(["a", "b", "c", "d"]),
    u: float(0, 1, { when: { kind: "c" } }),
    v: float(0, 1, { when: { kind: "c" } }),
    w: float(0, 1, { when: { kind: ["a", "b"] } }),
  },
  loss: ({ kind, u, v, w }) =>
    kind === "c" ? ((u as number) - 0.2) ** 2 + ((v as number) - 0.9) ** 2 : 0.5 + ((w as number | undefined) ?? 1),
};
