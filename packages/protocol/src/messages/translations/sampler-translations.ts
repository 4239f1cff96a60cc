import type { Translation } from "./translation.ts";

/** Samplers and schedulers: why one cannot serve a study, and what is wrong with its answer; the study's own samplers too. */
export const samplerTranslations: readonly Translation[] = [
  ["{who!} suggested a config that is not allowed: {faults}", "{who!} 建议了不允许的配置：{faults}"],
  ["sampler {name}", "采样器 {name}"],
  ["{who!} wrote a note of {bytes#} bytes; allowed: {most#}", "{who!} 写了 {bytes#} 字节的备注；最多 {most#}"],
  ["{name} answers later; auto asks only samplers that answer at once", "{name} 稍后才回答；auto 只用立即回答的采样器"],
  ["none of {names} could suggest a config", "{names} 都无法建议配置"],
  [
    "cma-es follows one objective, but there are {count#}; nsga2 serves several",
    "cma-es 只支持一个目标，但有 {count#} 个；多个目标可用 nsga2",
  ],
  ["cma-es needs every parameter declared: it samples them together", "cma-es 要求声明所有参数：它一起采样"],
  [
    "cma-es keeps its state in the notes of a generation's trials: {needed#} of them hold it, but a generation has {count#}; raise populationSize",
    "cma-es 把状态存放在一代试验的备注中：需要 {needed#} 个，但一代只有 {count#} 个；请增大 populationSize",
  ],
  ["gp models at most {most#} parameters, but {count#} are searched", "gp 最多为 {most#} 个参数建模，但要搜索 {count#} 个"],
  [
    "grid: none of {count} points in a row was untried and satisfied the parameter constraints",
    "grid：连续 {count} 个点都已试过或不满足参数约束",
  ],
  [
    "grid needs every parameter declared: what training code draws by itself has no grid",
    "grid 要求声明所有参数：训练代码自行抽取的参数没有网格",
  ],
  ["conditions make more than {most#} combinations of the parameters they ask about", "条件所涉及的参数有超过 {most#} 种组合"],
  ["{count#} combinations are more than can be numbered (2^53)", "{count#} 种组合多到无法编号（2^53）"],
  [
    "{name} is continuous: give it a step, or say how many points to take of it",
    "{name} 是连续的：请给出 step，或说明取多少个点",
  ],
  [
    "nsga3 with {divisions#} divisions would make {points#} reference points for {count#} objectives; allowed: at most {most#}",
    "nsga3 用 {divisions#} 个 divisions 会为 {count#} 个目标产生 {points#} 个参考点；最多 {most#} 个",
  ],
  ["random without replacement needs every parameter declared", "不放回的 random 要求声明所有参数"],
  ["random without replacement needs a finite space: {why!}", "不放回的 random 要求搜索空间有限：{why!}"],
  [
    "{name} stops trials early and needs a fidelity to measure how far they are",
    "{name} 会提前停止试验，需要 fidelity 来衡量进度",
  ],
  [
    "{name} pauses trials on their way and needs a fidelity to measure how far they are",
    "{name} 会让试验中途暂停，需要 fidelity 来衡量进度",
  ],
  [
    "{name} judges trials on their way, but with fidelity unit value they report only at the end",
    "{name} 在试验途中作判断，但 fidelity 的 unit 为 value 时只在最后报告",
  ],
  ["{name} compares trials by one loss, but there are {count#} objectives", "{name} 按一个 loss 比较试验，但有 {count#} 个目标"],
  [
    "{name} compares trials by one loss, but there are {count#} objectives: name one",
    "{name} 按一个 loss 比较试验，但有 {count#} 个目标：请指定一个",
  ],
  [
    "{name} needs every parameter declared: it compares trials before all of theirs are drawn",
    "{name} 要求声明所有参数：它在参数全部抽取之前就比较试验",
  ],
  [
    "{name} judges trials by an objective, and {metric} is none; allowed: {names}",
    "{name} 按目标判断试验，而 {metric} 不是目标；可用：{names}",
  ],
  [
    "threshold bounds one metric, but there are {count#} objectives: name one",
    "threshold 限制一个指标，但有 {count#} 个目标：请指定一个",
  ],
  [
    "wilcoxon pairs reports by step, but with fidelity unit time no two are at the same one",
    "wilcoxon 按步配对报告，但 fidelity 的 unit 为 time 时没有两个报告在同一步",
  ],
  ["a number, or null for no bound", "一个数，或 null 表示不限"],
  ["is {below}, greater than above, which is {above}; allowed: at most that", "为 {below}，大于 above 的 {above}；最多等于它"],
  ["two numbers from 0 to 1, the first no greater than the second", "0 到 1 之间的两个数，第一个不大于第二个"],
  ["a number from 0, in the fidelity's unit", "从 0 起的数，以 fidelity 的单位计"],
  ["an objective's name, or null", "某个目标的名称，或 null"],
  ["is an empty list; allowed: one rule or more", "是空列表；至少要有一条规则"],
  ["missing; allowed: a list of schedulers", "缺失；应为调度器的列表"],
  // Population-based training.
  [
    "repeats one config from the start, but {name} finds a schedule of values; leave confirm out",
    "会从头重复一个配置，而 {name} 寻找的是取值的时间表；请去掉 confirm",
  ],
  [
    "{name} drives the whole study; allowed: schedulers that only say how long trials train",
    "{name} 驱动整个研究；只能用决定试验训练多久的调度器",
  ],
  [
    "{name} copies members on their way and needs a fidelity to measure how far they are",
    "{name} 会在途中复制成员，需要 fidelity 来衡量进度",
  ],
  [
    "{name} copies checkpoints, which are told apart by step; the fidelity's unit is {unit}",
    "{name} 复制检查点，检查点按步区分；而 fidelity 的 unit 为 {unit}",
  ],
  ["{name} copies checkpoints, but the fidelity says resume: no", "{name} 复制检查点，但 fidelity 写着 resume: no"],
  ["{name} compares members by one loss, but there are {count#} objectives", "{name} 按一个 loss 比较成员，但有 {count#} 个目标"],
  [
    "{name} needs every parameter declared: it changes the values of the members it copies",
    "{name} 要求声明所有参数：它会更改所复制成员的值",
  ],
  [
    "{name} draws its first population by a sampler; the first points of a grid are no sample",
    "{name} 用采样器抽取初始种群；网格的前几个点不是样本",
  ],
  [
    "{name} is told to tune {names}, which is no parameter with more than one value",
    "{name} 被要求调节 {names}，它不是有多个取值的参数",
  ],
  ["{name} needs a parameter with more than one value to tune", "{name} 需要一个有多个取值的参数来调节"],
  [
    "freeze-thaw learns from reports on the way, but with fidelity unit value trials report only at the end",
    "freeze-thaw 从途中的报告学习，但 fidelity 的 unit 为 value 时试验只在结束时报告",
  ],
  [
    "freeze-thaw continues trials from their checkpoints, but the fidelity says resume: no",
    "freeze-thaw 从检查点继续试验，但 fidelity 写着 resume: no",
  ],
  [
    "freeze-thaw pauses trials every {length#} {unit}, but they train for {max#} only: none would be paused",
    "freeze-thaw 每 {length#} {unit} 暂停一次试验，但它们只训练 {max#}：不会有试验被暂停",
  ],
  [
    "{name} lets a sampler learn from what trials lose on their way, but {sampler} does not learn",
    "{name} 让采样器从试验途中的 loss 学习，但 {sampler} 不学习",
  ],
  [
    "{name} compares members every {interval#} {unit}, but they train for {max#} only: none would be compared",
    "{name} 每 {interval#} {unit} 比较一次成员，但它们只训练 {max#}：不会有任何比较",
  ],
  [
    "{name} copies checkpoints, but trial {number#} trained to {fidelity#} {unit} and ended without having saved one",
    "{name} 复制检查点，但试验 {number#} 训练到 {fidelity#} {unit} 就结束了，没有保存过检查点",
  ],
  ["{name} drives a study without a fidelity", "{name} 驱动的研究没有 fidelity"],
  [
    "pb2 chooses numbers, but none of the parameters to tune is one; pbt changes choices",
    "pb2 选择数值，但要调节的参数中没有数值参数；pbt 可更改选项",
  ],
  ["is {value}; allowed: a list of at least one number above 0", "为 {value}；应为至少含一个大于 0 的数的列表"],
  ["a number above 0, or null", "大于 0 的数，或 null"],
  ["last, or mean:k with a whole number k from 1", "last，或 mean:k（k 为从 1 起的整数）"],
  ["a list of at least one parameter name, or null", "至少含一个参数名的列表，或 null"],
  ["trial {number#} is not in the view of the history", "试验 {number#} 不在历史的视野内"],
  ["no observation to fit a model to", "没有可供拟合模型的观测"],
  [
    "a child begins at the step of a checkpoint, so the fidelity must be counted in steps",
    "子试验从检查点的步开始，因此 fidelity 必须按步计",
  ],
  [
    "the checkpoint of step {step#} is none that saveCheckpoint made: {found}",
    "第 {step#} 步的检查点不是 saveCheckpoint 生成的：{found}",
  ],
  ["the trial is {state!}; only a paused one can give its place to a child", "试验{state!}；只有已暂停的试验可以让位给子试验"],
  [
    "trial {number#} has no checkpoint on record; a child begins from one",
    "试验 {number#} 没有记录在案的检查点；子试验从检查点开始",
  ],
  ["parent {parent#} found; allowed: an earlier trial", "发现父试验 {parent#}；应为更早的试验"],
  // A study's own samplers.
  ["sampler {name} {message!}", "采样器 {name} {message!}"],
  [
    "sampler {name} is not what the study knows: its file in {folder} was changed or is gone; run the study file again to go on with it as it is now",
    "采样器 {name} 已不是研究所知的那个：{folder} 中的文件被更改或已不存在；再次运行研究文件，即可按现状继续",
  ],
  ["sampler {name} was changed while the study ran; run it again", "采样器 {name} 在研究运行期间被更改；请重新运行"],
  ["a sampler that is a command needs every parameter declared", "由命令提供的采样器要求声明所有参数"],
  ["{what!}: {line}; what it printed on standard error is in {file}", "{what!}：{line}；它的标准错误输出在 {file}"],
  ["{what!}; what it printed on standard error is in {file}", "{what!}；它的标准错误输出在 {file}"],
  [
    "printed {line} without being asked; allowed: one line for each suggest",
    "在没有被询问时打印了 {line}；允许：每次 suggest 打印一行",
  ],
  [
    "printed {line}; allowed: one line of JSON for each suggest, and everything else on standard error",
    "打印了 {line}；允许：每次 suggest 打印一行 JSON，其他内容写到标准错误",
  ],
  [
    'answered {answer}; allowed: { "config": … }, { "point": … }, null, { "error": … }',
    '回答了 {answer}；允许：{ "config": … }、{ "point": … }、null、{ "error": … }',
  ],
  ["answered {answer}; allowed: either config or point", "回答了 {answer}；允许：config 或 point 之一"],
  ["answered with {names}; allowed: {allowed}", "回答中有 {names}；允许：{allowed}"],
  ["says: {words}", "说：{words}"],
  ["suggested {fault!}", "给出了不合适的建议：{fault!}"],
  ["suggested {found}; allowed: { config, why, note }, or null", "建议了 {found}；允许：{ config, why, note }，或 null"],
  [
    "gave the point {point}; allowed: {count#} numbers in [0, 1], null for inactive",
    "给出的 point 为 {point}；允许：{count#} 个 [0, 1] 内的数，不起作用的为 null",
  ],
  ["gave {found} from refuse; allowed: a sentence, or null", "refuse 给出了 {found}；允许：一句话，或 null"],
  [
    "gave {found} as config; allowed: values by parameter name, such as { lr: 0.001 }",
    "给出的 config 为 {found}；允许：按参数名给出的值，例如 { lr: 0.001 }",
  ],
  ["gave {found} as {name}; allowed: an object", "给出的 {name} 为 {found}；允许：对象"],
  ["gave a {name} that is no JSON: {why}", "给出的 {name} 不是 JSON：{why}"],
  ["threw in {method}: {error}", "在 {method} 中抛出：{error}"],
  ["cannot be started: {why}", "无法启动：{why}"],
  ["ended with exit code {code#}", "已结束，退出码 {code#}"],
  ["was ended by {signal}", "被 {signal} 结束"],
  // A module.
  ["{file} is not there: no file {path}", "{file} 不存在：没有文件 {path}"],
  ["{file} is no file: {path}", "{file} 不是文件：{path}"],
  ["{file} cannot be loaded: {why?}", "{file} 无法加载：{why?}"],
  ["it awaits outside of a function; allowed: inside", "它在函数之外使用了 await；允许：在函数之内"],
  ["Node {version} runs no TypeScript; compile it to JavaScript", "Node {version} 不能运行 TypeScript；请编译为 JavaScript"],
  ["{file} has no function createSampler: {found!}; write {example}", "{file} 没有函数 createSampler：{found!}；请写 {example}"],
  ["it exports {names?}", "它导出的是 {names?}"],
  ["createSampler is {found}", "createSampler 为 {found}"],
  ["{file}: createSampler threw {error}", "{file}：createSampler 抛出 {error}"],
  ["{file}: createSampler gave {found!}", "{file}：createSampler 给出的是 {found!}"],
  ["a promise; allowed: a sampler at once", "promise；允许：立即给出采样器"],
  ["{found}; allowed: an object with a function suggest", "{found}；允许：带有 suggest 函数的对象"],
  ["an object whose suggest is {found}; allowed: a function", "对象，但其 suggest 为 {found}；允许：函数"],
  ["{found} as refuse; allowed: a function", "{found}，作为 refuse；允许：函数"],
  ["{found} as type; allowed: a name such as my-sampler", "{found}，作为 type；允许：名称，例如 my-sampler"],
  ["{found} as version; allowed: a whole number from 1", "{found}，作为 version；允许：不小于 1 的整数"],
  ["options that are no JSON; allowed: values that JSON can carry", "不是 JSON 的 options；允许：JSON 能表示的值"],
  // A command.
  ["is empty; give a command such as python3 my_sampler.py", "为空；请写命令，例如 python3 my_sampler.py"],
  [
    "{word}: a sampler's command has no macros; everything reaches it on standard input",
    "{word}：采样器的命令没有宏；一切都通过标准输入传给它",
  ],
  ["cannot find the program {file}", "找不到程序 {file}"],
  ["there is no file {file} in {folder}", "{folder} 中没有文件 {file}"],
];
