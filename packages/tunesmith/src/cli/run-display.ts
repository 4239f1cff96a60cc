import {
  type Decision,
  failureKind,
  type Job,
  type LoopObserver,
  type Problem,
  type Report,
  type StudySession,
  type Trial,
  trialParams,
} from "@tunesmith/core";
import { createTranslator, formatCount, formatDuration, terminalMessages, trialMessages } from "@tunesmith/protocol";
import type { CliContext } from "./cli-context.ts";
import { plannedMemberCount } from "./planned-member-count.ts";
import { plannedTrialCount } from "./planned-trial-count.ts";
import { type PopulationProgress, populationProgress } from "./population-progress.ts";
import { type PopulationView, type ProgressView, progressLines, type RunningLine, rateText } from "./terminal/progress-lines.ts";
import { shownText } from "./terminal/shown-text.ts";
import { createStyle } from "./terminal/style.ts";
import { cutText, harmless } from "./terminal/text-width.ts";
import { type TrialAhead, waitingTrials } from "./waiting-trials.ts";

const frameMs = 100;
// A rate from less says little: no seconds left are promised from it.
const rateTrialCount = 3;
const plainEveryMs = 10_000;
// The same of a population, as a share of its whole training.
const rateShare = 0.1;

/**
 * Shows a run as it goes: on a terminal a few lines redrawn in place, elsewhere a line when something is worth one (a new best, the
 * first failure of a kind, a sign of life every ten seconds), with `--json` one line per finished trial.
 */
export class RunDisplay implements LoopObserver {
  readonly #context: CliContext;
  readonly #session: StudySession;
  readonly #lastLines: (job: Job) => Promise<readonly string[]>;
  readonly #running = new Map<string, RunningLine>();
  /** Kinds that were shown. */
  readonly #failures = new Set<string>();
  readonly #startedMs = performance.now();
  #finishedCount = 0;
  #drawnLineCount = 0;
  #bestNumber: number | null = null;
  #lastPlainMs = performance.now();
  #timer: NodeJS.Timeout | null = null;
  #quiet = false;
  /** Null if nothing says how many trials there will be. */
  readonly #totalCount: number | null;
  /** Null where no population is trained. */
  readonly #population: number | null;
  /** What all trials had trained when the run began, in the fidelity's unit. */
  readonly #stepSumBefore: number;
  /** Whether it was told how long the grid takes. */
  #isGridTimed: boolean;
  // Failures are shown with lines read from their logs; `close` waits for the last of them.
  #pending: Promise<void> = Promise.resolve();

  constructor(context: CliContext, session: StudySession, lastLines: (job: Job) => Promise<readonly string[]>) {
    this.#context = context;
    this.#session = session;
    this.#lastLines = lastLines;
    this.#bestNumber = session.progressTracker.front[0]?.number ?? null;
    this.#totalCount = plannedTrialCount(session.problem, session.settings);
    this.#population = plannedMemberCount(session.settings);
    this.#stepSumBefore = session.progress().stepSum;
    this.#isGridTimed = session.settings.sampler.type !== "grid";
    if (context.isTerminal && !context.json) this.#timer = setInterval(() => this.#draw(), frameMs);
  }

  jobStarted(job: Job): void {
    this.#running.set(keyOf(job), { trial: job.ref.trial, config: trialParams(job), step: null, value: null });
  }

