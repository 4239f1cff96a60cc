import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TunesmithError } from "../tunesmith-error.ts";
import { boolean, categorical, constant, float, int, ordinal } from "./build-parameter.ts";
import { createSpace } from "./create-space.ts";

function faultsOf(parameters: unknown, constraints?: unknown): string[] {
  try {
    createSpace(parameters as Record<string, unknown>, constraints as string[]);
  } catch (error) {
    if (!(error instanceof TunesmithError)) throw error;
    expect(error.code).toBe("invalid-input");
    return error.faults.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

describe("createSpace", () => {
  it("reports every fault at once, each with its path", () => {
    const faults = faultsOf(
      {
        lr: { type: "float", min: 0, max: 1, log: true, defualt: 0.5 },
        momentum: { type: "float", min: 0.9, max: 0.1, when: { optimzer: "sgd" } },
        optimizer: { type: "categorical", values: ["adam", "sgd", "adam"] },
        layers: { type: "integer", min: 1, max: 4 },
      },
      ["layrs <= 3", "lr + "],
    );
    expect(faults).toEqual([
      "lr.defualt: unknown; allowed: type, min, max, log, step, default, prior, when; did you mean default?",
      "lr.min: is 0 with log: the range must lie above 0",
      "momentum.min: is 0.9, above max 0.1",
      'optimizer.values.2: "adam" stands twice',
      'layers.type: is "integer"; allowed: float, int, categorical, ordinal, boolean, constant',
      'momentum.when: names "optimzer", which is no parameter; did you mean optimizer?',
      'parameterConstraints.0: names "layrs", which is no parameter; did you mean layers?',
      "parameterConstraints.1: column 6: expected a value, found the end",
    ]);
  });

  const float01 = { type: "float", min: 0, max: 1 };
  it.each([
    ["a missing end", { type: "float", min: 0 }, "x.max: is missing; allowed: a finite number"],
    ["an infinite end", { type: "float", min: 0, max: Infinity }, "x.max: is Infinity; allowed: a finite number"],
    ["NaN", { type: "float", min: Number.NaN, max: 1 }, "x.min: is NaN; allowed: a finite number"],
    ["numbers as text", { type: "float", min: "0.5", max: 1 }, 'x.min: is "0.5"; allowed: a finite number'],
    [
      "a range wider than a double",
      { type: "float", min: -1.7e308, max: 1.7e308 },
      "x.max: is 1.7e+308: the range from -1.7e+308 is too wide",
    ],
    [
      "a fraction as an int's end",
      { type: "int", min: 0.5, max: 4 },
      "x.min: is 0.5; allowed: a whole number between -(2^53 - 1) and 2^53 - 1",
    ],
    [
      "an int beyond exact doubles",
      { type: "int", min: 0, max: 1e21 },
      "x.max: is 1e+21; allowed: a whole number between -(2^53 - 1) and 2^53 - 1",
    ],
    ["a negative step", { ...float01, step: -1 }, "x.step: is -1; allowed: above 0"],
    [
      "a fractional step of an int",
      { type: "int", min: 0, max: 3, step: 1.5 },
      "x.step: is 1.5; allowed: a whole number between -(2^53 - 1) and 2^53 - 1",
    ],
    ["a step too fine for doubles", { ...float01, step: 1e-320 }, "x.step: is 1e-320, too small to tell values near 1 apart"],
    [
      "more than 2^53 values",
      { type: "int", min: -9e15, max: 9e15 },
      "x.step: is 1: more than 2^53 values from -9000000000000000 to 9000000000000000",
    ],
    [
      "an int range off its step",
      { type: "int", min: 1, max: 10, step: 2 },
      "x.max: is 10, off the step 2 from 1; the nearest are 9 and 11",
    ],
    [
      "a float range off its step",
      { ...float01, step: 0.3 },
      "x.max: is 1, off the step 0.3 from 0; the nearest are 0.9 and 1.2",
    ],
    [
      "log from half a step",
      { type: "int", min: 5, max: 25, step: 10, log: true },
      "x.min: is 5 with log and step 10: it must lie above half a step, 5",
    ],
    [
      "log over too many steps",
      { type: "int", min: 1, max: 2 ** 50, log: true },
      "x.step: is 1: with log at most 2^40 steps lie between 0 and max 1125899906842624",
    ],
    [
      "a log range too narrow for logarithms",
      { type: "float", min: 1e300, max: 1.0000000000000002e300, log: true },
      "x.max: is 1.0000000000000002e+300, too near to min 1e+300 for log",
    ],
    ["log that is no flag", { ...float01, log: "yes" }, 'x.log: is "yes"; allowed: true, false'],
    ["a default outside", { ...float01, default: 12 }, "x.default: is 12, outside [0, 1]"],
    [
      "a default off the step",
      { ...float01, step: 0.25, default: 0.6 },
      "x.default: is 0.6, off the step 0.25; the nearest are 0.5 and 0.75",
    ],
    [
      "a default of another type",
      { type: "int", min: 0, max: 4, default: "2" },
      'x.default: is "2"; allowed: a whole number in [0, 4]',
    ],
    [
      "a prior without spread",
      { ...float01, prior: { distribution: "normal", mean: 0.5, sd: 0 } },
      "x.prior.sd: is 0; allowed: above 0",
    ],
    [
      "an unknown prior",
      { ...float01, prior: { distribution: "beta", mean: 0.5, sd: 1 } },
      'x.prior.distribution: is "beta"; allowed: normal, log-normal',
    ],
    [
      "a prior in the wrong unit",
      { ...float01, prior: { distribution: "normal", mean: 1000, sd: 1 } },
      "x.prior.mean: is 1000, more than 30 sd outside [0, 1]",
    ],
    [
      "a log-normal prior below 0",
      { type: "float", min: -1, max: 1, prior: { distribution: "log-normal", mean: 0, sd: 1 } },
      "x.prior.distribution: is log-normal on [-1, 1]; allowed: a range from 0 or above",
    ],
    [
      "a type that cannot be told",
      { min: 0, max: 1 },
      "x.type: is missing; allowed: float, int, categorical, ordinal, boolean, constant",
    ],
    ["no choices", { values: [] }, "x.values: is empty; allowed: at least one choice"],
    [
      "too many choices",
      { values: Array.from({ length: 10_001 }, (_, i) => i) },
      "x.values: holds 10001 choices; allowed: at most 10000",
    ],
    [
      "a choice that is no scalar",
      { values: [1, { a: 1 }] },
      "x.values.1: is an object; allowed: text, a finite number, true, false, null",
    ],
    ["NaN as a choice", { values: [Number.NaN] }, "x.values.0: is NaN; allowed: text, a finite number, true, false, null"],
    [
      "a lone surrogate in a choice",
      { values: ["\ud800"] },
      'x.values.0: is "\\ud800"; allowed: text, a finite number, true, false, null',
    ],
    [
      "weights of another length",
      { values: [1, 2], weights: [1] },
      "x.weights: is a list of 1; allowed: a list of 2, one for each choice",
    ],
    ["a negative weight", { values: [1, 2], weights: [1, -1] }, "x.weights.1: is -1; allowed: a finite number, at least 0"],
    ["weights of 0 only", { values: [1, 2], weights: [0, 0] }, "x.weights: are all 0; allowed: at least one above 0"],
    [
      "a default that is no choice",
      { values: ["adam", "sgd"], default: "adm" },
      'x.default: is "adm"; allowed: "adam", "sgd"; did you mean adam?',
    ],
    ["a constant without value", { type: "constant" }, "x.value: is missing; allowed: text, a finite number, true, false, null"],
    ["no parameter at all", 5, 'x: is 5; allowed: a parameter such as { type: "float", min: 0, max: 1 }'],
    [
      "a condition that is none",
      { ...float01, when: 3 },
      'x.when: is 3; allowed: values of other parameters such as { optimizer: "sgd" }, or an expression such as "layers >= 2"',
    ],
    ["a condition over nothing", { ...float01, when: {} }, "x.when: names no parameter"],
    ["a condition on itself", { ...float01, when: { x: 0.5 } }, "x.when: depends on itself: x → x"],
    [
      "a condition that is a number",
      { ...float01, when: "y + 1" },
      "x.when: yields a number; allowed: a condition such as layers <= 4",
    ],
    [
      "a condition on a value the parent cannot have",
      { ...float01, when: { y: ["a", "c"] } },
      'x.when.y: is "c"; allowed: "a", "b"',
    ],
    [
      "an expression on a value the parent cannot have",
      { ...float01, when: "y == 'c'" },
      'x.when: compares y with a value it cannot have: "c"; allowed: "a", "b"',
    ],
  ])("refuses %s", (_, x, fault) => {
    expect(faultsOf({ x, y: categorical(["a", "b"]) })).toEqual([fault]);
  });

  it.each([
    [
      "__proto__",
      JSON.parse('{"__proto__":{"type":"boolean"}}'),
      "__proto__: the name is reserved; reserved are __proto__, constructor, prototype",
    ],
    [
      "constructor",
      { constructor: boolean() },
      "constructor: the name is reserved; reserved are __proto__, constructor, prototype",
    ],
    ["an empty name", { "": boolean() }, ": the name is empty"],
    ["spaces only", { "  ": boolean() }, "  : the name is empty"],
    ["NUL", { "a\u0000b": boolean() }, "a\ufffdb: the name holds control characters or broken Unicode"],
    ["a lone surrogate", { "a\ud800": boolean() }, "a\ufffd: the name holds control characters or broken Unicode"],
    ["a direction override", { "a\u202eb": boolean() }, "a\ufffdb: the name holds control characters or broken Unicode"],
    [
      "a name of a megabyte",
      { ["x".repeat(1_000_000)]: boolean() },
      `${"x".repeat(40)}…: the name has 1000000 characters; allowed: at most 200`,
    ],
  ])("refuses %s as a name", (_, parameters, fault) => {
    expect(faultsOf(parameters)).toEqual([fault]);
    expect(({} as { type?: string }).type).toBeUndefined();
  });

  it.each([
    "toString",
    "hasOwnProperty",
    "valueOf",
    "学习率",
    "👩‍🔬",
    "model/lr-0.5",
    "é",
    "e\u0301",
    "<script>",
    "'; DROP TABLE trials;--",
    "$(touch canary)",
    "in",
  ])("takes %s as a name, absent while inactive", (name) => {
    const space = createSpace({ [name]: float(0, 1, { when: { gate: true } }), gate: boolean() });
    expect(space.decode(space.encode({ gate: true, [name]: 0.25 }))).toEqual({ gate: true, [name]: 0.25 });
    expect(Object.keys(space.decode(space.encode({ gate: false })))).toEqual(["gate"]);
    expect(space.check({ gate: false })).toEqual([]);
    expect(space.check({ gate: true })).toEqual([{ path: name, message: "is missing" }]);
  });

  it("refuses what is no object of parameters, and too many of them", () => {
    for (const value of [null, [], "x", 5, new Map()]) expect(faultsOf(value)).toHaveLength(1);
    const many = Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`p${i}`, boolean()]));
    expect(faultsOf(many)).toEqual([": 10001 parameters; allowed: at most 10000"]);
  });

  it("names each cycle of conditions once", () => {
    const faults = faultsOf({
      a: boolean({ when: { b: true } }),
      b: boolean({ when: { c: true } }),
      c: boolean({ when: { a: true } }),
      d: boolean({ when: { a: true } }),
      e: boolean({ when: "f" }),
      f: boolean({ when: "e" }),
    });
    expect(faults).toEqual(["a.when: depends on itself: a → b → c → a", "e.when: depends on itself: e → f → e"]);
  });

  it("keeps choices apart by type", () => {
    const space = createSpace({ x: categorical([1, "1", true, "true", null, "null", 0, false]) });
    for (const x of [1, "1", true, "true", null, "null", 0, false])
      expect(space.decode(space.encode({ x }))).toStrictEqual({ x });
    expect(faultsOf({ x: categorical([0, -0]) })).toEqual(["x.values.1: 0 stands twice"]);
  });

  it("fills a missing type where the members leave only one", () => {
    const { parameters } = createSpace({ a: { values: [1, 2] }, b: { value: "x" }, c: { min: 0.5, max: 2 } });
    expect(parameters.a.type).toBe("categorical");
    expect(parameters.b.type).toBe("constant");
    expect(parameters.c).toEqual({ type: "float", min: 0.5, max: 2, log: false });
  });

  it("brings equal declarations to the same canonical form", () => {
    const space = createSpace({
      a: int(-0, 4, { step: 1, when: { b: ["x"] } }),
      b: categorical(["x", "y"], { default: undefined }),
    });
    expect(space.parameters.a).toStrictEqual({ type: "int", min: 0, max: 4, log: false, when: { b: "x" } });
    expect(space.parameters.b).toStrictEqual({ type: "categorical", values: ["x", "y"] });
    expect(Object.isFrozen(space.parameters)).toBe(true);
  });

  it("makes dimensions of what has a choice only, sorted by name", () => {
    const space = createSpace({
      b: int(1, 3),
      a: float(0, 1),
      B: ordinal(["s", "m"]),
      c: constant("x"),
      fixed: float(2, 2),
      single: categorical(["only"]),
    });
    expect(space.dimensions.map(({ name, kind, cellCount }) => [name, kind, cellCount])).toEqual([
      ["B", "numeric", 2],
      ["a", "numeric", Infinity],
      ["b", "numeric", 3],
    ]);
    expect(["B", "a", "b", "c", "fixed", "toString"].map(space.indexOf)).toEqual([0, 1, 2, -1, -1, -1]);
    expect(space.decode(Float64Array.of(0, 0.5, 1))).toEqual({ b: 3, a: 0.5, B: "s", c: "x", fixed: 2, single: "only" });
    expect(space.cardinality).toBe(Infinity);
    expect(createSpace({ b: int(1, 3), o: boolean(), c: constant(null) }).cardinality).toBe(6);
  });

  it("throws nothing but its own error, whatever it is given", () => {
    const key = fc.constantFrom("type", "min", "max", "log", "step", "default", "prior", "values", "weights", "value", "when");
    const edge = fc.constantFrom<unknown>(
      "float",
      "int",
      "categorical",
      "ordinal",
      "boolean",
      "constant",
      0,
      1,
      -1,
      2 ** 53,
      1e308,
      5e-324,
      "a",
      "a == 1",
      [],
    );
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSparseArray: true,
    });
    const declared = fc.oneof(
      { weight: 4, arbitrary: fc.dictionary(key, fc.oneof(edge, edge, anything)) },
      { weight: 1, arbitrary: anything },
    );
    const name = fc.oneof(fc.constantFrom("a", "b", "c"), fc.string({ unit: "binary" }));
    fc.assert(
      fc.property(
        fc.oneof(fc.dictionary(name, declared), anything),
        fc.oneof(fc.array(fc.string()), anything),
        (parameters, constraints) => {
          faultsOf(parameters, constraints);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
