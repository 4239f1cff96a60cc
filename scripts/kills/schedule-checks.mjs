// What scripts/check-kills.mjs requires of a study that is done, whoever was killed meanwhile: from its trials, reports and events as
// they are stored, and from the starts that the trainings noted themselves. Each function gives what is wrong, one line a fault.
import { lossAt, stepCount } from "./kill-studies.mjs";

/**
 * Every report, and every value, is what its config and step give: a trial that was interrupted, paused or resumed ends with the value
 * that it would have had otherwise.
 */
export function valueFaults({ trials, reports }) {
  return trials.flatMap(({ number, state, config, values }) => {
    const wrong = reports
      .get(number)
      .filter(({ step, metrics }) => metrics.loss !== lossAt(config, step))
      .map(({ step, attempt, metrics }) => `#${number} attempt ${attempt} step ${step} is ${metrics.loss}`);
    if (state === "complete" && values[0] !== lossAt(config, stepCount))
      wrong.push(`#${number} is complete with ${values[0]} instead of ${lossAt(config, stepCount)}`);
    return wrong;
  });
}

/** A paused trial runs again only when it was resumed, never twice to the same target, and always to its scheduler's next one. */
export function resumeFaults({ targetsOf }, { trials, events }) {
  const states = new Map();
  const raised = new Map();
  const faults = [];
  const follow = {
    claimed: ["added", "queued"],
    requeued: ["claimed"],
    "replicate-ended": ["claimed"],
    resumed: ["replicate-ended"],
  };
  const became = {
    "trial-added": "added",
    requeued: "queued",
    resumed: "queued",
    claimed: "claimed",
    "replicate-ended": "replicate-ended",
  };
  for (const { kind, trial, seq, ref } of events) {
    if (trial === null || became[kind] === undefined) continue;
    const before = states.get(trial);
    if (follow[kind] !== undefined && !follow[kind].includes(before))
      faults.push(`#${trial}: ${kind} after ${before} (event ${seq})`);
    states.set(trial, became[kind]);
    if (kind === "resumed") raised.set(trial, [...(raised.get(trial) ?? []), ref]);
  }
  for (const trial of trials) {
    const targets = [...(raised.get(trial.number) ?? []), trial.replicates[0].target];
    const allowed = targetsOf(trial);
    const isInOrder =
      allowed === null ? targets.length === 1 && targets[0] === null : isStretch(targets, allowed, trial.parent !== null);
    if (!isInOrder) faults.push(`#${trial.number} (bracket ${trial.bracket}) was told to train to ${targets.join(", then ")}`);
  }
  return faults;
}

/** Whether some values follow each other in a list without gaps; from its beginning, unless it `mayBeginLater`. */
function isStretch(values, list, mayBeginLater) {
  const from = list.indexOf(values[0]);
  if (from < 0 || (from > 0 && !mayBeginLater)) return false;
  return values.every((value, i) => list[from + i] === value);
}

/**
 * Every start is from a checkpoint of the trial's own, or for a child from the one of its parent that is on record; a trial that goes
 * on after a pause does so where it paused; a child's first report follows its parent's checkpoint.
 */
export function checkpointFaults({ trials, reports }, starts) {
  const faults = [];
  for (const { number, parent } of trials) {
    const own = starts.filter(({ trial }) => trial === number).sort((a, b) => a.attempt - b.attempt);
    let pausedAt = parent?.step ?? 0;
    own.forEach(({ attempt, from, madeBy, target }, i) => {
      const isOwn = madeBy === number && from > (parent?.step ?? 0);
      const isInherited = parent === null ? from === 0 : madeBy === parent.trial && from === parent.step;
      if (!isOwn && !isInherited) faults.push(`#${number} attempt ${attempt} began at step ${from}, saved by #${madeBy}`);
      const isFirst = i === 0 || own[i - 1].target !== target;
      if (i > 0 && isFirst) pausedAt = own[i - 1].target;
      if (isFirst && from !== pausedAt)
        faults.push(`#${number} attempt ${attempt} began at step ${from}, but paused at ${pausedAt}`);
    });
    const first = Math.min(...reports.get(number).map(({ step }) => step));
    if (parent !== null && Number.isFinite(first) && first !== parent.step + 1)
      faults.push(`#${number} first reported step ${first}, its parent's checkpoint is of step ${parent.step}`);
  }
  return faults;
}

