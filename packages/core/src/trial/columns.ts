/** A longer copy of a column; the new end is zero. */
export function growFloat64(column: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(length);
  grown.set(column);
  return grown;
}

export function growInt32(column: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(length);
  grown.set(column);
  return grown;
}

export function growUint8(column: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(length);
  grown.set(column);
  return grown;
}

/** Writes a point of `length` coordinates at `offset`; null = all NaN. */
export function fillPoint(points: Float64Array, offset: number, point: Float64Array | null, length: number): void {
  if (point === null) points.fill(Number.NaN, offset, offset + length);
  else points.set(point, offset);
}
