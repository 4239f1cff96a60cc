import type { Language } from "./language.ts";

/** What is said when a study file was edited and is run again, and before a run that needs a word. */
export interface ChangeMessages {
  silent(keys: string): string;
  revision(keys: string, number: number): string;
  question(name: string, keys: string): string;
  questionChoices(name: string): string;
  otherObjective(name: string, objective: string): string;
  onlyNew(name: string): string;
  ask(name: string): string;
  kept(fitting: number, total: number): string;
  /** `part`: how many of its points the budget runs, if not all. */
  grid(size: string, part: string | null): string;
  gridTooLarge(size: string, budget: string): string;
  readonly types: string;
  noBudget: string;
}

const english: ChangeMessages = {
  silent: (keys) => `changed: ${keys}`,
  revision: (keys, number) => `changed: ${keys}: from here on revision ${number}`,
  question: (name, keys) => `${name} is there already, and its file has changed in what earlier trials depend on: ${keys}`,
  questionChoices: (name) => `say --continue (go on; old trials count where they still fit) or --new (begin ${name})`,
  otherObjective: (name, objective) =>
    `${name} is there already, and its trials were measured for another objective than ${objective}: they cannot be continued`,
  onlyNew: (name) => `say --new (begin ${name})`,
  ask: (name) => `continue with the old trials that still fit [c], begin a new study ${name} [n], or leave [q]? `,
  kept: (fitting, total) => `${fitting} of ${total} trials still fit the search space and count`,
  grid: (size, part) => `grid of ${size} points${part === null ? "" : `, the budget runs ${part} of them`}`,
  gridTooLarge: (size, budget) =>
    `the grid has ${size} points, the budget allows ${budget}: raise budget.trials, coarsen the grid, or say --partial`,
  types: "types",
  noBudget: "no budget: runs until you stop it",
};

const chinese: ChangeMessages = {
  silent: (keys) => `已更改：${keys}`,
  revision: (keys, number) => `已更改：${keys}；此后为修订版 ${number}`,
  question: (name, keys) => `${name} 已存在，且文件中影响已有试验的内容有变：${keys}`,
  questionChoices: (name) => `请指定 --continue（继续，仍适用的旧试验有效）或 --new（新建 ${name}）`,
  otherObjective: (name, objective) => `${name} 已存在，其试验按另一目标测量，而不是 ${objective}：无法继续`,
  onlyNew: (name) => `请指定 --new（新建 ${name}）`,
  ask: (name) => `继续并保留仍适用的旧试验 [c]，新建研究 ${name} [n]，或退出 [q]？`,
  kept: (fitting, total) => `${total} 个试验中有 ${fitting} 个仍在搜索空间内`,
  grid: (size, part) => `网格共 ${size} 个点${part === null ? "" : `，预算运行其中 ${part} 个`}`,
  gridTooLarge: (size, budget) =>
    `网格有 ${size} 个点，预算只允许 ${budget} 个：请增大 budget.trials、放宽网格，或指定 --partial`,
  types: "类型",
  noBudget: "没有预算：将一直运行到您停止它",
};

const languages = { en: english, zh: chinese };

export function changeMessages(language: Language): ChangeMessages {
  return languages[language];
}
