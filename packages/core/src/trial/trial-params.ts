import type { Config } from "../parameters/parameter.ts";
import type { Trial } from "./trial.ts";

/** All parameters a trial ran with: the config its sampler chose, and what its training code drew by itself (define-by-run). */
export function trialParams({ config, suggested }: Pick<Trial, "config" | "suggested">): Config {
  return suggested === null ? config : { ...suggested, ...config };
}
