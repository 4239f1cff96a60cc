import type { Translation } from "./translation.ts";

/** Training commands: what is wrong with them, how attempts ended, what became of their output and checkpoints. */
export const trainingTranslations: readonly Translation[] = [
  // How an attempt ended: an exit, with a hint or without, with the line that tells why or without.
  ["exit code {code#}", "退出码 {code#}"],
  ["ended by {signal}", "被 {signal} 结束"],
  ["exit code {code#}, {line}", "退出码 {code#}，{line}"],
  ["ended by {signal}, {line}", "被 {signal} 结束，{line}"],
  [
    "exit code {code#} (not by Tunesmith; often the system, short of memory), {line}",
    "退出码 {code#}（不是 Tunesmith；常常是系统内存不足），{line}",
  ],
  [
    "ended by {signal} (not by Tunesmith; often the system, short of memory), {line}",
    "被 {signal} 结束（不是 Tunesmith；常常是系统内存不足），{line}",
  ],
  ["{end!} (not by Tunesmith; often the system, short of memory)", "{end!}（不是 Tunesmith；常常是系统内存不足）"],
  ["it was never started", "从未启动"],
  ["ran longer than {seconds#} s", "运行超过 {seconds#} 秒"],
  ["used {used} of memory, more than the limit of {limit}", "使用了 {used} 内存，超过上限 {limit}"],
  ["its reports could not be put on record: {why}", "无法记录它的报告：{why}"],
  ["the process that starts commands is gone: {how?}", "启动命令的进程已不在：{how?}"],
  ["it ended with exit code {code#}", "已结束，退出码 {code#}"],
  ["it was ended by {signal}", "被 {signal} 结束"],
  ["too many open files", "打开的文件过多"],
  ["cannot start {file}: {why?}", "无法启动 {file}：{why?}"],
  ["not found", "找不到"],
  ["the folder {folder} does not exist", "文件夹 {folder} 不存在"],
  ["not executable", "不可执行"],
  ["its arguments or its environment are too long", "参数或环境变量过长"],
  ["an argument is empty where it must not be or contains a NUL character", "有参数在不允许为空处为空，或含有 NUL 字符"],
  // A result that was not found.
  ["the objectives were never seen for the same step", "各个目标从未在同一步出现"],
  ["no {name}", "没有 {name}"],
  ["no {name}: nothing was printed", "没有 {name}：没有任何输出"],
  [
    "no {name} in {lines!}, nor any other named number; print it as {example}",
    "{lines!} 中没有 {name}，也没有其他带名称的数；请打印为 {example}",
  ],
  ["no {name} in {lines!}; seen: {names?}", "{lines!} 中没有 {name}；看到了：{names?}"],
  ["1 line", "1 行输出"],
  ["{count#} lines", "{count#} 行输出"],
  // Notices in the log and during the run.
  ["… {count#} bytes lost: the disk was too slow …", "… 丢失 {count#} 字节：磁盘太慢 …"],
  ["… {count#} bytes left out …", "… 省略 {count#} 字节 …"],
  ["the decision could not be published: {why}", "无法公布决定：{why}"],
  ["starting from the beginning", "从头开始"],
  ["continuing from step {step#}", "从第 {step#} 步继续"],
  ["the checkpoint {path} is damaged or gone: {instead!}", "检查点 {path} 已损坏或不存在：{instead!}"],
  ["the checkpoint {path} cannot be registered: {why?}", "无法登记检查点 {path}：{why?}"],
  ["the checkpoint {path} {fault!}", "检查点 {path} {fault!}"],
  ["cannot be read: {why}", "无法读取：{why}"],
  ["holds no file", "中没有文件"],
  ["is nested deeper than {most#} folders", "的文件夹嵌套超过 {most#} 层"],
  ["has too many entries", "中的条目过多"],
  ["holds {entry}, which is no regular file", "中的 {entry} 不是普通文件"],
  ["changed while it was read ({entry})", "在读取期间发生变化（{entry}）"],
  // Commands as they are written.
  ["is empty; give a command such as python train.py ${args}", "为空；请写命令，例如 python train.py ${args}"],
  ["is a list, but shell: true runs a text; write it as one", "是列表，但 shell: true 运行的是一行文字；请写成文字"],
  [
    "${{macro}} is not replaced with shell: true; parameters arrive in the environment, e.g. {variable}",
    "shell: true 时不替换 ${{macro}}；参数通过环境变量传入，例如 {variable}",
  ],
  ["${{macro}} stands for several arguments: it must be an element of its own", "${{macro}} 代表多个参数：必须单独成为一项"],
  ["${program} is used, but the study names no program", "用了 ${program}，但研究没有写 program"],
  ["${fidelity} is used, but the study declares no fidelity", "用了 ${fidelity}，但研究没有声明 fidelity"],
  [
    "${{macro}} is unknown; allowed: a parameter ({names}), {macros}; write {escaped} for the plain text",
    "${{macro}} 未知；允许：参数（{names}）、{macros}；若是普通文字请写 {escaped}",
  ],
  [
    "${envvar:{name}} is used, but {variable} is not set in the environment",
    "用了 ${envvar:{name}}，但环境中没有设置 {variable}",
  ],
  [
    "parameters {first} and {second} would both arrive as {variable} with shell: true; rename one",
    "shell: true 时参数 {first} 和 {second} 都会以 {variable} 传入；请改名",
  ],
  [
    "~ is not expanded without a shell; write the folder out, or {remedy!}",
    "没有 shell 时不展开 ~；请写出完整文件夹，或 {remedy!}",
  ],
  [
    "{name}=… before the command needs a shell; put {variable} under env, or {remedy!}",
    "命令前的 {name}=… 需要 shell；请把 {variable} 放到 env 下，或 {remedy!}",
  ],
  [
    "a second line needs a shell; end the first with \\ to join them, or {remedy!}",
    "第二行需要 shell；请用 \\ 结束第一行以连接两行，或 {remedy!}",
  ],
  [
    "{operator} needs a shell; quote it if it belongs to an argument, or {remedy!}",
    "{operator} 需要 shell；若属于参数请加引号，或 {remedy!}",
  ],
  [
    "{operator} needs a shell; quote it with ' if it belongs to an argument, or {remedy!}",
    "{operator} 需要 shell；若属于参数请用 ' 括起来，或 {remedy!}",
  ],
  [
    "{variable} needs a shell; write ${envvar:{name}}, or {remedy!}",
    "{variable} 需要 shell；请写 ${envvar:{name}}，或 {remedy!}",
  ],
  ["set shell: true", "设置 shell: true"],
  ['start one: sh -c "…"', '自行启动：sh -c "…"'],
  ["ends with a backslash that escapes nothing", "末尾的反斜杠没有转义任何内容"],
  ["${ has no closing }", "${ 缺少结尾的 }"],
  ["{quote} is opened and never closed", "{quote} 没有闭合"],
  ["keep.checkpoints is {found}; allowed: {allowed}", "keep.checkpoints 为 {found}；允许：{allowed}"],
  // The test of the winner.
  ["the study has no test command", "研究没有 test 命令"],
  ["test: ${args_json_file} is not available; use ${args_json}", "test：不能使用 ${args_json_file}；请用 ${args_json}"],
  ["test: {command} ended with {code}: no output", "test：{command} 以 {code} 结束：没有输出"],
  ["test: {command} ended with {code}: {line}", "test：{command} 以 {code} 结束：{line}"],
  // Objectives in threads.
  ["the thread was closed", "线程已关闭"],
  ["the thread ended with exit code {code#}", "线程已结束，退出码 {code#}"],
  ["the thread of {file} ended; does the module call exposeObjective?", "{file} 的线程已结束；该模块调用了 exposeObjective 吗？"],
];
