/** Seven points with two objectives; two of them are equal, one is beaten by one that is beaten itself. */
export const goldenRows: readonly (readonly [number, number])[] = [
  [1, 5],
  [2, 3],
  [4, 1],
  [3, 3],
  [5, 5],
  [2, 3],
  [1, 6],
];

/** Their non-domination ranks. Recipe: by hand. */
export const goldenRanks: readonly number[] = [0, 0, 0, 1, 2, 0, 1];
