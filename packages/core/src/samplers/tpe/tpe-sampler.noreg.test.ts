import { expect, it } from "vitest";
import { categorical, float, int } from "../../parameters/build-parameter.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import { tpe } from "./tpe-sampler.ts";

// Frozen, not known to be right: a change here changes what running studies would have been told; raise `version` with it.
it("suggests what it suggested when this was frozen", () => {
  const parameters = {
    layers: int(1, 6),
    lr: float(1e-5, 1e-1, { log: true }),
    momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
    optimizer: categorical(["adam", "sgd"]),
  };
  const study = new TestStudy(testProblem({ parameters, seed: 42 }));
  const sampler = tpe();
  const configs = [];
  for (let i = 0; i < 40; i++) {
    const config = study.step(sampler, ({ layers, lr, momentum, optimizer }) => {
      const distance = (Math.log10(lr as number) + 3) ** 2 + ((layers as number) - 3) ** 2 / 9;
      return distance + (optimizer === "sgd" ? ((momentum as number) - 0.9) ** 2 : 0.2);
    });
    if (i % 13 === 0) configs.push(config);
  }
  // Last digits may differ between JavaScript engines, whose exp and log do.
  const rounded = JSON.parse(JSON.stringify(configs), (_, value) =>
    typeof value === "number" ? Number(value.toPrecision(9)) : value,
  );
  expect(rounded).toEqual([
    { layers: 1, lr: 0.0000200512828, optimizer: "adam" },
    { layers: 5, lr: 0.00617774455, momentum: 0.944453047, optimizer: "sgd" },
    { layers: 4, lr: 0.000923987047, momentum: 0.723629237, optimizer: "sgd" },
    { layers: 4, lr: 0.000992286365, optimizer: "adam" },
  ]);
});
