// What schedulers make of many workers, in simulated time: how long workers idle, how soon a good trial is trained to the end, and which
// trials survive. Nothing is measured with a clock: the same figures come out on every machine.
import { importCore } from "./quality/library.mjs";
import { quantile, record } from "./record.mjs";

const { createRng } = await importCore("numerics/rng.js");
const { compose } = await importCore("policies/compose.js");
const { random } = await importCore("samplers/random.js");
const { asha } = await importCore("schedulers/asha.js");
const { ashaPromotion } = await importCore("schedulers/asha-promotion.js");
const { hyperband } = await importCore("schedulers/hyperband.js");
const { none } = await importCore("schedulers/none.js");
const { successiveHalving } = await importCore("schedulers/successive-halving.js");
const { simulateStudy } = await importCore("simulation/simulated-study.js");
const { testProblem } = await importCore("testing/test-study.js");

const workerCount = 64;
const maxFidelity = 81;
const usualNoise = 0.5;
const seedCount = Number(process.env.BENCH_SEEDS ?? 20);
const trialCount = Number(process.env.BENCH_TRIALS ?? 2_000);
const parameters = { x: { type: "float", min: 0, max: 1, log: false } };

const schedulers = {
  none,
  asha,
  "asha-promotion": ashaPromotion,
  "successive-halving": successiveHalving,
  hyperband,
};
const policies = {
  ...Object.fromEntries(Object.entries(schedulers).map(([name, make]) => [name, () => compose(random(), make())])),
  "successive-halving-with-barrier": withBarrier,
};

/** As in the textbook: the next bracket starts when nothing of the last one runs any more. */
function withBarrier() {
  const inner = compose(random(), successiveHalving());
  const running = 1;
  return {
    ...inner,
    next(problem, history, context) {
      const intent = inner.next(problem, history, context);
      const newest = history.rows.reduce((most, row) => Math.max(most, history.bracket(row)), 1);
      const isBusy = history.rows.some((row) => history.states[row] === running);
      return intent.kind === "start" && intent.bracket > newest && isBusy ? { kind: "wait" } : intent;
    },
  };
}

/**
 * A trial's loss falls with fidelity towards a value that is uniform in [0, 1]; by up to `noise` the lowest fidelity misleads, by a ninth
 * of it the greatest. Time per unit of fidelity is log-normal with sigma 1, one draw per trial; a resumed trial goes on from where it paused.
 */
function attempts(seed, noise) {
  return ({ trial, reached, target }) => {
    const rng = createRng(seed, trial, "scheduling");
    const [final, misled] = [rng.uniform(), rng.uniform()];
    const unitMs = 1_000 * Math.exp(rng.normal());
    const reports = [];
    for (let fidelity = reached + 1; fidelity <= target; fidelity++)
      reports.push({ afterMs: unitMs, fidelity, loss: final + noise * misled * fidelity ** -0.5 });
    return { reports, lastMs: 0, end: "complete", hears: true };
  };
}

function run(name, seed, noise, trials, onReport) {
  const problem = { ...testProblem({ parameters, fidelity: { min: 1, max: maxFidelity }, seed }), trialBudget: trials };
  return simulateStudy({ problem, makePolicy: policies[name], workerCount, attemptOf: attempts(seed, noise), onReport });
}

function utilisation(name) {
  const shares = [];
  for (let seed = 0; seed < seedCount; seed++) {
    const { idleMs, lastStartMs } = run(name, seed, usualNoise, trialCount);
    shares.push(idleMs / (workerCount * lastStartMs));
  }
  return { medianPercent: percent(quantile(shares, 0.5)), mostPercent: percent(Math.max(...shares)) };
}

const statedRank = 0.005;

/** Simulated hours until a trial whose final value is among the best 0.5 % has been trained to the end. */
function timeToLoss(name) {
  const hours = [];
  for (let seed = 0; seed < seedCount; seed++) {
    let firstMs = Number.POSITIVE_INFINITY;
    run(name, seed, usualNoise, trialCount, (atMs, trial, fidelity) => {
      if (fidelity < maxFidelity || atMs >= firstMs) return;
      if (createRng(seed, trial, "scheduling").uniform() <= statedRank) firstMs = atMs;
    });
    hours.push(firstMs / 3_600_000);
  }
  const round = (value) => (Number.isFinite(value) ? Number(value.toFixed(3)) : null);
  return { medianHours: round(quantile(hours, 0.5)), missedCount: hours.filter((each) => !Number.isFinite(each)).length };
}

/** Share of the trials that train to each level; and how often the best of all 243 trials trains to the end. */
function survival(name, noise) {
  const trials = 243;
  const runs = 5 * seedCount;
  const levels = [1, 3, 9, 27, maxFidelity];
  const reached = levels.map(() => 0);
  let bestCount = 0;
  let units = 0;
  for (let seed = 0; seed < runs; seed++) {
    const study = run(name, 1_000 + seed, noise, trials);
    const finals = study.trials.map(({ number }) => createRng(1_000 + seed, number, "scheduling").uniform());
    const best = finals.indexOf(Math.min(...finals));
    if (study.trials[best].reached >= maxFidelity) bestCount++;
    for (const { reached: far } of study.trials) {
      units += far;
      levels.forEach((level, k) => {
        if (far >= level) reached[k]++;
      });
    }
  }
  const share = (count) => Number((count / (runs * trials)).toFixed(4));
  return {
    ...{ noise, runCount: runs },
    reached: Object.fromEntries(levels.map((level, k) => [level, share(reached[k])])),
    fidelityPerTrial: Number((units / (runs * trials)).toFixed(2)),
    bestTrainedToEndPercent: percent(bestCount / runs),
  };
}

function percent(share) {
  return Number((100 * share).toFixed(3));
}

const figures = { workerCount, maxFidelity, eta: 3, seedCount, trialCount, usualNoise, statedRank, methods: {} };
for (const name of Object.keys(policies)) {
  figures.methods[name] = {
    idle: utilisation(name),
    timeToLoss: timeToLoss(name),
    survival: [0, 0.1, usualNoise].map((noise) => survival(name, noise)),
  };
  console.error(name, JSON.stringify(figures.methods[name]));
}
record("scheduling", figures);
