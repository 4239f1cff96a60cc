import {
  type Config,
  categorical,
  createMemoryStorage,
  createStudy,
  float,
  int,
  type Parameters,
  type Storage,
  type StudyOptions,
} from "@tunesmith/core";
import type { CliContext } from "../../cli-context.ts";

/** A context that keeps what is printed. */
export interface CapturedContext extends CliContext {
  readonly lines: string[];
  readonly warnings: string[];
}

/** Without a terminal and colour, 100 columns wide, in English unless `changes` says otherwise. */
export function capturedContext(changes: Partial<CliContext> = {}): CapturedContext {
  const lines: string[] = [];
  const warnings: string[] = [];
  return {
    ...{ home: "/nowhere", json: false, language: "en", isTerminal: false, color: false, width: 100 },
    print: (line = "") => void lines.push(line),
    warn: (line) => void warnings.push(line),
    ...changes,
    lines,
    warnings,
  };
}

/** Wall clock of everything that is stored on the stage; look at it two minutes later. */
export const stageMs = Date.UTC(2026, 0, 15, 12);
export const laterMs = stageMs + 120_000;

let idCount = 0;

/** Studies in memory whose wall clock stands still. */
export function stageStorage(): Storage {
  return createMemoryStorage({ wallClockMs: () => stageMs, studyId: () => `study${idCount++}` });
}

export const digitsParameters = {
  lr: float(1e-5, 1e-1, { log: true, default: 1e-3 }),
  optimizer: categorical(["adam", "sgd"]),
  momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
  layers: int(1, 4),
};

/** How the trial of one config goes: its values by epoch; a text fails it. */
export interface ScriptedTrial {
  readonly config: Config;
  readonly values: readonly number[] | string;
}

type StageStudy = Partial<StudyOptions<Parameters>> & { readonly storage: Storage };

/** A study of which every config and every value is given, in this order, one at a time. */
export async function scriptedStudy(trials: readonly ScriptedTrial[], { storage, ...options }: StageStudy): Promise<string> {
  const study = await createStudy({
    ...{ name: "digits", parameters: digitsParameters, sampler: "manual", scheduler: "none", seed: 7, storage },
    ...{ objective: { name: "val_loss", goal: "minimize" }, fidelity: { name: "epochs", min: 1, max: 4 } },
    budget: trials.length === 0 ? {} : { trials: trials.length },
    ...options,
  } as StudyOptions<Parameters>);
  if (trials.length > 0) {
    await study.enqueue(trials.map(({ config }) => config));
    await study.optimize(async (trial) => {
      const { values } = trials[trial.number];
      if (typeof values === "string") throw new Error(values);
      for (const [i, value] of values.entries()) await trial.report(i + 1, { [options.objective?.name ?? "val_loss"]: value });
    });
  }
  await study.close();
  return study.id;
}

export const threeTrials: readonly ScriptedTrial[] = [
  { config: { lr: 0.001, optimizer: "adam", layers: 1 }, values: [0.9, 0.6, 0.5, 0.4] },
  { config: { lr: 0.004118273, optimizer: "sgd", momentum: 0.9, layers: 2 }, values: [0.8, 0.3, 0.1, 0.0587] },
  { config: { lr: 0.1, optimizer: "adam", layers: 4 }, values: "loss exploded" },
];

/** Everything that must not reach a terminal, or break its line. */
export const hostileName = `\u001b[31mred\u0007 \u202Ertl\nline "quote' $(touch x) ${"n".repeat(160)}`;

/** Gives a study room for more trials. */
export async function raiseBudget(storage: Storage, studyId: string, trials: number): Promise<void> {
  const record = await storage.getStudy(studyId);
  if (record === null) throw new Error(`no study ${studyId}`);
  const { problem, settings, definition } = record;
  await storage.reviseStudy(studyId, {
    problem,
    settings: { ...settings, budget: { trials } },
    definition,
    silent: true,
    reason: "budget",
  });
}
