import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { float } from "../../parameters/build-parameter.ts";
import { historySnapshot } from "../../simulation/history-snapshot.ts";
import { testProblem } from "../../testing/test-study.ts";
import type { History } from "../../trial/history.ts";
import { HistoryRecorder } from "../../trial/history-recorder.ts";
import type { Fidelity } from "../../trial/problem.ts";
import { isTerminal, type TrialState, trialStateCodes } from "../../trial/trial-state.ts";
import type { WindowSizes } from "../../trial/window.ts";
import { FidelityView } from "./fidelity-view.ts";
import type { LevelRule } from "./level-results.ts";

const { space, fidelity } = testProblem({ parameters: { x: float(0, 1) }, fidelity: { min: 1, max: 9 } });
const rule: LevelRule = { fidelity: fidelity as Fidelity, levels: [1, 3, 9], leastCount: 3, constrained: false };

type Reports = readonly (readonly [fidelity: number, loss: number])[];
interface Past {
  readonly state: TrialState;
  readonly reports: Reports;
  readonly target?: number;
  readonly violation?: number;
}

/** A history of trials numbered from 0; complete ones end with their last loss. */
function historyOf(...trials: readonly Past[]): HistoryRecorder {
  const history = new HistoryRecorder(space, 1, 1);
  for (const [number, past] of trials.entries()) addTrial(history, number, past);
  return history;
}

function addTrial(history: HistoryRecorder, number: number, { state, reports, target = 9, violation = 0 }: Past): void {
  history.add({ number, config: { x: 0.5 }, note: null, bracket: 0, state: "running" });
  history.aim(number, target, "running");
  for (const [at, loss] of reports) history.report(number, report(at, loss));
  const losses = state === "complete" ? [reports.at(-1)?.[1] ?? 42] : null;
  if (isTerminal(state)) history.finish(number, { state, losses, violation }, 100 + number);
  else history.setState(number, state);
}

function report(at: number, loss: number) {
  return { replicate: 0, attempt: 1, step: at, fidelity: at, losses: [loss] };
}

/** State, loss, fidelity and end of every row. */
function shown(view: History): unknown[] {
  const names = Object.keys(trialStateCodes);
  return Array.from(view.rows, (row) => [names[view.states[row]], view.losses[row], view.fidelities[row], view.finishSeqs[row]]);
}

const none = Number.NaN;

/** Three trials that came to 3. */
const three: readonly Past[] = [1, 2, 3].map((loss) => ({
  state: "stopped",
  reports: [
    [1, 9],
    [3, loss],
  ],
}));

