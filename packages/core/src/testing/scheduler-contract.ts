import { canonicalJson } from "../json.ts";
import { createRng } from "../numerics/rng.ts";
import type { Scheduler } from "../schedulers/scheduler.ts";
import { trialStateCodes } from "../trial/trial-state.ts";
import { expectEqual, expectTrue } from "./contract-assertions.ts";
import { drawLosses, forEachDrill, schedulerProblems } from "./scheduler-drill.ts";

/** One promise of an interface, with the program that checks it. */
export interface SchedulerContractCase {
  readonly name: string;
  /** @param makeScheduler  A new instance at every call. Throws if the promise is broken. */
  run(makeScheduler: () => Scheduler): void;
}

/** What every scheduler promises; a problem that it refuses is passed over. */
export const schedulerContract: readonly SchedulerContractCase[] = [
  {
    name: "has a name, a version and options that JSON can carry",
    run(makeScheduler) {
      const { type, version, options } = makeScheduler();
      expectTrue(/^[a-z][a-z0-9-]*$/.test(type), `a kebab-case name, found ${type}`);
      expectTrue(Number.isSafeInteger(version) && version >= 1, `a whole version from 1, found ${version}`);
      expectEqual(JSON.parse(canonicalJson(options)), options, "options");
    },
  },
  {
    name: "serves some problem, and says in one sentence why it refuses another",
    run(makeScheduler) {
      const refusals = Object.values(schedulerProblems).map((problem) => makeScheduler().refuse(problem));
      expectTrue(refusals.includes(null), `a problem that it serves, found ${JSON.stringify(refusals)}`);
      for (const refusal of refusals)
        if (refusal !== null) expectTrue(/^\S.*[^.\s]$/.test(refusal), `a sentence, found "${refusal}"`);
    },
  },
  {
    name: "lets every trial start, train and end, with any number of workers, failures and losses",
    run(makeScheduler) {
      forEachDrill(makeScheduler, (drill) => {
        while (drill.next()) drill.advance();
        const { history } = drill.study;
        const unfinished = history.rows.filter((row) => history.states[row] === trialStateCodes.running);
        expectEqual(unfinished.length, 0, "running trials at the end");
      });
    },
  },
  {
    name: "answers the same question with the same answer, from the history alone",
    run(makeScheduler) {
      forEachDrill(makeScheduler, (drill) => {
        drill.onDecision = ({ decision, row }) => {
          const { problem } = drill.study;
          const history = drill.study.history;
          expectEqual(drill.scheduler.onReport(problem, history, row), decision, "asked again");
          expectEqual(makeScheduler().onReport(problem, history, row), decision, "a fresh instance");
        };
        while (drill.next()) drill.advance();
        const { problem, history, trialCount } = drill.study;
        const rebuilt = drill.study.fork().history;
        for (const row of history.rows) {
          const answer = makeScheduler().onReport(problem, rebuilt, row);
          expectEqual(drill.scheduler.onReport(problem, history, row), answer, `row ${row} of a rebuilt history`);
        }
        const { scheduler } = drill;
        expectEqual(makeScheduler().start(problem, rebuilt, trialCount), scheduler.start(problem, history, trialCount), "start");
        expectEqual(makeScheduler().resume(problem, rebuilt), scheduler.resume(problem, history), "resume");
      });
    },
  },
  {
    name: "says why in JSON",
    run(makeScheduler) {
      forEachDrill(makeScheduler, (drill) => {
        drill.onDecision = ({ decision }) => {
          if (decision.kind === "continue") return;
          expectEqual(JSON.parse(canonicalJson(decision.why)), decision.why, "why");
          expectTrue(decision.why.code.length > 0, "a code in why");
        };
        while (drill.next()) drill.advance();
      });
    },
  },
  {
    name: "stops and pauses only after passing a fidelity at which it said it may",
    run(makeScheduler) {
      forEachDrill(makeScheduler, (drill) => {
        drill.onDecision = ({ decision, row, before, reached }) => {
          if (decision.kind === "continue") return;
          const said = drill.scheduler.decisionFidelities(drill.study.problem, drill.study.history.bracket(row));
          const isSaid = said === null || said.some((each) => each > before && each <= reached);
          expectTrue(isSaid, `one of ${JSON.stringify(said)} between ${before} and ${reached}, where it said ${decision.kind}`);
        };
        while (drill.next()) drill.advance();
      });
    },
  },
  {
    name: "bears reports that come in no order",
    run(makeScheduler) {
      forEachDrill(makeScheduler, ({ study, scheduler, kind }) => {
        const rng = createRng(5, "disorder", kind);
        for (let trial = 0; trial < 12; trial++) study.add({ config: { x: 0.5 } });
        for (let event = 0; event < 200; event++) {
          const trial = rng.int(12);
          const row = study.report(trial, 1 + rng.int(27), drawLosses(study.problem, kind, rng));
          const { kind: said } = scheduler.onReport(study.problem, study.history, row);
          expectTrue(said === "continue" || said === "stop" || said === "pause", `a decision, found ${said}`);
          if (rng.uniform() < 0.03) study.finish(trial, { losses: drawLosses(study.problem, "plain", rng) });
        }
      });
    },
  },
];

/** Schedulers that compare trials promise this too. */
export const bestGoesOnContract: readonly SchedulerContractCase[] = [
  {
    name: "never stops a trial at a report that beats every report before it",
    run(makeScheduler) {
      forEachDrill(makeScheduler, (drill) => {
        const least = drill.study.problem.objectives.map(() => 1);
        drill.lossesOf = (losses) => (drill.rng.uniform() < 0.3 ? least.map((loss) => loss - 1) : losses);
        drill.onDecision = ({ decision, losses }) => {
          if (losses.every((loss, k) => loss < least[k]))
            expectEqual(decision.kind, "continue", "decision about the best so far");
          losses.forEach((loss, k) => {
            if (loss < least[k]) least[k] = loss;
          });
        };
        while (drill.next()) drill.advance();
      });
    },
  },
];
