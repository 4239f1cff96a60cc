import type { Config } from "../parameters/parameter.ts";
import type { Outcome, Report } from "../trial/trial.ts";
import type { Job, StopReason } from "./engine.ts";
import type { ObjectiveSurroundings } from "./objective-surroundings.ts";
import type { DecisionWord } from "./objective-trial.ts";
import type { SavedState } from "./saved-state.ts";

/** What an engine says to a thread. Reports, drawn values and saved states are answered one by one, named by `id`. */
export type ToThread =
  | ({ readonly kind: "start"; readonly job: Job } & Omit<ObjectiveSurroundings, "host">)
  | { readonly kind: "answer"; readonly id: number; readonly word: DecisionWord }
  | { readonly kind: "refusal"; readonly id: number; readonly message: string }
  | { readonly kind: "stop"; readonly reason: StopReason };

/** What a thread says to its engine. */
export type FromThread =
  /** The module has called `exposeObjective`: what is said from now on is heard. */
  | { readonly kind: "ready" }
  | { readonly kind: "report"; readonly id: number; readonly report: Report }
  | { readonly kind: "values"; readonly id: number; readonly values: Config }
  | { readonly kind: "save"; readonly id: number; readonly saved: SavedState }
  | { readonly kind: "end"; readonly outcome: Outcome };
