import type { ImportanceWithheld } from "@tunesmith/core";
import type { Language } from "./language.ts";
import { formatNumber } from "./number-format.ts";

/** What is said about which parameters matter. */
export interface ImportanceMessages {
  readonly matters: string;
  /** Behind those that are named. */
  restBelow(percent: string): string;
  withheld(why: ImportanceWithheld): string;
}

const english: ImportanceMessages = {
  matters: "matters",
  restBelow: (percent) => `the rest below ${percent}`,
  withheld(why) {
    switch (why.code) {
      case "importance-no-parameters":
        return "not told: no parameter varies";
      case "importance-few-trials":
        return `not told: ${why.trialCount} complete trials, at least ${why.required} are needed`;
      case "importance-constant-loss":
        return `not told: all ${why.trialCount} complete trials came to the same`;
      case "importance-poor-fit":
        return `not told: the parameters explain too little of the results (R² ${formatNumber(why.fit, 2)})`;
      case "importance-no-pattern":
        return "not told: the best trials lie like any others";
    }
  },
};

const chinese: ImportanceMessages = {
  matters: "影响",
  restBelow: (percent) => `其余低于 ${percent}`,
  withheld(why) {
    switch (why.code) {
      case "importance-no-parameters":
        return "不显示：没有可变的超参数";
      case "importance-few-trials":
        return `不显示：只有 ${why.trialCount} 个完成的试验，至少需要 ${why.required} 个`;
      case "importance-constant-loss":
        return `不显示：全部 ${why.trialCount} 个完成的试验结果相同`;
      case "importance-poor-fit":
        return `不显示：超参数对结果的解释太少（R² ${formatNumber(why.fit, 2)}）`;
      case "importance-no-pattern":
        return "不显示：最好的试验与其他试验没有分别";
    }
  },
};

const languages = { en: english, zh: chinese };

export function importanceMessages(language: Language): ImportanceMessages {
  return languages[language];
}
