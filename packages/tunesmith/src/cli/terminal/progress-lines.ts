import type { Config } from "@tunesmith/core";
import { formatDuration, formatNumber, type Language, terminalMessages } from "@tunesmith/protocol";
import { cutText } from "./text-width.ts";

/** One attempt that runs now. */
export interface RunningLine {
  readonly trial: number;
  readonly config: Config;
  /** Newest step and the first objective there; null before the first report. */
  readonly step: number | null;
  readonly value: number | null;
}

/** Everything that the live display shows, counted, nothing guessed. */
export interface ProgressView {
  readonly finishedCount: number;
  /** Trials in the budget or the grid; null without one. */
  readonly totalCount: number | null;
  readonly best: { readonly trial: number; readonly value: number } | null;
  /** While there is no best: the trial that is ahead of those on their way, and how far it is; null without one. */
  readonly ahead: { readonly trial: number; readonly value: number; readonly fidelity: number } | null;
  /** Trials that a scheduler has paused on their way. */
  readonly waitingCount: number;
  /** Null where no population is trained. */
  readonly population: PopulationView | null;
  readonly stoppedCount: number;
  readonly failedCount: number;
  /** Finished per second of this run; null until it means something. */
  readonly ratePerSecond: number | null;
  readonly objectiveName: string;
  /** What the fidelity is called; empty without one. */
  readonly fidelityName: string;
  readonly stepName: string;
  /** Step that the running trials go to at most; null if unknown. */
  readonly lastStep: number | null;
  readonly running: readonly RunningLine[];
}

/** How far a population is. */
export interface PopulationView {
  readonly memberCount: number;
  readonly copyCount: number;
  /** Sums over the members, in the fidelity's unit. */
  readonly reached: number;
  readonly total: number;
  /** Null until it means something. */
  readonly msLeft: number | null;
}

const barWidth = 28;
const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar of `width` columns, filled by a share of 1, in eighths of a column. */
export function progressBar(share: number, width = barWidth): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const bar = "█".repeat(Math.floor(filled / 8)) + eighths[filled % 8];
  return `▕${bar.padEnd(width)}▏`;
}

/** The live display: one line about the study, one per running trial. */
export function progressLines(view: ProgressView, language: Language, width: number): string[] {
  const parts = view.population === null ? trialParts(view, language) : populationParts(view, view.population, language);
  return [cutText(parts.join("   "), width), ...view.running.map((line) => cutText(runningLine(line, view), width))];
}

function trialParts(view: ProgressView, language: Language): string[] {
  const words = terminalMessages(language);
  const { finishedCount, totalCount, waitingCount, ratePerSecond } = view;
  const parts = [
    totalCount === null
      ? words.finished(finishedCount)
      : `${progressBar(finishedCount / totalCount)} ${finishedCount}/${totalCount}`,
    bestText(view, language),
    ...(waitingCount > 0 ? [`${words.waiting} ${waitingCount}`] : []),
    `${words.stoppedEarly} ${view.stoppedCount}`,
    `${words.failed} ${view.failedCount}`,
  ];
  if (ratePerSecond !== null) parts.push(rateText(ratePerSecond, language));
  // How many of those that wait will go on, and how far, is not known: the rate so far says nothing about the end.
  if (ratePerSecond !== null && totalCount !== null && totalCount > finishedCount && waitingCount === 0)
    parts.push(words.timeLeft(formatDuration((1000 * (totalCount - finishedCount)) / ratePerSecond, language)));
  return parts;
}

function populationParts(view: ProgressView, population: PopulationView, language: Language): string[] {
  const words = terminalMessages(language);
  const { memberCount, copyCount, reached, total, msLeft } = population;
  return [
    `${progressBar(reached / total)} ${formatNumber(reached)}/${formatNumber(total)} ${view.fidelityName}`,
    bestText(view, language),
    words.members(memberCount),
    `${words.copies} ${copyCount}`,
    `${words.failed} ${view.failedCount}`,
    ...(msLeft === null ? [] : [words.timeLeft(formatDuration(msLeft, language))]),
  ];
}

function bestText({ best, ahead, fidelityName }: ProgressView, language: Language): string {
  const words = terminalMessages(language);
  if (best !== null) return `${words.best} ${formatNumber(best.value)} #${best.trial}`;
  if (ahead === null) return words.noBestYet;
  return words.ahead(`${formatNumber(ahead.value)} #${ahead.trial}`, fidelityName, formatNumber(ahead.fidelity));
}

/** Trials per second, minute or hour, whichever gives a number that says something. */
export function rateText(ratePerSecond: number, language: Language): string {
  const words = terminalMessages(language);
  if (ratePerSecond >= 0.1) return words.perSecond(formatNumber(ratePerSecond, 2));
  if (ratePerSecond * 60 >= 0.1) return words.perMinute(formatNumber(ratePerSecond * 60, 2));
  return words.perHour(formatNumber(ratePerSecond * 3600, 2));
}

function runningLine({ trial, config, step, value }: RunningLine, view: ProgressView): string {
  const at = step === null ? "…" : `${view.stepName} ${step}${view.lastStep === null ? "" : `/${view.lastStep}`}`;
  const said = value === null ? "" : `${view.objectiveName} ${formatNumber(value)}`;
  return ` #${trial}  ${at.padEnd(view.stepName.length + 8)} ${said.padEnd(view.objectiveName.length + 8)}  ${configText(config)}`;
}

/** A config in one line: `lr 0.0031  optimizer adam  layers 2`. */
export function configText(config: Config): string {
  return Object.entries(config)
    .map(([name, value]) => `${name} ${typeof value === "number" ? formatNumber(value, 3) : String(value)}`)
    .join("   ");
}