  reported(job: Job, reports: readonly Report[], _decision: Decision): void {
    const line = this.#running.get(keyOf(job));
    const last = reports.at(-1);
    if (line === undefined || last === undefined) return;
    const value = last.metrics[this.#session.problem.objectives[0].name] ?? null;
    this.#running.set(keyOf(job), { ...line, step: last.step, value });
  }

  jobEnded(job: Job, trial: Trial, requeued: boolean): void {
    this.#running.delete(keyOf(job));
    if (job.confirm) return;
    if (!requeued && trial.finishedSeq !== null) this.#finishedCount++;
    if (this.#context.json) {
      this.#printJson(trial, requeued);
      return;
    }
    const { reason, message } = trial.replicates[job.ref.replicate];
    // A trial that was given back goes on later: nothing failed.
    if (reason !== null && reason !== "preempted" && reason !== "lease_lost") {
      const { reasons } = trialMessages(this.#context.language);
      this.#noteFailure(job, trial, message ?? reasons[reason]);
    }
    this.#noteBest();
    this.#noteGridTime();
  }

  confirming(trials: readonly number[]): void {
    if (this.#context.json) return;
    const { confirm } = this.#session.settings;
    const bestCount = Math.min(trials.length, confirm?.top ?? 0);
    const words = terminalMessages(this.#context.language);
    this.#print(words.confirming(bestCount, trials.length > bestCount, confirm?.seeds ?? 0));
  }

  /** One line that stays, above the moving ones. */
  note(line: string): void {
    if (!this.#context.json) this.#print(line);
  }

  get runningCount(): number {
    return this.#running.size;
  }

  async close(): Promise<void> {
    await this.#pending;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#erase();
    this.#quiet = true;
  }

  #printJson(trial: Trial, requeued: boolean): void {
    const { number, state, values, reason, message, fidelity } = trial;
    const shown = values?.map((value) => (Number.isFinite(value) ? value : String(value))) ?? null;
    this.#context.print(
      JSON.stringify({
        event: requeued ? "trial-requeued" : "trial-ended",
        trial: number,
        state,
        config: trialParams(trial),
        values: shown,
        reason,
        message,
        fidelity,
      }),
    );
  }

  #noteFailure(job: Job, trial: Trial, message: string): void {
    const kind = failureKind(message);
    if (this.#failures.has(kind)) return;
    this.#failures.add(kind);
    const style = createStyle(this.#context.color);
    const { language } = this.#context;
    const shown = harmless(createTranslator(language).text(message));
    const title = style.failed(terminalMessages(language).trialFailed(trial.number, shown));
    this.#pending = this.#pending.then(async () => {
      const lines = await this.#lastLines(job);
      this.#print([title, ...lines.map((line) => style.pale(cutText(`   ${harmless(line)}`, this.#context.width)))].join("\n"));
    });
  }

  #noteBest(): void {
    const best = this.#session.progressTracker.front[0]?.number ?? null;
    const isNew = best !== null && best !== this.#bestNumber;
    this.#bestNumber = best;
    if (this.#context.isTerminal) return;
    const nowMs = performance.now();
    if (!isNew && nowMs - this.#lastPlainMs < plainEveryMs) return;
    this.#lastPlainMs = nowMs;
    const [line] = progressLines({ ...this.#view(), running: [] }, this.#context.language, 1_000);
    this.#context.print(line.replace(/^▕.*▏ /u, ""));
  }

  #noteGridTime(): void {
    const ratePerSecond = this.#ratePerSecond();
    const count = this.#totalCount;
    if (this.#isGridTimed || ratePerSecond === null || count === null) return;
    this.#isGridTimed = true;
    const { language } = this.#context;
    const duration = formatDuration((1_000 * count) / ratePerSecond, language);
    this.#print(terminalMessages(language).gridTime(formatCount(count), rateText(ratePerSecond, language), duration));
  }

  /** Null until it means something. */
  #ratePerSecond(): number | null {
    const seconds = (performance.now() - this.#startedMs) / 1_000;
    return this.#finishedCount >= rateTrialCount ? this.#finishedCount / seconds : null;
  }

  #print(line: string): void {
    this.#erase();
    this.#context.print(line);
  }

  #draw(): void {
    const lines = progressLines(this.#view(), this.#context.language, this.#context.width);
    const erase = this.#eraseCodes();
    process.stdout.write(`${erase}${lines.join("\n")}\n`);
    this.#drawnLineCount = lines.length;
  }

  #erase(): void {
    if (this.#drawnLineCount === 0 || this.#quiet) return;
    process.stdout.write(this.#eraseCodes());
    this.#drawnLineCount = 0;
  }

  #eraseCodes(): string {
    return this.#drawnLineCount === 0 ? "" : `\u001b[${this.#drawnLineCount}A\u001b[0J`;
  }

  #view(): ProgressView {
    const { history, problem, progressTracker } = this.#session;
    const { fidelity, objectives } = problem;
    const [best] = progressTracker.front;
    const waiting = waitingTrials(history);
    const population =
      this.#population === null || fidelity === null ? null : populationProgress(history, this.#population, fidelity.max);
    return {
      finishedCount: history.finishedCount,
      totalCount: this.#totalCount,
      best: best === undefined ? null : { trial: best.number, value: ownSign(best.losses[0], problem) },
      ahead: aheadView(population === null ? waiting.ahead : population.ahead, problem),
      waitingCount: waiting.count,
      population: population && this.#populationView(population),
      stoppedCount: this.#session.endedCounts.stopped,
      failedCount: this.#session.endedCounts.failed,
      ratePerSecond: this.#ratePerSecond(),
      objectiveName: objectives[0].name,
      fidelityName: shownText(fidelity?.name ?? "", 20),
      stepName: objectives[0].step ?? terminalMessages(this.#context.language).step,
      lastStep: fidelity?.max ?? null,
      running: [...this.#running.values()],
    };
  }

  #populationView(progress: PopulationProgress): PopulationView {
    const trained = this.#session.progress().stepSum - this.#stepSumBefore;
    const perMs = trained / (performance.now() - this.#startedMs);
    const left = progress.total - progress.reached;
    return { ...progress, msLeft: trained >= rateShare * progress.total && left > 0 ? left / perMs : null };
  }
}

function aheadView(ahead: TrialAhead | null, problem: Problem): ProgressView["ahead"] {
  return ahead && { trial: ahead.trial, value: ownSign(ahead.loss, problem), fidelity: ahead.fidelity };
}

function ownSign(loss: number, problem: Problem): number {
  return problem.objectives[0].goal === "minimize" ? loss : -loss;
}

function keyOf({ ref }: Job): string {
  return `${ref.trial}.${ref.replicate}`;
}
