import type { Why } from "@tunesmith/core";
import type { Language } from "./language.ts";
import { formatNumber, formatPercent } from "./number-format.ts";

type Wording = (why: Why) => string;

const number = (why: Why, name: string): string => formatNumber(Number(why[name]));
/** A number that may be missing because it was none. */
const loss = (why: Why, name: string): string => (why[name] === null ? "NaN" : number(why, name));
const text = (why: Why, name: string): string => String(why[name]);

/** How a draw came about when it was not the plain first one. */
const outcomesInEnglish: Readonly<Record<string, string>> = {
  bent: ", bent to satisfy the constraints",
  violating: ", although nothing drawn satisfies the constraints",
  left: ", one of those left",
};

const outcomesInChinese: Readonly<Record<string, string>> = {
  bent: "，调整到满足约束",
  violating: "，但抽到的都不满足约束",
  left: "，取自剩余配置",
};

const causesInEnglish: Readonly<Record<string, string>> = {
  trials: "its trials are made",
  time: "its time is used up",
  no_improvement: "no improvement for too long",
  stop_at: "the goal is reached",
  steps: "its steps are used up",
  exhausted: "nothing is left to try",
  stopped: "stopped by hand",
};

const causesInChinese: Readonly<Record<string, string>> = {
  trials: "试验数已满",
  time: "时间已用完",
  no_improvement: "太久没有改进",
  stop_at: "已达到目标",
  steps: "步数已用完",
  exhausted: "没有可尝试的配置",
  stopped: "手动停止",
};

