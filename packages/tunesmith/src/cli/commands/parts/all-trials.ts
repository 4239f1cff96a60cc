import type { Storage, Trial, TrialState } from "@tunesmith/core";

const pageSize = 5_000;

/** The trials of a study by number, a page at a time. */
export async function* allTrials(storage: Storage, studyId: string, states?: readonly TrialState[]): AsyncGenerator<Trial> {
  let after = -1;
  for (;;) {
    const page = await storage.getTrials(studyId, { after, limit: pageSize, ...(states === undefined ? {} : { states }) });
    yield* page;
    if (page.length < pageSize) return;
    after = page[page.length - 1].number;
  }
}
