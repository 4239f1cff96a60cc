import type { Problem } from "../../trial/problem.ts";
import type { DrivingScheduler } from "../driving-scheduler.ts";
import { type FreezeThawOptions, freezeThawSettings } from "./freeze-thaw-options.ts";
import { freezeThawPolicy } from "./freeze-thaw-policy.ts";
import { freezeThawRefusal } from "./freeze-thaw-refusal.ts";

/**
 * Freeze-thaw: trains every trial a little at a time, and at every free slot thaws the paused one, or starts the new one, of which a model
 * of all learning curves expects most.
 *
 * A Gaussian process over configs and training time (see `curve-kernel.ts`) predicts how each curve goes on. For every decision a
 * horizon and a gain are drawn; the turn goes to whoever most probably gains that much on the best loss within that horizon. One turn in
 * `regular` goes to those predicted to end best. When no trial may start any more, the one predicted to end best is trained to
 * the end, then all that may yet beat it; then the study is finished.
 *
 * Trials go on from their checkpoints. A trial that reported NaN, or nothing where it was told to train to, is not continued.
 *
 * @throws {TunesmithError} `invalid-input` if an option is outside its range.
 *
 * Source: K. Swersky, J. Snoek, R. P. Adams (2014), "Freeze-thaw Bayesian optimization", https://arxiv.org/abs/1406.3896;
 * H. Rakotoarison et al. (2024), "In-context freeze-thaw Bayesian optimization for hyperparameter optimization", Sec. 4.2,
 * https://arxiv.org/abs/2404.16795
 * Departs: the closed-form model of the former with the acquisition of the latter.
 */
export function freezeThaw(options: FreezeThawOptions = {}): DrivingScheduler {
  const settings = freezeThawSettings(options);
  const refuse = (problem: Problem): string | null => freezeThawRefusal(settings, problem);
  return {
    type: "freeze-thaw",
    version: 1,
    options: settings,
    finds: "config",
    refuse,
    drive: (sampler) => freezeThawPolicy(sampler, settings, refuse),
  };
}
