import { describe, expect, expectTypeOf, it } from "vitest";
import { boolean, categorical, constant, float, int, ordinal } from "./build-parameter.ts";
import type { Parameters, ParameterValue } from "./parameter.ts";
import type { ParamsOf } from "./params-type.ts";

const declared = {
  lr: float(1e-5, 1e-1, { log: true, default: 1e-3 }),
  layers: int(1, 4),
  optimizer: categorical(["adam", "sgd"]),
  size: ordinal([16, 32, 64], { default: 32 }),
  nesterov: boolean(),
  mixed: categorical([null, 1, "1", true]),
  data: constant("digits"),
  momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
  width2: int(8, 256, { when: "layers >= 2" }),
  kind: categorical(["a", "b"], { when: { nesterov: true } }),
};

describe("builders", () => {
  it("infer the params of an objective exactly, conditional ones optional", () => {
    expectTypeOf<ParamsOf<typeof declared>>().toEqualTypeOf<{
      lr: number;
      layers: number;
      optimizer: "adam" | "sgd";
      size: 16 | 32 | 64;
      nesterov: boolean;
      mixed: null | 1 | "1" | true;
      data: "digits";
      momentum?: number;
      width2?: number;
      kind?: "a" | "b";
    }>();
  });

  it("infer through a function that takes any parameters", () => {
    const accept = <P extends Parameters>(parameters: P): ParamsOf<P> => parameters as unknown as ParamsOf<P>;
    expectTypeOf(
      accept({
        lr: float(0, 1),
        layers: int(1, 2, { log: true }),
        optimizer: categorical(["adam", "sgd"]),
        size: ordinal([1, 2], { default: 1 }),
        nesterov: boolean(),
        tag: constant("v1"),
        momentum: float(0, 1, { when: { lr: 0.5 } }),
        kind: categorical(["a", "b"], { when: "layers > 1" }),
      }),
    ).toEqualTypeOf<{
      lr: number;
      layers: number;
      optimizer: "adam" | "sgd";
      size: 1 | 2;
      nesterov: boolean;
      tag: "v1";
      momentum?: number;
      kind?: "a" | "b";
    }>();
  });

  it("give params of any value where the parameters are only known at run time", () => {
    expectTypeOf<ParamsOf<Parameters>["anything"]>().toEqualTypeOf<ParameterValue>();
  });

  it("treat a condition that may be undefined as a condition", () => {
    const when = undefined as { readonly optimizer: "sgd" } | undefined;
    const parameters = { momentum: float(0, 1, { when }) };
    expectTypeOf<ParamsOf<typeof parameters>>().toEqualTypeOf<{ momentum?: number }>();
  });

  it("refuse misspelt options and defaults that are no choice at compile time", () => {
    // @ts-expect-error "lgo" is no option
    float(0, 1, { lgo: true });
    // @ts-expect-error "adamw" is no choice
    categorical(["adam", "sgd"], { default: "adamw" });
    // @ts-expect-error a float has no weights
    float(0, 1, { weights: [1, 2] });
    // @ts-expect-error choices are JSON scalars
    categorical([{ a: 1 }]);
    expectTypeOf(declared).toExtend<Parameters>();
  });

  it("give plain frozen declarations", () => {
    expect(declared.lr).toEqual({ type: "float", min: 1e-5, max: 1e-1, log: true, default: 1e-3 });
    expect(declared.layers).toEqual({ type: "int", min: 1, max: 4, log: false });
    expect(declared.momentum).toEqual({ type: "float", min: 0, max: 0.99, log: false, when: { optimizer: "sgd" } });
    expect(declared.size).toEqual({ type: "ordinal", values: [16, 32, 64], default: 32 });
    expect(declared.data).toEqual({ type: "constant", value: "digits" });
    expect(Object.isFrozen(declared.nesterov)).toBe(true);
  });
});
