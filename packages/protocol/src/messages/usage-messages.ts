import type { Language } from "./language.ts";

/** What is said about a command line that cannot be followed, and about a run that cannot begin. Names and commands come ready to be shown. */
export interface UsageMessages {
  noStudiesIn(folder: string): string;
  readonly noStudies: string;
  /** How a first study is made. */
  readonly begin: string;
  noStudy(name: string, others: readonly string[]): string;
  fileMissing(file: string, command: string): string;
  runWhat(command: string): string;
  orWithoutFile(command: string): string;
  /** Why a study cannot be run by the command. */
  madeByProgram(study: string): string;
  nameOfProgram(study: string): string;
  readonly continueAndNew: string;
  readonly oneFile: string;
  readonly stopping: string;
  readonly stopped: string;
  outTaken(command: string): string;
  readsDigits(command: string): string;
  debugShows(message: string): string;
  readonly wholeNumber: string;
  missingArgument(name: string): string;
  optionWithoutValue(flags: string): string;
  invalidArgument(value: string, argument: string, allowed: string): string;
  invalidOption(value: string, flags: string, allowed: string): string;
  /** `near`: what was perhaps meant. */
  unknownOption(flag: string, near: readonly string[]): string;
  unknownCommand(name: string, near: readonly string[]): string;
  tooManyArguments(command: string | null, expected: number, found: number): string;
}

const english: UsageMessages = {
  noStudiesIn: (folder) => `no studies in ${folder}`,
  noStudies: "no studies here yet",
  begin: "begin with: tunesmith init   ·   tunesmith demo",
  noStudy: (name, others) =>
    `no study ${name} here; there ${others.length === 1 ? "is" : "are"}: ${others.length === 0 ? "none" : others.join(", ")}`,
  fileMissing: (file, command) => `${file} is not there; begin with: ${command}`,
  runWhat: (command) => `run what?  ${command}`,
  orWithoutFile: (command) => `or without a file:  ${command}`,
  madeByProgram: (study) => `${study} was made by a program: only that program can run its trials`,
  nameOfProgram: (study) => `${study} was made by a program; choose another name (name: in the file, or --name)`,
  continueAndNew: "--continue and --new are both given; keep one",
  oneFile: "one study file at a time, or names of stored studies",
  stopping: "stopping: run the same command again to go on",
  stopped: "stopped: what ran is kept, the same command goes on",
  outTaken: (command) => `out/ holds something else: ${command} exports the model elsewhere`,
  readsDigits: (command) => `the kept model reads digits it has not seen:  ${command}`,
  debugShows: (message) => `${message}   (--debug shows where)`,
  wholeNumber: "allowed: a whole number.",
  missingArgument: (name) => `missing required argument '${name}'`,
  optionWithoutValue: (flags) => `option '${flags}' argument missing`,
  invalidArgument: (value, argument, allowed) =>
    `command-argument value '${value}' is invalid for argument '${argument}'. ${allowed}`,
  invalidOption: (value, flags, allowed) => `option '${flags}' argument '${value}' is invalid. ${allowed}`,
  unknownOption: (flag, near) => `unknown option '${flag}'${meantInEnglish(near)}`,
  unknownCommand: (name, near) => `unknown command '${name}'${meantInEnglish(near)}`,
  tooManyArguments: (command, expected, found) =>
    `too many arguments${command === null ? "" : ` for '${command}'`}. Expected ${expected} argument${expected === 1 ? "" : "s"} but got ${found}.`,
};

const chinese: UsageMessages = {
  noStudiesIn: (folder) => `${folder} 中没有研究`,
  noStudies: "这里还没有研究",
  begin: "从这里开始：tunesmith init   ·   tunesmith demo",
  noStudy: (name, others) => `这里没有研究 ${name}；${others.length === 0 ? "还没有任何研究" : `现有：${others.join("，")}`}`,
  fileMissing: (file, command) => `${file} 不存在；从这里开始：${command}`,
  runWhat: (command) => `要运行什么？  ${command}`,
  orWithoutFile: (command) => `或不用文件：  ${command}`,
  madeByProgram: (study) => `${study} 由程序建立：只有该程序能运行它的试验`,
  nameOfProgram: (study) => `${study} 由程序建立；请另选名称（文件中的 name:，或 --name）`,
  continueAndNew: "同时给出了 --continue 和 --new；请只保留一个",
  oneFile: "一次只能用一个研究文件，或写出已有研究的名称",
  stopping: "正在停止：再次运行同一命令可继续",
  stopped: "已停止：已运行的部分已保留，再次运行同一命令可继续",
  outTaken: (command) => `out/ 中有其他内容：用 ${command} 把模型导出到别处`,
  readsDigits: (command) => `保留的模型识别没有见过的数字：  ${command}`,
  debugShows: (message) => `${message}   （--debug 显示出错位置）`,
  wholeNumber: "允许：整数。",
  missingArgument: (name) => `缺少参数 ${name}`,
  optionWithoutValue: (flags) => `选项 ${flags} 缺少值`,
  invalidArgument: (value, argument, allowed) => `参数 ${argument} 的值 '${value}' 无效。${allowed}`,
  invalidOption: (value, flags, allowed) => `选项 ${flags} 的值 '${value}' 无效。${allowed}`,
  unknownOption: (flag, near) => `未知选项 '${flag}'${meantInChinese(near)}`,
  unknownCommand: (name, near) => `未知命令 '${name}'${meantInChinese(near)}`,
  tooManyArguments: (command, expected, found) =>
    `${command === null ? "" : `${command} 的`}参数过多：最多 ${expected} 个，给出了 ${found} 个`,
};

function meantInEnglish(near: readonly string[]): string {
  return near.length === 0 ? "" : `\n(Did you mean ${near.length === 1 ? "" : "one of "}${near.join(", ")}?)`;
}

function meantInChinese(near: readonly string[]): string {
  return near.length === 0 ? "" : `\n（是否指 ${near.join("、")}？）`;
}

const languages = { en: english, zh: chinese };

export function usageMessages(language: Language): UsageMessages {
  return languages[language];
}
