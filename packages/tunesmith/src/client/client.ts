import { type Attempt, openAttempt, type Widened } from "./attempt.ts";
import type { Decision, ParameterValue } from "./attempt-files.ts";

/**
 * For training scripts in Node that Tunesmith tunes; node: modules only. The script still runs alone:
 * outside a study `params` gives the defaults, `steps` counts, `save` keeps nothing and `report` answers "continue".
 *
 * ```js
 * import { checkpoint, params, report, save, steps } from "tunesmith/client"
 *
 * const p = params({ lr: 1e-3, layers: 2 })
 * const folder = checkpoint()
 * const model = folder ? restore(folder) : build(p)
 * for (const epoch of steps(81)) {
 *   const valLoss = await trainOneEpoch(model, p.lr)
 *   await save(epoch, (folder) => writeFileSync(join(folder, "model.json"), JSON.stringify(model)))
 *   await report(epoch, { val_loss: valLoss })
 * }
 * ```
 */

export type { Decision, ParameterValue, Widened };

/** The process is the attempt: what was loaded and decided belongs to it as a whole. */
const attempt: Attempt = openAttempt(process.env);

/** The trial's parameters over `defaults`: a default stays where the study does not set that name. */
export function params<Defaults extends { readonly [name: string]: ParameterValue }>(defaults: Defaults): Widened<Defaults> {
  return attempt.params(defaults);
}

/**
 * The folder to continue from, or `undefined`. After it gave a folder, `steps` starts behind that checkpoint.
 * @throws {Error} If the runner named a folder that is not there, or is not called step-N.
 */
export function checkpoint(): string | undefined {
  return attempt.checkpoint();
}

/**
 * The steps still to do: from 1, or behind the checkpoint that `checkpoint()` gave, to the trial's target.
 * Outside a study the target is `maximum`. Ends early when told to stop. While it runs, SIGTERM ends the loop after the
 * running step instead of ending the process at once; it is heard whenever the step awaits something, `report` included.
 */
export function steps(maximum: number): Generator<number, void, void> {
  return attempt.steps(maximum);
}

/**
 * Lets `write` fill an empty folder, which becomes the checkpoint of `step` when `write` ends well.
 * Outside a study, and in processes other than rank 0 (`RANK`), what is written there is thrown away.
 * @throws {RangeError} If `step` is not a whole number from 0 on; and whatever `write` throws.
 */
export function save(step: number, write: (folder: string) => void | Promise<void>): Promise<void> {
  return attempt.save(step, write);
}

/**
 * Tells the metrics of a step, and gives the decision; on "pause" and "stop", save and leave. NaN and infinities are metrics too.
 * Where a decision is due (the steps that `params.json` lists), waits for it, at most 5 s, then continues.
 * Processes other than rank 0 (`RANK`) tell nothing and hear the same decision.
 *
 * @param options.fold  Which of several folds this process trains.
 * @throws {RangeError} If `step` is not a whole number from 0 on, or there is no metric. @throws {TypeError} If a metric is no number.
 */
export function report(
  step: number,
  metrics: { readonly [name: string]: number },
  options?: { readonly fold?: number },
): Promise<Decision> {
  return attempt.report(step, metrics, options);
}

/** Whether to save and leave now: for loops inside a step. Reads one small file. */
export function shouldStop(): boolean {
  return attempt.shouldStop();
}

/** The number of the trial; `undefined` outside a study. */
export function trialNumber(): number | undefined {
  return attempt.trialNumber();
}

/** The seed of this run; 0 outside a study. */
export function seed(): number {
  return attempt.seed();
}
