import { join } from "node:path";
import type { Objective, Storage, StudyRecord, Trial } from "@tunesmith/core";
import { compareMessages, formatDuration, formatNumber, type Language } from "@tunesmith/protocol";
import type { CliContext } from "../cli-context.ts";
import { UsageError } from "../cli-error.ts";
import { findStudy } from "../open-store.ts";
import { chart } from "../terminal/chart.ts";
import { jsonLine } from "../terminal/json-line.ts";
import { shellWord } from "../terminal/shell-word.ts";
import { shownText } from "../terminal/shown-text.ts";
import { createStyle } from "../terminal/style.ts";
import { textTable } from "../terminal/text-table.ts";
import { allTrials } from "./parts/all-trials.ts";
import { bestSoFar, completeValues, finishOrder } from "./parts/best-so-far.ts";
import { openedStudy } from "./parts/opened-study.ts";
import { type CurveSummary, summarizeCurves } from "./parts/summarize-curves.ts";

/** One run of a study for a comparison. */
export interface CompareRun {
  readonly sampler: string;
  readonly seed: number;
  /** Folder of the store to run it in, apart from the person's own studies. */
  readonly home: string;
  /** Of the study there; the same for the same run. */
  readonly name: string;
}

export interface CompareSamplersOptions {
  /** Name of the study that is compared on. */
  readonly name: string;
  readonly samplers: readonly string[];
  /** Runs per sampler, with the seeds 1, 2, … */
  readonly seeds: number;
  /** Runs the study to its end, or goes on with it, and gives the store it is in; `compareSamplers` closes it. */
  readonly runDefinition: (run: CompareRun) => Promise<{ readonly storage: Storage; readonly study: StudyRecord }>;
}

/** What one run came to. */
interface RunCurve {
  readonly objective: Objective;
  /** Best value after each finished trial. */
  readonly best: readonly (number | null)[];
  readonly activeMs: number;
  /** Sum of the fidelities its trials reached. */
  readonly fidelitySum: number;
  readonly fidelityName: string | null;
}

interface Contestant {
  readonly name: string;
  readonly runs: readonly RunCurve[];
  readonly summary: CurveSummary;
}

/** Runs a study with each sampler and seed, and shows how the best value fell. @returns 1 if no run has a result. */
export async function compareSamplers(context: CliContext, options: CompareSamplersOptions): Promise<number> {
  const messages = compareMessages(context.language);
  const { name, samplers, seeds, runDefinition } = options;
  const home = join(context.home, "compare");
  if (!context.json)
    context.print(
      messages.comparing(
        samplers.map((sampler) => shownText(sampler)),
        seeds,
      ),
    );
  const contestants: Contestant[] = [];
  for (const sampler of samplers) {
    const runs: RunCurve[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      const { storage, study } = await runDefinition({ sampler, seed, home, name: `${name}-${sampler}-${seed}` });
      try {
        runs.push(await readRun(storage, study));
      } finally {
        await storage.close();
      }
      printRun(context, sampler, seed, runs[runs.length - 1]);
    }
    contestants.push(contestant(sampler, runs));
  }
  const code = printComparison(context, contestants, messages.columns.sampler, seeds > 1);
  if (!context.json) context.print(messages.keptIn(shellWord(home)));
  return code;
}

/** Shows studies of the same objective side by side. @throws {UsageError} For fewer than two, or different objectives. */
export async function compareStudies(context: CliContext, storage: Storage, names: readonly string[]): Promise<number> {
  const messages = compareMessages(context.language);
  if (names.length < 2) throw new UsageError(messages.needsTwo);
  const contestants: Contestant[] = [];
  for (const name of names) contestants.push(contestant(name, [await readRun(storage, await findStudy(context, storage, name))]));
  const [first, ...others] = contestants.map(({ runs: [{ objective }] }) => `${objective.goal} ${objective.name}`);
  const other = others.find((objective) => objective !== first);
  if (other !== undefined) throw new UsageError(messages.differentObjectives(shownText(first), shownText(other)));
  return printComparison(context, contestants, messages.columns.study, false);
}

async function readRun(storage: Storage, study: StudyRecord): Promise<RunCurve> {
  const { record, problem } = openedStudy((await storage.getStudy(study.id)) ?? study);
  const [objective] = problem.objectives;
  const trials: Trial[] = [];
  for await (const trial of allTrials(storage, record.id)) trials.push(trial);
  return {
    objective,
    best: bestSoFar(completeValues(finishOrder(trials)), objective.goal),
    activeMs: record.activeMs,
    fidelitySum: trials.reduce((sum, { fidelity }) => sum + (fidelity ?? 0), 0),
    fidelityName: problem.fidelity?.name ?? null,
  };
}

