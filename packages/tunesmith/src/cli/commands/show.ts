import type { Storage } from "@tunesmith/core";
import type { CliContext } from "../cli-context.ts";
import { findStudy } from "../open-store.ts";
import { findTrial } from "./parts/find-trial.ts";
import { showStudy } from "./parts/show-study.ts";
import { showTrial } from "./parts/show-trial.ts";

export interface ShowOptions {
  /** Default: the newest. */
  readonly study?: string;
  readonly trial?: number;
  readonly nowMs?: number;
}

/** Shows a study, result first, or the story of one of its trials. */
export async function show(
  context: CliContext,
  storage: Storage,
  { study, trial, nowMs = Date.now() }: ShowOptions = {},
): Promise<number> {
  const record = await findStudy(context, storage, study);
  if (trial === undefined) return showStudy(context, storage, record, nowMs);
  return showTrial(context, storage, record, await findTrial(context, storage, record, trial), nowMs);
}
