import type { StudyCause, TrialState } from "@tunesmith/core";
import type { Language } from "./language.ts";

/** How a study stands on screen; `running` and `waiting` are both active, with and without a runner. */
export type ShownStudyState = "running" | "waiting" | "paused" | "done";

/** What is said about studies: lists, results, what they spent. Numbers and names come ready to be shown. */
export interface StudyMessages {
  readonly columns: Readonly<Record<"study" | "state" | "trials" | "best" | "when" | "note", string>>;
  readonly states: Readonly<Record<ShownStudyState, string>>;
  readonly causes: Readonly<Record<StudyCause, string>>;
  /** The same in a word or two. */
  readonly shortCauses: Readonly<Record<StudyCause, string>>;
  readonly trialStates: Readonly<Record<TrialState, string>>;
  readonly labels: Readonly<
    Record<
      | "best"
      | "sure"
      | "front"
      | "default"
      | "trials"
      | "spent"
      | "space"
      | "search"
      | "rungs"
      | "population"
      | "bestSoFar"
      | "curves"
      | "look",
      string
    >
  >;
  /** Of the table of rungs: trials that came there, those that were let go on, those that wait, the best value there. */
  readonly rungColumns: Readonly<Record<"bracket" | "came" | "wentOn" | "waiting" | "best", string>>;
  /** Of the table of a population. */
  readonly memberColumns: Readonly<Record<"member" | "trials", string>>;
  /** A bracket and how many more of the same kind. */
  brackets(first: number, moreCount: number): string;
  /** Copies: members that began from a checkpoint of another one. */
  populationOf(memberCount: number, copyCount: number): string;
  copies(count: string): string;
  /** How a study stands and why. */
  stateBecause(state: string, why: string): string;
  stateCount(count: string, state: string): string;
  counts(total: string, parts: readonly string[]): string;
  notes(parts: readonly string[]): string;
  seed(seed: number): string;
  readonly noStudies: string;
  noTrials(command: string): string;
  noResult(command: string): string;
  /** `waiting: 3 trials are queued`, with the command that goes on. */
  goOn(command: string): string;
  overSeeds(count: number): string;
  overReplicates(count: number): string;
  duringSearch(value: string): string;
  oneRun(command: string): string;
  confirmedOn(count: number): string;
  bestOfFront(count: number): string;
  defaultGap(percent: string): string;
  activeTime(duration: string): string;
  ofBudget(parts: readonly string[]): string;
  budgetTrials(count: string): string;
  budgetNoImprovement(count: number): string;
  readonly noBudget: string;
  inParallel(count: number): string;
  withCondition(condition: string): string;
  constraint(text: string): string;
  more(count: number): string;
}

const english: StudyMessages = {
  columns: { study: "study", state: "state", trials: "trials", best: "best", when: "when", note: "note" },
  states: { running: "running", waiting: "waiting", paused: "paused", done: "done" },
  causes: {
    trials: "the trials of the budget are made",
    time: "the time of the budget is used up",
    no_improvement: "no improvement for as long as the budget allows",
    stop_at: "the goal is reached",
    steps: "the steps of the budget are used up",
    exhausted: "nothing is left to try",
    stopped: "stopped by hand",
    person: "by hand",
    breaker: "the first trials failed alike",
  },
  shortCauses: {
    trials: "trials",
    time: "time",
    no_improvement: "no improvement",
    stop_at: "goal reached",
    steps: "steps",
    exhausted: "nothing left to try",
    stopped: "stopped",
    person: "by hand",
    breaker: "failures",
  },
  trialStates: {
    queued: "queued",
    running: "running",
    paused: "paused",
    complete: "complete",
    stopped: "stopped early",
    failed: "failed",
    cancelled: "cancelled",
  },
  labels: {
    best: "best",
    sure: "sure",
    front: "best",
    default: "default",
    trials: "trials",
    spent: "spent",
    space: "space",
    search: "search",
    rungs: "rungs",
    population: "members",
    bestSoFar: "best so far",
    curves: "learning curves",
    look: "look",
  },
  rungColumns: { bracket: "bracket", came: "came", wentOn: "went on", waiting: "waiting", best: "best there" },
  memberColumns: { member: "member", trials: "trials" },
  brackets: (first, moreCount) => `${first} and ${moreCount} more`,
  populationOf: (memberCount, copyCount) =>
    `${memberCount} ${memberCount === 1 ? "member" : "members"}, ${copyCount} ${copyCount === 1 ? "copy" : "copies"} made`,
  copies: (count) => `${count} ${count === "1" ? "copy" : "copies"} made`,
  stateBecause: (state, why) => `${state}: ${why}`,
  stateCount: (count, state) => `${count} ${state}`,
  counts: (total, parts) => `${total}: ${parts.join(", ")}`,
  notes: (parts) => parts.join(", "),
  seed: (seed) => `seed ${seed}`,
  noStudies: "no studies here yet; begin with: tunesmith init   ·   tunesmith demo",
  noTrials: (command) => `no trials yet: start with ${command}`,
  noResult: (command) => `no trial is complete yet: see how they go with ${command}`,
  goOn: (command) => `go on with: ${command}`,
  overSeeds: (count) => `over ${count} fresh seeds`,
  overReplicates: (count) => `over ${count} runs`,
  duringSearch: (value) => `(during the search ${value})`,
  oneRun: (command) => `one run: repeat it with ${command}`,
  confirmedOn: (count) => (count === 1 ? "confirmed on one fresh seed" : `confirmed on ${count} fresh seeds, and chosen by them`),
  bestOfFront: (count) => (count === 1 ? "1 trial that no other beats" : `${count} trials that no other beats`),
  defaultGap: (percent) => `the best is ${percent} better`,
  activeTime: (duration) => `${duration} active`,
  ofBudget: (parts) => `of ${parts.join(", ")}`,
  budgetTrials: (count) => `${count} trials`,
  budgetNoImprovement: (count) => `${count} without improvement`,
  noBudget: "no budget: it goes on until it is stopped",
  inParallel: (count) => `${count} at a time`,
  withCondition: (condition) => `with ${condition}`,
  constraint: (text) => `such that ${text}`,
  more: (count) => `and ${count} more`,
};

