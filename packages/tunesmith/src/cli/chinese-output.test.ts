import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStudy, float } from "@tunesmith/core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createSqliteStorage } from "../storage/sqlite/sqlite-storage.ts";
import { readStudyFile } from "../study-file/read-study-file.ts";
import { trainingChecks } from "../tuning/training-checks.ts";
import { main } from "./main.ts";

// Every command but `demo` (which runs the same code on its own example) as a person types it, in Chinese, on a store that an earlier
// command made. What is left when names, keys, commands and units are taken away must hold no Latin letter.

let folder: string;
const cwd = process.cwd();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "chinese-"));
  process.chdir(folder);
  vi.stubEnv("TUNESMITH_LANG", "zh");
  writeFileSync("train.mjs", trainer);
  writeFileSync("digits.yaml", studyFile(12));
  writeFileSync("halved.yaml", searchedBy("hyperband"));
  writeFileSync("members.yaml", searchedBy("{ type: pbt, population: 3, interval: 3 }"));
  writeFileSync("small.yaml", gridFile);
  writeFileSync("silent.yaml", gridFile.replace("train.mjs", "silent.mjs"));
  writeFileSync("silent.mjs", "console.log('loss=1 acc=2');");
  writeFileSync("faulty.yaml", faultyFile);
  writeFileSync("broken.mjs", "console.error('boom'); process.exitCode = 1;");
  writeFileSync("broken.yaml", gridFile.replace("train.mjs", "broken.mjs").replace("[0.01, 0.1]", "[1, 2, 3, 4, 5, 6, 7, 8]"));
});

