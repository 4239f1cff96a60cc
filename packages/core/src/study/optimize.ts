import { type AbortSignalLike, createAbort } from "../host.ts";
import type { Engine } from "../loop/engine.ts";
import { createInlineEngine } from "../loop/inline-engine.ts";
import { objectiveSurroundings } from "../loop/objective-surroundings.ts";
import type { Objective } from "../loop/objective-trial.ts";
import { type LoopEnd, type LoopObserver, runLoop } from "../loop/run-loop.ts";
import { createThreadEngine } from "../loop/thread-engine.ts";
import type { Trial } from "../trial/trial.ts";
import { TunesmithError, throwFaults } from "../tunesmith-error.ts";
import { requireOpen, type StudyParts } from "./study-parts.ts";

export interface OptimizeOptions {
  /** Total number of trials of the study, those made before included. */
  readonly trials?: number;
  /** Milliseconds of active time in total. */
  readonly timeMs?: number;
  /** Attempts at a time; default the study's. */
  readonly parallel?: number;
  /** Ends this call; the study can go on later. */
  readonly signal?: AbortSignalLike;
  /** Called once for each trial that finished here. One that throws ends the call with its error. */
  readonly onTrial?: (trial: Trial) => void;
  readonly observer?: LoopObserver;
}

/** An objective function, or the address of a module that calls `exposeObjective`. */
export type ObjectiveSource = Objective | { readonly href: string };

export async function optimize(parts: StudyParts, objective: ObjectiveSource, options: OptimizeOptions): Promise<LoopEnd> {
  requireOpen(parts);
  checkOptions(options);
  if (parts.run !== null)
    throw new TunesmithError("wrong-state", `${parts.session.record.name} is being optimized; wait for that call to end`);
  const abort = createAbort();
  const forward = (): void => abort.abort(options.signal?.reason);
  if (options.signal?.aborted) forward();
  options.signal?.addEventListener("abort", forward, { once: true });
  const end = run(parts, objective, { ...options, signal: abort.signal });
  parts.run = { abort, end: end.catch(() => {}) };
  try {
    return await end;
  } finally {
    parts.run = null;
    options.signal?.removeEventListener("abort", forward);
  }
}

async function run(parts: StudyParts, objective: ObjectiveSource, options: OptimizeOptions): Promise<LoopEnd> {
  const { session, storage } = parts;
  const engine = engineFor(parts, objective);
  const { onTrial, observer, signal } = options;
  const told = new Set<number>();
  try {
    await spendUpTo(parts, options);
    if (session.record.state === "done") {
      await storage.setStudyState(session.studyId, "active", null);
      await session.sync();
    }
    return await runLoop({
      session,
      engine,
      parallel: options.parallel ?? session.settings.parallel,
      ...(signal ? { signal } : {}),
      observer: {
        ...observer,
        jobEnded(job, trial, requeued) {
          // The siblings of the replicate that decided a trial may end later.
          if (trial.finishedSeq !== null && !job.confirm && !told.has(trial.number)) {
            told.add(trial.number);
            onTrial?.(trial);
          }
          observer?.jobEnded?.(job, trial, requeued);
        },
      },
    });
  } finally {
    await engine.close();
  }
}

function engineFor({ session, host }: StudyParts, objective: ObjectiveSource): Engine {
  const surroundings = objectiveSurroundings(session.problem, host);
  if (typeof objective === "function") return createInlineEngine(objective, surroundings);
  const { startThread } = host;
  if (startThread === undefined)
    throw new TunesmithError("refused", "this runtime has no threads; pass the objective as a function");
  return createThreadEngine(() => startThread(objective.href), surroundings);
}

/** The same number again adds nothing; a new one becomes the study's budget. */
async function spendUpTo({ session, storage }: StudyParts, { trials, timeMs }: OptimizeOptions): Promise<void> {
  await session.sync();
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
  if (timeMs !== undefined && !(timeMs > 0 && Number.isFinite(timeMs)))
    faults.push({ path: "timeMs", message: `is ${timeMs}; allowed: a number above 0` });
  throwFaults("optimize", faults);
}
