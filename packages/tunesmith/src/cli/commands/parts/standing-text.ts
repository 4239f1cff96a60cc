import { formatNumber, type StudyMessages } from "@tunesmith/protocol";
import type { Standing } from "../../../evaluation/confirmation.ts";

/** A trial's value with what is known of its uncertainty: `0.0611 ± 0.004 over 3 fresh seeds (during the search 0.0587)`. */
export function standingText(standing: Standing, words: StudyMessages): string {
  const { value, standardError, searchValue, confirmValues, trial } = standing;
  if (confirmValues.length === 0) {
    const runCount = trial.replicates.filter(({ confirm }) => !confirm).length;
    return standardError === null ? formatNumber(value) : `${withError(value, standardError)} ${words.overReplicates(runCount)}`;
  }
  const said =
    standardError === null ? formatNumber(value) : `${withError(value, standardError)} ${words.overSeeds(confirmValues.length)}`;
  return searchValue === null ? said : `${said} ${words.duringSearch(formatNumber(searchValue))}`;
}

function withError(value: number, standardError: number): string {
  return `${formatNumber(value)} ± ${formatNumber(standardError, 2)}`;
}
