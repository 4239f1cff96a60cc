/** Counts inside a step, with bounded gaps so that matching stays linear. */
const innerCounts: readonly RegExp[] = [
  // " 12/100 ━━━━ loss: 0.5": a progress bar printed where there is no terminal.
  /^\s*(\d{1,15})\/(\d{1,15})\s/,
  // "Epoch: 1 [640/60000 (1%)]" and "Epoch: [0][ 11/5005]": a second count, in brackets behind the first.
  /[\d\]]\s{0,3}\[\s{0,9}(\d{1,15})\/(\d{1,15})/,
];

/** "Epoch [1/2], Step [100/300]": a second count with a word of its own. */
const namedCount = /\b(batch|iter|iteration|step)\s{0,3}:?\s{0,3}[[(]?\s{0,9}(\d{1,15})\/(\d{1,15})/gi;

/**
 * Whether a line shows values in the middle of a step: a count like `12/100` that has not reached its end and is not the step
 * itself.
 *
 * @param stepName  The key of the step; its own count (`Epoch 3/10`) says nothing.
 *
 * Cost: O(length of the line).
 */
export function isUnfinishedProgress(line: string, stepName: string | undefined): boolean {
  if (!line.includes("/")) return false;
  const inner = innerCounts.map((count) => count.exec(line)).filter((found) => found !== null);
  if (inner.some((found) => Number(found[1]) < Number(found[2]))) return true;
  const named = [...line.matchAll(namedCount)].filter((found) => found[1].toLowerCase() !== stepName?.toLowerCase());
  return named.some((found) => Number(found[2]) < Number(found[3]));
}
