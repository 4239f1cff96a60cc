import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, fromWireNumber, toWireNumber } from "./json.ts";

describe("wire numbers", () => {
  test("every number comes back, -0 as 0, through JSON text", () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const back = fromWireNumber(JSON.parse(JSON.stringify(toWireNumber(value))));
        expect(Object.is(back, value === 0 ? 0 : value)).toBe(true);
      }),
    );
  });

  test.each([null, "1", "nan", true, [1], undefined, Number.POSITIVE_INFINITY, Number.NaN])(
    "%s is no number on the wire",
    (value) => {
      expect(() => fromWireNumber(value)).toThrow(TypeError);
    },
  );
});

describe("canonicalJson", () => {
  test("does not depend on the order of keys, and says what JSON says", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const reordered = (given: unknown): unknown => {
          if (Array.isArray(given)) return given.map(reordered);
          if (given === null || typeof given !== "object") return given;
          return Object.fromEntries(
            Object.entries(given)
              .reverse()
              .map(([key, member]) => [key, reordered(member)]),
          );
        };
        expect(canonicalJson(reordered(value))).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test("leaves out what is undefined, writes -0 as 0, sorts by code unit", () => {
    expect(canonicalJson({ b: -0, a: undefined, Z: [undefined, null], é: "é" })).toBe('{"Z":[null,null],"b":0,"é":"é"}');
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, { a: [Number.NEGATIVE_INFINITY] }])("refuses %j", (value) => {
    expect(() => canonicalJson(value)).toThrow("cannot be written as JSON");
  });
});
