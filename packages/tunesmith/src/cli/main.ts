import { TunesmithError } from "@tunesmith/core";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { packageVersion } from "../platform/version.ts";
import { type CliContext, createCliContext, type GlobalOptions } from "./cli-context.ts";
import { UsageError } from "./cli-error.ts";
import { withStore } from "./open-store.ts";
import { harmless } from "./terminal/text-width.ts";

/** Runs one command line (without node and script). @returns The exit code: 0, 1 (failed), 2 (used wrongly). */
export async function main(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    return report(error, args.includes("--debug"));
  }
}

type Run = (code: number) => void;

function createProgram(done: Run): Command {
  const program = new Command("tunesmith")
    .description("Finds the hyperparameters a model trains best with: tunes any training command.")
    .version(packageVersion(), "--version")
    .option("--home <folder>", "where studies live (default .tunesmith here, or TUNESMITH_HOME)")
    .option("--json", "machine-readable lines")
    .option("--debug", "show stack traces")
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "")) })
    .showSuggestionAfterError(true);
  const context = (): CliContext => createCliContext(program.opts<GlobalOptions>());
  addRunning(program, context, done);
  addLooking(program, context, done);
  addSteering(program, context, done);
  for (const command of program.commands) command.exitOverride();
  return program;
}

function addRunning(program: Command, context: () => CliContext, done: Run): void {
  program
    .command("demo")
    .description("tune a small network on handwritten digits, here and now")
    .option("--trials <n>", "how many trials", wholeNumber)
    .action(async (options) => done(await (await import("./commands/demo.ts")).demo(context(), options)));
  program
    .command("init")
    .description("write a commented study file by answering a few questions")
    .argument("[file]", "the study file", "study.yaml")
    .option("--yes", "take every default, ask nothing")
    .option("--force", "overwrite the file")
    .option("--command <command>", "the training command")
    .option("--metric <name>", "the metric to optimise")
    .option("--goal <goal>", "minimize or maximize")
    .action(async (file, options) => done(await (await import("./commands/init.ts")).init(context(), { file, ...options })));
  program
    .command("run")
    .description("tune a command by a study file, or by --param and a command behind --")
    .argument("[file]", "study file (YAML or JSON; a W&B sweep file works)")
    .argument("[command...]", "behind --: the training command")
    .option("--param <space>", "lr=1e-5..1e-1:log, layers=1..4, opt=adam,sgd (repeat)", collect, [])
    .option("--minimize <metric>", "metric to minimise (repeat)", collect, [])
    .option("--maximize <metric>", "metric to maximise (repeat)", collect, [])
    .option("--trials <n>", "total number of trials")
    .option("--time <duration>", "30s, 30m, 2h")
    .option("--parallel <n>", "trials at a time, or auto")
    .option("--sampler <name>", "how to choose: tpe, random, qmc, grid, manual")
    .option("--scheduler <name>", "when to stop weak trials: asha, none")
    .option("--fidelity <range>", "epochs=1..81")
    .option("--seed <n>", "the same seed suggests the same configurations")
    .option("--name <name>", "name of the study")
    .option("--step <name>", "metric that carries the step, e.g. epoch")
    .option("--continue", "a changed file: go on with the trials that still fit")
    .option("--new", "a changed file: begin a new study")
    .option("--partial", "run a grid that the budget cannot finish")
    .action(async (file, command, options) =>
      done(await (await import("./commands/run.ts")).run(context(), file, command, options)),
    );
  program
    .command("compare")
    .description("compare samplers on your own study, or stored studies with each other")
    .argument("<what...>", "a study file, or names of studies")
    .option("--samplers <names>", "comma-separated", "grid,random,tpe")
    .option("--seeds <n>", "runs per sampler", wholeNumber, 5)
    .action(async (what, options) =>
      done(await (await import("./commands/compare-runs.ts")).compareRuns(context(), what, options)),
    );
}

