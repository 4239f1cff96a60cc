import type { Dimension } from "../parameters/space.ts";
import { drawConfig } from "../samplers/draw-config.ts";
import { manualType } from "../samplers/manual.ts";
import type { Sampler, SuggestContext, Suggestion } from "../samplers/sampler.ts";
import type { Scheduler } from "../schedulers/scheduler.ts";
import type { History } from "../trial/history.ts";
import type { Problem } from "../trial/problem.ts";
import { trialStateCodes } from "../trial/trial-state.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import { type AnyScheduler, isDriving } from "./driving-scheduler.ts";
import type { Intent, Policy } from "./policy.ts";

/**
 * The policy of one sampler and one scheduler: a free slot first serves paused trials that should go on, then a new suggestion.
 *
 * When the sampler has nothing left: wait while trials are queued or running (they may be enqueued, or change its mind), then
 * finish; with the manual sampler always wait.
 *
 * `next` and `fill` throw (or reject with) a `TunesmithError` `refused` when the sampler gives a config that the space does
 * not allow, or too large a note: such a suggestion never becomes a trial.
 */
export function compose(sampler: Sampler, scheduler: AnyScheduler): Policy {
  return isDriving(scheduler) ? scheduler.drive(sampler) : composed(sampler, scheduler);
}

function composed(sampler: Sampler, scheduler: Scheduler): Policy {
  const start = (problem: Problem, history: History, context: SuggestContext, suggestion: Suggestion): Intent => {
    requireAllowed(`sampler ${sampler.type}`, problem, suggestion);
    return { kind: "start", suggestion, ...scheduler.start(problem, history, context.trialNumber) };
  };
  const withoutSuggestion = (problem: Problem, history: History): Intent => {
    if (sampler.type === manualType) return { kind: "wait" };
    // What is paused need not wait for trials that never come.
    const resumed = scheduler.resume({ ...problem, trialBudget: history.trialCount }, history);
    if (resumed !== null) return { kind: "resume", ...resumed };
    return { kind: isUnderWay(history) ? "wait" : "finish" };
  };
  return {
    refuse(problem) {
      const reasons = [sampler.refuse(problem), scheduler.refuse(problem)].filter((reason) => reason !== null);
      return reasons.length === 0 ? null : reasons.join("; ");
    },
    next(problem, history, context) {
      const resumed = scheduler.resume(problem, history);
      if (resumed !== null) return { kind: "resume", ...resumed };
      // Nobody would use a suggestion.
      if (problem.trialBudget !== null && history.trialCount >= problem.trialBudget) return { kind: "finish" };
      return whenSuggested(sampler.suggest(problem, history, context), (suggestion) =>
        suggestion === null ? withoutSuggestion(problem, history) : start(problem, history, context, suggestion),
      );
    },
    fill(problem, history, context) {
      const { fixed } = context;
      if (problem.space.check(fixed).length === 0)
        return start(problem, history, context, { config: fixed, why: { code: "enqueued" } });
      return whenSuggested(sampler.suggest(problem, history, context), (suggestion) =>
        start(problem, history, context, fillFixed(problem, history, context, suggestion)),
      );
    },
    onReport: (problem, history, row) => scheduler.onReport(problem, history, row),
    decisionFidelities: (problem, bracket) => scheduler.decisionFidelities(problem, bracket),
  };
}

function whenSuggested(
  suggested: Suggestion | null | Promise<Suggestion | null>,
  then: (suggestion: Suggestion | null) => Intent,
): Intent | Promise<Intent> {
  return suggested instanceof Promise ? suggested.then(then) : then(suggested);
}

function isUnderWay({ rows, states }: History): boolean {
  return rows.some((row) => states[row] === trialStateCodes.queued || states[row] === trialStateCodes.running);
}

/**
 * The fixed values completed from the suggestion, or from the defaults when the sampler has none. A completion that violates
 * parameter constraints gives way to draws.
 */
function fillFixed({ space }: Problem, history: History, context: SuggestContext, suggestion: Suggestion | null): Suggestion {
  const { fixed } = context;
  const rng = context.rng("fill");
  const draw = (dimension: Dimension): number => dimension.fromPrior(rng.uniform());
  const config = space.complete(suggestion?.config ?? space.defaults(), fixed, draw);
  if (space.satisfies(config))
    return suggestion === null ? { config, why: { code: "filled-by-defaults" } } : { ...suggestion, config };
  const propose = (_: number, point: Float64Array): void => {
    for (let j = 0; j < point.length; j++) point[j] = draw(space.dimensions[j]);
  };
  const drawn = drawConfig({ space, history, fixed, propose, rng });
  return { config: drawn.config, why: { code: "filled-by-draws", outcome: drawn.outcome, drawCount: drawn.drawCount } };
}

/**
 * Refuses a suggestion that must not become a trial.
 *
 * @param who  Who made it, for the message.
 * @throws {TunesmithError} `refused` if the space does not allow the config, or the note is too large.
 */
export function requireAllowed(who: string, { space }: Problem, { config, note }: Suggestion): void {
  const faults = space.check(config);
  if (faults.length > 0) {
    const found = faults.map(({ path, message }) => (path === "" ? message : `${path} ${message}`)).join("; ");
    throw new TunesmithError("refused", `${who} suggested a config that is not allowed: ${found}`, faults);
  }
  if (note === undefined) return;
  const limitBytes = 16_384 + 32 * space.dimensions.length;
  const bytes = utf8Length(JSON.stringify(note));
  if (bytes > limitBytes) throw new TunesmithError("refused", `${who} wrote a note of ${bytes} bytes; allowed: ${limitBytes}`);
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
