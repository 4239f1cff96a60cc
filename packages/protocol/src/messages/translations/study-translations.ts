import type { Translation } from "./translation.ts";

/** Studies, trials, attempts and reports: what the loop and the verbs of a study say. */
export const studyTranslations: readonly Translation[] = [
  ["there is no study {name}", "没有名为 {name} 的研究"],
  ["there is no study with the id {id}", "没有 id 为 {id} 的研究"],
  ["there is a study named {name} already", "已有名为 {name} 的研究"],
  ["there is a study with the id {id} already", "已有 id 为 {id} 的研究"],
  ["the study {name} changed while it was read", "读取期间研究 {name} 发生了变化"],
  ["the study has no trial {number#}", "研究没有试验 {number#}"],
  ["{name} has no trial {number#}", "{name} 没有试验 {number#}"],
  ["there is no trial {number#}; the study has {count#}", "没有试验 {number#}；研究共有 {count#} 个"],
  ["trial {number#} has no replicate {index#}; it has {count#}", "试验 {number#} 没有重复 {index#}；共有 {count#} 个"],
  ["{name} was deleted", "{name} 已被删除"],
  ["{name} is gone", "{name} 已不存在"],
  ["the problem of {name} was changed while it ran; run it again", "{name} 运行期间问题被更改；请重新运行"],
  ["{name} is paused; resume it first", "{name} 已暂停；请先恢复"],
  ["{name} is stopped; resume it first", "{name} 已停止；请先恢复"],
  ["{name} is closed; open it again", "{name} 已关闭；请重新打开"],
  ["{name} has no complete trial yet", "{name} 还没有完成的试验"],
  ["{name} has nothing left to try: {cause?}", "{name} 没有可尝试的了：{cause?}"],
  [
    "{name} has nothing to try now: it waits for trials that run, or for one to be enqueued",
    "{name} 现在没有可尝试的：正在等待运行中的试验，或等待加入新试验",
  ],
  ["trial {number#} was not asked for, or is told already", "试验 {number#} 没有被请求过，或已经告知结果"],
  ["{name} is being optimized; wait for that call to end", "{name} 正在优化；请等待那次调用结束"],
  ["{name} is being run by another process", "{name} 正由另一个进程运行"],
  ["{name} is being run by another process here", "{name} 正由本机的另一个进程运行"],
  ["objective and objectives are both given; keep one", "同时给出了 objective 和 objectives；请只保留一个"],
  ["this runtime has no threads; pass the objective as a function", "此运行环境没有线程；请把目标写成函数传入"],
  [
    "{name} is there already with {what?}; choose another name or open it as it is",
    "{name} 已存在，且 {what?}；请另选名称，或按原样打开",
  ],
  ["another problem", "问题不同"],
  ["seed {seed}", "种子为 {seed}"],
  // Attempts and what is on record of them.
  [
    "the trial is {state}; only a complete or stopped one can be confirmed",
    "试验状态为 {state}；只有 complete 或 stopped 的可以确认",
  ],
  ["the trial is {state}; only a paused one can be resumed", "试验状态为 {state}；只有 paused 的可以恢复"],
  ["the trial is {state}; only an unfinished one can be cancelled", "试验状态为 {state}；只有未结束的可以取消"],
  ["replicate {index#} is {state}; only a queued one can be claimed", "重复 {index#} 的状态为 {state}；只有 queued 的可以领取"],
  ["{name} is {value}, but trial {number#} has drawn {drawn}", "{name} 为 {value}，但试验 {number#} 已抽到 {drawn}"],
  ["{difference!}; the first value of a name stands", "{difference!}；以名称的第一个值为准"],
  ["attempt {attempt#} of trial {number#}, replicate {index#}", "试验 {number#}、重复 {index#} 的第 {attempt#} 次尝试"],
  [
    "{attempt!} is no longer current: attempt {newest#} is {state}",
    "{attempt!} 已不是当前的：第 {newest#} 次尝试的状态为 {state}",
  ],
  [
    "{attempt!} reported step {step#} before, with other numbers; the first report stands",
    "{attempt!} 已报告过第 {step#} 步，但数值不同；以第一次报告为准",
  ],
  ["{kind} was decided at step {step#}; a decision on record stands", "第 {step#} 步已决定 {kind}；以已记录的决定为准"],
  [
    "{made#} trials made, {more#} more found; allowed: {most#} in all",
    "已有 {made#} 个试验，又来了 {more#} 个；总共最多 {most#} 个",
  ],
  ["the next trial is {next#}, not {found#}", "下一个试验是 {next#}，而不是 {found#}"],
  ["trial {number#} is not open; only an open one can be filled", "试验 {number#} 不是待填的；只有待填的可以填写"],
  ["trial {number#} is open; filling it claims it", "试验 {number#} 是待填的；填写即为领取"],
  ["revision {revision} found; allowed: 1 to {newest#}", "修订 {revision}；允许：1 到 {newest#}"],
  // Results.
  ["one number found; with several objectives name them: {names}", "只给出了一个数；有多个目标时请按名称给出：{names}"],
  ["{found?} found; allowed: a number, or numbers by name", "{found?}；允许：一个数，或按名称给出的数"],
  ["{name} is {found?}; allowed: a number", "{name} 为 {found?}；允许：数"],
  ["no {name}; seen: nothing", "没有 {name}；没有看到任何数"],
  ["no {name}; seen: {names}", "没有 {name}；看到了：{names}"],
  // Problem and settings.
  ["none given; at least one is needed", "没有给出；至少需要一个"],
  ["{min#} lies above max {max#}", "{min#} 大于 max {max#}"],
  // Importance.
  ["importance.{option} {message!}", "importance.{option}：{message!}"],
  ["a share above 0 and below regionShare, {share#}", "大于 0 且小于 regionShare {share#} 的比例"],
  [
    "is log, but a loss is {loss#}; allowed: losses above 0, or linear or rank",
    "为 log，但有 loss 为 {loss#}；允许：loss 都大于 0，或用 linear、rank",
  ],
];
