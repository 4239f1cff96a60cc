import type { Language } from "./language.ts";

/** What `run`, `resume` and `demo` say besides the live display. */
export interface RunMessages {
  readonly space: string;
  readonly search: string;
  readonly tuning: string;
  readonly best: string;
  readonly model: string;
  readonly lookLabel: string;
  /** `limits`: what ends the search, whichever comes first; none: a person does. */
  searchLine(sampler: string, scheduler: string | null, limits: readonly string[], parallel: number): string;
  /** `members`: of the population. */
  populationLine(sampler: string, scheduler: string, members: number, limits: readonly string[], parallel: number): string;
  continues(done: number): string;
  alreadyDone(name: string, cause: string, trialCount: number): string;
  doneSummary(duration: string, trialCount: number, toTheEnd: number, stopped: number, failed: number): string;
  /** `steps`: trained over all members, with the unit; `copies`: members that began from a checkpoint of another one. */
  populationSummary(duration: string, members: number, copies: number, steps: string, failed: number): string;
  fidelitySaved(share: string, unit: string, trialCount: number): string;
  /** What it came to, a sentence; `saved` if something was. */
  cost(done: string, saved: string | null): string;
  readonly pausedByHand: string;
  paused(message: string): string;
  pausedNext(name: string): string;
  pausedBreakerNext(name: string): string;
  interrupting(count: number, graceSeconds: number): string;
  interrupted(done: number, total: number | null, name: string): string;
  duringSearch(value: string): string;
  oneRun(name: string): string;
  defaultConfiguration(value: string): string;
  noBest(name: string): string;
  modelKept(name: string): string;
  look(name: string): string;
  moreBudget(name: string): string;
}

const english: RunMessages = {
  space: "space",
  search: "search",
  tuning: "Tuning",
  best: "best",
  model: "model",
  lookLabel: "look",
  searchLine: (sampler, scheduler, limits, parallel) =>
    [
      sampler,
      ...(scheduler === null ? [] : [`${scheduler} stops weak runs early`]),
      `${limits.length === 0 ? "until stopped" : limits.join(" or ")}, ${parallel} at a time`,
    ].join("  ·  "),
  populationLine: (sampler, scheduler, members, limits, parallel) =>
    [
      `${scheduler} trains a population of ${members}, ${sampler} draws the first`,
      [...limits, `${parallel} at a time`].join(", "),
    ].join("  ·  "),
  continues: (done) => `continues with ${done} trials on record`,
  alreadyDone: (name, cause, trialCount) => `${name} is done (${cause}) with ${trialCount} trials`,
  doneSummary: (duration, trialCount, toTheEnd, stopped, failed) =>
    `Done in ${duration}: ${trialCount} trials, ${toTheEnd} to the end${stopped > 0 ? `, ${stopped} stopped early` : ""}${failed > 0 ? `, ${failed} failed` : ""}`,
  populationSummary: (duration, members, copies, steps, failed) =>
    `Done in ${duration}: ${members} ${members === 1 ? "member" : "members"}, ${copies} ${copies === 1 ? "copy" : "copies"} made, ${steps} in all${failed > 0 ? `, ${failed} failed` : ""}`,
  fidelitySaved: (share, unit, trialCount) => `${share} fewer ${unit} than running these ${trialCount} to the end`,
  cost: (done, saved) => (saved === null ? `${done}.` : `${done}: ${saved}.`),
  pausedByHand: "by hand",
  paused: (message) => `paused  ${message}`,
  pausedNext: (name) => `        go on with: tunesmith resume ${name}`,
  pausedBreakerNext: (name) => `        tunesmith logs ${name}   ·   mend it, then: tunesmith resume ${name}`,
  interrupting: (count, graceSeconds) =>
    `stopping: ${count} running ${count === 1 ? "trial gets" : "trials get"} ${graceSeconds} s to save (Ctrl-C again ends them now) …`,
  interrupted: (done, total, name) =>
    `saved. ${done}${total === null ? "" : ` of ${total}`} done, continue with: tunesmith resume ${name}`,
  duringSearch: (value) => `(during the search ${value})`,
  oneRun: (name) => `one run: how sure is it? confirm: { top: 3, seeds: 3 } in the study file of ${name} repeats the best`,
  defaultConfiguration: (value) => `default configuration ${value}`,
  noBest: (name) => `no trial of ${name} is complete: tunesmith logs ${name}`,
  modelKept: (name) => `kept: tunesmith best ${name} --model out/`,
  look: (name) => `tunesmith show ${name}   ·   tunesmith best ${name} --args`,
  moreBudget: (name) => `more: raise budget.trials in its file and run it again, or: tunesmith run … --trials N --name ${name}`,
};

