import type { Language } from "./language.ts";

/** Short words of the terminal's live display and tables. */
export interface TerminalMessages {
  readonly best: string;
  readonly noBestYet: string;
  readonly stoppedEarly: string;
  /** Before a count of trials that are paused on their way. */
  readonly waiting: string;
  /** Before a count. */
  readonly copies: string;
  readonly failed: string;
  /** Where a run is when no metric names its steps. */
  readonly step: string;
  finished(count: number): string;
  members(count: number): string;
  /** The best that is on its way, while nothing has a result: value and trial, and how far it is. */
  ahead(best: string, unit: string, fidelity: string): string;
  perSecond(rate: string): string;
  perMinute(rate: string): string;
  perHour(rate: string): string;
  timeLeft(duration: string): string;
  gridTime(trialCount: string, rate: string, duration: string): string;
  /** `withDefaults`: the default configuration is confirmed beside the best. */
  confirming(bestCount: number, withDefaults: boolean, seedCount: number): string;
  trialFailed(trial: number, message: string): string;
}

const english: TerminalMessages = {
  best: "best",
  noBestYet: "no result yet",
  stoppedEarly: "stopped early",
  waiting: "waiting",
  copies: "copies",
  failed: "failed",
  step: "step",
  finished: (count) => `${count} finished`,
  members: (count) => (count === 1 ? "1 member" : `${count} members`),
  ahead: (best, unit, fidelity) => `ahead ${best} at ${unit} ${fidelity}`,
  perSecond: (rate) => `${rate}/s`,
  perMinute: (rate) => `${rate}/min`,
  perHour: (rate) => `${rate}/h`,
  timeLeft: (duration) => `about ${duration} left`,
  gridTime: (trialCount, rate, duration) => `grid: ${trialCount} trials at ${rate} take about ${duration} in all`,
  confirming: (bestCount, withDefaults, seedCount) =>
    `confirming the ${bestCount} best${withDefaults ? " and the default" : ""} on ${seedCount} fresh seeds …`,
  trialFailed: (trial, message) => `#${trial} failed  ${message}`,
};

const chinese: TerminalMessages = {
  best: "最优",
  noBestYet: "尚无结果",
  stoppedEarly: "提前停止",
  waiting: "等待",
  copies: "复制",
  failed: "失败",
  step: "步",
  finished: (count) => `已完成 ${count}`,
  members: (count) => `${count} 个成员`,
  ahead: (best, unit, fidelity) => `领先 ${best}（${unit} ${fidelity}）`,
  perSecond: (rate) => `${rate}/秒`,
  perMinute: (rate) => `${rate}/分`,
  perHour: (rate) => `${rate}/时`,
  timeLeft: (duration) => `约剩 ${duration}`,
  gridTime: (trialCount, rate, duration) => `网格：${trialCount} 个试验，按 ${rate} 共约需 ${duration}`,
  confirming: (bestCount, withDefaults, seedCount) =>
    `正在用 ${seedCount} 个新种子确认最优的 ${bestCount} 个${withDefaults ? "和默认配置" : ""} …`,
  trialFailed: (trial, message) => `#${trial} 失败  ${message}`,
};

const languages = { en: english, zh: chinese };

export function terminalMessages(language: Language): TerminalMessages {
  return languages[language];
}
