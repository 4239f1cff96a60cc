// The studies that scripts/check-kills.mjs kills: one per kind of scheduler, each with what its trainings may be told to train to.

/** How far a training goes without a fidelity, or at most. */
export const stepCount = 9;

/** Between two steps, so that kills fall into trainings too: starting one takes far longer than a step otherwise. */
const stepMs = 30;

/** Trials of most studies. */
const trialCount = 40;

/** Steps after which the members of a population are compared; the last is its end. */
const populationTargets = [2, 4, 6, 8, stepCount];

/** L. Li et al. (2018), "Hyperband", Alg. 1, with R = 9 and eta = 3: brackets s = 2, 1, 0 with ⌈3 / (s + 1) · 3^s⌉ trials. */
const hyperbandRound = [
  { size: 9, levels: [1, 3, 9] },
  { size: 5, levels: [3, 9] },
  { size: 3, levels: [9] },
];

const fidelity = `fidelity: { name: steps, min: 1, max: ${stepCount}, unit: steps }`;

/**
 * `rootCount`: trials besides children. `endStates`: how a trial may end. `brackets`: the table of a round, for those that have one.
 * `targetsOf`: fidelities at which a trial may pause, ascending, and the greatest one; null where none is told.
 */
export const killStudies = [
  {
    // Two rounds of brackets, and one bracket that the budget cuts short.
    scheduler: "hyperband",
    keys: `${fidelity}\nscheduler: { type: hyperband, eta: 3 }`,
    rootCount: 39,
    endStates: ["complete", "stopped"],
    brackets: hyperbandRound,
    targetsOf: ({ bracket }) => hyperbandRound[(bracket - 1) % hyperbandRound.length].levels,
  },
  {
    // Of each checkpoint only the newest is kept, and what a child may need.
    scheduler: "pbt",
    keys: `${fidelity}\nscheduler: { type: pbt, population: 8, interval: 2, quantile: 0.25 }\nkeep: { checkpoints: last1 }`,
    rootCount: 8,
    endStates: ["complete", "stopped"],
    population: 8,
    targetsOf: () => populationTargets,
  },
  {
    scheduler: "asha",
    keys: `${fidelity}\nscheduler: asha`,
    rootCount: trialCount,
    endStates: ["complete", "stopped"],
    targetsOf: () => [stepCount],
  },
  {
    scheduler: "none",
    keys: "",
    rootCount: trialCount,
    endStates: ["complete"],
    targetsOf: () => null,
  },
  {
    // Taken only when it is asked for by name.
    scheduler: "asha-promotion",
    keys: `${fidelity}\nscheduler: { type: asha-promotion, eta: 3 }`,
    rootCount: trialCount,
    endStates: ["complete", "stopped"],
    isExtra: true,
    targetsOf: () => [1, 3, stepCount],
  },
  {
    scheduler: "successive-halving",
    keys: `${fidelity}\nscheduler: { type: successive-halving, eta: 3 }`,
    rootCount: 23,
    endStates: ["complete", "stopped"],
    isExtra: true,
    brackets: hyperbandRound.slice(0, 1),
    targetsOf: () => hyperbandRound[0].levels,
  },
];

/** The text of a study file. */
export function killStudyText({ keys, rootCount }, { name, trainer, ledger, slotCount, seed }) {
  return `name: ${name}
command: ["${process.execPath}", "${trainer}", "${ledger}", "${stepCount}", "${stepMs}", "x=\${x}", "y=\${y}"]
parameters:
  x: { min: 0.0, max: 1.0 }
  y: { min: -1.0, max: 1.0 }
objective: { name: loss, goal: minimize, step: step }
${keys}
sampler: tpe
budget: { trials: ${rootCount} }
parallel: ${slotCount}
seed: ${seed}
`;
}

/** What the trainer says of a config at a step. Written apart from it, in the same order of operations: equal to the last bit. */
export function lossAt({ x, y }, step) {
  return (x - 0.3) ** 2 + Math.abs(y) / 8 + 1 / step;
}
