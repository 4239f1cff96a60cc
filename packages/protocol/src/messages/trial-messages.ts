import type { FailureReason, Trial } from "@tunesmith/core";
import type { Language } from "./language.ts";

/** What is said about single trials. Numbers and names come ready to be shown. */
export interface TrialMessages {
  readonly columns: Readonly<Record<"state" | "why" | "when", string>>;
  readonly labels: Readonly<
    Record<
      | "why"
      | "config"
      | "result"
      | "metrics"
      | "how"
      | "rungs"
      | "decided"
      | "against"
      | "runs"
      | "failed"
      | "kept"
      | "next"
      | "tags"
      | "lineage",
      string
    >
  >;
  readonly sources: Readonly<Record<Trial["source"], string>>;
  /** The same in a word. */
  readonly shortSources: Readonly<Record<Trial["source"], string>>;
  readonly reasons: Readonly<Record<FailureReason, string>>;
  /** The same in a word or two. */
  readonly shortReasons: Readonly<Record<FailureReason, string>>;
  noTrial(number: number, count: number): string;
  /** `unit`: of the fidelity. */
  lineage(trial: number, unit: string, step: number): string;
  fixedByHand(names: readonly string[]): string;
  readonly stillOpen: string;
  readonly noReports: string;
  /** `name`: of the metric that carries the step, if one does. */
  step(name: string | null, step: number): string;
  decided(step: string, rule: string): string;
  bracket(number: number, trialCount: number): string;
  /** `isThen`: among those that had come by then; else among all that have come. */
  place(place: number, of: number, isThen: boolean): string;
  /** What became of a trial at a rung: it went on, waits there, or ended there. `goneOnCount`: of all that came, itself included. */
  fate(fate: "on" | "waits" | "here", goneOnCount: number): string;
  /** The same where trials are judged in passing: the best `placeCount` go on. */
  fateInPassing(fate: "on" | "waits" | "here", placeCount: number): string;
  bestTrial(number: number): string;
  nextBest(number: number): string;
  readonly sameConfig: string;
  confirmRun(index: number): string;
  run(index: number): string;
  fold(index: number): string;
  attempts(count: number): string;
  checkpoint(step: number): string;
  more(count: number): string;
  took(duration: string): string;
  readonly nothingFound: string;
  shownOf(shown: number, total: number): string;
  noLog(number: number): string;
  readonly noAttempt: string;
  attemptOf(trial: number, attempt: number): string;
}

const english: TrialMessages = {
  columns: { state: "state", why: "why", when: "when" },
  labels: {
    why: "why",
    config: "config",
    result: "result",
    metrics: "metrics",
    how: "how",
    rungs: "rungs",
    decided: "decided",
    against: "against",
    runs: "runs",
    failed: "failed",
    kept: "kept",
    next: "next",
    tags: "tags",
    lineage: "lineage",
  },
  sources: {
    sampler: "suggested by the sampler",
    enqueued: "enqueued by hand",
    retry: "a retry of an earlier trial",
    child: "a child of another trial",
    ask: "asked for by a program",
  },
  shortSources: { sampler: "sampler", enqueued: "enqueued", retry: "retry", child: "child", ask: "program" },
  reasons: {
    exit: "exit code",
    signal: "ended by a signal",
    oom: "out of memory",
    timeout: "took too long",
    no_result: "no result",
    non_finite: "not a finite number",
    lease_lost: "its runner died",
    preempted: "its machine was taken away",
    infra: "the infrastructure failed",
    error: "an error",
  },
  shortReasons: {
    exit: "exit",
    signal: "signal",
    oom: "out of memory",
    timeout: "timeout",
    no_result: "no result",
    non_finite: "not finite",
    lease_lost: "runner died",
    preempted: "preempted",
    infra: "infra",
    error: "error",
  },
  noTrial: (number, count) => `no trial ${number} here; ${count === 0 ? "there are none yet" : `there are 0 to ${count - 1}`}`,
  lineage: (trial, unit, step) => `from #${trial} at ${unit} ${step}`,
  fixedByHand: (names) => `fixed by hand: ${names.join(", ")}; the rest was filled`,
  stillOpen: "the sampler fills the rest when it starts",
  noReports: "no reports yet",
  step: (name, step) => `${name ?? "step"} ${step}`,
  decided: (step, rule) => `at ${step}: ${rule}`,
  bracket: (number, trialCount) => `bracket ${number}, ${trialCount} ${trialCount === 1 ? "trial" : "trials"}`,
  place: (place, of, isThen) => `place ${place} of ${of}${isThen ? " so far" : ""}`,
  fate: (fate, goneOnCount) =>
    fate === "on"
      ? `went on, ${goneOnCount === 1 ? "the only one" : `one of ${goneOnCount}`}`
      : `${fate === "waits" ? "waits" : "not farther"}, ${goneOnCount} went on`,
  fateInPassing: (fate, placeCount) =>
    `${fate === "on" ? "went on" : "stopped"}, the best ${placeCount === 1 ? "one goes" : `${placeCount} go`} on`,
  bestTrial: (number) => `the best, #${number}`,
  nextBest: (number) => `the next best, #${number}`,
  sameConfig: "the same configuration",
  confirmRun: (index) => `confirmation ${index}`,
  run: (index) => `run ${index}`,
  fold: (index) => `fold ${index}`,
  attempts: (count) => (count === 1 ? "1 attempt" : `${count} attempts`),
  checkpoint: (step) => `checkpoint at step ${step}`,
  more: (count) => `and ${count} more`,
  took: (duration) => `took ${duration}`,
  nothingFound: "no trial is like that",
  shownOf: (shown, total) => `${shown} of ${total} trials`,
  noLog: (number) => `#${number} printed nothing that was kept`,
  noAttempt: "no trial has been started yet",
  attemptOf: (trial, attempt) => `#${trial}, attempt ${attempt}`,
};

