import { statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { performance } from "node:perf_hooks";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import {
  type AttemptSettings,
  appendReport,
  type Decision,
  type LatestDecision,
  type ParameterValue,
  readDecision,
  readSettings,
} from "./attempt-files.ts";
import { saveFolder } from "./save-folder.ts";

const decisionWaitMs = 5000;
const firstPollMs = 1;
const lastPollMs = 20;

/** `{ lr: 0.001 }` says that lr is a number, not that it is 0.001. */
export type Widened<Defaults> = {
  readonly [Name in keyof Defaults]: Defaults[Name] extends number
    ? number
    : Defaults[Name] extends string
      ? string
      : Defaults[Name] extends boolean
        ? boolean
        : Defaults[Name];
};

/**
 * One execution of a training script, seen from inside. What each function gives stands in `client.ts`.
 * Outside a study (no `TUNESMITH_DIR`) every call is harmless.
 */
export interface Attempt {
  params<Defaults extends { readonly [name: string]: ParameterValue }>(defaults: Defaults): Widened<Defaults>;
  checkpoint(): string | undefined;
  steps(maximum: number): Generator<number, void, void>;
  save(step: number, write: (folder: string) => void | Promise<void>): Promise<void>;
  report(step: number, metrics: { readonly [name: string]: number }, options?: { readonly fold?: number }): Promise<Decision>;
  shouldStop(): boolean;
  trialNumber(): number | undefined;
  seed(): number;
}

/** @param env The environment variables the runner gave, `TUNESMITH_DIR` among them. */
export function openAttempt(env: { readonly [name: string]: string | undefined }): Attempt {
  const folder = env.TUNESMITH_DIR || undefined;
  const isFirstRank = (env.RANK ?? "0") === "0";
  let settings: AttemptSettings | undefined;
  let latest: LatestDecision = { step: -1, decision: "continue", rule: "", seq: -1 };
  let loadedStep = 0;
  let wasTerminated = false;

  const settingsIn = (attemptFolder: string): AttemptSettings => (settings ??= readSettings(attemptFolder));

  function latestDecision(): LatestDecision {
    if (folder !== undefined) latest = readDecision(folder) ?? latest;
    return latest;
  }

  function decision(): Decision {
    return wasTerminated ? "stop" : latestDecision().decision;
  }

  async function waitForDecision(step: number): Promise<void> {
    const startMs = performance.now();
    for (let pauseMs = firstPollMs; ; pauseMs = Math.min(2 * pauseMs, lastPollMs)) {
      if (decision() !== "continue" || latest.step >= step || performance.now() - startMs >= decisionWaitMs) return;
      await sleep(pauseMs);
    }
  }

  function onSigterm(): void {
    wasTerminated = true;
  }

  return {
    params(defaults) {
      const params = folder === undefined ? {} : settingsIn(folder).params;
      return { ...defaults, ...params } as Widened<typeof defaults>;
    },

    checkpoint() {
      const resumeFolder = env.TUNESMITH_RESUME_DIR;
      if (!resumeFolder) return undefined;
      const number = /^step-(\d+)$/.exec(basename(resumeFolder))?.[1];
      if (number === undefined || !statSync(resumeFolder, { throwIfNoEntry: false })?.isDirectory()) {
        throw new Error(`TUNESMITH_RESUME_DIR is ${resumeFolder}, which is not a folder named step-N`);
      }
      loadedStep = Number(number);
      return resumeFolder;
    },

    *steps(maximum) {
      const last = env.TUNESMITH_FIDELITY ? Math.floor(Number(env.TUNESMITH_FIDELITY)) : maximum;
      const firstStep = loadedStep + 1;
      if (folder !== undefined) process.on("SIGTERM", onSigterm);
      try {
        for (let step = firstStep; step <= last && decision() === "continue"; step++) yield step;
      } finally {
        process.off("SIGTERM", onSigterm);
      }
    },

    async save(step, write) {
      requireStep(step);
      if (env.TUNESMITH_SAVE_DIR && isFirstRank) return saveFolder(join(env.TUNESMITH_SAVE_DIR, `step-${step}`), write);
      const unkept = await mkdtemp(join(tmpdir(), "tunesmith-"));
      try {
        await write(unkept);
      } finally {
        await rm(unkept, { recursive: true, force: true });
      }
    },

    async report(step, metrics, { fold } = {}) {
      requireStep(step);
      const wireMetrics = toWire(metrics);
      if (folder === undefined) return "continue";
      if (isFirstRank) appendReport(folder, { step, fold, metrics: wireMetrics });
      await nextTurn(); // signals are heard only between turns of the event loop
      const { decision_steps: decisionSteps, objectives = Object.keys(metrics) } = settingsIn(folder);
      // A report without the objective's metric decides nothing: waiting for it would cost the whole time-out.
      if (decisionSteps?.includes(step) && objectives.some((name) => name in metrics)) await waitForDecision(step);
      return decision();
    },

    shouldStop: () => decision() !== "continue",

    trialNumber: () => (folder === undefined ? undefined : settingsIn(folder).trial),

    seed: () => (folder === undefined ? Number(env.TUNESMITH_SEED ?? 0) : settingsIn(folder).seed),
  };
}

function requireStep(step: number): void {
  if (!Number.isSafeInteger(step) || step < 0) throw new RangeError(`step is ${step}; it must be a whole number from 0 on`);
}

function toWire(metrics: { readonly [name: string]: number }): { readonly [name: string]: number | string } {
  const entries = Object.entries(metrics).map(([name, value]): [string, number | string] => {
    if (typeof value !== "number") throw new TypeError(`${name} is ${JSON.stringify(value)}, not a number`);
    return [name, Number.isFinite(value) ? value : String(value)];
  });
  if (entries.length === 0) throw new RangeError("report needs at least one metric, such as { val_loss: 0.31 }");
  return Object.fromEntries(entries);
}
