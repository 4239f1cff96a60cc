import type { Language } from "./language.ts";

/** What a command does, and what its arguments (by name) and options (by long flag) mean. */
export interface CommandHelp {
  readonly about: string;
  readonly arguments?: { readonly [name: string]: string };
  readonly options?: { readonly [flag: string]: string };
}

/** What `--help` says. */
export interface HelpMessages {
  readonly program: CommandHelp;
  readonly commands: { readonly [name: string]: CommandHelp };
  /** Headings, and the words that stand for them in a usage line. */
  readonly usage: string;
  readonly argumentsTitle: string;
  readonly optionsTitle: string;
  readonly commandsTitle: string;
  readonly someOptions: string;
  readonly someCommand: string;
  withDefault(description: string, value: string): string;
}

const english: HelpMessages = {
  program: {
    about: "Finds the hyperparameters a model trains best with: tunes any training command.",
    options: {
      "--version": "output the version number",
      "--home": "where studies live (default .tunesmith here, or TUNESMITH_HOME)",
      "--json": "machine-readable lines",
      "--debug": "show stack traces",
      "--help": "display help for command",
    },
  },
  commands: {
    demo: {
      about: "tune a small network on handwritten digits, here and now",
      options: { "--trials": "how many trials" },
    },
    init: {
      about: "write a commented study file by answering a few questions",
      arguments: { file: "the study file" },
      options: {
        "--yes": "take every default, ask nothing",
        "--force": "overwrite the file",
        "--command": "the training command",
        "--metric": "the metric to optimise",
        "--goal": "minimize or maximize",
      },
    },
    run: {
      about: "tune a command by a study file, or by --param and a command behind --",
      arguments: { file: "study file (YAML or JSON; a W&B sweep file works)", command: "behind --: the training command" },
      options: {
        "--param": "lr=1e-5..1e-1:log, layers=1..4, opt=adam,sgd (repeat)",
        "--minimize": "metric to minimise (repeat)",
        "--maximize": "metric to maximise (repeat)",
        "--trials": "total number of trials",
        "--time": "30s, 30m, 2h",
        "--parallel": "trials at a time, or auto",
        "--sampler": "how to choose: tpe, random, qmc, grid, manual",
        "--scheduler": "when to stop weak trials: asha, hyperband, median, none, …",
        "--fidelity": "epochs=1..81",
        "--seed": "the same seed suggests the same configurations",
        "--name": "name of the study",
        "--step": "metric that carries the step, e.g. epoch",
        "--continue": "a changed file: go on with the trials that still fit",
        "--new": "a changed file: begin a new study",
        "--partial": "run a grid that the budget cannot finish",
      },
    },
    compare: {
      about: "compare samplers on your own study, or stored studies with each other",
      arguments: { what: "a study file, or names of studies" },
      options: { "--samplers": "comma-separated", "--seeds": "runs per sampler" },
    },
    ls: { about: "the studies here" },
    show: {
      about: "a study or one of its trials: what came out, why, and what next",
      arguments: { study: "default: the newest", trial: "trial number" },
    },
    best: {
      about: "the best configuration, as arguments, or its model",
      arguments: { study: "default: the newest" },
      options: {
        "--args": "exact values, ready to paste behind a command",
        "--params": "exact values as JSON",
        "--model": "export the winner's checkpoint, parameters, metrics and provenance",
        "--force": "export into a folder that is not empty",
      },
    },
    trials: {
      about: "the trials of a study",
      arguments: { study: "default: the newest" },
      options: {
        "--state": "only those: queued, running, paused, complete, stopped, failed, cancelled",
        "--limit": "the newest so many",
        "--csv": "comma-separated values",
      },
    },
    logs: {
      about: "what a trial printed",
      arguments: { study: "default: the newest", trial: "default: the newest that failed, else the newest that was started" },
      options: { "--tail": "only the last lines" },
    },
    export: {
      about: "everything about a study",
      arguments: { study: "default: the newest" },
      options: { "--csv": "trials as comma-separated values", "--out": "into a file", "--force": "overwrite the file" },
    },
    doctor: {
      about: "check that what is stored is sound",
      arguments: { study: "default: all" },
      options: { "--replay": "recompute every suggestion and compare" },
    },
    enqueue: {
      about: "try this configuration next; what is left open the sampler fills",
      arguments: { study: "name of the study", values: "lr=0.003 optimizer=adam" },
      options: { "--file": "JSON: a list of configurations" },
    },
    pause: {
      about: "start no more trials, or pause some that run",
      arguments: { study: "default: the newest", trials: "trial numbers: they save and leave, and can be resumed" },
    },
    resume: {
      about: "go on with a study, here if nobody runs it, or with some of its paused trials",
      arguments: { study: "default: the newest", trials: "numbers of paused trials" },
    },
    stop: {
      about: "end a study, or some of its trials",
      arguments: { study: "name of the study", trials: "trial numbers" },
    },
    retry: {
      about: "queue configurations of ended trials again",
      arguments: { study: "name of the study", trials: "trial numbers; none: all that failed" },
    },
    clone: {
      about: "a new study with the same problem and settings",
      arguments: { study: "name of the study", name: "name of the new one" },
      options: { "--with-trials": "with the trials that are finished" },
    },
    delete: {
      about: "remove a study",
      arguments: { study: "name of the study" },
      options: { "--yes": "without asking" },
    },
    help: { about: "display help for command" },
  },
  usage: "Usage:",
  argumentsTitle: "Arguments:",
  optionsTitle: "Options:",
  commandsTitle: "Commands:",
  someOptions: "[options]",
  someCommand: "[command]",
  withDefault: (description, value) => `${description} (default: ${value})`,
};

