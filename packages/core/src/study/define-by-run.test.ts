import { describe, expect, test } from "vitest";
import { createStudy, grid, type ObjectiveTrial, openStudy, random, type Trial, type ValueDrawer } from "../index.ts";
import { float, int } from "../parameters/build-parameter.ts";

const options = { parameters: { lr: float(1e-4, 1, { log: true }) }, defineByRun: true, sampler: "random", seed: 1 } as const;

/** A network whose layers are named as they are made. */
function network(trial: ValueDrawer): number {
  const layerCount = trial.suggestInt("layers", 1, 3);
  let size = 0;
  for (let i = 0; i < layerCount; i++) size += trial.suggestInt(`width_${i}`, 8, 64, { step: 8 });
  const optimizer = trial.suggestCategorical("optimizer", ["adam", "sgd"]);
  return size + (optimizer === "sgd" ? trial.suggestFloat("momentum", 0.5, 0.99) : 0);
}

async function trialsOf(study: { trials(): AsyncIterable<Trial> }): Promise<readonly Trial[]> {
  const trials: Trial[] = [];
  for await (const trial of study.trials()) trials.push(trial);
  return trials;
}

describe("define-by-run", () => {
  test("values are drawn at the call, within what was asked for, and become part of the trial", async () => {
    const study = await createStudy(options);
    const seen: unknown[] = [];
    await study.optimize(
      (trial) => {
        const loss = network(trial);
        seen[trial.number] = loss;
        return loss;
      },
      { trials: 40 },
    );
    const trials = await trialsOf(study);
    for (const { number, suggested, config, values } of trials) {
      const { layers, optimizer, momentum, ...widths } = suggested as Record<string, number>;
      expect(Object.keys(widths)).toHaveLength(layers);
      for (const width of Object.values(widths)) expect([8, 16, 24, 32, 40, 48, 56, 64]).toContain(width);
      expect(momentum === undefined).toBe((optimizer as unknown) === "adam");
      expect(Object.keys(config)).toEqual(["lr"]);
      expect(values).toEqual([seen[number]]);
    }
    expect(new Set(trials.map(({ suggested }) => suggested?.layers))).toEqual(new Set([1, 2, 3]));
  });

  test("a draw depends on seed, trial and name only, not on the order of the calls", async () => {
    const drawn = async (names: readonly string[]): Promise<unknown[]> => {
      const study = await createStudy(options);
      const values: unknown[] = [];
      await study.optimize(
        (trial) => {
          for (const name of names) trial.suggestFloat(name, 0, 1);
          values.push([trial.suggestFloat("a", 0, 1), trial.suggestFloat("b", 0, 1)]);
          return 1;
        },
        { trials: 3 },
      );
      return values;
    };
    const [first, second] = [await drawn(["a", "b"]), await drawn(["c", "b", "a"])];
    expect(first).toEqual(second);
    expect(new Set(first.flat())).toHaveLength(6);
  });

  test("a retried trial and its replicates get the same values", async () => {
    const study = await createStudy({ ...options, replicates: { kind: "repeats", count: 2 }, retries: { infra: 0, error: 1 } });
    const drawn: number[][] = [[], []];
    let isFirst = true;
    await study.optimize(
      (trial) => {
        drawn[trial.number].push(trial.suggestFloat("x", 0, 1));
        if (isFirst) {
          isFirst = false;
          throw new Error("once");
        }
        return 1;
      },
      { trials: 2 },
    );
    expect(drawn.map((values) => values.length)).toEqual([3, 2]);
    expect(drawn.map((values) => new Set(values).size)).toEqual([1, 1]);
  });

  test("a declared parameter gives its value", async () => {
    const study = await createStudy(options);
    const pairs: [number, number][] = [];
    await study.optimize(
      (trial) => {
        pairs.push([trial.suggestFloat("lr", 1e-4, 1), trial.params.lr]);
        return 1;
      },
      { trials: 3 },
    );
    for (const [suggested, declared] of pairs) expect(suggested).toBe(declared);
    expect((await trialsOf(study)).map(({ suggested }) => suggested)).toEqual([null, null, null]);
  });

  test.each<[string, (trial: ObjectiveTrial) => unknown, string]>([
    ["a range that is none", (trial) => trial.suggestFloat("x", 1, 0), "x.min"],
    ["a logarithm of nothing", (trial) => trial.suggestFloat("x", 0, 1, { log: true }), "x.min"],
    ["no values", (trial) => trial.suggestCategorical("x", []), "x.values"],
    ["a value known by that name lies outside", (trial) => trial.suggestFloat("lr", 2, 3), "lr is"],
    [
      "the range of a name changes under its value",
      (trial) => trial.suggestFloat("x", trial.suggestFloat("x", 0, 1) + 1, 3),
      "outside",
    ],
  ])("%s fails the trial with the reason", async (_, ask, message) => {
    const study = await createStudy(options);
    await study.optimize(
      (trial) => {
        ask(trial);
        return 1;
      },
      { trials: 1 },
    );
    const [{ state, message: said }] = await trialsOf(study);
    expect(state).toBe("failed");
    expect(said).toContain(message);
  });

  test("a study whose parameters are all declared tells how to draw others", async () => {
    const study = await createStudy({ ...options, defineByRun: false });
    await study.optimize((trial) => trial.suggestFloat("x", 0, 1), { trials: 1 });
    const [{ message }] = await trialsOf(study);
    expect(message).toContain("x is no active parameter of this trial; declared and active: lr.");
    expect(message).toContain("defineByRun: true");
  });

  test("ask and tell draw the same as optimize", async () => {
    const [one, other] = [await createStudy(options), await createStudy(options)];
    await one.optimize(network, { trials: 5 });
    for (let i = 0; i < 5; i++) {
      const trial = await other.ask();
      await other.tell(trial, network(trial));
    }
    const drawn = async (study: typeof one) => (await trialsOf(study)).map(({ suggested, values }) => [suggested, values]);
    expect(await drawn(other)).toEqual(await drawn(one));
  });

  test("the best trial shows what it drew", async () => {
    const study = await createStudy(options);
    await study.optimize(network, { trials: 10 });
    const { number, params } = study.bestTrial;
    const { config, suggested } = (await trialsOf(study))[number];
    expect(params).toEqual({ ...config, ...suggested });
  });

  test("an export carries what was drawn, and goes on exactly", async () => {
    const [whole, cut] = [await createStudy(options), await createStudy(options)];
    await whole.optimize(network, { trials: 8 });
    await cut.optimize(network, { trials: 4 });
    const opened = await openStudy(await cut.toJSON());
    await opened.optimize(network, { trials: 8 });
    const drawn = async (study: { trials(): AsyncIterable<Trial> }) =>
      (await trialsOf(study)).map(({ config, suggested, values }) => [config, suggested, values]);
    expect(await drawn(opened)).toEqual(await drawn(whole));
  });

  test.each(["random", "tpe", "qmc"])("%s needs no declared parameter", async (sampler) => {
    const study = await createStudy({ parameters: {}, defineByRun: true, sampler, seed: 3 });
    await study.optimize((trial) => trial.suggestFloat("x", -1, 1) ** 2, { trials: 20 });
    expect(new Set((await trialsOf(study)).map(({ suggested }) => suggested?.x))).toHaveLength(20);
  });

  test("what needs the whole space before the first trial refuses it", async () => {
    const parameters = { layers: int(1, 3) };
    const wrong = [
      [{ sampler: grid() }, "grid needs every parameter declared"],
      [{ sampler: random({ withoutReplacement: true }) }, "random without replacement needs every parameter declared"],
      [{ scheduler: "asha", fidelity: { name: "epochs", min: 1, max: 9 } }, "asha needs every parameter declared"],
    ] as const;
    for (const [search, reason] of wrong)
      await expect(createStudy({ parameters, defineByRun: true, seed: 1, ...search })).rejects.toMatchObject({
        code: "refused",
        message: expect.stringContaining(reason),
      });
  });
});
