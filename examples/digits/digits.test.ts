import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const here = import.meta.dirname;
const tunesmithFree = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("TUNESMITH_")));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "digits-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(program: string, script: string, args: readonly string[], env: { readonly [name: string]: string } = {}) {
  const { status, stdout, stderr } = spawnSync(program, [join(here, script), ...args], {
    encoding: "utf8",
    env: { ...tunesmithFree, ...env },
  });
  return { status, stderr, lines: stdout.trimEnd().split("\n") };
}

describe.each([
  { program: process.execPath, script: "train.mjs" },
  { program: "python3", script: "train.py" },
])("$script", ({ program, script }) => {
  const args = ["--lr=0.01", "--layers=2", "--width=8", "--dropout=0.2", "--activation=tanh"];
  const train = (env: { readonly [name: string]: string }, ...more: string[]) => run(program, script, [...args, ...more], env);

  test("prints one line per epoch, from 1 to the last", () => {
    const { lines, status } = train({ TUNESMITH_FIDELITY: "3" });
    expect(status).toBe(0);
    expect(lines).toHaveLength(3);
    for (const [index, line] of lines.entries()) {
      expect(line).toMatch(
        new RegExp(`^epoch=${index + 1} train_loss=\\d+\\.\\d{4} val_loss=\\d+\\.\\d{4} val_accuracy=[01]\\.\\d{4}$`),
      );
    }
  });

  test("the same seed gives the same run, another seed another", () => {
    const first = train({ TUNESMITH_SEED: "5" }, "--epochs=2").lines;
    expect(train({ TUNESMITH_SEED: "5" }, "--epochs=2").lines).toEqual(first);
    expect(train({ TUNESMITH_SEED: "6" }, "--epochs=2").lines).not.toEqual(first);
  });

  test.each(["adam", "sgd"])("a resumed run equals an uninterrupted one (%s)", (optimizer) => {
    const options = [`--optimizer=${optimizer}`, "--momentum=0.9", "--weight_decay=0.01"];
    const whole = train({ TUNESMITH_FIDELITY: "4" }, ...options).lines;
    train({ TUNESMITH_FIDELITY: "2", TUNESMITH_SAVE_DIR: folder }, ...options);
    expect(readdirSync(folder).sort()).toEqual(["step-1", "step-2"]);
    const rest = train({ TUNESMITH_FIDELITY: "4", TUNESMITH_RESUME_DIR: join(folder, "step-2") }, ...options).lines;
    expect(rest).toEqual(whole.slice(2));
  });

  test("on SIGTERM finishes the epoch, saves it and leaves with 0", async () => {
    const child = spawn(program, [join(here, script), "--width=8", "--epochs=100000"], {
      env: { ...tunesmithFree, TUNESMITH_SAVE_DIR: folder },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (output === "") child.kill("SIGTERM");
      output += text;
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect(code).toBe(0);
    const lines = output.trimEnd().split("\n");
    expect(readdirSync(folder).sort()).toEqual(lines.map((_, index) => `step-${index + 1}`).sort());
  });

  test("a learning rate that makes the numbers overflow gives an infinite loss, not a crash", () => {
    const { lines, status } = run(program, script, [
      "--lr=1e12",
      "--optimizer=sgd",
      "--momentum=0.99",
      "--layers=3",
      "--epochs=4",
    ]);
    expect(status).toBe(0);
    expect(lines[3]).toMatch(/^epoch=4 train_loss=Infinity val_loss=Infinity /);
  });

  test("refuses an unknown choice with exit code 2", () => {
    const { status, stderr } = run(program, script, ["--optimizer=newton"]);
    expect(status).toBe(2);
    expect(stderr).toContain("newton");
  });

  test("evaluate.mjs and predict.mjs read its checkpoints", () => {
    train({ TUNESMITH_FIDELITY: "3", TUNESMITH_SAVE_DIR: folder });
    const evaluated = run(process.execPath, "evaluate.mjs", [join(folder, "step-3")]);
    expect(evaluated.lines).toEqual([expect.stringMatching(/^test_accuracy=0\.\d{4} test_loss=\d+\.\d{4}$/)]);
    const predicted = run(process.execPath, "predict.mjs", [join(folder, "step-3")]);
    expect(predicted.lines.filter((line) => /^ {2}row [1-5]: \d, probability [01]\.\d{3}$/.test(line))).toHaveLength(5);
  });
});

describe("predict.mjs", () => {
  test("reads the five new digits from an export folder: 7, 2, 4, 0, 5", () => {
    run(process.execPath, "train.mjs", ["--lr=0.01", "--width=64", "--epochs=9"], { TUNESMITH_SAVE_DIR: folder });
    const exported = join(folder, "out");
    mkdirSync(exported);
    renameSync(join(folder, "step-9"), join(exported, "checkpoint"));
    const { lines } = run(process.execPath, "predict.mjs", [exported]);
    expect(lines.flatMap((line) => /row \d: (\d)/.exec(line)?.[1] ?? [])).toEqual(["7", "2", "4", "0", "5"]);
  });

  test("says what is wrong with a folder or a row", () => {
    const noModel = run(process.execPath, "predict.mjs", [folder]);
    expect([noModel.status, noModel.stderr]).toEqual([2, expect.stringContaining("holds no model")]);
    run(process.execPath, "train.mjs", ["--epochs=1"], { TUNESMITH_SAVE_DIR: folder });
    writeFileSync(join(folder, "short.csv"), "1,2,3\n");
    const shortRow = run(process.execPath, "predict.mjs", [join(folder, "step-1"), join(folder, "short.csv")]);
    expect([shortRow.status, shortRow.stderr]).toEqual([2, "row 1 has 3 cells; it needs 64 numbers from 0 to 16\n"]);
  });

  test("its rows stand in the test part of the data and nowhere else", async () => {
    const { loadDigits } = await import(join(here, "train.mjs"));
    const { train, validation, test: testPart } = loadDigits();
    const keysOf = (part: { readonly count: number; readonly pixels: Float32Array }) =>
      Array.from({ length: part.count }, (_, row) =>
        part.pixels
          .slice(row * 64, row * 64 + 64)
          .map((pixel) => pixel * 16)
          .join(),
      );
    const known = new Set([...keysOf(train), ...keysOf(validation)]);
    const rows = readFileSync(join(here, "new-digits.csv"), "utf8").trimEnd().split("\n");
    expect(rows).toHaveLength(5);
    expect(rows.filter((row) => known.has(row))).toEqual([]);
    expect(rows.filter((row) => keysOf(testPart).includes(row))).toEqual(rows);
    expect([train.count, validation.count, testPart.count]).toEqual([600, 400, 797]);
  });
});

test("the training program keeps nothing when nobody asks for checkpoints", () => {
  run(process.execPath, "train.mjs", ["--epochs=1"]);
  expect(existsSync(join(here, "step-1"))).toBe(false);
});
