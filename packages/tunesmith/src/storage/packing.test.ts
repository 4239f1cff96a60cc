import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packValues, unpackValues } from "./packing.ts";

describe("packed values", () => {
  it("come back bit for bit, whatever they are", () => {
    const value = fc.oneof(
      fc.double(),
      fc.integer(),
      fc.integer({ min: -129, max: 128 }),
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant(null),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(fc.array(value), (values) => {
        const expected = values.map((each) => (Object.is(each, -0) ? 0 : each));
        expect(unpackValues(packValues(values))).toStrictEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it("write −0 as 0 and keep NaN and the infinities", () => {
    expect(unpackValues(packValues([-0, Number.NaN, Infinity, -Infinity]))).toStrictEqual([0, Number.NaN, Infinity, -Infinity]);
  });

  it("take 2 bytes for a small integer, 5 for a larger and 9 for a fraction", () => {
    expect(
      [packValues([127]), packValues([-128]), packValues([128]), packValues([2 ** 31]), packValues([0.1])].map(
        (bytes) => bytes.length,
      ),
    ).toEqual([2, 2, 5, 9, 9]);
  });

  it("stay readable for ever: the bytes of a known list", () => {
    const hex = "0001" + "02" + "03000000000000e03f" + "04ff" + "0500010000" + "0603000000e282ac";
    expect(Buffer.from(packValues([null, false, true, 0.5, -1, 256, "€"])).toString("hex")).toBe(hex);
  });

  it("keep a byte order mark at the start of a text", () => {
    expect(unpackValues(packValues(["\uFEFFa"]))).toEqual(["\uFEFFa"]);
  });
});