describe("FidelityView", () => {
  it("shows what came to the level as complete, with the first loss at or beyond it, and the rest as it is", () => {
    const history = historyOf(
      {
        state: "stopped",
        reports: [
          [1, 5],
          [3, 4],
        ],
      },
      {
        state: "paused",
        reports: [
          [1, 6],
          [4, 3],
          [5, 2],
        ],
      },
      {
        state: "running",
        reports: [
          [3, 2],
          [6, 1],
        ],
      },
      { state: "stopped", reports: [[1, 7]] },
      { state: "paused", reports: [[2, 8]] },
      { state: "running", reports: [] },
    );
    const view = new FidelityView(rule, history).update();
    expect(view.level).toBe(3);
    expect(shown(view)).toEqual([
      ["complete", 4, 3, 100],
      ["complete", 3, 3, 0],
      ["complete", 2, 3, 0],
      ["stopped", 7, 1, 103],
      ["paused", 8, 2, none],
      ["running", none, none, none],
    ]);
    expect([view.trialCount, view.finishedCount, view.completeCount]).toEqual([6, 4, 3]);
  });

  it("leaves failed and cancelled trials what they are, and shows NaN at the level as a failure", () => {
    const history = historyOf(
      ...three,
      { state: "failed", reports: [[3, 1]] },
      { state: "cancelled", reports: [[3, 1]] },
      {
        state: "stopped",
        reports: [
          [1, 1],
          [3, none],
        ],
      },
    );
    const view = new FidelityView(rule, history).update();
    expect(shown(view).map((each) => (each as unknown[])[0])).toEqual([
      ...["complete", "complete", "complete", "failed", "cancelled", "failed"],
    ]);
    expect([view.finishedCount, view.completeCount]).toEqual([6, 3]);
  });

  it("chooses the greatest level with enough results, else the one with the most, of equal ones the greatest", () => {
    const at = (level: number): Past => ({ state: "stopped", reports: [1, 3].filter((f) => f <= level).map((f) => [f, f]) });
    const complete: Past = {
      state: "complete",
      reports: [
        [1, 1],
        [3, 1],
        [9, 1],
      ],
    };
    const levelOf = (...trials: Past[]): number => new FidelityView(rule, historyOf(...trials)).update().level;
    expect(levelOf()).toBe(9);
    expect(levelOf(at(1), at(3))).toBe(1);
    expect(levelOf(at(3), at(3))).toBe(3);
    expect(levelOf(at(1), at(1), at(3))).toBe(1);
    expect(levelOf(at(3), at(3), complete)).toBe(3);
    expect(levelOf(complete, complete, complete)).toBe(9);
  });

  it("counts neither failures, cancelled trials nor NaN as results", () => {
    const bad = [
      { state: "failed", reports: [[3, 1]] },
      { state: "cancelled", reports: [[3, 1]] },
      {
        state: "paused",
        reports: [
          [1, 1],
          [3, none],
        ],
      },
    ] as const satisfies readonly Past[];
    const view = new FidelityView(rule, historyOf(...three.slice(1), ...bad)).update();
    expect([view.level, view.isWorthLearning]).toEqual([1, true]);
    expect(new FidelityView(rule, historyOf(...three, ...bad)).update().level).toBe(3);
  });

  it("gives a trial that ended without reports its final loss at every level", () => {
    const view = new FidelityView(rule, historyOf(...three, { state: "complete", reports: [] })).update();
    expect(view.level).toBe(3);
    expect(shown(view)[3]).toEqual(["complete", 42, none, 103]);
  });

  it("shows everything as it is at the greatest level", () => {
    const complete: Past = {
      state: "complete",
      reports: [
        [1, 5],
        [9, 2],
      ],
    };
    const history = historyOf(complete, complete, complete, ...three, { state: "running", reports: [[9, 1]] });
    const view = new FidelityView(rule, history).update();
    expect(view.level).toBe(9);
    expect(historySnapshot(view, [])).toEqual(historySnapshot(history, []));
  });

  it("with outcome constraints waits for the violation to be known", () => {
    const history = historyOf(
      ...three.map((past, i) => ({ ...past, violation: i })),
      {
        state: "paused",
        reports: [
          [1, 1],
          [3, 1],
        ],
      },
      {
        state: "stopped",
        reports: [
          [1, 1],
          [3, 1],
        ],
        violation: none,
      },
    );
    const states = (constrained: boolean) =>
      shown(new FidelityView({ ...rule, constrained }, history).update()).map((each) => (each as unknown[])[0]);
    expect(states(true)).toEqual(["complete", "complete", "complete", "paused", "stopped"]);
    expect(states(false)).toEqual(["complete", "complete", "complete", "complete", "complete"]);
  });

  it("with fidelity unit value counts a report only once its trial has left", () => {
    const valued: LevelRule = { ...rule, fidelity: { ...rule.fidelity, unit: "value" } };
    const history = historyOf(...three, { state: "running", reports: [[3, 1]], target: 3 });
    const view = new FidelityView(valued, history).update();
    expect(shown(view)[3]).toEqual(["running", 1, 3, none]);
    history.setState(3, "paused");
    expect(shown(view.update())[3]).toEqual(["complete", 1, 3, 0]);
  });

  it("names the rows that changed, and starts anew when the level changes", () => {
    const history = historyOf(...three.slice(1), { state: "running", reports: [[1, 9]] });
    const view = new FidelityView(rule, history).update();
    const { cursor = -1 } = view.changesSince(Number.MAX_SAFE_INTEGER) ?? {};
    expect(view.level).toBe(1);
    history.report(2, report(2, 5));
    const changes = view.update().changesSince(cursor);
    expect([...(changes?.rows ?? [])]).toEqual([2]);
    history.report(2, report(3, 4));
    expect(view.update().level).toBe(3);
    expect(view.changesSince(changes?.cursor ?? -1)).toBeNull();
  });

  it("looks at a trial only when it has changed, however long the study", () => {
    let askedCount = 0;
    class CountingHistory extends HistoryRecorder {
      override curve(row: number) {
        askedCount++;
        return super.curve(row);
      }
    }
    const history = new CountingHistory(space, 1, 1);
    const view = new FidelityView(rule, history);
    for (let number = 0; number < 3_000; number++) {
      addTrial(history, number, { state: "stopped", reports: [[1, number]] });
      view.update();
    }
    expect(view.completeCount).toBe(3_000);
    expect(askedCount).toBe(3_000);
  });
});

