import { describe, expect, it } from "vitest";
import { boolean, categorical, constant, float, int, ordinal } from "./build-parameter.ts";
import { createSpace } from "./create-space.ts";

const space = createSpace(
  {
    lr: float(1e-5, 1e-1, { log: true, default: 1e-3 }),
    layers: int(1, 4),
    optimizer: categorical(["adam", "sgd", "rmsprop"]),
    momentum: float(0, 0.99, { when: { optimizer: ["sgd", "rmsprop"] } }),
    nesterov: boolean({ when: "momentum > 0.5" }),
    width_2: int(8, 256, { when: "layers >= 2", default: 64 }),
    tag: constant("v1", { when: { optimizer: "sgd" } }),
  },
  ["layers * width_2 <= 512"],
);
const adam = { lr: 0.01, layers: 1, optimizer: "adam" };
const sgd = { lr: 0.01, layers: 2, optimizer: "sgd", momentum: 0.9, nesterov: true, width_2: 32, tag: "v1" };

describe("a space", () => {
  it("encodes inactive parameters as NaN and drops them when decoding", () => {
    const names = space.dimensions.map(({ name }) => name);
    expect(names).toEqual(["layers", "lr", "momentum", "nesterov", "optimizer", "width_2"]);
    const point = space.encode(adam);
    expect([...point].map(Number.isNaN)).toEqual([false, false, true, true, false, true]);
    expect(space.decode(point)).toEqual({ ...adam, lr: expect.closeTo(0.01, 12) });
  });

  it("decodes in the order of declaration, parents deciding first, constants attached", () => {
    const config = space.decode(space.encode(sgd));
    expect(Object.keys(config)).toEqual(["lr", "layers", "optimizer", "momentum", "nesterov", "width_2", "tag"]);
    expect(config).toMatchObject({ optimizer: "sgd", nesterov: true, width_2: 32, tag: "v1" });
  });

  it("decodes a coordinate that is NaN yet active as 0.5", () => {
    const point = new Float64Array(6).fill(Number.NaN);
    expect(space.decode(point)).toEqual({
      lr: expect.closeTo(1e-3, 15),
      layers: 3,
      optimizer: "sgd",
      momentum: 0.495,
      width_2: 132,
      tag: "v1",
    });
  });

  it("writes into the array it is given", () => {
    const out = new Float64Array(6);
    expect(space.encode(sgd, out)).toBe(out);
    expect(out[space.indexOf("optimizer")]).toBeCloseTo(0.5, 15);
  });

  it("completes: fixed before proposed before drawn, what becomes inactive is dropped", () => {
    const drawn: string[] = [];
    const draw = ({ name }: { name: string }): number => {
      drawn.push(name);
      return 1;
    };
    expect(space.complete(sgd, { optimizer: "adam", layers: 4 }, draw)).toEqual({
      lr: 0.01,
      layers: 4,
      optimizer: "adam",
      width_2: 32,
    });
    expect(drawn).toEqual([]);
    expect(space.complete(adam, { optimizer: "rmsprop" }, draw)).toEqual({
      ...adam,
      optimizer: "rmsprop",
      momentum: 0.99,
      nesterov: true,
    });
    expect(drawn).toEqual(["momentum", "nesterov"]);
  });

  it("completes a proposal whose values no longer fit by drawing anew", () => {
    const config = space.complete({ ...adam, layers: 9, lr: Number.NaN }, {}, () => 0);
    expect(config).toEqual({ lr: 1e-5, layers: 1, optimizer: "adam" });
  });

  it("finds nothing wrong with a full valid config", () => {
    expect(space.check(adam)).toEqual([]);
    expect(space.check(sgd)).toEqual([]);
  });

  it("reports all that is wrong with a config", () => {
    expect(space.check({ lr: 12, layers: "2", optimzer: "sgd", optimizer: "adam", momentum: 0.5 })).toEqual([
      { path: "optimzer", message: "unknown; did you mean optimizer?" },
      { path: "lr", message: "is 12, outside [0.00001, 0.1]" },
      { path: "layers", message: 'is "2"; allowed: a whole number in [1, 4]' },
      { path: "momentum", message: 'is 0.5, yet inactive: takes part when optimizer is one of "sgd", "rmsprop"' },
    ]);
    expect(space.check({ lr: 0.01, layers: 2, optimizer: "sgd" })).toEqual([
      { path: "momentum", message: "is missing" },
      { path: "width_2", message: "is missing" },
      { path: "tag", message: "is missing" },
    ]);
  });

  it("reports a constraint that does not hold, with the values that break it", () => {
    expect(space.check({ ...sgd, layers: 4, width_2: 200 })).toEqual([
      { path: "", message: "layers * width_2 <= 512 does not hold with layers = 4, width_2 = 200" },
    ]);
    expect(space.satisfies({ ...sgd, layers: 4, width_2: 200 })).toBe(false);
  });

  it("lets a constraint hold while one of its parameters is inactive", () => {
    expect(space.satisfies(adam)).toBe(true);
    expect(space.satisfies(sgd)).toBe(true);
  });

  it("takes a part of a config, and refuses in it what can only be inactive", () => {
    expect(space.checkPartial({})).toEqual([]);
    expect(space.checkPartial({ momentum: 0.5 })).toEqual([]);
    expect(space.checkPartial({ momentum: 0.5, optimizer: "adam", nesterov: true })).toEqual([
      { path: "momentum", message: 'is 0.5, yet inactive: takes part when optimizer is one of "sgd", "rmsprop"' },
      { path: "nesterov", message: "is true, yet inactive: takes part when momentum > 0.5" },
    ]);
    expect(space.checkPartial({ tag: "v2" })).toEqual([{ path: "tag", message: 'is "v2"; allowed: "v1"; did you mean v1?' }]);
    expect(space.checkPartial({ layers: 4, width_2: 200 })).toHaveLength(1);
  });

  it("refuses configs that are no objects", () => {
    for (const value of [null, [], "x", 3, undefined]) expect(space.check(value as never)).toHaveLength(1);
  });

  it("starts from the declared defaults, the middle of a range and the first choice", () => {
    const { lr, layers, optimizer } = space.defaults();
    expect({ lr, layers, optimizer }).toEqual({ lr: 1e-3, layers: 3, optimizer: "adam" });
    expect(space.defaults().width_2).toBe(64);
    expect(
      createSpace({
        a: float(1e-4, 1, { log: true }),
        b: boolean(),
        c: ordinal([3, 5, 7]),
        d: categorical([null, 1]),
      }).defaults(),
    ).toEqual({
      a: expect.closeTo(0.01, 15),
      b: false,
      c: 3,
      d: null,
    });
  });

  it("gives equal keys to equal configs only, whatever the order of their names", () => {
    const x = createSpace({ a: categorical([1, "1", true, "true", null]), b: float(-1, 1) });
    const keys = [1, "1", true, "true", null].map((a) => x.key({ a, b: 0 }));
    expect(new Set(keys).size).toBe(5);
    expect(x.key({ b: -0, a: 1 })).toBe(x.key({ a: 1, b: 0 }));
    expect(space.key(adam)).toBe('"layers":1,"lr":0.01,"optimizer":"adam"');
  });

  it("counts its configs", () => {
    expect(createSpace({ a: int(1, 4), b: boolean(), c: ordinal([1, 2, 3]) }).cardinality).toBe(24);
    expect(createSpace({}).cardinality).toBe(1);
    expect(space.conditional).toBe(true);
    expect(createSpace({ a: boolean() }).conditional).toBe(false);
  });

  it("orders a chain of 10,000 conditions without recursion", () => {
    const chain = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i) => [
        `p${9_999 - i}`,
        boolean(i === 9_999 ? {} : { when: { [`p${9_998 - i}`]: false } }),
      ]),
    );
    expect(Object.keys(createSpace(chain).defaults())).toHaveLength(10_000);
  });
});
