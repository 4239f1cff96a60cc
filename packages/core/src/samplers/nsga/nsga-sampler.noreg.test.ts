import { expect, it } from "vitest";
import { categorical, float, int } from "../../parameters/build-parameter.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import { nsga2 } from "./nsga2.ts";
import { nsga3 } from "./nsga3.ts";

const parameters = {
  layers: int(1, 6),
  lr: float(1e-5, 1e-1, { log: true }),
  momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
  optimizer: categorical(["adam", "sgd"]),
};

const frozen = {
  nsga2: [
    { layers: 5, lr: 0.00208650165, momentum: 0.313804683, optimizer: "sgd" },
    { layers: 1, lr: 0.00055770392, optimizer: "adam" },
    { layers: 2, lr: 0.00055770392, momentum: 0.747176994, optimizer: "sgd" },
    { layers: 1, lr: 0.00097593355, optimizer: "adam" },
  ],
  nsga3: [
    { layers: 4, lr: 0.0000231916703, optimizer: "adam" },
    { layers: 5, lr: 0.0000447691029, optimizer: "adam" },
    { layers: 5, lr: 0.00177837669, momentum: 0.330959913, optimizer: "sgd" },
    { layers: 1, lr: 0.00122097316, momentum: 0.177734044, optimizer: "sgd" },
  ],
};

// Frozen, not known to be right: a change here changes what running studies would have been told; raise `version` with it.
it.each([nsga2, nsga3])("%o suggests what it suggested when this was frozen", (make) => {
  const study = new TestStudy(testProblem({ parameters, objectiveCount: 2, seed: 42 }));
  const sampler = make({ population: 8 });
  const configs = [];
  for (let i = 0; i < 40; i++) {
    const config = study.step(sampler, ({ layers, lr, momentum, optimizer }) => {
      const distance = (Math.log10(lr as number) + 3) ** 2;
      return [distance + (optimizer === "sgd" ? ((momentum as number) - 0.9) ** 2 : 0.2), (layers as number) + distance];
    });
    if (i % 13 === 0) configs.push(config);
  }
  // Last digits may differ between JavaScript engines, whose exp, log and powers do.
  const rounded = JSON.parse(JSON.stringify(configs), (_, value) =>
    typeof value === "number" ? Number(value.toPrecision(9)) : value,
  );
  expect(rounded).toEqual(frozen[make().type as keyof typeof frozen]);
});
