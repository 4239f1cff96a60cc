import type { Language } from "./language.ts";

/** Short words of the terminal's live display and tables. */
export interface TerminalMessages {
  readonly best: string;
  readonly noBestYet: string;
  readonly stoppedEarly: string;
  readonly failed: string;
  /** Where a run is when no metric names its steps. */
  readonly step: string;
  finished(count: number): string;
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
  failed: "failed",
  step: "step",
  finished: (count) => `${count} finished`,
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
  failed: "失败",
  step: "步",
  finished: (count) => `已完成 ${count}`,
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