// --- Whatever happens ---

const maxTrials = 12;
const happening = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("add" as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("report" as const),
      trial: fc.nat(maxTrials),
      at: fc.integer({ min: 1, max: 10 }),
      loss: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 0, max: 9 }) }, { weight: 1, arbitrary: fc.constant(none) }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("set" as const),
      trial: fc.nat(maxTrials),
      state: fc.constantFrom("queued" as const, "running" as const, "paused" as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("finish" as const),
      trial: fc.nat(maxTrials),
      state: fc.constantFrom("complete" as const, "stopped" as const, "failed" as const, "cancelled" as const),
      violation: fc.constantFrom(0, 1, none),
    }),
  },
);
type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never;

function apply(history: HistoryRecorder, event: Happening, index: number): void {
  history.seq = index;
  if (event.kind === "add") {
    const number = history.trialCount;
    history.add({ number, config: { x: (number % 7) / 7 }, note: null, bracket: 0, state: "running" });
    history.aim(number, 9, "running");
    return;
  }
  const row = history.rowOf(event.trial);
  if (row < 0 || history.states[row] >= trialStateCodes.complete) return;
  if (event.kind === "report") history.report(event.trial, report(event.at, event.loss));
  else if (event.kind === "set") history.setState(event.trial, event.state);
  else {
    const { state, violation } = event;
    const losses = state === "complete" ? [history.losses[row]] : null;
    history.finish(event.trial, { state, losses, violation }, index);
  }
}

/** Everything a view says about each trial, as one who keeps up with its changes has it. */
class Follower {
  readonly #view: FidelityView;
  #cursor = -1;
  #rows: unknown[] = [];

  constructor(view: FidelityView) {
    this.#view = view;
  }

  read(): unknown[] {
    const view = this.#view;
    const changes = view.changesSince(this.#cursor);
    if (changes === null) this.#rows = [];
    for (const row of changes?.rows ?? view.rows) this.#rows[row] = said(view, row);
    this.#cursor = changes?.cursor ?? view.changesSince(Number.MAX_SAFE_INTEGER)?.cursor ?? -1;
    return this.#rows;
  }
}

function said(view: History, row: number): unknown[] {
  const { count, losses } = view.curve(row);
  const columns = [view.numbers, view.states, view.losses, view.fidelities, view.finishSeqs, view.violations];
  return [...columns.map((column) => column[row]), [...losses.subarray(0, count)]];
}

const narrow: WindowSizes = { all: 6, best: 2, newest: 3, refresh: 2 };

describe("a FidelityView that saw its history grow", () => {
  it.each([true, false])(
    "is equal to a fresh one after any events, and names all that changed; constraints %s",
    (constrained) => {
      fc.assert(
        fc.property(fc.array(happening, { maxLength: 80 }), fc.boolean(), (events, isNarrow) => {
          const history = isNarrow ? new HistoryRecorder(space, 1, 1, narrow) : new HistoryRecorder(space, 1, 1);
          const view = new FidelityView({ ...rule, constrained }, history);
          const follower = new Follower(view);
          events.forEach((event, index) => {
            apply(history, event, index + 1);
            const fresh = new FidelityView({ ...rule, constrained }, history).update();
            expect(historySnapshot(view.update(), [])).toEqual(historySnapshot(fresh, []));
            expect([view.level, view.isWorthLearning]).toEqual([fresh.level, fresh.isWorthLearning]);
            expect(follower.read()).toEqual(Array.from(view.rows, (row) => said(view, row)));
          });
        }),
        { numRuns: 200 },
      );
    },
  );
});
