import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../json.ts";
import type { Condition } from "./condition.ts";
import { createSpace } from "./create-space.ts";
import type { Config, NumericPrior, Parameter, Parameters, ParameterValue } from "./parameter.ts";
import { parametersJson } from "./parameters-json.ts";
import type { Dimension, Space } from "./space.ts";

const scalar: fc.Arbitrary<ParameterValue> = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);

const floatParameter: fc.Arbitrary<Parameter> = fc
  .record({
    min: fc.double({ min: 1e-9, max: 1e6, noNaN: true }),
    ratio: fc.double({ min: 1.001, max: 1e6, noNaN: true }),
    log: fc.boolean(),
    negative: fc.boolean(),
  })
  .map(({ min, ratio, log, negative }) =>
    negative && !log ? { type: "float", min: -min * ratio, max: min, log: false } : { type: "float", min, max: min * ratio, log },
  );

const steppedParameter: fc.Arbitrary<Parameter> = fc
  .record({
    type: fc.constantFrom("float" as const, "int" as const),
    first: fc.integer({ min: -500, max: 500 }),
    step: fc.integer({ min: 1, max: 40 }),
    count: fc.integer({ min: 1, max: 2_000 }),
    scale: fc.constantFrom(1, 10, 100, 1e6),
    log: fc.boolean(),
  })
  .map(({ type, first, step, count, scale, log }) => {
    const unit = type === "int" ? 1 : scale;
    const min = log ? Math.abs(first) + step : first;
    return { type, min: min / unit, max: (min + (count - 1) * step) / unit, step: step / unit, log };
  });

const choiceParameter: fc.Arbitrary<Parameter> = fc
  .record({
    type: fc.constantFrom("categorical" as const, "ordinal" as const),
    values: fc.uniqueArray(scalar, { minLength: 1, maxLength: 12, comparator: "SameValueZero" }),
    seed: fc.array(fc.nat(5), { minLength: 12, maxLength: 12 }),
    weighted: fc.boolean(),
  })
  .map(({ type, values, seed, weighted }) =>
    weighted ? { type, values, weights: values.map((_, i) => seed[i] + (i === 0 ? 1 : 0)) } : { type, values },
  );

const plainParameter: fc.Arbitrary<Parameter> = fc.oneof(
  floatParameter,
  steppedParameter,
  choiceParameter,
  fc.constant<Parameter>({ type: "boolean" }),
  scalar.map((value): Parameter => ({ type: "constant", value })),
);

const parameterName = fc.oneof(
  fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 8 })
    .filter((name) => name.trim() !== "" && !/[\p{Cc}\p{Zl}\p{Zp}\ufeff]/u.test(name)),
  fc.constantFrom("toString", "valueOf", "hasOwnProperty", "1", "02", "model.lr", "a/b", "in", "min"),
);

/** A condition on an earlier parameter that some of its values meet. */
function conditionOn(name: string, parent: Parameter, kind: number): Condition {
  const quoted = `\`${name.replaceAll("`", "``")}\``;
  if (parent.type === "float" || parent.type === "int") return `${quoted} <= ${(parent.min + parent.max) / 2}`;
  if (parent.type === "boolean") return kind === 0 ? quoted : { [name]: true };
  if (parent.type === "constant") return { [name]: parent.value };
  return { [name]: parent.values.slice(0, 1 + (kind % parent.values.length)) };
}

function defaultOf(parameter: Parameter, at: number): Parameter {
  if (parameter.type === "constant" || parameter.type === "boolean") return parameter;
  if (parameter.type === "float" || parameter.type === "int")
    return at < 0.5 ? { ...parameter, default: parameter.min } : parameter;
  return at < 0.5 ? { ...parameter, default: parameter.values[parameter.values.length - 1] } : parameter;
}

function priorOf(parameter: Parameter, at: number): Parameter {
  if ((parameter.type !== "float" && parameter.type !== "int") || at < 0.5) return parameter;
  const prior: NumericPrior = { distribution: "normal", mean: parameter.min, sd: (parameter.max - parameter.min) * at + 1 };
  return { ...parameter, prior };
}

const anyParameters: fc.Arbitrary<Parameters> = fc
  .array(fc.tuple(parameterName, plainParameter, fc.option(fc.nat(20)), fc.nat(5), fc.double({ min: 0, max: 1, noNaN: true })), {
    maxLength: 10,
  })
  .map((entries) => {
    const parameters: Record<string, Parameter> = {};
    for (const [name, plain, parent, kind, at] of entries) {
      const names = Object.keys(parameters).filter((earlier) => earlier !== name);
      const parameter = priorOf(defaultOf(plain, at), at);
      if (Object.hasOwn(parameters, name)) continue;
      const chosen = parent === null || names.length === 0 ? null : names[parent % names.length];
      parameters[name] = chosen === null ? parameter : { ...parameter, when: conditionOn(chosen, parameters[chosen], kind) };
    }
    return parameters;
  });

