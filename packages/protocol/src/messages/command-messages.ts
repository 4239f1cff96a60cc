import type { Language } from "./language.ts";

/** What commands that change something say afterwards, and why they refuse. Names and commands come ready to be shown. */
export interface CommandMessages {
  queued(trials: string): string;
  readonly samplerFills: string;
  nobodyRuns(study: string, command: string): string;
  faults(what: string, count: number): string;
  readonly noConfig: string;
  notAPair(text: string): string;
  twice(name: string): string;
  /** `nearest`: the name that was perhaps meant. */
  unknownParameter(nearest: string | null): string;
  badState(found: string, allowed: string): string;
  budgetSpent(study: string, count: number): string;
  paused(study: string, hasRunner: boolean): string;
  alreadyPaused(study: string): string;
  doneAlready(study: string, cause: string): string;
  trialsPaused(trials: string, count: number): string;
  /** `state` in words; `instead` a command, if one helps. */
  trialCannotPause(trial: number, state: string, instead: string | null): string;
  /** Something else is on record about it: `decision` names it, `why` says why. */
  trialDecided(trial: number, decision: "stop" | "pause", why: string): string;
  goesOn(study: string): string;
  alreadyRunning(study: string): string;
  raiseBudget(study: string, cause: string): string;
  trialResumed(trials: string): string;
  trialNotPaused(trial: number, state: string): string;
  stopped(study: string, hasRunner: boolean): string;
  cancelled(trials: string): string;
  trialFinished(trial: number, state: string): string;
  nothingToRetry(study: string): string;
  retried(trials: string): string;
  trialUnfinished(trial: number, state: string): string;
  notATrial(text: string): string;
  cloned(study: string, copy: string, trialCount: number): string;
  nameTaken(name: string): string;
  deleted(study: string, trialCount: number): string;
  deleteQuestion(study: string, trialCount: number): string;
  readonly yes: string;
  readonly no: string;
  readonly notDeleted: string;
  confirmWithYes(command: string): string;
  runnerHolds(study: string, command: string): string;
  wrote(file: string): string;
  fileExists(file: string): string;
  folderNotEmpty(folder: string): string;
  noCheckpoint(trial: number): string;
  checkpointMissing(trial: number, step: number): string;
  modelKept(folder: string, trial: number, step: number): string;
  tryThis(command: string): string;
}

const english: CommandMessages = {
  queued: (trials) => `queued ${trials}`,
  samplerFills: "the sampler fills the rest",
  nobodyRuns: (study, command) => `nobody runs ${study} now; start with: ${command}`,
  faults: (what, count) => `${what}: ${count === 1 ? "1 fault" : `${count} faults`}, nothing was queued`,
  noConfig: "nothing to queue; write values such as lr=0.003, or --file configs.json",
  notAPair: (text) => `${text} is no name=value`,
  twice: (name) => `${name} is given twice`,
  unknownParameter: (nearest) => (nearest === null ? "unknown" : `unknown; did you mean ${nearest}?`),
  badState: (found, allowed) => `--state ${found}; allowed: ${allowed}`,
  budgetSpent: (study, count) => `${study} may make ${count} trials, not that many more; raise budget.trials`,
  paused: (study, hasRunner) => `paused ${study}${hasRunner ? ": what runs goes on to its end, nothing new starts" : ""}`,
  alreadyPaused: (study) => `${study} is paused already`,
  doneAlready: (study, cause) => `${study} is done: ${cause}`,
  trialsPaused: (trials, count) => `paused ${trials}: ${count === 1 ? "it saves and leaves" : "they save and leave"}`,
  trialCannotPause: (trial, state, instead) =>
    `#${trial} is ${state}; only a running trial can be paused${instead === null ? "" : `; try: ${instead}`}`,
  trialDecided: (trial, decision, why) =>
    decision === "pause" ? `#${trial} is to pause already: ${why}` : `#${trial} is to stop: ${why}`,
  goesOn: (study) => `${study} goes on`,
  alreadyRunning: (study) => `${study} is running already`,
  raiseBudget: (study, cause) => `${study} is done: ${cause}; raise its budget in the study file and run it again`,
  trialResumed: (trials) => `${trials} will go on`,
  trialNotPaused: (trial, state) => `#${trial} is ${state}; only a paused trial can be resumed`,
  stopped: (study, hasRunner) => `stopped ${study}${hasRunner ? ": what runs is being ended" : ""}; everything so far is kept`,
  cancelled: (trials) => `cancelled ${trials}`,
  trialFinished: (trial, state) => `#${trial} is ${state} already`,
  nothingToRetry: (study) => `no trial of ${study} has failed; name the trials to try again`,
  retried: (trials) => `queued again: ${trials}`,
  trialUnfinished: (trial, state) => `#${trial} is ${state}; only a finished trial can be tried again`,
  notATrial: (text) => `${text} is no trial number`,
  cloned: (study, copy, trialCount) =>
    `made ${copy} like ${study}, ${trialCount === 0 ? "without trials" : `with ${trialCount} finished trials`}`,
  nameTaken: (name) => `there is a study named ${name} already`,
  deleted: (study, trialCount) => `deleted ${study} (${trialCount} trials); its files stay until they are purged`,
  deleteQuestion: (study, trialCount) => `Delete ${study} with its ${trialCount} trials?`,
  yes: "Yes",
  no: "No",
  notDeleted: "nothing was deleted",
  confirmWithYes: (command) => `to delete without being asked: ${command}`,
  runnerHolds: (study, command) => `${study} is being run; stop it first: ${command}`,
  wrote: (file) => `wrote ${file}`,
  fileExists: (file) => `${file} is there already; --force replaces it`,
  folderNotEmpty: (folder) => `${folder} is not empty; choose another folder, or --force`,
  noCheckpoint: (trial) => `#${trial} left no checkpoint: its command saved nothing below TUNESMITH_SAVE_DIR`,
  checkpointMissing: (trial, step) => `the checkpoint of #${trial} at step ${step} is no longer on disk, or was changed`,
  modelKept: (folder, trial, step) => `kept in ${folder}: #${trial} as it was at step ${step}`,
  tryThis: (command) => `try: ${command}`,
};

