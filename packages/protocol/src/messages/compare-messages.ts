import type { Language } from "./language.ts";

/** What `compare` says. Numbers and names come ready to be shown. */
export interface CompareMessages {
  readonly columns: Readonly<Record<"sampler" | "study" | "best" | "range" | "trials" | "time", string>>;
  comparing(samplers: readonly string[], seedCount: number): string;
  gridPoints(count: string): string;
  ran(sampler: string, seed: number, best: string): string;
  readonly noResult: string;
  curves(objective: string): string;
  medians(objective: string, runCount: number): string;
  afterTrials(count: number): string;
  readonly overlap: string;
  differentObjectives(a: string, b: string): string;
  readonly needsTwo: string;
  keptIn(folder: string): string;
}

const english: CompareMessages = {
  columns: { sampler: "sampler", study: "study", best: "best", range: "from … to", trials: "trials", time: "time" },
  comparing: (samplers, seedCount) =>
    `comparing ${samplers.join(", ")} with ${seedCount} seeds each: ${samplers.length * seedCount} runs of the whole study`,
  gridPoints: (count) => `grid: ${count} values of each continuous parameter`,
  ran: (sampler, seed, best) => `${sampler} seed ${seed}   ${best}`,
  noResult: "no result",
  curves: (objective) => `best ${objective} so far`,
  medians: (objective, runCount) => `best ${objective} so far: median of ${runCount} runs, dotted the best and the worst`,
  afterTrials: (count) => `${count} trials`,
  overlap: "their ranges overlap: these runs do not tell the first two apart",
  differentObjectives: (a, b) => `${a} and ${b} are different objectives; only studies of the same one can be compared`,
  needsTwo: "name at least two studies, or a study file",
  keptIn: (folder) => `the runs are kept: tunesmith ls --home ${folder}`,
};

const chinese: CompareMessages = {
  columns: { sampler: "采样器", study: "研究", best: "最优", range: "范围", trials: "试验", time: "时间" },
  comparing: (samplers, seedCount) =>
    `比较 ${samplers.join("、")}，各 ${seedCount} 个种子：共运行整个研究 ${samplers.length * seedCount} 次`,
  gridPoints: (count) => `grid：每个连续参数取 ${count} 个值`,
  ran: (sampler, seed, best) => `${sampler} 种子 ${seed}   ${best}`,
  noResult: "没有结果",
  curves: (objective) => `目前最优 ${objective}`,
  medians: (objective, runCount) => `目前最优 ${objective}：${runCount} 次运行的中位数，点线为最好与最差`,
  afterTrials: (count) => `${count} 个试验`,
  overlap: "范围有重叠：这些运行不足以区分前两名",
  differentObjectives: (a, b) => `${a} 与 ${b} 是不同的目标；只能比较目标相同的研究`,
  needsTwo: "请写出至少两个研究，或一个研究文件",
  keptIn: (folder) => `运行结果已保留：tunesmith ls --home ${folder}`,
};

const languages = { en: english, zh: chinese };

export function compareMessages(language: Language): CompareMessages {
  return languages[language];
}