function contestant(name: string, runs: readonly RunCurve[]): Contestant {
  const goal = runs[0]?.objective.goal ?? "minimize";
  return {
    name,
    runs,
    summary: summarizeCurves(
      runs.map(({ best }) => best),
      goal,
    ),
  };
}

function printRun(context: CliContext, sampler: string, seed: number, { best, activeMs }: RunCurve): void {
  const messages = compareMessages(context.language);
  const last = best.at(-1) ?? null;
  if (context.json) context.print(jsonLine({ sampler, seed, best: last, bestSoFar: best, activeMs }));
  else context.print(messages.ran(shownText(sampler), seed, last === null ? messages.noResult : formatNumber(last)));
}

const marks = ["●", "○", "◆", "◇", "■", "□", "▲", "△"];
const chartHeight = 12;

function printComparison(context: CliContext, contestants: readonly Contestant[], title: string, hasSpread: boolean): number {
  const code = contestants.some(({ summary }) => summary.final !== null) ? 0 : 1;
  if (context.json) {
    for (const each of contestants) context.print(jsonLine(summaryJson(each)));
    return code;
  }
  const messages = compareMessages(context.language);
  const [{ objective }] = contestants[0].runs;
  const metric = shownText(objective.name, 40);
  const medians = contestants.map(({ summary }, i) => ({ values: summary.median, mark: marks[i % marks.length] }));
  const bands = hasSpread
    ? contestants.flatMap(({ summary }) => [
        { values: summary.low, mark: "·" },
        { values: summary.high, mark: "·" },
      ])
    : [];
  const longest = Math.max(0, ...contestants.map(({ summary }) => summary.median.length));
  const ends = ["1", messages.afterTrials(longest)] as const;
  const drawing = chart({
    curves: [...medians, ...bands],
    width: Math.min(context.width, 100),
    height: chartHeight,
    goal: objective.goal,
    ends,
  });
  const style = createStyle(context.color);
  context.print();
  context.print(style.pale(hasSpread ? messages.medians(metric, contestants[0].runs.length) : messages.curves(metric)));
  for (const line of drawing) context.print(line);
  context.print();
  for (const line of summaryTable(contestants, title, messages, hasSpread, context.language)) context.print(line);
  if (hasSpread && firstTwoOverlap(contestants, objective)) context.print(style.pale(messages.overlap));
  return code;
}

function summaryTable(
  contestants: readonly Contestant[],
  title: string,
  { columns, noResult }: ReturnType<typeof compareMessages>,
  hasSpread: boolean,
  language: Language,
): string[] {
  const fidelityName = contestants[0].runs[0].fidelityName;
  const titles = [
    " ",
    title,
    columns.best,
    ...(hasSpread ? [columns.range] : []),
    columns.trials,
    ...(fidelityName === null ? [] : [shownText(fidelityName, 20)]),
    columns.time,
  ];
  const rows = contestants.map(({ name, runs, summary: { final, median } }, i) => [
    marks[i % marks.length],
    shownText(name, 40),
    final === null ? noResult : formatNumber(final.median),
    ...(hasSpread ? [final === null ? "" : `${formatNumber(final.low)} … ${formatNumber(final.high)}`] : []),
    String(median.length),
    ...(fidelityName === null ? [] : [formatNumber(mean(runs.map(({ fidelitySum }) => fidelitySum)))]),
    formatDuration(mean(runs.map(({ activeMs }) => activeMs)), language),
  ]);
  return textTable(
    titles.map((text) => ({ title: text })),
    rows,
  );
}

function firstTwoOverlap(contestants: readonly Contestant[], { goal }: Objective): boolean {
  const finals = contestants.flatMap(({ summary: { final } }) => final ?? []);
  const [first, second] = finals.sort((a, b) => (goal === "minimize" ? a.median - b.median : b.median - a.median));
  return second !== undefined && first.low <= second.high && second.low <= first.high;
}

function summaryJson({ name, runs, summary: { final, median } }: Contestant): unknown {
  return { summary: name, runs: runs.length, final, median, activeMs: mean(runs.map(({ activeMs }) => activeMs)) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