const english: Readonly<Record<string, Wording>> = {
  enqueued: () => "enqueued",
  cloned: (why) => `copied from trial ${number(why, "trial")} of another study`,
  defaults: () => "the declared defaults",
  "filled-by-defaults": () => "filled with the defaults",
  "filled-by-draws": (why) => `filled at random${outcome(why, outcomesInEnglish)}`,
  person: () => "paused by hand",
  "left-early": () => "its objective left before it was done",
  "trial-ended": () => "the trial had ended",
  random: (why) => `random${outcome(why, outcomesInEnglish)}`,
  qmc: (why) => `Sobol point ${number(why, "index")}${outcome(why, outcomesInEnglish)}`,
  "tpe-startup": (why) =>
    `Sobol point ${number(why, "index")}, until ${number(why, "startupCount")} trials have a result${outcome(why, outcomesInEnglish)}${repeated(why, "en")}`,
  grid: (why) => `grid point ${ordinal(why, "index")} of ${number(why, "size")}`,
  tpe: (why) =>
    `TPE: near the ${number(why, "goodCount")} best, away from the other ${number(why, "otherCount")}${ratio(why, ", looks", "times as likely good as not")}${outcome(why, outcomesInEnglish)}${repeated(why, "en")}`,
  "cma-es-design": (why) =>
    `Sobol point ${number(why, "index")}: the first ${number(why, "populationSize")} trials look around${outcome(why, outcomesInEnglish)}`,
  "cma-es": (why) =>
    `CMA-ES: sample ${number(why, "index")} of generation ${number(why, "generation")} (run ${number(why, "run")}), step size ${number(why, "sigma")}${outcome(why, outcomesInEnglish)}`,
  "gp-startup": (why) => `Sobol point ${number(why, "index")}, until the model has results to learn from${repeated(why, "en")}`,
  gp: (why) => `Gaussian process: the greatest expected improvement${predicted(why, "en")}${repeated(why, "en")}`,
  "gp-hypervolume": (why) => `Gaussian process: the front is expected to grow most${repeated(why, "en")}`,
  "gp-chebyshev": (why) => `Gaussian process: the best under one random weighting of the objectives${repeated(why, "en")}`,
  "gp-feasibility": (why) => `Gaussian process: looks for a first trial within the constraints${repeated(why, "en")}`,
  refine: (why) => `a step downhill from the best trial, at most ${number(why, "radius")} of each range`,
  nsga2: (why) => evolved("NSGA-II", why),
  nsga3: (why) => evolved("NSGA-III", why),
  "nsga2-startup": firstGeneration,
  "nsga3-startup": firstGeneration,
  "asha-rung": (why) =>
    why.loss === null
      ? `ASHA: not a number at ${number(why, "fidelity")}`
      : `ASHA: place ${number(why, "rank")} of ${number(why, "of")} at ${number(why, "fidelity")}, the best ${number(why, "kept")} go on`,
  "halving-rung": (why) =>
    why.loss === null
      ? `bracket ${number(why, "bracket")}: not a number at ${number(why, "fidelity")}`
      : `bracket ${number(why, "bracket")}: place ${number(why, "rank")} of ${number(why, "of")} at ${number(why, "fidelity")}, the best ${number(why, "kept")} go on`,
  exploited: (why) =>
    `gave its place to trial ${number(why, "child")}, which goes on from step ${number(why, "step")} of trial ${number(why, "parent")}`,
  "pbt-interval": (why) => `paused: was told to train to ${number(why, "target")} and went on to ${number(why, "fidelity")}`,
  "pbt-exploit": (why) =>
    `copy of trial ${number(why, "parent")}, in place of trial ${number(why, "replaced")}: loss ${loss(why, "parentLoss")} against ${loss(why, "loss")}, which was place ${number(why, "rank")} of ${number(why, "of")}`,
  "pbt-replace": (why) =>
    `copy of trial ${number(why, "parent")}, in place of trial ${number(why, "replaced")}, which failed or saved nothing to go on from`,
  "freeze-thaw-start": (why) =>
    `of all trials and new configs the likeliest to come below ${number(why, "threshold")} within ${number(why, "within")}: a chance of ${number(why, "chance")}`,
  "freeze-thaw-unit": (why) => `paused: was told to train to ${number(why, "target")} and went on to ${number(why, "fidelity")}`,
  "random-share": (why) =>
    `at random, as ${formatPercent(Number(why.share))} of the suggestions are, in case early losses mislead${outcome(why, outcomesInEnglish)}`,
  "rung-overstepped": (why) => `paused: it went on beyond ${number(why, "fidelity")}, where it was told to stop`,
  percentile: (why) =>
    `best so far ${number(why, "best")}, worse than ${number(why, "limit")}, the ${why.percentile === 50 ? "median" : `percentile ${number(why, "percentile")}`} of ${number(why, "of")} others at ${number(why, "fidelity")}`,
  "percentile-front": (why) =>
    `front ${number(why, "front")} at ${number(why, "fidelity")}; up to front ${number(why, "limit")} of ${number(why, "of")} others go on`,
  "threshold-above": (why) =>
    `${text(why, "metric")} ${number(why, "value")} is above ${number(why, "limit")} at ${number(why, "fidelity")}`,
  "threshold-below": (why) =>
    `${text(why, "metric")} ${number(why, "value")} is below ${number(why, "limit")} at ${number(why, "fidelity")}`,
  "threshold-not-finite": (why) => `${text(why, "metric")} is ${text(why, "value")} at ${number(why, "fidelity")}`,
  patience: (why) =>
    `no better than ${number(why, "best")} for ${number(why, "reports")} reports${Number(why.minChange) > 0 ? ` by more than ${number(why, "minChange")}` : ""}`,
  "patience-front": (why) => `no objective improved for ${number(why, "reports")} reports`,
  wilcoxon: (why) =>
    `worse than trial ${number(why, "best")} on ${number(why, "folds")} shared folds (Wilcoxon p = ${number(why, "p")})`,
  command: () => "suggested by the study's own program",
  "own-sampler-timeout": (why) => `random: the study's own program gave no answer within ${number(why, "timedOutAfterMs")} ms`,
  "own-sampler-unfit": () => "random: what the study's own program suggested did not satisfy the constraints",
  budget: (why) =>
    why.cause === undefined ? "the study's end" : `the study's end: ${causesInEnglish[text(why, "cause")] ?? text(why, "cause")}`,
};

