import type { Language } from "./language.ts";

/** What `init` asks and says. */
export interface InitMessages {
  readonly askCommand: string;
  readonly askMetric: string;
  readonly askGoal: string;
  readonly askParameters: string;
  readonly askTrials: string;
  readonly minimize: string;
  readonly maximize: string;
  readonly notBlank: string;
  readonly wholeNumber: string;
  readonly nothingWritten: string;
  foundInScript(count: number, script: string): string;
  readonly guessed: string;
  fileExists(file: string): string;
  needsAnswers(file: string): string;
  badGoal(found: string): string;
  wrote(file: string): string;
  next(command: string): string;
  printMetric(metric: string): string;
}

const english: InitMessages = {
  askCommand: "Which command trains your model? ${args} becomes --name=value for every parameter",
  askMetric: "Which number shall become better? Its name as the command prints it, such as val_loss=0.31",
  askGoal: "Is it better when it is",
  askParameters: "What may vary? (the ranges stand in the file and can be changed)",
  askTrials: "How many trials?",
  minimize: "smaller",
  maximize: "larger",
  notBlank: "write something",
  wholeNumber: "a whole number from 1",
  nothingWritten: "nothing was written",
  foundInScript: (count, script) => `${count} of the usual hyperparameters are arguments of ${script}`,
  guessed: "the parameters are guesses: keep those that your command takes",
  fileExists: (file) => `${file} is there already; --force replaces it`,
  needsAnswers: (file) =>
    `no terminal to ask in; take the defaults with: tunesmith init ${file} --yes --command '…' --metric val_loss`,
  badGoal: (found) => `--goal ${found}; allowed: minimize, maximize`,
  wrote: (file) => `wrote ${file}`,
  next: (command) => `look at it, then: ${command}`,
  printMetric: (metric) => `the command only has to print lines such as ${metric}=0.31`,
};

const chinese: InitMessages = {
  askCommand: "用哪个命令训练模型？${args} 会变成每个参数的 --名称=值",
  askMetric: "要改进哪个数？写出命令打印的名称，例如 val_loss=0.31",
  askGoal: "它怎样更好",
  askParameters: "哪些可以变化？（范围写在文件里，可以修改）",
  askTrials: "多少个试验？",
  minimize: "越小越好",
  maximize: "越大越好",
  notBlank: "请输入内容",
  wholeNumber: "从 1 开始的整数",
  nothingWritten: "没有写入任何内容",
  foundInScript: (count, script) => `${script} 的参数中有 ${count} 个常见超参数`,
  guessed: "这些参数是猜测的：请保留命令接受的那些",
  fileExists: (file) => `${file} 已存在；用 --force 替换`,
  needsAnswers: (file) => `没有终端可供询问；采用默认值：tunesmith init ${file} --yes --command '…' --metric val_loss`,
  badGoal: (found) => `--goal ${found}；允许：minimize, maximize`,
  wrote: (file) => `已写入 ${file}`,
  next: (command) => `查看后运行：${command}`,
  printMetric: (metric) => `命令只需打印 ${metric}=0.31 这样的行`,
};

const languages = { en: english, zh: chinese };

export function initMessages(language: Language): InitMessages {
  return languages[language];
}
