import { describe, expect, it, test } from "vitest";
import { categorical, float } from "../../parameters/build-parameter.ts";
import { cmaEs } from "../../samplers/cma-es/cma-es-sampler.ts";
import { grid } from "../../samplers/grid.ts";
import { manual } from "../../samplers/manual.ts";
import { qmc } from "../../samplers/qmc.ts";
import { random } from "../../samplers/random.ts";
import type { Sampler } from "../../samplers/sampler.ts";
import { tpe } from "../../samplers/tpe/tpe-sampler.ts";
import { samplerContract } from "../../testing/sampler-contract.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import type { History } from "../../trial/history.ts";
import type { Fidelity, Problem } from "../../trial/problem.ts";
import { type RungAwareness, rungAware } from "./rung-aware-sampler.ts";

const { fidelity, ...without } = testProblem({ parameters: { x: float(0, 1) }, fidelity: { min: 1, max: 9 } });
const awareness: RungAwareness = { type: "bohb", levels: () => [1, 3, 9], leastResults: 5, randomShare: 0.3 };

/** The sampler asked through the view, about problems as if they had a fidelity. */
function throughView(sampler: Sampler): Sampler {
  const aware = rungAware(sampler, awareness);
  const withFidelity = (problem: Problem): Problem => ({ ...problem, fidelity: fidelity as Fidelity });
  return {
    ...aware,
    refuse: (problem) => (problem.objectives.length > 1 ? "one objective only" : aware.refuse(withFidelity(problem))),
    suggest: (problem, history, context) => aware.suggest(withFidelity(problem), history, context),
  };
}

describe.each([
  ["tpe", () => tpe()],
  ["cma-es", () => cmaEs()],
  ["qmc", () => qmc()],
  ["random", () => random()],
])("%s that sees one fidelity", (_, makeSampler) => {
  for (const { name, run } of samplerContract) test(name, () => run(() => throughView(makeSampler())));
});

/** A study of `count` trials that stopped at 3. */
function studyOf(count: number, seed = 1): TestStudy {
  const problem = testProblem({ parameters: { x: float(0, 1) }, fidelity: { min: 1, max: 9 }, seed });
  const study = new TestStudy(problem);
  for (let i = 0; i < count; i++) {
    const trial = study.add({ config: { x: i / count } });
    study.report(trial, 1, [i]);
    study.report(trial, 3, [count - i]);
    study.finish(trial, { state: "stopped", losses: null });
  }
  return study;
}

/** Remembers what it was shown. */
function witness(seen: History[]): Sampler {
  const suggest: Sampler["suggest"] = (_, history) => {
    seen.push(history);
    return { config: { x: 0.5 }, why: { code: "witness" } };
  };
  return { type: "witness", version: 1, options: {}, refuse: () => null, suggest };
}

describe("rungAware", () => {
  it("shows the sampler one fidelity, and says which", () => {
    const seen: History[] = [];
    const suggestion = studyOf(6).suggest(rungAware(witness(seen), { ...awareness, randomShare: 0 }));
    expect(suggestion).toEqual({ config: { x: 0.5 }, why: { code: "witness", judgedAt: 3 } });
    expect([...seen[0].losses.subarray(0, 6)]).toEqual([6, 5, 4, 3, 2, 1]);
    expect(seen[0].completeCount).toBe(6);
  });

  it("draws the share at random that it was told to, and says so, once there is enough to learn from", () => {
    const codesOf = (count: number) =>
      Array.from({ length: 400 }, (_, seed) => studyOf(count, seed).suggest(rungAware(witness([]), awareness))?.why);
    expect(codesOf(4).every((why) => why?.code === "witness" && why.judgedAt === undefined)).toBe(true);
    const drawn = codesOf(5).filter((why) => why?.code === "random-share");
    // 120 expected of 400, σ = 9.2; the seeds are fixed.
    expect(drawn.length).toBeGreaterThan(92);
    expect(drawn.length).toBeLessThan(148);
    expect(drawn[0]).toEqual({ code: "random-share", share: 0.3, outcome: "drawn", drawCount: 1 });
  });

  it("needs two results more than there are dimensions", () => {
    const names = Array.from({ length: 6 }, (_, j) => `x${j}`);
    const parameters = Object.fromEntries(names.map((name) => [name, float(0, 1)]));
    const study = new TestStudy(testProblem({ parameters, fidelity: { min: 1, max: 9 } }));
    const sampler = rungAware(witness([]), { ...awareness, randomShare: 0 });
    const judged = Array.from({ length: 9 }, () => {
      study.report(study.add({ config: Object.fromEntries(names.map((name) => [name, 0.5])) }), 1, [1]);
      return study.suggest(sampler)?.why.judgedAt;
    });
    expect(judged).toEqual([...Array(7).fill(undefined), 1, 1]);
  });

  it("waits for a sampler that answers later", async () => {
    const study = studyOf(6);
    const later: Sampler = { ...witness([]), suggest: async () => ({ config: { x: 0.5 }, why: { code: "later" } }) };
    const aware = rungAware(later, { ...awareness, randomShare: 0 });
    const suggestion = await aware.suggest(study.problem, study.history, study.context());
    expect(suggestion).toEqual({ config: { x: 0.5 }, why: { code: "later", judgedAt: 3 } });
  });

  it("gives on that nothing is left", () => {
    const done: Sampler = { ...witness([]), suggest: () => null };
    expect(studyOf(6).suggest(rungAware(done, { ...awareness, randomShare: 0 }))).toBeNull();
  });

  it("lets the sampler refuse, and refuses samplers that do not learn", () => {
    const fussy: Sampler = { ...witness([]), refuse: () => "no" };
    expect(rungAware(fussy, awareness).refuse({ ...without, fidelity })).toBe("no");
    expect(rungAware(tpe(), awareness).refuse({ ...without, fidelity })).toBeNull();
    for (const sampler of [grid(), manual()])
      expect(rungAware(sampler, awareness).refuse({ ...without, fidelity })).toMatch(
        /^bohb lets a sampler learn from .* (grid|manual) does not learn$/,
      );
  });

  it("draws within the parameter constraints and completes fixed values", () => {
    const spec = {
      parameters: { x: float(0, 1), y: float(0, 1), k: categorical(["a", "b"]) },
      parameterConstraints: ["x + y <= 0.5"],
    };
    const study = new TestStudy(testProblem({ ...spec, fidelity: { min: 1, max: 9 } }));
    for (let i = 0; i < 12; i++) study.report(study.add({ config: { x: i / 40, y: 0.1, k: "a" } }), 1, [i]);
    for (const randomShare of [0, 1])
      for (let i = 0; i < 20; i++) {
        const config = study.suggest(rungAware(tpe(), { ...awareness, randomShare }), { k: "b" })?.config;
        expect(config?.k).toBe("b");
        expect(study.problem.space.check(config ?? {})).toEqual([]);
        study.add({ config: config ?? {} });
      }
  });
});
