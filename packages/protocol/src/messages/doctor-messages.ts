import type { TrialState } from "@tunesmith/core";
import type { Language } from "./language.ts";
import { studyMessages } from "./study-messages.ts";

/** What `doctor` looks at; each is one of the invariants that hold whatever fails. */
export type DoctorCheck =
  | "terminal-events"
  | "trial-numbers"
  | "budget"
  | "retries"
  | "no-runner"
  | "attempts"
  | "overlap"
  | "counters"
  | "event-numbers"
  | "checkpoints"
  | "processes"
  | "replay";

/** What a finding is about, in a few words. */
export interface DoctorExamples {
  trialStep(trial: number, step: number): string;
  attemptEvent(trial: number, attempt: number, event: number): string;
  process(pid: number, trial: string): string;
  /** `state`: of the trials that were counted; null for a count of everything. */
  counted(state: TrialState | null, counted: number, found: number): string;
  claimed(trial: number, attempt: number, claimCount: number): string;
  eventPlace(event: number, place: number): string;
  reportWithoutEvent(trial: number, event: number): string;
}

export interface DoctorMessages {
  /** What is wrong when a check finds something. */
  readonly checks: Readonly<Record<DoctorCheck, string>>;
  /** What to do about it; only where something can be done. */
  advice(check: DoctorCheck, study: string): string | null;
  sound(study: string, trialCount: number, eventCount: number): string;
  unsound(study: string, count: number): string;
  finding(count: number, what: string): string;
  replayed(count: number, differenceCount: number): string;
  earlierRevision(count: number): string;
  difference(trial: number, what: string, recorded: string, recomputed: string): string;
  keepsChanging(study: string): string;
  readonly examples: DoctorExamples;
  readonly noStudies: string;
}

const english: DoctorMessages = {
  checks: {
    "terminal-events": "trials that finished never, twice, or without a record of it",
    "trial-numbers": "gaps or repetitions among the trial numbers",
    budget: "trials beyond budget.trials (a budget that was lowered later looks the same)",
    retries: "replicates tried again more often than allowed",
    "no-runner": "trials on record as running, but nobody runs the study",
    attempts: "reports, decisions or checkpoints of attempts that were never started",
    overlap: "writes of an attempt after a newer one had begun",
    counters: "counters that differ from what they count",
    "event-numbers": "gaps among the events, or reports without their event",
    checkpoints: "newest checkpoints that are missing on disk or were changed",
    processes: "processes that still run for attempts that are over",
    replay: "suggestions that come out differently",
  },
  advice: (check, study) =>
    check === "no-runner"
      ? `whoever runs it next takes them up: tunesmith resume ${study}`
      : check === "processes"
        ? `the next run ends them: tunesmith resume ${study}`
        : null,
  sound: (study, trialCount, eventCount) => `${study}   sound: ${trialCount} trials, ${eventCount} events`,
  unsound: (study, count) => `${study}   ${count === 1 ? "1 check failed" : `${count} checks failed`}`,
  finding: (count, what) => `${count}  ${what}`,
  replayed: (count, differenceCount) => `replayed ${count} suggestions, ${differenceCount} differences`,
  earlierRevision: (count) => `${count} suggestions of earlier revisions cannot be replayed: their settings are no longer known`,
  difference: (trial, what, recorded, recomputed) => `#${trial} ${what}: on record ${recorded}, recomputed ${recomputed}`,
  examples: {
    trialStep: (trial, step) => `#${trial} step ${step}`,
    attemptEvent: (trial, attempt, event) => `#${trial} attempt ${attempt}, event ${event}`,
    process: (pid, trial) => `pid ${pid} of #${trial}`,
    counted: (state, counted, found) =>
      state === null ? `${counted} counted, ${found} found` : `${state} ${counted}, found ${found}`,
    claimed: (trial, attempt, claimCount) => `#${trial} attempt ${attempt}, claimed ${claimCount} times`,
    eventPlace: (event, place) => `event ${event} at place ${place}`,
    reportWithoutEvent: (trial, event) => `#${trial} report without event ${event}`,
  },
  keepsChanging: (study) => `${study} keeps changing while it is checked; pause it first`,
  noStudies: "no studies here: nothing to check",
};

const chinese: DoctorMessages = {
  checks: {
    "terminal-events": "没有结束、结束两次或没有结束记录的试验",
    "trial-numbers": "试验编号有缺漏或重复",
    budget: "超出 budget.trials 的试验（之后降低的预算看起来也是这样）",
    retries: "重试次数超过允许的运行",
    "no-runner": "记录为运行中、但没有进程在运行的试验",
    attempts: "属于从未开始的尝试的报告、决定或检查点",
    overlap: "较新的尝试开始之后，较旧的尝试仍有写入",
    counters: "计数与实际不符",
    "event-numbers": "事件编号有缺漏，或报告没有对应事件",
    checkpoints: "磁盘上缺失或被改动的最新检查点",
    processes: "尝试已结束但仍在运行的进程",
    replay: "重新计算结果不同的建议",
  },
  advice: (check, study) =>
    check === "no-runner"
      ? `下一个运行者会接手：tunesmith resume ${study}`
      : check === "processes"
        ? `下次运行会结束它们：tunesmith resume ${study}`
        : null,
  sound: (study, trialCount, eventCount) => `${study}   正常：${trialCount} 个试验，${eventCount} 个事件`,
  unsound: (study, count) => `${study}   ${count} 项检查未通过`,
  finding: (count, what) => `${count}  ${what}`,
  replayed: (count, differenceCount) => `重新计算了 ${count} 个建议，${differenceCount} 处不同`,
  earlierRevision: (count) => `${count} 个早期修订的建议无法重新计算：其设置已不可知`,
  difference: (trial, what, recorded, recomputed) => `#${trial} ${what}：记录为 ${recorded}，重新计算为 ${recomputed}`,
  examples: {
    trialStep: (trial, step) => `#${trial} 第 ${step} 步`,
    attemptEvent: (trial, attempt, event) => `#${trial} 第 ${attempt} 次尝试，事件 ${event}`,
    process: (pid, trial) => `#${trial} 的进程 ${pid}`,
    counted: (state, counted, found) =>
      `${state === null ? "" : studyMessages("zh").trialStates[state]}记录 ${counted}，实际 ${found}`,
    claimed: (trial, attempt, claimCount) => `#${trial} 第 ${attempt} 次尝试，领取了 ${claimCount} 次`,
    eventPlace: (event, place) => `事件 ${event} 在位置 ${place}`,
    reportWithoutEvent: (trial, event) => `#${trial} 的报告没有事件 ${event}`,
  },
  keepsChanging: (study) => `检查时 ${study} 一直在变化；请先暂停`,
  noStudies: "这里没有研究：无需检查",
};

const languages = { en: english, zh: chinese };

export function doctorMessages(language: Language): DoctorMessages {
  return languages[language];
}
