import { describe, expect, it } from "vitest";
import { int } from "../parameters/build-parameter.ts";
import { samplerContract } from "../testing/sampler-contract.ts";
import { TestStudy, testProblem } from "../testing/test-study.ts";
import { manual } from "./manual.ts";

describe("manual keeps the sampler contract", () => {
  for (const { name, run } of samplerContract) it(name, () => run(() => manual()));
});

it("suggests nothing, ever", () => {
  const study = new TestStudy(testProblem({ parameters: { a: int(1, 9) } }));
  expect(study.suggest(manual())).toBeNull();
  study.addFinished({ a: 3 }, { losses: [1] });
  expect(study.suggest(manual())).toBeNull();
});
