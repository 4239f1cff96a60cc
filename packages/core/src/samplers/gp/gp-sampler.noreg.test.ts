import { expect, it } from "vitest";
import { categorical, float, int } from "../../parameters/build-parameter.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import { gp } from "./gp-sampler.ts";

// Frozen, not known to be right: a change here changes what running studies would have been told; raise `version` with it.
it("suggests what it suggested when this was frozen", () => {
  const parameters = {
    layers: int(1, 6),
    lr: float(1e-5, 1e-1, { log: true }),
    momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
    optimizer: categorical(["adam", "sgd"]),
  };
  const study = new TestStudy(testProblem({ parameters, seed: 42 }));
  const sampler = gp();
  const configs = [];
  for (let i = 0; i < 14; i++) {
    const config = study.step(sampler, ({ layers, lr, momentum, optimizer }) => {
      const distance = (Math.log10(lr as number) + 3) ** 2 + ((layers as number) - 3) ** 2 / 9;
      return distance + (optimizer === "sgd" ? ((momentum as number) - 0.9) ** 2 : 0.2);
    });
    if (i > 0 && i % 4 === 1) configs.push(config);
  }
  // Later digits may differ between JavaScript engines, whose exp and log do, and the searches carry that on.
  const rounded = JSON.parse(JSON.stringify(configs), (_, value) =>
    typeof value === "number" ? Number(value.toPrecision(4)) : value,
  );
  expect(rounded).toMatchInlineSnapshot(`
    [
      {
        "layers": 2,
        "lr": 0.01342,
        "optimizer": "adam",
      },
      {
        "layers": 6,
        "lr": 0.001413,
        "momentum": 0.9688,
        "optimizer": "sgd",
      },
      {
        "layers": 1,
        "lr": 0.001051,
        "momentum": 0.8846,
        "optimizer": "sgd",
      },
      {
        "layers": 3,
        "lr": 0.0009773,
        "momentum": 0.99,
        "optimizer": "sgd",
      },
    ]
  `);
});