afterAll(() => {
  vi.unstubAllEnvs();
  process.chdir(cwd);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const trainer = `
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
const args = Object.fromEntries(process.argv.slice(2).map((arg) => arg.slice(2).split("=")));
for (let epoch = 1; epoch <= Number(process.env.TUNESMITH_FIDELITY ?? 3); epoch++) {
  const save = process.env.TUNESMITH_SAVE_DIR + "/step-" + epoch;
  mkdirSync(save + ".tmp");
  writeFileSync(save + ".tmp/weights", String(epoch));
  renameSync(save + ".tmp", save);
  console.log("epoch=" + epoch + " val_loss=" + (Number(args.lr) + 1 / epoch) + " acc=" + epoch);
}
`;

const studyFile = (trials: number): string => `
command: node train.mjs \${args}
objective: { name: val_loss, goal: minimize, step: epoch }
parameters:
  lr: { min: 1e-5, max: 1e-1, log: true, default: 1e-3 }
  optimizer: { values: [adam, sgd] }
  momentum: { min: 0.0, max: 0.99, when: { optimizer: sgd } }
fidelity: { name: epochs, min: 1, max: 9 }
scheduler: asha
budget: { trials: ${trials}, time: 5m }
confirm: { top: 1, seeds: 2 }
parallel: 2
seed: 7
`;

const searchedBy = (scheduler: string): string =>
  studyFile(9)
    .replace("scheduler: asha", `scheduler: ${scheduler}`)
    .replace(/^confirm.*\n/m, "");

const gridFile = `
command: node train.mjs \${args}
objective: { name: val_loss, goal: minimize }
parameters: { lr: { values: [0.01, 0.1] } }
sampler: grid
parallel: 1
seed: 1
`;

const faultyFile = `
command: node train.mjs \${args} && frob
objective: { name: val_loss, goal: smaller }
parameters:
  lr: { min: 0, max: 1e-1, log: true }
  lrr: { min: 2.0, max: 1.0, defalt: 3 }
  layers: { type: int, min: 1, max: four }
  opt: { values: [] }
  momentum: { min: 0.0, max: 0.99, when: { frob: sgd } }
sampler: { type: tpe, gama: 1 }
scheduler: asha
budget: { trials: -1, time: "30" }
parallel: 0
parameter_constraints: ["lr <"]
enqueue: [{ lr: 12 }]
`;

/** Everything that one command line prints for people. */
async function printed(args: readonly string[]): Promise<{ readonly text: string; readonly code: number }> {
  let text = "";
  const keep = (chunk: unknown): boolean => {
    text += String(chunk);
    return true;
  };
  const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, "write").mockImplementation(keep));
  try {
    const code = await main(args);
    return { text, code };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const verbs = ["init", "run", "compare", "ls", "show", "best", "trials", "logs", "export", "doctor"].concat([
  ...["enqueue", "pause", "resume", "stop", "retry", "clone", "delete"],
]);

/** What may be Latin: names of this test's studies, files, parameters and metrics, and what a study file calls a thing. */
const names = new Set([
  ...[
    "digits",
    "digits-2",
    "halved",
    "members",
    "small",
    "broken",
    "copy",
    "program",
    "nope",
    "made.yaml",
    "out.json",
    "configs.json",
    "study.yaml",
  ],
  ...["lr", "lrr", "frob", "optimizer", "adam", "sgd", "momentum", "layers", "opt", "val_loss", "acc", "epochs", "epoch"],
  ...[
    "tpe",
    "asha",
    "hyperband",
    "pbt",
    "median",
    "none",
    "grid",
    "random",
    "qmc",
    "manual",
    "auto",
    "TPE",
    "ASHA",
    "Sobol",
    "sweep",
  ],
  ...["silent", "faulty.yaml", "whole", "loss", "smaller", "four", "gama", "command", "shell", "shell:", "default", "max"],
  ...["float", "int", "minimize", "true", "categorical", "log", "budget", "budget.trials", "confirm", "top", "seeds"],
  ...["YAML", "JSON", "W&B", "TUNESMITH_SAVE_DIR", "TUNESMITH_HOME"],
]);

/** The words of a line that nobody has put into Chinese. */
function latinIn(line: string): readonly string[] {
  const rest = line
    // What the training printed.
    .replace(/\bboom\b/g, "")
    // Commands to be pasted, placeholders, options, folders.
    .replace(/tunesmith (?:[\w#=./\-+'…{}$:,<>]|(?<=\S) (?=[\w…-]))+|tunesmith(?= \[)/g, "")
    .replace(/<[^>]*>|\[[\w.]+\]|\$\{\w+\}|--[\w-]+|-h\b|\/[\w./-]+|\bout\/?(?![.\w])|\.tunesmith\b/g, "")
    // A key of the file beside its place.
    .replace(/^ {2}\d+:\d+ +[\w.]+/, "")
    // A verb or an argument at the place where the help or a fault names it; what may be written for a key.
    .replace(/^ {2}[a-z]+(?= )|^(?:ls 的|enqueue：|参数 \w+ )|缺少参数 \w+/, "")
    .replace(/允许：[\w, ]+$|[a-z]+(?=（\p{sc=Han}+）)|：(?:[a-z]+、)+[a-z]+$/gu, "")
    // Numbers, and durations as they are typed.
    .replace(/\b\d+[smh]\b(?=、| 或|$)|(?<![\w-])\d[\d.]*(e-?\d+)?(?:\.\.\d+(e-?\d+)?)?/g, "");
  return (rest.match(/[A-Za-z][\w.&-]*/g) ?? []).filter((word) => !names.has(word));
}

async function makeProgramStudy(): Promise<void> {
  const storage = await createSqliteStorage({ folder: ".tunesmith", wallClockMs: Date.now });
  const study = await createStudy({ name: "program", parameters: { lr: float(0, 1) }, sampler: "random", seed: 1, storage });
  await study.close();
  const origin = { revision: 1, historySeq: 1, source: "sampler", fixed: null, why: null, note: null, bracket: 0 } as const;
  // One that runs, one that waits.
  for (const begin of ["claimed", "queued"] as const)
    await storage.addTrials(study.id, [{ config: { lr: 0.5 }, ...origin, target: null, seeds: [1], begin }], null);
  await storage.close();
}

/** In this order; the expected exit code first. */
const lines: readonly (readonly [code: number, ...args: readonly string[]])[] = [
  [2, "ls"],
  [2, "run"],
  [2, "run", "nope"],
  [0, "init", "made.yaml", "--yes"],
  [2, "init", "made.yaml", "--yes"],
  [2, "init", "study.yaml"],
  [2, "init", "study.yaml", "--yes", "--goal", "frob"],
  [0, "run", "digits.yaml"],
  [0, "run", "digits.yaml"],
  [0, "run", "halved.yaml"],
  [0, "show", "halved"],
  [0, "show", "halved", "0"],
  [0, "trials", "halved"],
  [0, "run", "members.yaml"],
  [0, "show", "members"],
  [0, "show", "members", "3"],
  [0, "run", "small.yaml"],
  [1, "run", "broken.yaml"],
  [1, "run", "silent.yaml"],
  [0, "show", "silent", "0"],
  [2, "run", "faulty.yaml"],
  [2, "run", "--param", "lr=0..1:log", "--param", "opt=1..", "--minimize", "val_loss", "--", "node", "train.mjs"],
  [
    0,
    "run",
    "--param",
    "lr=0..3",
    "--name",
    "whole",
    "--minimize",
    "val_loss",
    "--trials",
    "1",
    "--",
    "node",
    "train.mjs",
    "${args}",
  ],
  [0, "ls"],
  [0, "show", "digits"],
  [0, "show", "digits", "0"],
  [0, "show", "digits", "5"],
  [0, "show", "broken"],
  [0, "show", "broken", "0"],
  [2, "show", "nope"],
  [2, "show", "digits", "99"],
  [0, "best", "digits"],
  [0, "best", "digits", "--model", "out"],
  [2, "best", "digits", "--model", "out"],
  [1, "best", "broken"],
  [0, "trials", "digits", "--limit", "3"],
  [0, "trials", "broken"],
  [0, "trials", "digits", "--state", "queued"],
  [2, "trials", "digits", "--state", "frob"],
  [0, "logs", "small"],
  [0, "export", "digits", "--out", "out.json"],
  [2, "export", "digits", "--out", "out.json"],
  [0, "doctor", "digits", "--replay"],
  [1, "doctor", "program"],
  [0, "show", "program"],
  [0, "show", "program", "1"],
  [2, "resume", "program"],
  [0, "enqueue", "program", "lr=0.75"],
  [2, "enqueue", "program", "lrr=1", "frob", "lr=0.1", "lr=0.2"],
  [2, "enqueue", "program", "lr=12"],
  [2, "enqueue", "program"],
  [0, "pause", "program"],
  [0, "pause", "program"],
  [0, "pause", "program", "0"],
  [2, "pause", "program", "0"],
  [2, "pause", "program", "1"],
  [2, "pause", "digits", "0"],
  [1, "pause", "digits"],
  [0, "show", "program", "0"],
  [2, "resume", "program", "1"],
  [1, "resume", "digits"],
  [0, "stop", "program", "1"],
  [1, "stop", "program", "1"],
  [0, "stop", "program"],
  [1, "stop", "program"],
  [2, "retry", "small"],
  [2, "retry", "digits", "0"],
  [2, "retry", "program", "0", "frob"],
  [0, "retry", "broken", "0"],
  [0, "clone", "digits", "copy", "--with-trials"],
  [2, "clone", "digits", "copy"],
  [2, "delete", "copy"],
  [0, "compare", "digits", "copy"],
  [2, "compare", "digits"],
  [0, "delete", "copy", "--yes"],
  [0, "compare", "small.yaml", "--samplers", "grid,random", "--seeds", "2"],
  [2, "compare", "small.yaml", "digits.yaml"],
  [2, "frob"],
  [2, "ls", "frob"],
  ...verbs.map((verb) => [0, verb, "--help"] as const),
  [0, "--help"],
];

test("no command prints a Latin word besides names, keys, commands and units", async () => {
  expect(new Set(lines.map(([, verb]) => verb))).toEqual(new Set([...verbs, "frob", "--help"]));
  const left: string[] = [];
  let lineCount = 0;
  for (const [code, ...args] of lines) {
    // The grid has two points until the search ends; afterwards `compare` runs it with samplers that need a budget.
    if (args[0] === "compare" && args[1] === "small.yaml" && args[2] === "--samplers")
      writeFileSync("small.yaml", `${gridFile}budget: { trials: 2 }\n`);
    if (args[0] === "doctor" && args[1] === "program") await makeProgramStudy();
    const said = await printed(args);
    expect([said.code, args.join(" "), said.text]).toEqual([code, args.join(" "), said.text]);
    const shown = said.text.split("\n").filter((line) => line.trim() !== "");
    expect([args.join(" "), shown.length]).not.toEqual([args.join(" "), 0]);
    lineCount += shown.length;
    for (const line of shown) {
      const words = latinIn(line);
      if (words.length > 0) left.push(`${args.join(" ")}: ${words.join(", ")}   in   ${line}`);
    }
  }
  expect(left).toEqual([]);
  expect(lineCount).toBeGreaterThan(400);
}, 300_000);

test("a failed training, a broken study and a faulty file are told in Chinese, with what was found in them", async () => {
  const said = async (...args: readonly string[]): Promise<string> => (await printed(args)).text;
  expect(await said("show", "broken", "0")).toContain("退出码 1，boom");
  expect(await said("ls")).toContain("退出码 1，boom");
  expect(await said("show", "silent", "0")).toContain("1 行输出中没有 val_loss；看到了：loss, acc");
  const faults = await said("run", "faulty.yaml");
  expect(faults).toMatch(/^faulty\.yaml：\d+ 处错误，没有启动任何内容\n/);
  expect(faults).toContain("log 时不能为 0：范围必须大于 0");
  expect(await said("--json", "show", "broken", "0")).toContain('"message":"exit code 1, boom"');
});

test("the file that init writes is commented in Chinese, and is read", async () => {
  expect((await printed(["init", "commented.yaml", "--yes", "--command", "node train.mjs"])).code).toBe(0);
  const comments = readFileSync("commented.yaml", "utf8").match(/# .*$/gm) ?? [];
  expect(comments.length).toBeGreaterThan(6);
  for (const comment of comments) expect(comment).toMatch(/\p{sc=Han}/u);
  expect(comments[0]).toBe("# 运行：  tunesmith run <此文件>");
  expect(readStudyFile(readFileSync("commented.yaml"), "commented.yaml", folder, trainingChecks).faults).toBeUndefined();
});

test("a changed file is told, and asked about, in Chinese", async () => {
  writeFileSync("digits.yaml", studyFile(13));
  expect((await printed(["run", "digits.yaml"])).text).toContain("已更改：budget");
  writeFileSync("digits.yaml", readFileSync("digits.yaml", "utf8").replace("max: 1e-1", "max: 5e-1"));
  const asked = await printed(["run", "digits.yaml"]);
  expect(asked.code).toBe(2);
  // The keys of the file that changed.
  expect(asked.text.split("\n").flatMap(latinIn)).toEqual(["parameters"]);
  const both = await printed(["run", "digits.yaml", "--continue", "--new"]);
  expect(both.text).toBe("同时给出了 --continue 和 --new；请只保留一个\n");
});

test("the check finds an English word when there is one", () => {
  expect(latinIn("最优      #1   val_loss 0.05 over 3 fresh seeds")).toEqual(["over", "fresh"]);
  expect(latinIn("look  tunesmith show digits 2   ·   tunesmith best digits --args")).toEqual(["look"]);
  expect(latinIn("best     #1   val_loss 0.05")).toEqual(["best"]);
  expect(latinIn("4  complete ★    0.05  sgd  enqueued  2 m ago")).toEqual(["complete", "enqueued", "m", "ago"]);
  expect(latinIn("用时 14 s：3 trials")).toEqual(["s", "trials"]);
});
