import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { float } from "../parameters/build-parameter.ts";
import { testProblem } from "../testing/test-study.ts";
import { HistoryRecorder } from "../trial/history-recorder.ts";
import type { Fidelity } from "../trial/problem.ts";
import { type Bracket, BracketLedger } from "./bracket-ledger.ts";
import type { BracketPlan } from "./bracket-table.ts";

const { space, fidelity } = testProblem({ parameters: { x: float(0, 1) }, fidelity: { min: 1, max: 9 } });
const plan: BracketPlan = { levels: [1, 3, 9], size: 9 };

function newLedger(): BracketLedger {
  return new BracketLedger((_, bracket) => (bracket < 1 ? null : plan));
}

/** All that a ledger says, as values that compare. */
function contents({ brackets }: BracketLedger): unknown {
  return brackets.map(({ number, memberCount, rungs }: Bracket) => ({
    number,
    memberCount,
    rungs: rungs.map(({ level, passedCount, awaitedCount, arrivingCount, results, candidates }) => ({
      ...{ level, passedCount, awaitedCount, arrivingCount },
      results: Array.from({ length: results.count }, (_, rank) => results.at(rank)),
      candidates: Array.from({ length: candidates.count }, (_, rank) => candidates.at(rank)),
    })),
  }));
}

const event = fc.record({
  trial: fc.nat(7),
  kind: fc.constantFrom("report", "report", "report", "aim", "state", "finish"),
  fidelity: fc.constantFrom(1, 2, 3, 4, 9),
  loss: fc.constantFrom(0, 1, 2, Number.NaN),
  attempt: fc.integer({ min: 1, max: 3 }),
  state: fc.constantFrom("queued", "running", "paused"),
  end: fc.constantFrom("complete", "stopped", "failed", "cancelled"),
});

describe("a bracket ledger", () => {
  it("says the same whether it saw the history grow or reads it at once", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const history = new HistoryRecorder(space, 1, 1);
        for (let number = 0; number < 8; number++)
          history.add({ number, config: { x: 0.5 }, note: null, bracket: number % 3, state: "queued" });
        const warm = newLedger();
        events.forEach(({ trial, kind, fidelity: at, loss, attempt, state, end }, seq) => {
          if (kind === "report") history.report(trial, { replicate: 0, attempt, step: at, fidelity: at, losses: [loss] });
          else if (kind === "aim") history.aim(trial, at, "queued");
          else if (kind === "state") history.setState(trial, state);
          else history.finish(trial, { state: end, losses: null, violation: 0 }, seq);
          const told = warm.read(fidelity as Fidelity, history);
          expect(contents(told)).toEqual(contents(newLedger().read(fidelity as Fidelity, history)));
        });
      }),
      { numRuns: 60 },
    );
  });

  it("starts anew when it is asked about another history", () => {
    const ledger = newLedger();
    const histories = [1, 2].map((bracket) => {
      const history = new HistoryRecorder(space, 1, 1);
      history.add({ number: 0, config: { x: 0.5 }, note: null, bracket, state: "running" });
      return history;
    });
    const numbers = [...histories, histories[0]].map((history) => ledger.read(fidelity as Fidelity, history).brackets[0].number);
    expect(numbers).toEqual([1, 2, 1]);
  });
});
