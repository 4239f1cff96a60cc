import { expect, it } from "vitest";
import { categorical, float, int } from "../../parameters/build-parameter.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import { cmaEs } from "./cma-es-sampler.ts";

// Frozen, not known to be right: a change here changes what running studies would have been told; raise `version` with it.
it("suggests what it suggested when this was frozen", () => {
  const parameters = {
    layers: int(1, 6),
    lr: float(1e-5, 1e-1, { log: true }),
    momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
    optimizer: categorical(["adam", "sgd"]),
  };
  const study = new TestStudy(testProblem({ parameters, seed: 42 }));
  const sampler = cmaEs();
  const configs = [];
  for (let i = 0; i < 60; i++) {
    const config = study.step(sampler, ({ layers, lr, momentum, optimizer }) => {
      const distance = (Math.log10(lr as number) + 3) ** 2 + ((layers as number) - 3) ** 2 / 9;
      return distance + (optimizer === "sgd" ? ((momentum as number) - 0.9) ** 2 : 0.2);
    });
    if (i % 13 === 7) configs.push(config);
  }
  // Last digits may differ between JavaScript engines, whose exp and log do.
  const rounded = JSON.parse(JSON.stringify(configs), (_, value) =>
    typeof value === "number" ? Number(value.toPrecision(6)) : value,
  );
  expect(rounded).toEqual([
    { layers: 6, lr: 0.000306001, momentum: 0.146369, optimizer: "sgd" },
    { layers: 5, lr: 0.00645269, optimizer: "adam" },
    { layers: 2, lr: 0.0216565, optimizer: "adam" },
    { layers: 3, lr: 0.000244371, optimizer: "adam" },
    { layers: 4, lr: 0.00144072, optimizer: "adam" },
  ]);
});
