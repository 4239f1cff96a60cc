import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { base64Length, FloatCodec } from "./base64-floats.ts";

const codec = new FloatCodec();

function decode(text: string, count: number): Float64Array | null {
  const out = new Float64Array(count);
  return codec.decode(text, out) ? out : null;
}

describe("base64 of doubles", () => {
  it("is the standard encoding of their bytes", () => {
    fc.assert(
      fc.property(fc.float64Array({ maxLength: 400 }), (values) => {
        const text = codec.encode(values);
        expect(text).toBe(Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64"));
        expect(text.length).toBe(base64Length(values.length));
      }),
    );
  });

  it("gives back every bit, also of NaN, infinities, -0 and subnormals", () => {
    const values = Float64Array.of(Number.NaN, Infinity, -Infinity, -0, 5e-324, Number.MAX_VALUE, 0.1);
    const decoded = decode(codec.encode(values), values.length);
    expect([...new Uint8Array((decoded as Float64Array).buffer)]).toEqual([...new Uint8Array(values.buffer)]);
  });

  it("takes no other text and no other number of doubles", () => {
    const text = codec.encode(Float64Array.of(1, 2));
    expect(decode(text, 2)).toEqual(Float64Array.of(1, 2));
    expect(decode(text, 1)).toBeNull();
    expect(decode(text, 3)).toBeNull();
    expect(decode(`*${text.slice(1)}`, 2)).toBeNull();
    expect(decode(`é${text.slice(1)}`, 2)).toBeNull();
    expect(decode(`${text.slice(0, -2)}AA`, 2)).toBeNull();
  });
});
