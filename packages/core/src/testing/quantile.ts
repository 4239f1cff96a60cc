/** Of n values in ascending order the one at ⌊share (n − 1)⌋, counted from 0; always one of them. */
export function quantile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))];
}
