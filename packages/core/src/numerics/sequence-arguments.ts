/**
 * What every quasi-random sequence asks of its arguments.
 *
 * @param indexBits         Indices are whole numbers below 2^indexBits.
 * @param dimensionLimit    Most dimensions that the sequence has.
 * @throws {RangeError} If an argument is outside its range.
 */
export function checkSequenceArguments(
  { indexBits, dimensionLimit }: { readonly indexBits: number; readonly dimensionLimit: number },
  index: number,
  dimension: number,
  scrambleSeed: number | null,
  out: Float64Array,
): void {
  if (!Number.isInteger(index) || index < 0 || index >= 2 ** indexBits) {
    throw new RangeError(`index is ${index}, must be a whole number from 0 to 2^${indexBits} - 1`);
  }
  if (!Number.isInteger(dimension) || dimension < 1 || dimension > dimensionLimit) {
    throw new RangeError(`dimension is ${dimension}, must be a whole number from 1 to ${dimensionLimit}`);
  }
  if (scrambleSeed !== null && (!Number.isSafeInteger(scrambleSeed) || scrambleSeed < 0)) {
    throw new RangeError(`scrambleSeed is ${scrambleSeed}, must be null or a whole number from 0 to 2^53 - 1`);
  }
  if (out.length < dimension) throw new RangeError(`out has ${out.length} places for ${dimension} coordinates`);
}
