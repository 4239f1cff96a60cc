import { describe, expect, expectTypeOf, test } from "vitest";
import {
  asha,
  boolean,
  categorical,
  constant,
  createAbort,
  createStudy,
  float,
  int,
  type ObjectiveTrial,
  ordinal,
  type Trial,
  tpe,
} from "../index.ts";

// tsc checks this file (the lines marked as errors must be errors); vitest runs it as well.

const parameters = {
  lr: float(1e-5, 1e-1, { log: true, default: 1e-3 }),
  layers: int(1, 4),
  optimizer: categorical(["adam", "sgd"]),
  momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
};

type Params = { lr: number; layers: number; optimizer: "adam" | "sgd"; momentum?: number };

function trainOneEpoch({ lr, layers }: Params, signal: { readonly aborted: boolean }): Promise<number> {
  return Promise.resolve(signal.aborted ? Number.NaN : lr + layers);
}

describe("the example of the design, word for word", () => {
  test("compiles and runs", async () => {
    const { signal } = createAbort();
    const finished: Trial[] = [];
    const onTrial = (trial: Trial): void => void finished.push(trial);

    const study = await createStudy({
      name: "digits",
      parameters: {
        lr: float(1e-5, 1e-1, { log: true, default: 1e-3 }),
        layers: int(1, 4),
        optimizer: categorical(["adam", "sgd"]),
        momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
      },
      objective: { name: "valLoss", goal: "minimize" },
      sampler: tpe(),
      fidelity: { name: "epochs", min: 1, max: 81 },
      scheduler: asha(),
      seed: 42,
    });
    await study.optimize(
      async (trial) => {
        expectTypeOf(trial.params).toEqualTypeOf<Params>();
        for (const epoch of trial.steps()) {
          const valLoss = await trainOneEpoch(trial.params, trial.signal);
          if ((await trial.report(epoch, { valLoss })) !== "continue") break;
        }
      },
      { trials: 100, parallel: 4, signal, onTrial },
    );
    expectTypeOf(study.bestTrial.params).toEqualTypeOf<Params>();
    expect(finished).toHaveLength(100);
    expect(Object.keys(study.bestTrial.params)).toEqual(expect.arrayContaining(["lr", "layers", "optimizer"]));
  });
});

describe("types", () => {
  test("follow the parameters through every verb", async () => {
    const study = await createStudy({
      parameters: { ...parameters, flag: boolean(), size: ordinal([8, 16, 32]), fixed: constant("v1") },
      seed: 1,
    });
    type Everything = Params & { flag: boolean; size: 8 | 16 | 32; fixed: "v1" };
    const asked = await study.ask({ optimizer: "adam" });
    expectTypeOf(asked.params).branded.toEqualTypeOf<Everything>();
    expectTypeOf(asked.report).parameter(1).toEqualTypeOf<number | { readonly [name: string]: number }>();
    expectTypeOf(await study.enqueue([{ layers: 2 }, { optimizer: "sgd", momentum: 0.5 }])).toEqualTypeOf<readonly number[]>();
    expectTypeOf(await study.tell(asked, 1)).toEqualTypeOf<Trial>();
    expectTypeOf(study.bestTrials[0].params).branded.toEqualTypeOf<Everything>();
  });

  test("an objective may give a number, metrics or nothing, at once or later, or be a module's address", async () => {
    const study = await createStudy({ parameters, seed: 1 });
    type Given = Parameters<typeof study.optimize>[0];
    const objectives = [
      () => 1,
      async () => ({ loss: 1 }),
      () => {},
      async (_: ObjectiveTrial<Params>) => {},
      { href: "file:///train.js" },
    ] satisfies Given[];
    expect(objectives).toHaveLength(5);
  });

  test("wrong use is an error of the compiler", async () => {
    const study = await createStudy({ parameters, seed: 1 });
    const wrong = [
      // @ts-expect-error "rmsprop" is no choice
      () => study.enqueue({ optimizer: "rmsprop" }),
      // @ts-expect-error there is no parameter of this name
      () => study.enqueue({ learningRate: 1 }),
      // @ts-expect-error layers is a number
      () => study.ask({ layers: "2" }),
      // @ts-expect-error text is no result
      () => study.optimize(() => "0.5"),
      // @ts-expect-error the params have no such member
      () => study.optimize((trial) => trial.params.learningRate),
      // @ts-expect-error momentum may be absent
      () => study.optimize((trial): number => trial.params.momentum),
      // @ts-expect-error a report takes numbers
      () => study.optimize((trial) => trial.report(1, { loss: "1" }).then(() => 1)),
      // @ts-expect-error the budget is given as trials
      () => study.optimize(() => 1, { trialCount: 5 }),
      // @ts-expect-error a goal is minimize or maximize
      () => createStudy({ parameters, objective: { goal: "min" } }),
      // @ts-expect-error a study needs parameters
      () => createStudy({ name: "empty" }),
      // @ts-expect-error what ifExists may say
      () => createStudy({ parameters, ifExists: "overwrite" }),
      // @ts-expect-error the seed is read-only
      () => Object.assign(study, { name: "other" }).seed++,
    ];
    expect(wrong).toHaveLength(12);
  });
});
