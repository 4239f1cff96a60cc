import { helpMessages, type Language, usageMessages } from "@tunesmith/protocol";
import { Command, InvalidArgumentError } from "commander";
import { packageVersion } from "../platform/version.ts";
import { type CliContext, createCliContext, type GlobalOptions } from "./cli-context.ts";
import { describeProgram, wordHelp } from "./describe-program.ts";
import { withStore } from "./open-store.ts";
import { harmless } from "./terminal/text-width.ts";
import { usageFaultText } from "./usage-fault-text.ts";

/** What the commands are added with. */
interface Line {
  readonly program: Command;
  readonly context: () => CliContext;
  /** Takes the exit code. */
  readonly done: (code: number) => void;
  readonly wholeNumber: (text: string) => number;
}

/**
 * Every command with its arguments and options; what they mean stands in the message catalogue.
 *
 * @param done  Takes the exit code of the command that ran. Faults of the command line itself are thrown as `CommanderError`, printed
 *              before.
 */
export function createCommandLine(language: Language, done: (code: number) => void): Command {
  const program = new Command("tunesmith")
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`${harmless(usageFaultText(text, language))}\n`) })
    .showSuggestionAfterError(true);
  wordHelp(program, helpMessages(language));
  program.version(packageVersion(), "--version").option("--home <folder>").option("--json").option("--debug");
  const context = (): CliContext => createCliContext(program.opts<GlobalOptions>());
  const line: Line = { program, context, done, wholeNumber: wholeNumberReader(language) };
  addRunning(line);
  addLooking(line);
  addSteering(line);
  describeProgram(program, helpMessages(language));
  return program;
}

function addRunning({ program, context, done, wholeNumber }: Line): void {
  program
    .command("demo")
    .option("--trials <n>", "", wholeNumber)
    .action(async (options) => done(await (await import("./commands/demo.ts")).demo(context(), options)));
  program
    .command("init")
    .argument("[file]", "", "study.yaml")
    .option("--yes")
    .option("--force")
    .option("--command <command>")
    .option("--metric <name>")
    .option("--goal <goal>")
    .action(async (file, options) => done(await (await import("./commands/init.ts")).init(context(), { file, ...options })));
  program
    .command("run")
    .argument("[file]")
    .argument("[command...]")
    .option("--param <space>", "", collect)
    .option("--minimize <metric>", "", collect)
    .option("--maximize <metric>", "", collect)
    .option("--trials <n>")
    .option("--time <duration>")
    .option("--parallel <n>")
    .option("--sampler <name>")
    .option("--scheduler <name>")
    .option("--fidelity <range>")
    .option("--seed <n>")
    .option("--name <name>")
    .option("--step <name>")
    .option("--continue")
    .option("--new")
    .option("--partial")
    .action(async (file, command, options) =>
      done(await (await import("./commands/run.ts")).run(context(), file, command, { ...notGiven, ...options })),
    );
  program
    .command("compare")
    .argument("<what...>")
    .option("--samplers <names>", "", "grid,random,tpe")
    .option("--seeds <n>", "", wholeNumber, 5)
    .action(async (what, options) =>
      done(await (await import("./commands/compare-runs.ts")).compareRuns(context(), what, options)),
    );
}

function addLooking({ program, context, done, wholeNumber }: Line): void {
  const store = async (use: Parameters<typeof withStore<number>>[1]): Promise<void> => done(await withStore(context(), use));
  program.command("ls").action(() => store(async (storage) => (await import("./commands/ls.ts")).ls(context(), storage)));
  program
    .command("show")
    .argument("[study]")
    .argument("[trial]", "", wholeNumber)
    .action((study, trial) =>
      store(async (storage) => (await import("./commands/show.ts")).show(context(), storage, { study, trial })),
    );
  program
    .command("best")
    .argument("[study]")
    .option("--args")
    .option("--params")
    .option("--model <folder>")
    .option("--force")
    .action((study, options) =>
      store(async (storage) => (await import("./commands/best.ts")).best(context(), storage, { study, ...options })),
    );
  program
    .command("trials")
    .argument("[study]")
    .option("--state <state>")
    .option("--limit <n>", "", wholeNumber)
    .option("--csv")
    .action((study, options) =>
      store(async (storage) => (await import("./commands/trials.ts")).trials(context(), storage, { study, ...options })),
    );
  program
    .command("logs")
    .argument("[study]")
    .argument("[trial]", "", wholeNumber)
    .option("--tail <n>", "", wholeNumber)
    .action((study, trial, options) =>
      store(async (storage) => (await import("./commands/logs.ts")).logs(context(), storage, { study, trial, ...options })),
    );
  program
    .command("export")
    .argument("[study]")
    .option("--csv")
    .option("--out <file>")
    .option("--force")
    .action((study, options) =>
      store(async (storage) =>
        (await import("./commands/export.ts")).exportStudyCommand(context(), storage, { study, ...options }),
      ),
    );
  program
    .command("doctor")
    .argument("[study]")
    .option("--replay")
    .action((study, options) =>
      store(async (storage) => (await import("./commands/doctor.ts")).doctor(context(), storage, { study, ...options })),
    );
}

function addSteering({ program, context, done }: Line): void {
  const store = async (use: Parameters<typeof withStore<number>>[1]): Promise<void> => done(await withStore(context(), use));
  program
    .command("enqueue")
    .argument("<study>")
    .argument("[values...]")
    .option("--file <file>")
    .action((study, values, options) =>
      store(async (storage) =>
        (await import("./commands/enqueue.ts")).enqueue(context(), storage, { study, values, ...options }),
      ),
    );
  program
    .command("pause")
    .argument("[study]")
    .argument("[trials...]")
    .action((study, trials) =>
      store(async (storage) => (await import("./commands/pause.ts")).pause(context(), storage, { study, trials })),
    );
  program
    .command("resume")
    .argument("[study]")
    .argument("[trials...]")
    .action((study, trials) =>
      store(async (storage) => (await import("./commands/resume.ts")).resume(context(), storage, { study, trials })),
    );
  program
    .command("stop")
    .argument("<study>")
    .argument("[trials...]")
    .action((study, trials) =>
      store(async (storage) => (await import("./commands/stop.ts")).stop(context(), storage, { study, trials })),
    );
  program
    .command("retry")
    .argument("<study>")
    .argument("[trials...]")
    .action((study, trials) =>
      store(async (storage) => (await import("./commands/retry.ts")).retry(context(), storage, { study, trials })),
    );
  program
    .command("clone")
    .argument("<study>")
    .argument("<name>")
    .option("--with-trials")
    .action((study, name, options) =>
      store(async (storage) => (await import("./commands/clone.ts")).clone(context(), storage, { study, name, ...options })),
    );
  program
    .command("delete")
    .argument("<study>")
    .option("--yes")
    .action((study, options) =>
      store(async (storage) => (await import("./commands/delete.ts")).deleteStudy(context(), storage, { study, ...options })),
    );
}

/** Options that may be given several times, when they are not given at all. */
const notGiven = { param: [], minimize: [], maximize: [] };

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function wholeNumberReader(language: Language): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
    throw new InvalidArgumentError(usageMessages(language).wholeNumber);
  };
}