function addLooking(program: Command, context: () => CliContext, done: Run): void {
  const store = async (use: Parameters<typeof withStore<number>>[1]): Promise<void> => done(await withStore(context(), use));
  program
    .command("ls")
    .description("the studies here")
    .action(() => store(async (storage) => (await import("./commands/ls.ts")).ls(context(), storage)));
  program
    .command("show")
    .description("a study or one of its trials: what came out, why, and what next")
    .argument("[study]", "default: the newest")
    .argument("[trial]", "trial number", wholeNumber)
    .action((study, trial) =>
      store(async (storage) => (await import("./commands/show.ts")).show(context(), storage, { study, trial })),
    );
  program
    .command("best")
    .description("the best configuration, as arguments, or its model")
    .argument("[study]", "default: the newest")
    .option("--args", "exact values, ready to paste behind a command")
    .option("--params", "exact values as JSON")
    .option("--model <folder>", "export the winner's checkpoint, parameters, metrics and provenance")
    .option("--force", "export into a folder that is not empty")
    .action((study, options) =>
      store(async (storage) => (await import("./commands/best.ts")).best(context(), storage, { study, ...options })),
    );
  program
    .command("trials")
    .description("the trials of a study")
    .argument("[study]", "default: the newest")
    .option("--state <state>", "only those: queued, running, paused, complete, stopped, failed, cancelled")
    .option("--limit <n>", "the newest so many", wholeNumber)
    .option("--csv", "comma-separated values")
    .action((study, options) =>
      store(async (storage) => (await import("./commands/trials.ts")).trials(context(), storage, { study, ...options })),
    );
  program
    .command("logs")
    .description("what a trial printed")
    .argument("[study]", "default: the newest")
    .argument("[trial]", "default: the newest that printed something", wholeNumber)
    .option("--tail <n>", "only the last lines", wholeNumber)
    .action((study, trial, options) =>
      store(async (storage) => (await import("./commands/logs.ts")).logs(context(), storage, { study, trial, ...options })),
    );
  program
    .command("export")
    .description("everything about a study")
    .argument("[study]", "default: the newest")
    .addOption(new Option("--csv", "trials as comma-separated values"))
    .option("--out <file>", "into a file")
    .option("--force", "overwrite the file")
    .action((study, options) =>
      store(async (storage) =>
        (await import("./commands/export.ts")).exportStudyCommand(context(), storage, { study, ...options }),
      ),
    );
  program
    .command("doctor")
    .description("check that what is stored is sound")
    .argument("[study]", "default: all")
    .option("--replay", "recompute every suggestion and compare")
    .action((study, options) =>
      store(async (storage) => (await import("./commands/doctor.ts")).doctor(context(), storage, { study, ...options })),
    );
}

function addSteering(program: Command, context: () => CliContext, done: Run): void {
  const store = async (use: Parameters<typeof withStore<number>>[1]): Promise<void> => done(await withStore(context(), use));
  program
    .command("enqueue")
    .description("try this configuration next; what is left open the sampler fills")
    .argument("<study>", "name of the study")
    .argument("[values...]", "lr=0.003 optimizer=adam")
    .option("--file <file>", "JSON: a list of configurations")
    .action((study, values, options) =>
      store(async (storage) =>
        (await import("./commands/enqueue.ts")).enqueue(context(), storage, { study, values, ...options }),
      ),
    );
  program
    .command("pause")
    .description("start no more trials")
    .argument("[study]", "default: the newest")
    .action((study) => store(async (storage) => (await import("./commands/pause.ts")).pause(context(), storage, { study })));
  program
    .command("resume")
    .description("go on with a study, here if nobody runs it")
    .argument("[study]", "default: the newest")
    .action((study) => store(async (storage) => (await import("./commands/resume.ts")).resume(context(), storage, { study })));
  program
    .command("stop")
    .description("end a study, or some of its trials")
    .argument("<study>", "name of the study")
    .argument("[trials...]", "trial numbers")
    .action((study, trials) =>
      store(async (storage) => (await import("./commands/stop.ts")).stop(context(), storage, { study, trials })),
    );
  program
    .command("retry")
    .description("queue configurations of ended trials again")
    .argument("<study>", "name of the study")
    .argument("[trials...]", "trial numbers; none: all that failed")
    .action((study, trials) =>
      store(async (storage) => (await import("./commands/retry.ts")).retry(context(), storage, { study, trials })),
    );
  program
    .command("clone")
    .description("a new study with the same problem and settings")
    .argument("<study>", "name of the study")
    .argument("<name>", "name of the new one")
    .option("--with-trials", "with the trials that are finished")
    .action((study, name, options) =>
      store(async (storage) => (await import("./commands/clone.ts")).clone(context(), storage, { study, name, ...options })),
    );
  program
    .command("delete")
    .description("remove a study")
    .argument("<study>", "name of the study")
    .option("--yes", "without asking")
    .action((study, options) =>
      store(async (storage) => (await import("./commands/delete.ts")).deleteStudy(context(), storage, { study, ...options })),
    );
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError("allowed: a whole number.");
}

function report(error: unknown, debug: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const write = (line: string): void => void process.stderr.write(`${line}\n`);
  if (debug && error instanceof Error) write(error.stack ?? error.message);
  else if (error instanceof UsageError) for (const line of error.lines) write(harmless(line));
  else if (error instanceof TunesmithError) write(harmless(error.message));
  else write(`${harmless(error instanceof Error ? error.message : String(error))}   (--debug shows where)`);
  if (error instanceof UsageError) return 2;
  return error instanceof TunesmithError && usageCodes.has(error.code) ? 2 : 1;
}

const usageCodes: ReadonlySet<string> = new Set([
  "invalid-input",
  "refused",
  "study-not-found",
  "trial-not-found",
  "study-exists",
]);
