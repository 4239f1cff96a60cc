import { throwFaults } from "../../tunesmith-error.ts";
import type { Scheduler } from "../scheduler.ts";

/**
 * Several rules as one: at each report the first of them that does not say continue decides. Where trials start and which are resumed
 * is for the first to say, so a scheduler with brackets or pauses comes first.
 *
 * @throws {TunesmithError} `invalid-input` without a rule.
 */
export function firstToStop(rules: readonly Scheduler[]): Scheduler {
  if (rules.length === 0)
    throwFaults("first-to-stop", [{ path: "rules", message: "is an empty list; allowed: one rule or more" }]);
  const [first] = rules;
  return {
    type: "first-to-stop",
    version: 1,
    options: { rules: rules.map(({ type, options }) => ({ type, ...options })) },
    refuse(problem) {
      const reasons = rules.map((rule) => rule.refuse(problem)).filter((reason) => reason !== null);
      return reasons.length === 0 ? null : reasons.join("; ");
    },
    start: (problem, history, trialNumber) => first.start(problem, history, trialNumber),
    resume: (problem, history) => first.resume(problem, history),
    onReport(problem, history, row) {
      for (const rule of rules) {
        const decision = rule.onReport(problem, history, row);
        if (decision.kind !== "continue") return decision;
      }
      return { kind: "continue" };
    },
    decisionFidelities(problem, bracket) {
      const all = new Set<number>();
      for (const rule of rules) {
        const fidelities = rule.decisionFidelities(problem, bracket);
        if (fidelities === null) return null;
        for (const fidelity of fidelities) all.add(fidelity);
      }
      return [...all].sort((a, b) => a - b);
    },
  };
}
