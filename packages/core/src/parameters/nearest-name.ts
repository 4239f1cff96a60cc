const longestCompared = 200;

/**
 * The allowed name that `found` is most likely a misspelling of: at most one edit for two to four characters, two beyond,
 * letter case aside. The first of equally near ones; null if none is near.
 */
export function nearestName(found: string, allowed: Iterable<string>): string | null {
  if (found.length > longestCompared) return null;
  const wanted = found.toLowerCase();
  let nearest: string | null = null;
  let limit = found.length <= 1 ? 0 : found.length <= 4 ? 1 : 2;
  for (const name of allowed) {
    const distance = editDistance(wanted, name.toLowerCase(), limit);
    if (distance > limit) continue;
    nearest = name;
    if (distance === 0) break;
    limit = distance - 1;
  }
  return nearest;
}

/** `; did you mean adam?`, or nothing when no allowed name is near. */
export function didYouMean(found: string, allowed: Iterable<string>): string {
  const name = nearestName(found, allowed);
  if (name === null) return "";
  return `; did you mean ${/^[\w.-]+$/.test(name) ? name : JSON.stringify(name)}?`;
}

/**
 * Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`, each place edited once;
 * anything above `limit` is reported as `limit + 1`.
 *
 * Source: the "optimal string alignment" restriction of F. J. Damerau (1964), "A technique for computer detection and
 * correction of spelling errors". https://doi.org/10.1145/363958.363994
 */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(substituted, last[j] + 1, row[j - 1] + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
    }
    if (Math.min(...row) > limit) return limit + 1;
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}
