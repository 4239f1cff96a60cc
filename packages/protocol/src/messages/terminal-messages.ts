import type { Language } from "./language.ts";

/** Short words of the terminal's live display and tables. */
export interface TerminalMessages {
  readonly best: string;
  readonly noBestYet: string;
  readonly stoppedEarly: string;
  readonly failed: string;
  finished(count: number): string;
  perSecond(rate: string): string;
  perMinute(rate: string): string;
  perHour(rate: string): string;
  timeLeft(duration: string): string;
  confirming(trialCount: number, seedCount: number): string;
  trialFailed(trial: number, message: string): string;
}

const english: TerminalMessages = {
  best: "best",
  noBestYet: "no result yet",
  stoppedEarly: "stopped early",
  failed: "failed",
  finished: (count) => `${count} finished`,
  perSecond: (rate) => `${rate}/s`,
  perMinute: (rate) => `${rate}/min`,
  perHour: (rate) => `${rate}/h`,
  timeLeft: (duration) => `about ${duration} left`,
  confirming: (trialCount, seedCount) => `confirming the ${trialCount} best on ${seedCount} fresh seeds …`,
  trialFailed: (trial, message) => `#${trial} failed  ${message}`,
};

const chinese: TerminalMessages = {
  best: "最优",
  noBestYet: "尚无结果",
  stoppedEarly: "提前停止",
  failed: "失败",
  finished: (count) => `已完成 ${count}`,
  perSecond: (rate) => `${rate}/秒`,
  perMinute: (rate) => `${rate}/分`,
  perHour: (rate) => `${rate}/时`,
  timeLeft: (duration) => `约剩 ${duration}`,
  confirming: (trialCount, seedCount) => `正在用 ${seedCount} 个新种子确认最优的 ${trialCount} 个 …`,
  trialFailed: (trial, message) => `#${trial} 失败  ${message}`,
};

const languages = { en: english, zh: chinese };

export function terminalMessages(language: Language): TerminalMessages {
  return languages[language];
}