const chinese: Readonly<Record<string, Wording>> = {
  enqueued: () => "手动加入",
  cloned: (why) => `复制自另一研究的试验 ${number(why, "trial")}`,
  defaults: () => "声明的默认值",
  "filled-by-defaults": () => "用默认值补全",
  "filled-by-draws": (why) => `随机补全${outcome(why, outcomesInChinese)}`,
  person: () => "手动暂停",
  "left-early": () => "目标函数提前退出",
  "trial-ended": () => "试验已经结束",
  random: (why) => `随机${outcome(why, outcomesInChinese)}`,
  qmc: (why) => `Sobol 点 ${number(why, "index")}${outcome(why, outcomesInChinese)}`,
  "tpe-startup": (why) =>
    `Sobol 点 ${number(why, "index")}，直到 ${number(why, "startupCount")} 个试验有结果${outcome(why, outcomesInChinese)}${repeated(why, "zh")}`,
  grid: (why) => `网格点 ${ordinal(why, "index")}，共 ${number(why, "size")}`,
  tpe: (why) =>
    `TPE：靠近最好的 ${number(why, "goodCount")} 个，远离其余 ${number(why, "otherCount")} 个${ratio(why, "，好的可能性约为不好的", "倍")}${outcome(why, outcomesInChinese)}${repeated(why, "zh")}`,
  "cma-es-design": (why) =>
    `Sobol 点 ${number(why, "index")}：先用 ${number(why, "populationSize")} 个试验了解空间${outcome(why, outcomesInChinese)}`,
  "cma-es": (why) =>
    `CMA-ES：第 ${number(why, "generation")} 代第 ${number(why, "index")} 个样本（第 ${number(why, "run")} 轮），步长 ${number(why, "sigma")}${outcome(why, outcomesInChinese)}`,
  "gp-startup": (why) => `Sobol 点 ${number(why, "index")}，直到模型有结果可学${repeated(why, "zh")}`,
  gp: (why) => `高斯过程：期望改进最大${predicted(why, "zh")}${repeated(why, "zh")}`,
  "gp-hypervolume": (why) => `高斯过程：预期前沿增长最大${repeated(why, "zh")}`,
  "gp-chebyshev": (why) => `高斯过程：在一组随机权重下最优${repeated(why, "zh")}`,
  "gp-feasibility": (why) => `高斯过程：先寻找满足约束的配置${repeated(why, "zh")}`,
  refine: (why) => `从最好的试验向下一步，每个范围最多移动 ${number(why, "radius")}`,
  nsga2: (why) => evolvedInChinese("NSGA-II", why),
  nsga3: (why) => evolvedInChinese("NSGA-III", why),
  "nsga2-startup": firstGenerationInChinese,
  "nsga3-startup": firstGenerationInChinese,
  "asha-rung": (why) =>
    why.loss === null
      ? `ASHA：在 ${number(why, "fidelity")} 处不是数字`
      : `ASHA：在 ${number(why, "fidelity")} 处 ${number(why, "of")} 个中排第 ${number(why, "rank")}，前 ${number(why, "kept")} 个继续`,
  "halving-rung": (why) =>
    why.loss === null
      ? `第 ${number(why, "bracket")} 组：在 ${number(why, "fidelity")} 处不是数字`
      : `第 ${number(why, "bracket")} 组：在 ${number(why, "fidelity")} 处 ${number(why, "of")} 个中排第 ${number(why, "rank")}，前 ${number(why, "kept")} 个继续`,
  exploited: (why) =>
    `让位给试验 ${number(why, "child")}，后者从试验 ${number(why, "parent")} 的第 ${number(why, "step")} 步继续`,
  "pbt-interval": (why) => `已暂停：本应训练到 ${number(why, "target")}，却到了 ${number(why, "fidelity")}`,
  "pbt-exploit": (why) =>
    `试验 ${number(why, "parent")} 的副本，取代试验 ${number(why, "replaced")}：loss ${loss(why, "parentLoss")} 对 ${loss(why, "loss")}，后者在 ${number(why, "of")} 个中排第 ${number(why, "rank")}`,
  "pbt-replace": (why) =>
    `试验 ${number(why, "parent")} 的副本，取代试验 ${number(why, "replaced")}，后者失败或没有保存可继续的内容`,
  "freeze-thaw-start": (why) =>
    `在所有试验和新配置中最可能在 ${number(why, "within")} 之内降到 ${number(why, "threshold")} 以下：概率 ${number(why, "chance")}`,
  "freeze-thaw-unit": (why) => `已暂停：本应训练到 ${number(why, "target")}，却到了 ${number(why, "fidelity")}`,
  "random-share": (why) =>
    `随机：${formatPercent(Number(why.share))} 的建议如此，以防早期的 loss 误导${outcome(why, outcomesInChinese)}`,
  "rung-overstepped": (why) => `已暂停：本应在 ${number(why, "fidelity")} 处停下，却继续了`,
  percentile: (why) =>
    `目前最好 ${number(why, "best")}，比其他 ${number(why, "of")} 个在 ${number(why, "fidelity")} 处的${why.percentile === 50 ? "中位数" : `第 ${number(why, "percentile")} 百分位`} ${number(why, "limit")} 差`,
  "percentile-front": (why) =>
    `在 ${number(why, "fidelity")} 处属第 ${number(why, "front")} 前沿；其他 ${number(why, "of")} 个中前 ${number(why, "limit")} 个前沿继续`,
  "threshold-above": (why) =>
    `${text(why, "metric")} 在 ${number(why, "fidelity")} 处为 ${number(why, "value")}，高于 ${number(why, "limit")}`,
  "threshold-below": (why) =>
    `${text(why, "metric")} 在 ${number(why, "fidelity")} 处为 ${number(why, "value")}，低于 ${number(why, "limit")}`,
  "threshold-not-finite": (why) => `${text(why, "metric")} 在 ${number(why, "fidelity")} 处为 ${text(why, "value")}`,
  patience: (why) =>
    `连续 ${number(why, "reports")} 次报告没有比 ${number(why, "best")} 更好${Number(why.minChange) > 0 ? `（超过 ${number(why, "minChange")}）` : ""}`,
  "patience-front": (why) => `连续 ${number(why, "reports")} 次报告没有一个目标改进`,
  wilcoxon: (why) =>
    `在 ${number(why, "folds")} 个共同的折上比试验 ${number(why, "best")} 差（Wilcoxon p = ${number(why, "p")}）`,
  command: () => "由研究自己的程序建议",
  "own-sampler-timeout": (why) => `随机：研究自己的程序在 ${number(why, "timedOutAfterMs")} 毫秒内没有回答`,
  "own-sampler-unfit": () => "随机：研究自己的程序的建议不满足约束",
  budget: (why) =>
    why.cause === undefined ? "研究结束" : `研究结束：${causesInChinese[text(why, "cause")] ?? text(why, "cause")}`,
};

