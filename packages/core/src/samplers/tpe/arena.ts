/**
 * Memory for numbers that are needed for one suggestion: handed out piece by piece, taken back all at once. What a piece holds at
 * first is arbitrary.
 */
export class Arena {
  #floats = new Float64Array(0);
  #floatCount = 0;
  #ints = new Int32Array(0);
  #intCount = 0;

  float64(length: number): Float64Array {
    const start = this.#floatCount;
    this.#floatCount += length;
    // Pieces that were handed out before keep the memory they have.
    if (this.#floatCount > this.#floats.length) this.#floats = new Float64Array(2 * this.#floatCount);
    return this.#floats.subarray(start, this.#floatCount);
  }

  int32(length: number): Int32Array {
    const start = this.#intCount;
    this.#intCount += length;
    if (this.#intCount > this.#ints.length) this.#ints = new Int32Array(2 * this.#intCount);
    return this.#ints.subarray(start, this.#intCount);
  }

  /** Takes all pieces back. */
  clear(): void {
    this.#floatCount = 0;
    this.#intCount = 0;
  }
}
