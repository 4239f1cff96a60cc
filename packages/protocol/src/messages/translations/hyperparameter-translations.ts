import type { Translation } from "./translation.ts";

/** Comments in the file that `init` writes; why a usual hyperparameter is searched, and where, which is a hint in its questions too. */
export const hyperparameterTranslations: readonly Translation[] = [
  ["Run it with:  tunesmith run <this file>", "运行：  tunesmith run <此文件>"],
  [
    "The program to tune. ${args} becomes --name=value for every parameter below.",
    "要调优的程序。${args} 会变成下面每个参数的 --名称=值。",
  ],
  [
    "What to look for in the lines it prints, such as {example}, and which way is better.",
    "要在它打印的行中寻找的数，例如 {example}，以及哪个方向更好。",
  ],
  [
    "What may vary. log: true searches orders of magnitude; a range of whole numbers is of type int.",
    "可以变化的参数。log: true 按数量级搜索；两端为整数的范围属于 int 类型。",
  ],
  ["How much to spend; without it the study runs until it is stopped.", "预算；不写则研究一直运行到被停止。"],
  [
    "matters most; good values differ by orders of magnitude, so its logarithm is searched",
    "影响最大；合适的值相差几个数量级，因此按对数搜索",
  ],
  ["powers of two fill the hardware; larger ones want a larger learning rate", "2 的幂能用满硬件；越大需要的学习率也越大"],
  ["strength of the pull towards small weights; spans orders of magnitude", "把权重拉小的强度；跨越几个数量级"],
  [
    "share of units switched off; above one half too little is left to learn from",
    "被关闭的单元比例；超过一半则剩下的太少，难以学习",
  ],
  ["how much of the last step is kept; only for optimizers that have it", "上一步保留多少；只用于有动量的优化器"],
  ["how long Adam averages the gradient", "Adam 对梯度求平均的时长"],
  [
    "how long Adam averages the squared gradient; lower is steadier with large batches",
    "Adam 对梯度平方求平均的时长；批量大时较低更稳定",
  ],
  ["keeps Adam's division finite; rarely matters", "避免 Adam 除以零；很少有影响"],
  ["depth of the network; more layers cost time and need more care", "网络深度；层数越多越费时，也更难调"],
  [
    "units in each layer; doubling it matters about the same everywhere, so its logarithm is searched",
    "每层的单元数；每次翻倍的影响大致相同，因此按对数搜索",
  ],
  ["attention heads; the width must be divisible by it", "注意力头数；宽度必须能被它整除"],
  ["keep those that the script knows", "请保留脚本支持的那些"],
  ["how the learning rate falls; keep those that the script knows", "学习率如何下降；请保留脚本支持的那些"],
  ["share of the training in which the learning rate rises", "学习率上升阶段占训练的比例"],
  ["steps in which the learning rate rises", "学习率上升的步数"],
  ["epochs in which the learning rate rises", "学习率上升的轮数"],
  ["share of certainty taken from the labels; helps against overconfidence", "从标签中拿走的确定性比例；可减轻过度自信"],
  ["longest gradient; low values calm an unsteady training", "梯度的最大长度；较低的值可使不稳定的训练平稳"],
  ["how strongly pairs of examples are blended", "成对样本混合的强度"],
  ["factor by which the learning rate falls at each step of its schedule", "学习率每次下降的倍率"],
  ["size of a boosted tree; large ones remember the training rows", "提升树的大小；过大会记住训练数据"],
  ["depth of a tree; deep ones remember the training rows", "树的深度；过深会记住训练数据"],
  ["number of trees; more want a smaller learning rate", "树的数量；越多需要的学习率越小"],
  ["share of the rows that each tree sees", "每棵树看到的行的比例"],
  ["share of the columns that each tree sees", "每棵树看到的列的比例"],
  ["least weight of a leaf; large ones smooth the trees", "叶子的最小权重；越大树越平滑"],
  ["cost of an error; spans orders of magnitude", "错误的代价；跨越几个数量级"],
];