/** Brackets are filled one after the other, each as its plan says, and of those that come to a rung the best 1/3 go on. */
export function bracketFaults({ brackets: round }, { trials }) {
  if (round === undefined) return [];
  const faults = [];
  const members = byBracket(trials);
  const newest = Math.max(...members.keys());
  for (let number = 1; number <= newest; number++) {
    const { size, levels } = round[(number - 1) % round.length];
    let left = members.get(number) ?? [];
    if (left.length > size || (left.length < size && number < newest))
      faults.push(`bracket ${number} has ${left.length} trials instead of ${size}`);
    for (const [k, level] of levels.entries()) {
      if (k === 0) continue;
      const kept = Math.max(1, Math.floor(left.length / 3));
      const best = left.toSorted((a, b) => lossAt(a.config, 1) - lossAt(b.config, 1)).slice(0, kept);
      const passed = left.filter(({ replicates }) => replicates[0].target >= level);
      const [expected, found] = [best, passed].map((group) =>
        group
          .map((trial) => trial.number)
          .sort((a, b) => a - b)
          .join(" "),
      );
      if (expected !== found) faults.push(`bracket ${number} to step ${level}: ${found} went on instead of ${expected}`);
      left = passed;
    }
    const unfinished = left.filter(({ state }) => state !== "complete");
    if (unfinished.length > 0)
      faults.push(`bracket ${number}: ${unfinished.map((trial) => trial.number)} came to the end, but is not complete`);
  }
  if (members.has(0)) faults.push(`${members.get(0).length} trials are in no bracket`);
  return faults;
}

function byBracket(trials) {
  const groups = new Map();
  for (const trial of trials) groups.set(trial.bracket, [...(groups.get(trial.bracket) ?? []), trial]);
  return groups;
}

/**
 * The lineage is a forest: a child is younger than its parent and from a checkpoint that the parent can have had. A member is a chain:
 * each of its trials but the last gave way to one child, and the last is complete.
 */
export function lineageFaults({ population }, { trials }) {
  const faults = [];
  const byNumber = new Map(trials.map((trial) => [trial.number, trial]));
  const replacedBy = new Map();
  for (const { number, parent, source, stopWhy, bracket } of trials) {
    if ((parent !== null) !== (source === "child")) faults.push(`#${number} is of source ${source}, parent ${parent?.trial}`);
    if (parent !== null && !(parent.trial < number && byNumber.get(parent.trial).fidelity >= parent.step))
      faults.push(`#${number} is a child of #${parent.trial} at step ${parent.step}`);
    if (stopWhy?.code !== "exploited") continue;
    const child = byNumber.get(stopWhy.child);
    if (child?.parent?.trial !== stopWhy.parent || child.parent.step !== stopWhy.step || child.bracket !== bracket)
      faults.push(`#${number} gave way to #${stopWhy.child}, which does not say so`);
    if (replacedBy.has(stopWhy.child))
      faults.push(`#${stopWhy.child} took the place of two: #${replacedBy.get(stopWhy.child)} and #${number}`);
    replacedBy.set(stopWhy.child, number);
  }
  if (population === undefined) return faults;
  const members = byBracket(trials);
  const numbers = [...members.keys()].sort((a, b) => a - b);
  if (numbers.some((number, i) => number !== i + 1) || numbers.length !== population) faults.push(`members ${numbers.join(" ")}`);
  for (const [number, chain] of members)
    chain.forEach(({ number: trial, parent, state, stopWhy }, i) => {
      const isRoot = parent === null;
      const isLast = i === chain.length - 1;
      const endedWell = isLast ? state === "complete" : stopWhy?.code === "exploited" && stopWhy.child === chain[i + 1].number;
      if (isRoot !== (i === 0) || !endedWell)
        faults.push(`member ${number}: #${trial}, number ${i + 1} of ${chain.length}, is ${state}`);
    });
  return faults;
}
