import { attemptCases } from "./storage-contract-attempts.ts";
import { childCases } from "./storage-contract-children.ts";
import { drawnValueCases } from "./storage-contract-drawn-values.ts";
import { handleCases } from "./storage-contract-handles.ts";
import { readCases } from "./storage-contract-reads.ts";
import { replicateCases } from "./storage-contract-replicates.ts";
import { reportCases } from "./storage-contract-reports.ts";
import { studyCases } from "./storage-contract-studies.ts";
import { totalCases } from "./storage-contract-totals.ts";
import { trialCases } from "./storage-contract-trials.ts";
import { valueCases } from "./storage-contract-values.ts";
import type { ContractCase } from "./storage-stage.ts";

/**
 * What `Storage` promises, as cases for any test runner:
 *
 * ```ts
 * for (const { name, run } of storageContract()) test(name, () => run({ open, reopen }))
 * ```
 */
export function storageContract(): readonly ContractCase[] {
  return [
    ...studyCases,
    ...trialCases,
    ...attemptCases,
    ...reportCases,
    ...drawnValueCases,
    ...childCases,
    ...replicateCases,
    ...readCases,
    ...totalCases,
    ...valueCases,
    ...handleCases,
  ];
}
