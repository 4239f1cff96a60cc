import type { History } from "../trial/history.ts";

/** Everything that a history answers, by trial number, as plain values that compare. */
export function historySnapshot(history: History, keys: readonly string[]): object {
  const { seq, trialCount, finishedCount, completeCount, dimensionCount: d, objectiveCount: m } = history;
  const rows = [...history.rows].map((row) => {
    const { count, fidelities, losses } = history.curve(row);
    return {
      number: history.numbers[row],
      isFound: history.rowOf(history.numbers[row]) === row,
      state: history.states[row],
      point: [...history.points.subarray(row * d, (row + 1) * d)],
      losses: [...history.losses.subarray(row * m, (row + 1) * m)],
      violation: history.violations[row],
      fidelity: history.fidelities[row],
      finishSeq: history.finishSeqs[row],
      durationMs: history.durationsMs[row],
      config: history.config(row),
      note: history.note(row),
      bracket: history.bracket(row),
      curve: { fidelities: [...fidelities.subarray(0, count)], losses: [...losses.subarray(0, count * m)] },
    };
  });
  return { seq, trialCount, finishedCount, completeCount, rows, known: keys.map((key) => history.hasConfig(key)) };
}
