import { branin } from "../problems/classic.ts";
import type { LossProblem } from "./best-losses.ts";

const { parameters, evaluate } = branin();

/** Branin's function over `x1` in [−5, 10] and `x2` in [0, 15]. */
export const braninProblem: LossProblem = { parameters, loss: (config) => evaluate(config).value };

/** Its least loss. */
export const braninMinimum = 5 / (4 * Math.PI);