const wordings = { en: english, zh: chinese };

/** The fidelity that a sampler saw all trials at. */
const judgedAt = {
  en: (fidelity: string) => `, judged at ${fidelity}`,
  zh: (fidelity: string) => `，按 ${fidelity} 处的结果判断`,
};

/** Why something was suggested or decided, in words; an unknown code is shown as it is. */
export function whyMessage(why: Why | null, language: Language): string {
  if (why === null) return "";
  const known = wordings[language];
  const said = Object.hasOwn(known, why.code) ? known[why.code](why) : why.code;
  return typeof why.judgedAt === "number" ? `${said}${judgedAt[language](formatNumber(why.judgedAt))}` : said;
}

function outcome(why: Why, words: Readonly<Record<string, string>>): string {
  const found = String(why.outcome);
  return Object.hasOwn(words, found) ? words[found] : "";
}

/** Positions are counted from 0, people count from 1. */
function ordinal(why: Why, name: string): string {
  return formatNumber(Number(why[name]) + 1);
}

function firstGeneration(why: Why): string {
  return `Sobol point ${number(why, "index")}, first generation${outcome(why, outcomesInEnglish)}${repeated(why, "en")}`;
}

function firstGenerationInChinese(why: Why): string {
  return `Sobol 点 ${number(why, "index")}，第一代${outcome(why, outcomesInChinese)}${repeated(why, "zh")}`;
}

function evolved(name: string, why: Why): string {
  const parents = numbers(why.parents).join(" and ");
  const front = `${number(why, "frontCount")} of ${number(why, "populationCount")} on the front`;
  return `${name}: generation ${number(why, "generation")}, child of ${parents}, ${front}${outcome(why, outcomesInEnglish)}${repeated(why, "en")}`;
}

function evolvedInChinese(name: string, why: Why): string {
  const parents = numbers(why.parents).join(" 和 ");
  const front = `种群 ${number(why, "populationCount")} 个中 ${number(why, "frontCount")} 个在前沿`;
  return `${name}：第 ${number(why, "generation")} 代，${parents} 的后代，${front}${outcome(why, outcomesInChinese)}${repeated(why, "zh")}`;
}

/** What a model expects, and the range it holds for likely (16 % to 84 %). */
function predicted(why: Why, language: Language): string {
  if (typeof why.predicted !== "number" || typeof why.low !== "number" || typeof why.high !== "number") return "";
  const range = `${formatNumber(why.predicted)} (${formatNumber(why.low)}–${formatNumber(why.high)})`;
  return language === "en" ? `, expects ${range}` : `，预期 ${range}`;
}

/** Trial numbers as people write them. */
function numbers(list: unknown): string[] {
  return Array.isArray(list) ? list.map((trial) => `#${String(trial)}`) : [];
}

function repeated(why: Why, language: Language): string {
  if (why.repeats !== true) return "";
  return language === "en" ? ", a repetition: all have been tried" : "，重复：所有配置都已尝试";
}

// Beyond it the number only says that the model is sure of itself.
const greatestRatio = 1_000;

/** A log-ratio of densities as how many times as likely; nothing when it is not on record. */
function ratio(why: Why, before: string, after: string): string {
  if (typeof why.logRatio !== "number") return "";
  const times = Math.exp(why.logRatio);
  return `${before} ${times > greatestRatio ? `> ${greatestRatio}` : formatNumber(times, 2)} ${after}`;
}
