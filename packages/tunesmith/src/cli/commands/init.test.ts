import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readStudyFile } from "../../study-file/read-study-file.ts";
import { trainingChecks } from "../../tuning/training-checks.ts";
import { UsageError } from "../cli-error.ts";
import { init } from "./init.ts";
import type { InitPrompts } from "./parts/init-prompts.ts";
import { guessGoal, withArgs } from "./parts/study-proposal.ts";
import { capturedContext } from "./testing/command-stage.ts";

const home = process.cwd();
let folder = "";
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "init-")), "mnist");
  await mkdir(folder);
  process.chdir(folder);
});
afterEach(async () => {
  process.chdir(home);
  await rm(join(folder, ".."), { recursive: true, force: true });
});

async function readBack(file = "study.yaml") {
  const reading = readStudyFile(await readFile(file), file, folder, trainingChecks);
  expect(reading.faults).toBeUndefined();
  if (reading.definition === undefined) throw new Error("no definition");
  return reading.definition;
}

test("--yes takes the script's own arguments with ranges, and the file reads without faults", async () => {
  await writeFile(
    "train.py",
    'p.add_argument("--learning-rate")\np.add_argument("--batch_size")\np.add_argument("--optimizer")\np.add_argument("--momentum")\np.add_argument("--data")\n',
  );
  const context = capturedContext();
  expect(await init(context, { yes: true, metric: "val_acc" })).toBe(0);
  expect(context.lines).toEqual([
    "wrote study.yaml",
    "the command only has to print lines such as val_acc=0.31",
    "look at it, then: tunesmith run study.yaml",
  ]);
  const { name, problem, training } = await readBack();
  expect(name).toBe("mnist");
  expect(training.command).toBe("python train.py ${args}");
  expect(problem.objectives).toMatchObject([{ name: "val_acc", goal: "maximize" }]);
  expect(Object.keys(problem.parameters)).toEqual(["learning_rate", "batch_size", "optimizer", "momentum"]);
  expect(problem.parameters).toMatchObject({
    learning_rate: { type: "float", min: 1e-5, max: 0.1, log: true },
    momentum: { when: { optimizer: "sgd" } },
  });
  expect(training.parameterArgs).toEqual({ learning_rate: "--learning-rate" });
});

test("a script that tells nothing gets the usual four", async () => {
  await init(capturedContext(), { yes: true, command: "sh run.sh" });
  const { problem, training, settings } = await readBack();
  expect(Object.keys(problem.parameters)).toEqual(["lr", "batch_size", "weight_decay", "dropout"]);
  expect([training.command, settings.budget]).toEqual(["sh run.sh ${args}", { trials: 50 }]);
});

test("in a terminal it asks what was not said, and proposes answers", async () => {
  const asked: string[] = [];
  const answer = async <Answer>(question: string, given: Answer): Promise<Answer> => {
    asked.push(question);
    return given;
  };
  const prompts: InitPrompts = {
    text: (question, proposal) => answer(`${question.slice(0, 20)} [${proposal}]`, proposal),
    select: (question, choices, proposal) =>
      answer(`${question} ${choices.map(({ label }) => label).join("/")} [${proposal}]`, proposal),
    choose: (question, choices, proposals) =>
      answer(`${question.slice(0, 14)} ${choices.length > 20} [${proposals.join()}]`, ["lr", "layers"]),
    count: (question, proposal) => answer(`${question} [${proposal}]`, 12),
  };
  const context = capturedContext({ isTerminal: true });
  expect(await init(context, { file: "my-study.yaml", metric: "score", prompts })).toBe(0);
  expect(asked).toEqual([
    "Which command trains [python train.py ${args}]",
    "Is it better when it is smaller/larger [maximize]",
    "What may vary? true [lr,batch_size,weight_decay,dropout]",
    "How many trials? [50]",
  ]);
  expect(context.lines[0]).toBe("the parameters are guesses: keep those that your command takes");
  const { name, problem, settings } = await readBack("my-study.yaml");
  expect([name, Object.keys(problem.parameters), settings.budget]).toEqual(["my-study", ["lr", "layers"], { trials: 12 }]);
});

test("broken off, nothing is written", async () => {
  const nothing = async () => null;
  const prompts: InitPrompts = { text: nothing, select: nothing, choose: nothing, count: nothing };
  const context = capturedContext({ isTerminal: true, language: "zh" });
  expect(await init(context, { prompts })).toBe(1);
  expect(context.lines).toEqual(["没有写入任何内容"]);
  await expect(readFile("study.yaml")).rejects.toThrow(/ENOENT/);
});

test("a file that is there stays unless forced; without a terminal it needs --yes; a wrong goal is refused", async () => {
  await writeFile("study.yaml", "mine");
  const context = capturedContext();
  await expect(init(context, { yes: true })).rejects.toThrow(new UsageError("study.yaml is there already; --force replaces it"));
  expect(await readFile("study.yaml", "utf8")).toBe("mine");
  expect(await init(context, { yes: true, force: true })).toBe(0);
  await readBack();
  await expect(init(context, { file: "b.yaml" })).rejects.toThrow(
    new UsageError("no terminal to ask in; take the defaults with: tunesmith init b.yaml --yes --command '…' --metric val_loss"),
  );
  await expect(init(context, { file: "b.yaml", yes: true, goal: "up" })).rejects.toThrow(
    new UsageError('--goal "up"; allowed: minimize, maximize'),
  );
});

test("as JSON; commands that take their parameters otherwise keep them; goals follow the metric's name", async () => {
  const json = capturedContext({ json: true });
  await init(json, { yes: true, command: "node t.js --lr ${lr}" });
  expect(JSON.parse(json.lines[0])).toMatchObject({
    file: "study.yaml",
    command: "node t.js --lr ${lr}",
    objective: { name: "val_loss", goal: "minimize" },
  });
  expect(withArgs("python t.py")).toBe("python t.py ${args}");
  expect(["val_loss", "accuracy", "test/F1", "rmse", "accuracy_loss", "error_rate"].map(guessGoal)).toEqual([
    "minimize",
    "maximize",
    "maximize",
    "minimize",
    "minimize",
    "minimize",
  ]);
});
