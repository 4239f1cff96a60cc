import { describe, expect, it } from "vitest";
import { createSampler, createScheduler, samplerNames, schedulerNames } from "./catalogue.ts";

describe("catalogue", () => {
  it("makes every name, and makes it again from what it says of itself", () => {
    for (const name of samplerNames) {
      const { type, options } = createSampler(name);
      expect(createSampler({ type, ...options })).toMatchObject({ type, options });
    }
    for (const name of schedulerNames) {
      const rules = [{ type: "threshold", above: 5 }, "median"];
      const { type, options } = createScheduler(name === "first-to-stop" ? { type: name, rules } : name);
      expect(createScheduler({ type, ...options })).toMatchObject({ type, options });
    }
  });

  it("passes options on", () => {
    expect(createSampler({ type: "tpe", startupCount: 5 }).options).toMatchObject({ startupCount: 5, candidateCount: 24 });
    expect(createScheduler({ type: "asha", eta: 4 }).options).toEqual({ eta: 4, brackets: 1 });
  });

  it("names an unknown sampler, scheduler or option and what was probably meant", () => {
    expect(() => createSampler("tpee")).toThrow(
      /^sampler: "tpee" is no sampler.*tpe\W.*allowed: auto, cma-es, gp, grid, manual, nsga2, nsga3, qmc, random, tpe$/,
    );
    expect(() => createScheduler({ type: "ash" })).toThrow(/did you mean \W?asha\W/);
    expect(() => createScheduler({ type: "asha", etta: 3 })).toThrow(
      /^scheduler\.etta: "etta" is no option of asha; did you mean \W?eta\W.*allowed: eta, brackets$/,
    );
    expect(() => createSampler({ type: "manual", wait: true })).toThrow('"wait" is no option of manual; it has none');
    expect(() => createSampler({})).toThrow(/"null" is no sampler/);
    expect(() => createSampler("toString")).toThrow(/is no sampler/);
  });
});
