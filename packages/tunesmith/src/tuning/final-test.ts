import { spawn } from "node:child_process";
import { type Config, type Metrics, TunesmithError } from "@tunesmith/core";
import { createLineSplitter } from "../evaluation/line-splitter.ts";
import { metricsFromLine } from "../evaluation/metrics-from-line.ts";
import { compileCommand } from "../training/command-line.ts";
import type { TrainingOptions } from "../training/training-options.ts";

export interface FinalTest {
  readonly trial: number;
  readonly config: Config;
  readonly seed: number;
  /** Folder of the model to test. */
  readonly checkpoint: string;
}

/**
 * Runs the study's `test` command on one model and gives the numbers it printed, the last of each name.
 *
 * @throws {TunesmithError} `invalid-input` when it cannot start, exits with an error or prints no number.
 */
export async function runFinalTest(training: TrainingOptions, { trial, config, seed, checkpoint }: FinalTest): Promise<Metrics> {
  if (training.test === null) throw new TunesmithError("invalid-input", "the study has no test command");
  const env = { ...process.env, ...training.env };
  const words = compileCommand(training.test, training, "test").expand({
    params: config,
    trial,
    seed,
    fold: null,
    fidelity: null,
    checkpoint,
    argsJsonFile: () => {
      throw new TunesmithError("invalid-input", "test: ${args_json_file} is not available; use ${args_json}");
    },
    env,
  });
  const { lines, exitCode } = await outputOf(words, training.workdir, { ...env, TUNESMITH_RESUME_DIR: checkpoint });
  const metrics: Record<string, number> = {};
  for (const line of lines) for (const [name, value] of metricsFromLine(line)) metrics[name] = value;
  if (exitCode !== 0 || Object.keys(metrics).length === 0)
    throw new TunesmithError("invalid-input", `test: ${words.join(" ")} ended with ${exitCode}: ${lines.at(-1) ?? "no output"}`);
  return metrics;
}

function outputOf(
  words: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly lines: readonly string[]; readonly exitCode: number | string }> {
  return new Promise((resolve) => {
    const [command, ...args] = words;
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const splitter = createLineSplitter();
    const lines: string[] = [];
    const take = (chunk: Buffer): void => void lines.push(...splitter.push(chunk).map(({ text }) => text));
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (error) => resolve({ lines: [error.message], exitCode: "no start" }));
    child.on("close", (code, signal) => {
      lines.push(...splitter.end().map(({ text }) => text));
      resolve({ lines, exitCode: code ?? signal ?? "no exit" });
    });
  });
}