const coordinate = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1, 0.5, 1 - 2 ** -53, 5e-324));

const spaceAndPoint = anyParameters.chain((parameters) => {
  const space = createSpace(parameters);
  const length = space.dimensions.length;
  return fc.record({ space: fc.constant(space), u: fc.array(coordinate, { minLength: length, maxLength: length }) });
});

function isContinuous(space: Space, name: string): boolean {
  return space.dimensions[space.indexOf(name)]?.cellCount === Infinity;
}

/** Equal; continuous values up to the rounding of their coordinate and, with log, of a logarithm of up to 20. */
function expectSame(space: Space, found: Config, wanted: Config): void {
  expect(Object.keys(found)).toEqual(Object.keys(wanted));
  for (const name of Object.keys(wanted)) {
    const parameter = space.parameters[name];
    if (parameter.type !== "float" || !isContinuous(space, name)) {
      expect(found[name]).toStrictEqual(wanted[name]);
      continue;
    }
    const value = wanted[name] as number;
    const size = parameter.log ? 20 * Math.abs(value) : Math.max(Math.abs(parameter.min), Math.abs(parameter.max));
    expect(Math.abs((found[name] as number) - value)).toBeLessThanOrEqual(2 * Number.EPSILON * size);
  }
}

describe("every valid space", () => {
  it("decodes any point to a config that passes its check", () => {
    fc.assert(
      fc.property(spaceAndPoint, ({ space, u }) => {
        expect(space.check(space.decode(Float64Array.from(u)))).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it("decodes what it encoded", () => {
    fc.assert(
      fc.property(spaceAndPoint, ({ space, u }) => {
        const config = space.decode(Float64Array.from(u));
        // Where a condition splits a continuous range, rounding may carry a value across: such points are not asked about.
        const again = space.decode(space.encode(config));
        fc.pre(Object.keys(again).length === Object.keys(config).length);
        expectSame(space, again, config);
      }),
      { numRuns: 1_000 },
    );
  });

  it("draws from its priors only what passes its check", () => {
    fc.assert(
      fc.property(spaceAndPoint, ({ space, u }) => {
        const point = Float64Array.from(space.dimensions, (dimension, j) => dimension.fromPrior(u[j]));
        for (const value of point) expect(value >= 0 && value <= 1).toBe(true);
        expect(space.check(space.decode(point))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it("completes any part of any config, even of another space, to a config that passes its check", () => {
    fc.assert(
      fc.property(spaceAndPoint, spaceAndPoint, fc.array(fc.nat(9)), (one, other, kept) => {
        const proposal = other.space.decode(Float64Array.from(other.u));
        const config = one.space.decode(Float64Array.from(one.u));
        const fixed = Object.fromEntries(Object.entries(config).filter((_, i) => kept.includes(i)));
        const draw = (dimension: Dimension): number => one.u[one.space.indexOf(dimension.name)];
        expect(one.space.checkPartial(fixed)).toEqual([]);
        expect(one.space.check(one.space.complete(proposal, fixed, draw))).toEqual([]);
        expect(one.space.complete({}, config, draw)).toEqual(config);
      }),
      { numRuns: 500 },
    );
  });

  it("survives its JSON form exactly", () => {
    fc.assert(
      fc.property(anyParameters, (parameters) => {
        const space = createSpace(parameters);
        const text = canonicalJson(parametersJson(space.parameters));
        const again = createSpace(JSON.parse(text));
        expect(again.parameters).toEqual(space.parameters);
        expect(canonicalJson(parametersJson(again.parameters))).toBe(text);
        for (const parameter of Object.values(JSON.parse(text))) expect(parameter).toHaveProperty("type");
        expect(again.defaults()).toEqual(space.defaults());
      }),
      { numRuns: 500 },
    );
  });

  it("has defaults that pass its check, and equal keys for equal configs only", () => {
    fc.assert(
      fc.property(spaceAndPoint, coordinate, ({ space, u }, other) => {
        const defaults = space.defaults();
        expect(space.check(defaults)).toEqual([]);
        const config = space.decode(Float64Array.from(u));
        const shuffled = Object.fromEntries(Object.entries(config).reverse());
        expect(space.key(shuffled)).toBe(space.key(config));
        const moved = space.decode(Float64Array.from(u, () => other));
        expect(space.key(moved) === space.key(config)).toBe(canonicalJson(moved) === canonicalJson(config));
      }),
      { numRuns: 500 },
    );
  });

  it("finds faults in hostile configs without throwing", () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSparseArray: true,
    });
    fc.assert(
      fc.property(spaceAndPoint, anything, fc.dictionary(parameterName, anything), ({ space }, value, members) => {
        for (const config of [value, members] as Config[]) {
          const faults = space.check(config);
          if (faults.length === 0) expect(space.check(space.decode(space.encode(config)))).toEqual([]);
          expect(space.checkPartial(config).length).toBeLessThanOrEqual(faults.length);
        }
      }),
      { numRuns: 500 },
    );
  });
});
