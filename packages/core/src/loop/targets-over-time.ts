import type { StudyEvent } from "../storage/storage.ts";
import type { Trial } from "../trial/trial.ts";

/**
 * Trials with the target they had at an event, where it was raised since.
 *
 * @param events  All events of the study, ascending.
 * @returns       Gives a trial as on record, or a copy with its earlier target; a fractional target is on record only as it is now.
 */
export function targetsOverTime(events: readonly StudyEvent[]): (trial: Trial, seq: number) => Trial {
  const raised = new Map<number, { readonly seq: number; readonly before: number }[]>();
  for (const { kind, trial, seq, ref } of events) {
    if (kind !== "resumed" || trial === null || ref === null) continue;
    const before = raised.get(trial) ?? [];
    before.push({ seq, before: ref });
    raised.set(trial, before);
  }
  return (trial, seq) => {
    const next = raised.get(trial.number)?.find((each) => each.seq > seq);
    if (next === undefined) return trial;
    return { ...trial, replicates: trial.replicates.map((each) => ({ ...each, target: next.before })) };
  };
}
