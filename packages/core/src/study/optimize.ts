import type { AbortSignalLike } from "../host.ts";
import { createInlineEngine } from "../loop/inline-engine.ts";
import type { Objective } from "../loop/objective-trial.ts";
import { type LoopEnd, type LoopObserver, runLoop } from "../loop/run-loop.ts";
import { createThreadEngine } from "../loop/thread-engine.ts";
import type { Trial } from "../trial/trial.ts";
import { TunesmithError, throwFaults } from "../tunesmith-error.ts";
import type { StudyParts } from "./study.ts";

export interface OptimizeOptions {
  /** Total number of trials of the study, those made before included. */
  readonly trials?: number;
  /** Milliseconds of active time in total. */
  readonly timeMs?: number;
  /** Attempts at a time; default the study's. */
  readonly parallel?: number;
  /** Ends this call; the study can go on later. */
  readonly signal?: AbortSignalLike;
  /** Called after each finished trial. */
  readonly onTrial?: (trial: Trial) => void;
  readonly observer?: LoopObserver;
}

export async function optimize(
  parts: StudyParts,
  objective: Objective | { readonly href: string },
  options: OptimizeOptions,
): Promise<LoopEnd> {
  const { session, storage } = parts;
  checkOptions(options);
  await spendUpTo(parts, options);
  if (session.record.state === "done") {
    await storage.setStudyState(session.studyId, "active", null);
    await session.sync();
  }
  const engine = engineFor(parts, objective);
  const { onTrial, observer, signal } = options;
  try {
    return await runLoop({
      session,
      engine,
      parallel: options.parallel ?? session.settings.parallel,
      ...(signal ? { signal } : {}),
      observer: {
        ...observer,
        jobEnded(job, trial, requeued) {
          if (!requeued && trial.finishedSeq !== null && !job.confirm) onTrial?.(trial);
          observer?.jobEnded?.(job, trial, requeued);
        },
      },
    });
  } finally {
    await engine.close();
  }
}

function engineFor({ session, host }: StudyParts, objective: Objective | { readonly href: string }) {
  const names = session.problem.objectives.map(({ name }) => name);
  if (typeof objective === "function") return createInlineEngine(objective, names);
  const { startThread } = host;
  if (startThread === undefined)
    throw new TunesmithError("refused", "this runtime has no threads; pass the objective as a function");
  return createThreadEngine(() => startThread(objective.href), names);
}

/** The same number again adds nothing; a new one becomes the study's budget. */
async function spendUpTo({ session, storage }: StudyParts, { trials, timeMs }: OptimizeOptions): Promise<void> {
  const budget = {
    ...session.settings.budget,
    ...(trials !== undefined ? { trials } : {}),
    ...(timeMs !== undefined ? { timeMs } : {}),
  };
  if (JSON.stringify(budget) === JSON.stringify(session.settings.budget)) return;
  const { problem, definition, settings } = session.record;
  await storage.reviseStudy(session.studyId, {
    problem,
    settings: { ...settings, budget },
    definition,
    silent: true,
    reason: "budget",
  });
  await session.sync();
}

function checkOptions({ trials, timeMs, parallel }: OptimizeOptions): void {
  const faults = [];
  for (const [path, value] of Object.entries({ trials, parallel }))
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 1))
      faults.push({ path, message: `is ${value}; allowed: a whole number from 1` });
  if (timeMs !== undefined && !(timeMs > 0)) faults.push({ path: "timeMs", message: `is ${timeMs}; allowed: a number above 0` });
  throwFaults("optimize", faults);
}
