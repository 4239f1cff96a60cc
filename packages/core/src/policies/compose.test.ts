import { describe, expect, it } from "vitest";
import { categorical, float, int } from "../parameters/build-parameter.ts";
import type { Config } from "../parameters/parameter.ts";
import { grid } from "../samplers/grid.ts";
import { manual } from "../samplers/manual.ts";
import { random } from "../samplers/random.ts";
import type { Sampler, Suggestion } from "../samplers/sampler.ts";
import { asha } from "../schedulers/asha.ts";
import { none } from "../schedulers/none.ts";
import type { Scheduler } from "../schedulers/scheduler.ts";
import { TestStudy, testProblem } from "../testing/test-study.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import { compose } from "./compose.ts";

const problem = testProblem({ parameters: { a: int(1, 3), b: int(1, 2) }, fidelity: { min: 1, max: 9 } });

/** A user's own sampler that gives what it is told. */
function own(suggestion: Suggestion | Promise<Suggestion>): Sampler {
  return { type: "own", version: 1, options: {}, refuse: () => null, suggest: () => suggestion };
}

function suggestion(config: Config, note?: Suggestion["note"]): Suggestion {
  return { config, why: { code: "own" }, note };
}

describe("compose", () => {
  it("refuses what either side refuses, saying both reasons", () => {
    const both = testProblem({ parameters: { x: float(0, 1) } });
    expect(compose(grid(), asha()).refuse(both)).toBe(
      "grid: x is continuous: give it a step, or say how many points to take of it; asha stops trials early and needs a fidelity to measure how far they are",
    );
    expect(compose(random(), none()).refuse(both)).toBeNull();
  });

  it("starts what the sampler suggests with the scheduler's target and bracket", async () => {
    const study = new TestStudy(problem);
    const intent = await compose(own(suggestion({ a: 2, b: 1 })), none()).next(problem, study.history, study.context());
    expect(intent).toEqual({ kind: "start", suggestion: suggestion({ a: 2, b: 1 }), target: 9, bracket: 0 });
  });

  it("resumes a paused trial before it asks the sampler", () => {
    const resuming: Scheduler = { ...none(), resume: () => ({ trial: 4, target: 3 }) };
    const study = new TestStudy(problem);
    expect(compose(manual(), resuming).next(problem, study.history, study.context())).toEqual({
      kind: "resume",
      trial: 4,
      target: 3,
    });
  });

  it("finishes when a grid is exhausted, after what is queued or running has ended", () => {
    const study = new TestStudy(problem);
    const policy = compose(grid(), none());
    for (let i = 0; i < 5; i++) study.step(grid(), () => i);
    const last = study.add(study.suggest(grid()) ?? { config: {} });
    expect(policy.next(problem, study.history, study.context())).toEqual({ kind: "wait" });
    study.finish(last, { state: "failed", losses: null });
    expect(policy.next(problem, study.history, study.context())).toEqual({ kind: "finish" });
  });

  it("does not wait for a paused trial that nothing resumes", () => {
    const study = new TestStudy(testProblem({ parameters: { a: int(1, 2) } }));
    study.step(grid(), () => 0);
    study.setState(study.add(study.suggest(grid()) ?? { config: {} }), "paused");
    expect(compose(grid(), none()).next(study.problem, study.history, study.context())).toEqual({ kind: "finish" });
  });

  it("waits for a person with the manual sampler", () => {
    const study = new TestStudy(problem);
    expect(compose(manual(), none()).next(problem, study.history, study.context())).toEqual({ kind: "wait" });
  });

  it("completes an enqueued part from the suggestion", async () => {
    const study = new TestStudy(problem);
    const intent = await compose(own(suggestion({ a: 2, b: 2 })), none()).fill(problem, study.history, study.context({ a: 3 }));
    expect(intent).toMatchObject({ kind: "start", suggestion: { config: { a: 3, b: 2 }, why: { code: "own" } } });
  });

  it("asks the sampler nothing about an enqueued config that is complete", () => {
    const study = new TestStudy(problem);
    const silent = { ...own(suggestion({ a: 1, b: 1 })), suggest: () => expect.unreachable() };
    const intent = compose(silent, none()).fill(problem, study.history, study.context({ a: 3, b: 2 }));
    expect(intent).toMatchObject({ kind: "start", suggestion: { config: { a: 3, b: 2 }, why: { code: "enqueued" } } });
  });

  it("draws what the fixed values make active and the suggestion lacks", async () => {
    const conditional = testProblem({ parameters: { kind: categorical(["p", "q"]), x: float(0, 1, { when: { kind: "q" } }) } });
    const study = new TestStudy(conditional);
    const policy = compose(own(suggestion({ kind: "p" })), none());
    const [first, again] = [0, 1].map(() => policy.fill(conditional, study.history, study.context({ kind: "q" })));
    const intent = await first;
    if (intent.kind !== "start") throw new Error(intent.kind);
    expect(conditional.space.check(intent.suggestion.config)).toEqual([]);
    expect(await again).toEqual(intent);
  });

  it("draws the open values anew when the completed suggestion violates a constraint", async () => {
    const bounded = testProblem({ parameters: { a: int(1, 9), b: int(1, 9) }, parameterConstraints: ["a * b <= 9"] });
    const study = new TestStudy(bounded);
    const intent = await compose(own(suggestion({ a: 1, b: 9 })), none()).fill(bounded, study.history, study.context({ a: 9 }));
    expect(intent).toMatchObject({
      kind: "start",
      suggestion: { config: { a: 9, b: 1 }, why: { code: "filled-by-draws", outcome: "drawn" } },
    });
  });

  it("refuses fixed values that no completion makes allowed", () => {
    const bounded = testProblem({ parameters: { a: int(1, 9), b: int(2, 9) }, parameterConstraints: ["a * b <= 9"] });
    const study = new TestStudy(bounded);
    expect(() => compose(random(), none()).fill(bounded, study.history, study.context({ a: 9 }))).toThrow(TunesmithError);
  });

  it("fills from the defaults when the sampler has nothing to say", async () => {
    const study = new TestStudy(testProblem({ parameters: { a: int(1, 9, { default: 4 }), b: float(0, 1) } }));
    const intent = await compose(manual(), none()).fill(study.problem, study.history, study.context({ b: 0.25 }));
    expect(intent).toMatchObject({
      kind: "start",
      suggestion: { config: { a: 4, b: 0.25 }, why: { code: "filled-by-defaults" } },
    });
  });

  it("refuses a suggestion outside the space, at once or from a promise", async () => {
    const study = new TestStudy(problem);
    const bad = suggestion({ a: 7, b: 1 });
    expect(() => compose(own(bad), none()).next(problem, study.history, study.context())).toThrow(
      "sampler own suggested a config that is not allowed: a is 7, outside [1, 3]",
    );
    const later = compose(own(Promise.resolve(bad)), none()).next(problem, study.history, study.context());
    await expect(later).rejects.toMatchObject({ code: "refused", faults: [{ path: "a" }] });
  });

  it("refuses a note beyond 16 KiB and 32 bytes per parameter, counted in UTF-8", () => {
    const study = new TestStudy(problem);
    const next = (text: string) =>
      compose(own(suggestion({ a: 1, b: 1 }, { text })), none()).next(problem, study.history, study.context());
    const roomBytes = 16_384 + 2 * 32 - '{"text":""}'.length;
    expect(next("x".repeat(roomBytes))).toMatchObject({ kind: "start" });
    expect(() => next("x".repeat(roomBytes + 1))).toThrow(/note of 16449 bytes; allowed: 16448/);
    expect(() => next("ü".repeat(roomBytes / 2 + 1))).toThrow(TunesmithError);
  });
});
