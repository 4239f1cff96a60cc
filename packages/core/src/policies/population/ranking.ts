import { isLive, type Member } from "./members.ts";

/** Live members that have a score, the best first, NaN last, ties by trial. */
export interface Ranking {
  readonly members: readonly Member[];
  /** How many are among the best, and how many among the worst. */
  readonly edgeCount: number;
}

/**
 * @param quantile  Share of the members at either edge, in [0, 0.5]; where it is above 0 and two members can be compared there is at
 *                  least one at each.
 */
export function rankMembers(members: readonly Member[], quantile: number): Ranking {
  const compared = members.filter((member) => isLive(member) && member.score !== null);
  compared.sort((a, b) => compareScores(a.score as number, b.score as number) || a.trial - b.trial);
  const edgeCount = Math.min(Math.ceil(quantile * compared.length), Math.floor(compared.length / 2));
  return { members: compared, edgeCount };
}

/**
 * The members that a member may be copied from because it is among the worst; empty if it is not, or none is better.
 *
 * None that has trained less than half as far, and none that a person holds where it is behind: it would be copied for ever.
 */
export function betterParents(
  { members, edgeCount }: Ranking,
  { trial, reached }: Member,
  maxFidelity: number,
): readonly Member[] {
  const rank = members.findIndex((each) => each.trial === trial);
  if (rank < members.length - edgeCount) return [];
  const { score } = members[rank];
  return members
    .slice(0, edgeCount)
    .filter(
      (parent) =>
        isParent(parent, maxFidelity) &&
        compareScores(parent.score as number, score as number) < 0 &&
        parent.reached >= (parent.standing === "held" ? 1 : 0.5) * reached,
    );
}

/** The best of those that a member which has failed may be copied from. */
export function parentsInNeed({ members }: Ranking, quantile: number, maxFidelity: number): readonly Member[] {
  const parents = members.filter((parent) => isParent(parent, maxFidelity));
  return parents.slice(0, Math.max(1, Math.ceil(quantile * parents.length)));
}

/** One that trains to the end may have saved it before its report of it: nothing would be left for a child to train. */
function isParent({ standing, target, hasCheckpoint, score, reached }: Member, maxFidelity: number): boolean {
  const mayBeAtEnd = reached >= maxFidelity || (standing === "under-way" && target >= maxFidelity);
  return hasCheckpoint && !mayBeAtEnd && !Number.isNaN(score);
}

/** Ascending, NaN last. */
function compareScores(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
}
