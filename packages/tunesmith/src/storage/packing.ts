import type { ParameterValue } from "@tunesmith/core";

/**
 * Lists of values as bytes: exact for every float64, NaN and the infinities included, and about half as long as JSON.
 *
 * Each value is one tag byte and what follows it, little-endian:
 * 0 null · 1 false · 2 true · 3 float64 (8 bytes) · 4 integer in int8 · 5 integer in int32 · 6 UTF-8 text after its length (uint32).
 * These numbers are on disk: never change them, only add.
 */
const tags = { null: 0, false: 1, true: 2, float64: 3, int8: 4, int32: 5, text: 6 } as const;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export function packValues(values: readonly ParameterValue[]): Uint8Array {
  let byteCount = 0;
  for (const value of values) byteCount += maxByteCount(value);
  const bytes = new Uint8Array(byteCount);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const value of values) at = writeValue(bytes, view, at, value);
  return bytes.subarray(0, at);
}

export function unpackValues(bytes: Uint8Array): ParameterValue[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values: ParameterValue[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at++];
    if (tag === tags.float64) {
      values.push(view.getFloat64(at, true));
      at += 8;
    } else if (tag === tags.int8) {
      values.push(view.getInt8(at));
      at += 1;
    } else if (tag === tags.int32) {
      values.push(view.getInt32(at, true));
      at += 4;
    } else if (tag === tags.text) {
      const end = at + 4 + view.getUint32(at, true);
      values.push(decoder.decode(bytes.subarray(at + 4, end)));
      at = end;
    } else values.push(tag === tags.null ? null : tag === tags.true);
  }
  return values;
}

/** The values of a list that was packed from numbers alone. */
export function unpackNumbers(bytes: Uint8Array): number[] {
  return unpackValues(bytes) as number[];
}

// A UTF-16 code unit takes at most three bytes of UTF-8.
function maxByteCount(value: ParameterValue): number {
  if (typeof value === "number") return 9;
  return typeof value === "string" ? 5 + 3 * value.length : 1;
}

function writeValue(bytes: Uint8Array, view: DataView, at: number, value: ParameterValue): number {
  if (typeof value === "number") return writeNumber(bytes, view, at, value);
  if (typeof value === "string") {
    bytes[at] = tags.text;
    const { written } = encoder.encodeInto(value, bytes.subarray(at + 5));
    view.setUint32(at + 1, written, true);
    return at + 5 + written;
  }
  bytes[at] = value === null ? tags.null : value ? tags.true : tags.false;
  return at + 1;
}

function writeNumber(bytes: Uint8Array, view: DataView, at: number, value: number): number {
  if ((value | 0) !== value) {
    bytes[at] = tags.float64;
    view.setFloat64(at + 1, value, true);
    return at + 9;
  }
  if (value >= -128 && value <= 127) {
    bytes[at] = tags.int8;
    view.setInt8(at + 1, value);
    return at + 2;
  }
  bytes[at] = tags.int32;
  view.setInt32(at + 1, value, true);
  return at + 5;
}