const chinese: HelpMessages = {
  program: {
    about: "找出让模型训练得最好的超参数：可以调优任何训练命令。",
    options: {
      "--version": "显示版本号",
      "--home": "存放研究的文件夹（默认为此处的 .tunesmith，或 TUNESMITH_HOME）",
      "--json": "供程序读取的输出，每行一条",
      "--debug": "显示调用栈",
      "--help": "显示命令的帮助",
    },
  },
  commands: {
    demo: {
      about: "在这里立即调优一个识别手写数字的小网络",
      options: { "--trials": "试验数" },
    },
    init: {
      about: "回答几个问题，写出带注释的研究文件",
      arguments: { file: "研究文件" },
      options: {
        "--yes": "全部采用默认值，不询问",
        "--force": "覆盖已有文件",
        "--command": "训练命令",
        "--metric": "要优化的指标",
        "--goal": "minimize（越小越好）或 maximize（越大越好）",
      },
    },
    run: {
      about: "按研究文件调优一个命令；或用 --param，并把命令写在 -- 之后",
      arguments: { file: "研究文件（YAML 或 JSON；也可以是 W&B 的 sweep 文件）", command: "写在 -- 之后：训练命令" },
      options: {
        "--param": "lr=1e-5..1e-1:log、layers=1..4、opt=adam,sgd（可重复）",
        "--minimize": "要减小的指标（可重复）",
        "--maximize": "要增大的指标（可重复）",
        "--trials": "试验总数",
        "--time": "30s、30m、2h",
        "--parallel": "同时运行的试验数，或 auto",
        "--sampler": "如何选择：tpe、random、qmc、grid、manual",
        "--scheduler": "何时停止较差的试验：asha、hyperband、median、none 等",
        "--fidelity": "epochs=1..81",
        "--seed": "相同的种子建议相同的配置",
        "--name": "研究的名称",
        "--step": "表示步数的指标，例如 epoch",
        "--continue": "文件已更改：继续，仍适用的试验有效",
        "--new": "文件已更改：新建研究",
        "--partial": "运行预算不足以跑完的网格",
      },
    },
    compare: {
      about: "在自己的研究上比较采样器，或比较已有的研究",
      arguments: { what: "研究文件，或研究的名称" },
      options: { "--samplers": "用逗号分隔", "--seeds": "每个采样器运行的次数" },
    },
    ls: { about: "列出这里的研究" },
    show: {
      about: "一个研究或其中一个试验：结果、原因、下一步",
      arguments: { study: "默认：最新的", trial: "试验编号" },
    },
    best: {
      about: "最优配置，可作为命令参数，或导出其模型",
      arguments: { study: "默认：最新的" },
      options: {
        "--args": "精确值，可直接粘贴到命令后",
        "--params": "精确值，JSON 格式",
        "--model": "导出最优试验的检查点、参数、指标和来源",
        "--force": "导出到非空文件夹",
      },
    },
    trials: {
      about: "列出研究的试验",
      arguments: { study: "默认：最新的" },
      options: {
        "--state":
          "只列出：queued（排队）、running（运行中）、paused（暂停）、complete（完成）、stopped（提前停止）、failed（失败）、cancelled（已取消）",
        "--limit": "只列出最新的若干个",
        "--csv": "逗号分隔的值",
      },
    },
    logs: {
      about: "试验打印的内容",
      arguments: { study: "默认：最新的", trial: "默认：最新失败的，否则最新开始的" },
      options: { "--tail": "只显示最后若干行" },
    },
    export: {
      about: "导出研究的全部内容",
      arguments: { study: "默认：最新的" },
      options: { "--csv": "把试验导出为逗号分隔的值", "--out": "写入文件", "--force": "覆盖已有文件" },
    },
    doctor: {
      about: "检查存储的内容是否正常",
      arguments: { study: "默认：全部" },
      options: { "--replay": "重新计算每个建议并比较" },
    },
    enqueue: {
      about: "接下来尝试这个配置；未写出的由采样器补全",
      arguments: { study: "研究的名称", values: "lr=0.003 optimizer=adam" },
      options: { "--file": "JSON：配置的列表" },
    },
    pause: {
      about: "不再开始新的试验，或暂停运行中的某些试验",
      arguments: { study: "默认：最新的", trials: "试验编号：它们会保存后退出，之后可以恢复" },
    },
    resume: {
      about: "继续一个研究（无人运行时在这里运行），或恢复其中暂停的试验",
      arguments: { study: "默认：最新的", trials: "暂停的试验的编号" },
    },
    stop: {
      about: "结束一个研究，或其中某些试验",
      arguments: { study: "研究的名称", trials: "试验编号" },
    },
    retry: {
      about: "把已结束的试验的配置重新加入队列",
      arguments: { study: "研究的名称", trials: "试验编号；不写：所有失败的" },
    },
    clone: {
      about: "按相同的问题和设置新建研究",
      arguments: { study: "研究的名称", name: "新研究的名称" },
      options: { "--with-trials": "包含已结束的试验" },
    },
    delete: {
      about: "删除一个研究",
      arguments: { study: "研究的名称" },
      options: { "--yes": "不询问" },
    },
    help: { about: "显示命令的帮助" },
  },
  usage: "用法：",
  argumentsTitle: "参数：",
  optionsTitle: "选项：",
  commandsTitle: "命令：",
  someOptions: "[选项]",
  someCommand: "[命令]",
  withDefault: (description, value) => `${description}（默认：${value}）`,
};

const languages = { en: english, zh: chinese };

export function helpMessages(language: Language): HelpMessages {
  return languages[language];
}