const chinese: StudyMessages = {
  columns: { study: "研究", state: "状态", trials: "试验", best: "最优", when: "时间", note: "备注" },
  states: { running: "运行中", waiting: "等待", paused: "已暂停", done: "已完成" },
  causes: {
    trials: "预算内的试验已全部完成",
    time: "预算时间已用完",
    no_improvement: "已达到预算允许的无改进次数",
    stop_at: "已达到目标",
    steps: "预算步数已用完",
    exhausted: "没有可尝试的配置了",
    stopped: "已手动停止",
    person: "手动",
    breaker: "最初的试验以相同方式失败",
  },
  shortCauses: {
    trials: "试验数已满",
    time: "时间已用完",
    no_improvement: "无改进",
    stop_at: "已达到目标",
    steps: "步数已用完",
    exhausted: "没有可尝试的配置",
    stopped: "手动停止",
    person: "手动",
    breaker: "失败",
  },
  trialStates: {
    queued: "排队",
    running: "运行中",
    paused: "暂停",
    complete: "完成",
    stopped: "提前停止",
    failed: "失败",
    cancelled: "已取消",
  },
  labels: {
    best: "最优",
    sure: "可靠性",
    front: "最优",
    default: "默认",
    trials: "试验",
    spent: "已用",
    space: "搜索空间",
    search: "搜索",
    rungs: "梯级",
    population: "成员",
    bestSoFar: "目前最优",
    curves: "学习曲线",
    look: "查看",
  },
  rungColumns: { bracket: "组", came: "到达", wentOn: "继续", waiting: "等待", best: "此处最优" },
  memberColumns: { member: "成员", trials: "试验" },
  brackets: (first, moreCount) => `${first} 等 ${moreCount + 1} 组`,
  populationOf: (memberCount, copyCount) => `${memberCount} 个成员，复制 ${copyCount} 次`,
  copies: (count) => `复制 ${count} 次`,
  stateBecause: (state, why) => `${state}：${why}`,
  stateCount: (count, state) => `${count} 个${state}`,
  counts: (total, parts) => `${total} 个：${parts.join("，")}`,
  notes: (parts) => parts.join("，"),
  seed: (seed) => `种子 ${seed}`,
  noStudies: "这里还没有研究；从这里开始：tunesmith init   ·   tunesmith demo",
  noTrials: (command) => `还没有试验：用 ${command} 开始`,
  noResult: (command) => `还没有完成的试验：用 ${command} 查看进展`,
  goOn: (command) => `继续：${command}`,
  overSeeds: (count) => `（${count} 个新种子）`,
  overReplicates: (count) => `（${count} 次运行）`,
  duringSearch: (value) => `（搜索时 ${value}）`,
  oneRun: (command) => `只运行了一次：用 ${command} 重复`,
  confirmedOn: (count) => `已用 ${count} 个新种子确认，并据此选出`,
  bestOfFront: (count) => `${count} 个互不支配的试验`,
  defaultGap: (percent) => `最优配置好 ${percent}`,
  activeTime: (duration) => `运行 ${duration}`,
  ofBudget: (parts) => `预算 ${parts.join("，")}`,
  budgetTrials: (count) => `${count} 个试验`,
  budgetNoImprovement: (count) => `${count} 次无改进`,
  noBudget: "没有预算：直到手动停止",
  inParallel: (count) => `同时 ${count} 个`,
  withCondition: (condition) => `当 ${condition}`,
  constraint: (text) => `满足 ${text}`,
  more: (count) => `还有 ${count} 个`,
};

const languages = { en: english, zh: chinese };

export function studyMessages(language: Language): StudyMessages {
  return languages[language];
}
