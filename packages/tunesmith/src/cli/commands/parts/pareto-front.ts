import { type Objective, type Problem, parseExpression, type Trial } from "@tunesmith/core";

/**
 * Of several objectives the complete trials that no other beats in all of them, ordered by the first. Trials that violate an outcome
 * constraint take part only when none satisfies them all.
 */
export function paretoFront(trials: readonly Trial[], { objectives, outcomeConstraints }: Problem): readonly Trial[] {
  const constraints = outcomeConstraints.map(parseExpression);
  const complete = trials.filter(({ state, values }) => state === "complete" && values?.every(Number.isFinite));
  const feasible = complete.filter(({ metrics }) =>
    constraints.every((each) => each.evaluate((name) => metrics?.[name]) !== false),
  );
  const front: Trial[] = [];
  for (const trial of feasible.length > 0 ? feasible : complete) {
    if (front.some((other) => isAsGood(other, trial, objectives))) continue;
    for (let i = front.length - 1; i >= 0; i--) if (isAsGood(trial, front[i], objectives)) front.splice(i, 1);
    front.push(trial);
  }
  const sign = objectives[0].goal === "minimize" ? 1 : -1;
  return front.sort((a, b) => sign * ((a.values?.[0] ?? 0) - (b.values?.[0] ?? 0)) || a.number - b.number);
}

/** Whether `a` is at least as good as `b` everywhere; of equals the earlier one counts. */
function isAsGood(a: Trial, b: Trial, objectives: readonly Objective[]): boolean {
  return objectives.every(({ goal }, k) => {
    const [ofA, ofB] = [a.values?.[k] ?? 0, b.values?.[k] ?? 0];
    return goal === "minimize" ? ofA <= ofB : ofA >= ofB;
  });
}