const chinese: CommandMessages = {
  queued: (trials) => `已加入队列 ${trials}`,
  samplerFills: "其余由采样器补全",
  nobodyRuns: (study, command) => `现在没有进程在运行 ${study}；开始：${command}`,
  faults: (what, count) => `${what}：${count} 处错误，没有加入任何试验`,
  noConfig: "没有要加入的内容；请写 lr=0.003 这样的值，或 --file configs.json",
  notAPair: (text) => `${text} 不是 名称=值`,
  twice: (name) => `${name} 给出了两次`,
  unknownParameter: (nearest) => (nearest === null ? "未知" : `未知；是否指 ${nearest}？`),
  badState: (found, allowed) => `--state ${found}；允许：${allowed}`,
  budgetSpent: (study, count) => `${study} 最多 ${count} 个试验，不能再加这么多；请提高 budget.trials`,
  paused: (study, hasRunner) => `已暂停 ${study}${hasRunner ? "：正在运行的会继续到结束，不再开始新的" : ""}`,
  alreadyPaused: (study) => `${study} 已经暂停`,
  doneAlready: (study, cause) => `${study} 已完成：${cause}`,
  trialsPaused: (trials) => `已暂停 ${trials}：保存后退出`,
  trialCannotPause: (trial, state, instead) =>
    `#${trial} 的状态是${state}；只有运行中的试验可以暂停${instead === null ? "" : `；可试：${instead}`}`,
  trialDecided: (trial, decision, why) =>
    decision === "pause" ? `#${trial} 已决定暂停：${why}` : `#${trial} 已决定停止：${why}`,
  goesOn: (study) => `${study} 继续进行`,
  alreadyRunning: (study) => `${study} 已在运行`,
  raiseBudget: (study, cause) => `${study} 已完成：${cause}；请在研究文件中提高预算后再次运行`,
  trialResumed: (trials) => `${trials} 将继续`,
  trialNotPaused: (trial, state) => `#${trial} 的状态是${state}；只有暂停的试验可以恢复`,
  stopped: (study, hasRunner) => `已停止 ${study}${hasRunner ? "：正在结束运行中的试验" : ""}；已有结果全部保留`,
  cancelled: (trials) => `已取消 ${trials}`,
  trialFinished: (trial, state) => `#${trial} 已是${state}`,
  nothingToRetry: (study) => `${study} 没有失败的试验；请写出要重试的试验`,
  retried: (trials) => `重新加入队列：${trials}`,
  trialUnfinished: (trial, state) => `#${trial} 的状态是${state}；只有结束的试验可以重试`,
  notATrial: (text) => `${text} 不是试验编号`,
  cloned: (study, copy, trialCount) =>
    `已按 ${study} 建立 ${copy}，${trialCount === 0 ? "不含试验" : `含 ${trialCount} 个已结束的试验`}`,
  nameTaken: (name) => `已经有名为 ${name} 的研究`,
  deleted: (study, trialCount) => `已删除 ${study}（${trialCount} 个试验）；文件在清除前仍保留`,
  deleteQuestion: (study, trialCount) => `删除 ${study} 及其 ${trialCount} 个试验？`,
  yes: "是",
  no: "否",
  notDeleted: "没有删除任何内容",
  confirmWithYes: (command) => `不经询问直接删除：${command}`,
  runnerHolds: (study, command) => `${study} 正在运行；请先停止：${command}`,
  wrote: (file) => `已写入 ${file}`,
  fileExists: (file) => `${file} 已存在；用 --force 替换`,
  folderNotEmpty: (folder) => `${folder} 不为空；请另选文件夹，或用 --force`,
  noCheckpoint: (trial) => `#${trial} 没有留下检查点：其命令没有在 TUNESMITH_SAVE_DIR 下保存`,
  checkpointMissing: (trial, step) => `#${trial} 第 ${step} 步的检查点已不在磁盘上，或已被改动`,
  modelKept: (folder, trial, step) => `已保存到 ${folder}：#${trial} 第 ${step} 步的状态`,
  tryThis: (command) => `可试：${command}`,
};

const languages = { en: english, zh: chinese };

export function commandMessages(language: Language): CommandMessages {
  return languages[language];
}
