/**
 * What the page shows of each trial, by number: `{ number, state, params, seed, value, fidelity, curve }`, where `curve` is a list of
 * `[epoch, loss]`. Filled by the study as it runs (`observer`) or from a saved study (`readSaved`).
 */
export function createTrialLog() {
  return { trials: [], best: null, finishedCount: 0, epochCount: 0, activeMs: 0 };
}

/** Keeps a log up to date, to be passed to `study.optimize`; `changed` is called after every change. */
export function observer(log, changed) {
  return {
    jobStarted({ ref, config, seed }) {
      // A trial that goes on after a pause trains from its first epoch again.
      log.trials[ref.trial] = { number: ref.trial, state: "running", params: config, seed, value: null, fidelity: 0, curve: [] };
      changed();
    },
    reported({ ref }, reports) {
      const trial = log.trials[ref.trial];
      for (const { step, metrics } of reports) {
        trial.curve.push([step, metrics.valLoss]);
        trial.fidelity = step;
        log.epochCount++;
      }
      changed();
    },
    jobEnded(_job, { number, state, values }, requeued) {
      Object.assign(log.trials[number], { state: requeued ? "queued" : state, value: values?.[0] ?? null });
      if (!requeued) noteFinish(log, log.trials[number]);
      changed();
    },
  };
}

/** The log of a study as `study.toJSON()` gave it. Numbers that JSON cannot carry stand there as words. */
export function readSaved(json) {
  const log = { ...createTrialLog(), activeMs: json.record.activeMs };
  for (const { trial, reports } of json.trials) {
    const curve = reports.map(({ step, metrics }) => [step, Number(metrics.valLoss)]);
    const { number, state, config, replicates } = trial;
    const value = trial.values ? Number(trial.values[0]) : null;
    log.trials[number] = { number, state, params: config, seed: replicates[0].seed, value, fidelity: trial.fidelity, curve };
    log.epochCount += curve.length;
    if (trial.finishedSeq !== null) noteFinish(log, log.trials[number]);
  }
  return log;
}

/** Only a trial that trained to the end may be the best: it alone is comparable. */
function noteFinish(log, trial) {
  log.finishedCount++;
  if (trial.state === "complete" && !(log.best !== null && log.best.value <= trial.value)) log.best = trial;
}

export function countOf(log, state) {
  return log.trials.filter((trial) => trial.state === state).length;
}

/** The best first: trials with a loss by loss, then the rest; ties by number. */
export function bestFirst(log) {
  const rank = ({ value }) => (value === null || Number.isNaN(value) ? Number.POSITIVE_INFINITY : value);
  const isBehind = ({ state }) => (state === "complete" ? 0 : 1);
  return [...log.trials].sort((a, b) => isBehind(a) - isBehind(b) || rank(a) - rank(b) || a.number - b.number);
}
