/** Which checkpoints of a trial stay. */
export interface KeepRule {
  readonly all: boolean;
  readonly best: boolean;
  readonly lastCount: number;
}

/** Reads `all`, `none`, `best`, `last<N>` (N from 1) or `best+last<N>`. Null if it is none of these. */
export function parseKeep(text: string): KeepRule | null {
  if (text === "all") return { all: true, best: true, lastCount: 0 };
  if (text === "none") return { all: false, best: false, lastCount: 0 };
  const match = /^(best)?(\+(?=last))?(?:last([1-9]\d{0,5}))?$/.exec(text);
  if (match === null || text === "") return null;
  const [, best, plus, last] = match;
  const joinedRightly = (plus !== undefined) === (best !== undefined && last !== undefined);
  return joinedRightly ? { all: false, best: best !== undefined, lastCount: Number(last ?? 0) } : null;
}

/**
 * The steps whose checkpoints may go.
 *
 * @param steps  Those that exist, in any order.
 * @param kept   `bestStep`: step of the best report, null if unknown. The best checkpoint is the first one at or after it, which contains it,
 *   or else the newest. `pinned`: steps that something still needs.
 */
export function checkpointsToDelete(
  steps: readonly number[],
  rule: KeepRule,
  kept: { readonly bestStep: number | null; readonly pinned?: ReadonlySet<number> },
): number[] {
  if (rule.all) return [];
  const ascending = [...steps].sort((a, b) => a - b);
  const staying = new Set(rule.lastCount === 0 ? [] : ascending.slice(-rule.lastCount));
  const { bestStep } = kept;
  if (rule.best && bestStep !== null && ascending.length > 0) {
    staying.add(ascending.find((step) => step >= bestStep) ?? ascending[ascending.length - 1]);
  }
  return ascending.filter((step) => !staying.has(step) && !kept.pinned?.has(step));
}
