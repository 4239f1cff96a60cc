import type { Why } from "@tunesmith/core";
import type { Language } from "./language.ts";
import { formatNumber } from "./number-format.ts";

type Wording = (why: Why) => string;

const number = (why: Why, name: string): string => formatNumber(Number(why[name]));
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
    `Sobol point ${number(why, "index")}, until ${number(why, "startupCount")} trials have a result${outcome(why, outcomesInEnglish)}${why.repeats === true ? ", a repetition: all have been tried" : ""}`,
  grid: (why) => `grid point ${ordinal(why, "index")} of ${number(why, "size")}`,
  tpe: (why) =>
    `TPE: near the ${number(why, "goodCount")} best, away from the other ${number(why, "otherCount")}${ratio(why, ", looks", "times as likely good as not")}${outcome(why, outcomesInEnglish)}${why.repeats === true ? ", a repetition: all have been tried" : ""}`,
  "asha-rung": (why) =>
    why.loss === null
      ? `ASHA: not a number at ${number(why, "fidelity")}`
      : `ASHA: place ${number(why, "rank")} of ${number(why, "of")} at ${number(why, "fidelity")}, the best ${number(why, "kept")} go on`,
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
    `Sobol 点 ${number(why, "index")}，直到 ${number(why, "startupCount")} 个试验有结果${outcome(why, outcomesInChinese)}${why.repeats === true ? "，重复：所有配置都已尝试" : ""}`,
  grid: (why) => `网格点 ${ordinal(why, "index")}，共 ${number(why, "size")}`,
  tpe: (why) =>
    `TPE：靠近最好的 ${number(why, "goodCount")} 个，远离其余 ${number(why, "otherCount")} 个${ratio(why, "，好的可能性约为不好的", "倍")}${outcome(why, outcomesInChinese)}${why.repeats === true ? "，重复：所有配置都已尝试" : ""}`,
  "asha-rung": (why) =>
    why.loss === null
      ? `ASHA：在 ${number(why, "fidelity")} 处不是数字`
      : `ASHA：在 ${number(why, "fidelity")} 处 ${number(why, "of")} 个中排第 ${number(why, "rank")}，前 ${number(why, "kept")} 个继续`,
  command: () => "由研究自己的程序建议",
  "own-sampler-timeout": (why) => `随机：研究自己的程序在 ${number(why, "timedOutAfterMs")} 毫秒内没有回答`,
  "own-sampler-unfit": () => "随机：研究自己的程序的建议不满足约束",
  budget: (why) =>
    why.cause === undefined ? "研究结束" : `研究结束：${causesInChinese[text(why, "cause")] ?? text(why, "cause")}`,
};

const wordings = { en: english, zh: chinese };

/** Why something was suggested or decided, in words; an unknown code is shown as it is. */
export function whyMessage(why: Why | null, language: Language): string {
  if (why === null) return "";
  const known = wordings[language];
  return Object.hasOwn(known, why.code) ? known[why.code](why) : why.code;
}

function outcome(why: Why, words: Readonly<Record<string, string>>): string {
  const found = String(why.outcome);
  return Object.hasOwn(words, found) ? words[found] : "";
}

/** Positions are counted from 0, people count from 1. */
function ordinal(why: Why, name: string): string {
  return formatNumber(Number(why[name]) + 1);
}

// Beyond it the number only says that the model is sure of itself.
const greatestRatio = 1_000;

/** A log-ratio of densities as how many times as likely; nothing when it is not on record. */
function ratio(why: Why, before: string, after: string): string {
  if (typeof why.logRatio !== "number") return "";
  const times = Math.exp(why.logRatio);
  return `${before} ${times > greatestRatio ? `> ${greatestRatio}` : formatNumber(times, 2)} ${after}`;
}