const chinese: RunMessages = {
  space: "搜索空间",
  search: "搜索",
  tuning: "调优",
  best: "最优",
  model: "模型",
  lookLabel: "查看",
  searchLine: (sampler, scheduler, limits, parallel) =>
    [
      sampler,
      ...(scheduler === null ? [] : [`${scheduler} 提前停止较差的试验`]),
      `${limits.length === 0 ? "直到手动停止" : limits.join("或 ")}，同时 ${parallel} 个`,
    ].join("  ·  "),
  populationLine: (sampler, scheduler, members, limits, parallel) =>
    [`${scheduler} 训练 ${members} 个成员的种群，初始成员由 ${sampler} 抽取`, [...limits, `同时 ${parallel} 个`].join("，")].join(
      "  ·  ",
    ),
  continues: (done) => `继续，已有 ${done} 个试验`,
  alreadyDone: (name, cause, trialCount) => `${name} 已结束（${cause}），共 ${trialCount} 个试验`,
  doneSummary: (duration, trialCount, toTheEnd, stopped, failed) =>
    `用时 ${duration}：${trialCount} 个试验，${toTheEnd} 个完成${stopped > 0 ? `，${stopped} 个提前停止` : ""}${failed > 0 ? `，${failed} 个失败` : ""}`,
  populationSummary: (duration, members, copies, steps, failed) =>
    `用时 ${duration}：${members} 个成员，复制 ${copies} 次，共 ${steps}${failed > 0 ? `，${failed} 个失败` : ""}`,
  fidelitySaved: (share, unit, trialCount) => `比全部跑完 ${trialCount} 个少用 ${share} 的 ${unit}`,
  cost: (done, saved) => (saved === null ? `${done}。` : `${done}；${saved}。`),
  pausedByHand: "手动",
  paused: (message) => `已暂停  ${message}`,
  pausedNext: (name) => `        继续：tunesmith resume ${name}`,
  pausedBreakerNext: (name) => `        tunesmith logs ${name}   ·   修好后：tunesmith resume ${name}`,
  interrupting: (count, graceSeconds) => `正在停止：${count} 个试验有 ${graceSeconds} 秒保存（再按 Ctrl-C 立即结束）…`,
  interrupted: (done, total, name) =>
    `已保存。完成 ${done}${total === null ? "" : ` / ${total}`}，继续：tunesmith resume ${name}`,
  duringSearch: (value) => `（搜索时 ${value}）`,
  oneRun: (name) => `只运行了一次：在 ${name} 的研究文件中写 confirm: { top: 3, seeds: 3 } 可重复最优试验`,
  defaultConfiguration: (value) => `默认配置 ${value}`,
  noBest: (name) => `${name} 没有完成的试验：tunesmith logs ${name}`,
  modelKept: (name) => `已保留：tunesmith best ${name} --model out/`,
  look: (name) => `tunesmith show ${name}   ·   tunesmith best ${name} --args`,
  moreBudget: (name) => `继续搜索：增大文件中的 budget.trials 后再运行，或：tunesmith run … --trials N --name ${name}`,
};

const languages = { en: english, zh: chinese };

export function runMessages(language: Language): RunMessages {
  return languages[language];
}