const chinese: TrialMessages = {
  columns: { state: "状态", why: "原因", when: "时间" },
  labels: {
    why: "原因",
    config: "配置",
    result: "结果",
    metrics: "指标",
    how: "过程",
    rungs: "梯级",
    decided: "决定",
    against: "对比",
    runs: "运行",
    failed: "失败",
    kept: "保留",
    next: "下一步",
    tags: "标签",
    lineage: "谱系",
  },
  sources: {
    sampler: "由采样器建议",
    enqueued: "手动加入",
    retry: "重试较早的试验",
    child: "由另一试验派生",
    ask: "由程序请求",
  },
  shortSources: { sampler: "采样器", enqueued: "手动加入", retry: "重试", child: "派生", ask: "程序" },
  reasons: {
    exit: "退出码",
    signal: "被信号终止",
    oom: "内存不足",
    timeout: "超时",
    no_result: "没有结果",
    non_finite: "不是有限数",
    lease_lost: "运行者已终止",
    preempted: "机器被收回",
    infra: "基础设施故障",
    error: "错误",
  },
  shortReasons: {
    exit: "退出码",
    signal: "信号",
    oom: "内存不足",
    timeout: "超时",
    no_result: "没有结果",
    non_finite: "非有限数",
    lease_lost: "运行者终止",
    preempted: "被收回",
    infra: "基础设施",
    error: "错误",
  },
  noTrial: (number, count) => `这里没有试验 ${number}；${count === 0 ? "还没有试验" : `有 0 到 ${count - 1}`}`,
  lineage: (trial, unit, step) => `来自 #${trial} 的 ${unit} ${step}`,
  fixedByHand: (names) => `手动指定：${names.join("，")}；其余由采样器补全`,
  stillOpen: "其余在开始时由采样器补全",
  noReports: "还没有报告",
  step: (name, step) => (name === null ? `第 ${step} 步` : `${name} ${step}`),
  decided: (step, rule) => `${step}：${rule}`,
  bracket: (number, trialCount) => `第 ${number} 组，${trialCount} 个试验`,
  place: (place, of, isThen) => `${isThen ? "当时 " : ""}${of} 个中排第 ${place}`,
  fate: (fate, goneOnCount) =>
    fate === "on" ? `继续，${goneOnCount} 个之一` : `${fate === "waits" ? "等待" : "止于此"}，${goneOnCount} 个已继续`,
  fateInPassing: (fate, placeCount) => `${fate === "on" ? "继续" : "停止"}，前 ${placeCount} 个继续`,
  bestTrial: (number) => `最优 #${number}`,
  nextBest: (number) => `次优 #${number}`,
  sameConfig: "配置相同",
  confirmRun: (index) => `确认 ${index}`,
  run: (index) => `运行 ${index}`,
  fold: (index) => `折 ${index}`,
  attempts: (count) => `${count} 次尝试`,
  checkpoint: (step) => `第 ${step} 步的检查点`,
  more: (count) => `还有 ${count} 个`,
  took: (duration) => `用时 ${duration}`,
  nothingFound: "没有这样的试验",
  shownOf: (shown, total) => `${total} 个试验中的 ${shown} 个`,
  noLog: (number) => `#${number} 没有保留任何输出`,
  noAttempt: "还没有开始任何试验",
  attemptOf: (trial, attempt) => `#${trial}，第 ${attempt} 次尝试`,
};

const languages = { en: english, zh: chinese };

export function trialMessages(language: Language): TrialMessages {
  return languages[language];
}
