import type { Why } from "@tunesmith/core";
import type { Language } from "./language.ts";
import { formatNumber } from "./number-format.ts";

type Wording = (why: Why) => string;

const number = (why: Why, name: string): string => formatNumber(Number(why[name]));

const english: Readonly<Record<string, Wording>> = {
  enqueued: () => "enqueued",
  defaults: () => "the declared defaults",
  random: () => "random",
  qmc: () => "Sobol point",
  "qmc-startup": () => "Sobol point, to begin with",
  grid: (why) => `grid point ${number(why, "index")}`,
  tpe: () => "TPE",
  "asha-rung": (why) =>
    `ASHA: place ${number(why, "rank")} of ${number(why, "of")} at ${number(why, "fidelity")}, the best ${number(why, "kept")} go on`,
  budget: (why) => `the study's end (${why.cause ?? "budget"})`,
};

const chinese: Readonly<Record<string, Wording>> = {
  enqueued: () => "手动加入",
  defaults: () => "声明的默认值",
  random: () => "随机",
  qmc: () => "Sobol 点",
  "qmc-startup": () => "初始 Sobol 点",
  grid: (why) => `网格点 ${number(why, "index")}`,
  tpe: () => "TPE",
  "asha-rung": (why) =>
    `ASHA：在 ${number(why, "fidelity")} 处 ${number(why, "of")} 个中排第 ${number(why, "rank")}，前 ${number(why, "kept")} 个继续`,
  budget: (why) => `研究结束（${why.cause ?? "budget"}）`,
};

const wordings = { en: english, zh: chinese };

/** Why something was suggested or decided, in words; an unknown code is shown as it is. */
export function whyMessage(why: Why | null, language: Language): string {
  if (why === null) return "";
  const wording = wordings[language][why.code];
  return wording ? wording(why) : why.code;
}
