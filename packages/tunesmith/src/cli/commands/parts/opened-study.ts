import { compileProblem, type Problem, type ProblemSpec, type StudyRecord, type StudySettings } from "@tunesmith/core";

/** A study's record with its problem and settings read. */
export interface OpenedStudy {
  readonly record: StudyRecord;
  readonly problem: Problem;
  readonly settings: StudySettings;
}

/** @throws {TunesmithError} `invalid-input` if what is stored is no problem. */
export function openedStudy(record: StudyRecord): OpenedStudy {
  const settings = record.settings as unknown as StudySettings;
  return { record, settings, problem: compileProblem(record.problem as unknown as ProblemSpec, record.revision, settings) };
}
