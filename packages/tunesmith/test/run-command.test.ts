// The command as a user runs it.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isAlive, useCommandFolder } from "./command-folder.ts";

const folder = useCommandFolder();
const { start, tunesmith, trialsOf } = folder;

function write(name: string, text: string): void {
  writeFileSync(join(folder.path, name), text);
}

/** A training of a few steps whose loss is (lr − 0.3)². */
const trainer = `
const args = Object.fromEntries(process.argv.slice(2).map((arg) => arg.slice(2).split("=")));
for (let epoch = 1; epoch <= Number(process.env.TUNESMITH_FIDELITY ?? 3); epoch++) console.log(\`epoch=\${epoch} loss=\${(Number(args.lr) - 0.3) ** 2 + 1 / epoch}\`);
`;

const studyFile = (extra: string): string => `
command: node train.mjs \${args}
objective: { name: loss, goal: minimize, step: epoch }
parameters: { lr: { min: 0.0, max: 1.0 } }
parallel: 2
seed: 7
${extra}
`;

describe("run without a file", () => {
  test("tunes a command by --param and tells the best", async () => {
    write("train.mjs", trainer);
    const flags = ["--param", "lr=0.0..1.0", "--minimize", "loss", "--trials", "12"];
    const { code, out, err } = await tunesmith("run", ...flags, "--", "node", "train.mjs", "${args}");
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(out).toMatch(/Done in .*: 12 trials, 12 to the end\./);
    expect(out).toMatch(/best {5}#\d+ {3}loss 0\.3\d+/);
  });
});

test("compare runs a study of continuous parameters with a grid that its budget pays for", async () => {
  write("train.mjs", trainer);
  write("study.yaml", studyFile("budget: { trials: 5 }"));
  const { code, out } = await tunesmith("compare", "study.yaml", "--samplers", "grid,random", "--seeds", "1");
  expect(out).toContain("grid: 5 values of each continuous parameter\n");
  expect(out).toMatch(/● {2}grid {5}0\.3\d+ +5 /);
  expect(code).toBe(0);
});

describe("run with a study file", () => {
  test("a second run of a finished study starts nothing and says how to add more", async () => {
    write("train.mjs", trainer);
    write("study.yaml", studyFile("budget: { trials: 3 }"));
    expect((await tunesmith("run", "study.yaml")).code).toBe(0);
    const again = await tunesmith("run", "study.yaml");
    expect(again.code).toBe(0);
    expect(again.out).toContain("study is done (trials) with 3 trials");
    expect(again.out).toContain("raise budget.trials");
    expect(await trialsOf("study")).toHaveLength(3);
  });

  test("more budget continues silently, a changed range asks, --continue and --new answer", async () => {
    write("train.mjs", trainer);
    write("study.yaml", studyFile("budget: { trials: 3 }"));
    await tunesmith("run", "study.yaml");
    write("study.yaml", studyFile("budget: { trials: 5 }"));
    const more = await tunesmith("run", "study.yaml");
    expect(more.out).toContain("changed: budget");
    expect(await trialsOf("study")).toHaveLength(5);

    write("study.yaml", studyFile("budget: { trials: 6 }").replace("max: 1.0", "max: 0.5"));
    const question = await tunesmith("run", "study.yaml");
    expect(question.code).toBe(2);
    expect(question.err).toMatch(/--continue .*--new/s);
    expect(await trialsOf("study")).toHaveLength(5);

    expect((await tunesmith("run", "study.yaml", "--continue")).code).toBe(0);
    const continued = await trialsOf("study");
    expect(continued).toHaveLength(6);
    expect(Number(continued[5].config.lr)).toBeLessThanOrEqual(0.5);

    write("study.yaml", studyFile("budget: { trials: 2 }").replace("max: 1.0", "max: 0.4"));
    expect((await tunesmith("run", "study.yaml", "--new")).code).toBe(0);
    expect(await trialsOf("study-2")).toHaveLength(2);
  });

  test("weak trials are stopped at the rungs even when the training prints faster than we read", async () => {
    write("train.mjs", trainer);
    write(
      "study.yaml",
      studyFile(
        "budget: { trials: 20 }\nfidelity: { name: epochs, min: 1, max: 9 }\nscheduler: { type: asha, eta: 3 }\nparallel: 1",
      ),
    );
    const { code } = await tunesmith("run", "study.yaml".replace("parallel: 2", ""));
    expect(code).toBe(2);
    write(
      "study.yaml",
      studyFile("budget: { trials: 20 }\nfidelity: { name: epochs, min: 1, max: 9 }\nscheduler: { type: asha, eta: 3 }"),
    );
    expect((await tunesmith("run", "study.yaml")).code).toBe(0);
    const states = (await trialsOf("study")).map(({ state }) => state);
    expect(states.filter((state) => state === "stopped").length).toBeGreaterThanOrEqual(5);
    expect(states.filter((state) => state === "complete").length).toBeGreaterThanOrEqual(1);
  });

  test("when the first five trials fail alike the study pauses, exits 1 and says what to do", async () => {
    write("train.mjs", "console.error('ModuleNotFound: torch'); process.exit(3)");
    write("study.yaml", studyFile("budget: { trials: 30 }"));
    const { code, out } = await tunesmith("run", "study.yaml");
    expect(code).toBe(1);
    expect(out).toContain("ModuleNotFound: torch");
    expect(out).toContain("mend it, then: tunesmith resume study");
    expect((await trialsOf("study")).length).toBeLessThanOrEqual(7);
  });

  test("a metric that never appears is explained with what was seen", async () => {
    write("train.mjs", "console.log('epoch=1 train_loss=0.5 acc=0.9')");
    write("study.yaml", studyFile("budget: { trials: 1 }"));
    const { out } = await tunesmith("run", "study.yaml");
    expect(out).toMatch(/no loss in 1 line; seen: .*train_loss.*acc/);
  });

  test("a faulty file is told with line and column, exit 2, nothing made", async () => {
    write(
      "study.yaml",
      "command: node train.mjs ${args}\nobjective: { name: loss, goal: minimise }\nparameters:\n  lr: { min: 0, max: 1.0, log: true }\n",
    );
    const { code, err } = await tunesmith("run", "study.yaml");
    expect(code).toBe(2);
    expect(err).toMatch(/study\.yaml: 2 faults, nothing was started/);
    expect(err).toMatch(/2:\d+ +objective\.goal/);
    expect(err).toMatch(/4:\d+ +parameters\.lr\.min/);
    expect(err).not.toMatch(/ at .*\.[jt]s:/);
    expect(existsSync(join(folder.path, ".tunesmith"))).toBe(false);
  });
});

describe("interruptions", () => {
  const slow =
    "for (let i = 1; i <= 20; i++) { await new Promise((go) => setTimeout(go, 50)); console.log(`epoch=${i} loss=${1 / i}`); }";

  test("Ctrl-C gives trials back to the queue and the same command continues", async () => {
    write("train.mjs", slow);
    write("study.yaml", studyFile("budget: { trials: 4 }"));
    const { child, ended } = start(["run", "study.yaml"]);
    await new Promise((go) => setTimeout(go, 1_500));
    child.kill("SIGINT");
    const first = await ended;
    expect(first.code).toBe(0);
    expect(first.out).toContain("continue with: tunesmith resume study");
    expect(first.out).not.toContain("failed  ");
    const second = await tunesmith("resume", "study");
    expect(second.code).toBe(0);
    const trials = await trialsOf("study");
    expect(trials.map(({ state }) => state)).toEqual(["complete", "complete", "complete", "complete"]);
  });

  test("a reader that leaves, as head does, ends nothing and prints no stack", async () => {
    write("train.mjs", trainer);
    write("study.yaml", studyFile("budget: { trials: 6 }"));
    const { child, ended } = start(["run", "study.yaml"]);
    child.stdout?.once("data", () => child.stdout?.destroy());
    const { code, err } = await ended;
    expect([code, err]).toEqual([0, ""]);
    const trials = await trialsOf("study");
    expect(trials.map(({ state }) => state)).toEqual(Array(6).fill("complete"));
  });

  test("a second runner of the same study is refused while the first runs", async () => {
    write("train.mjs", slow);
    write("study.yaml", studyFile("budget: { trials: 2 }"));
    const { ended } = start(["run", "study.yaml"]);
    await new Promise((go) => setTimeout(go, 800));
    const second = await tunesmith("run", "study.yaml");
    expect(second.code).toBe(1);
    expect(second.err).toContain("being run by another process");
    expect((await ended).code).toBe(0);
  });

  test("kill -9 of the runner leaves no training alive and loses no finished trial", async () => {
    write("train.mjs", `import { appendFileSync } from "node:fs"; appendFileSync("pids", process.pid + "\\n"); ${slow}`);
    write("study.yaml", studyFile("budget: { trials: 6 }"));
    const { child, ended } = start(["--json", "run", "study.yaml"]);
    await new Promise((go) => setTimeout(go, 2_600));
    child.kill("SIGKILL");
    const finished = (await ended).out
      .split("\n")
      .filter((line) => line.includes('"trial-ended"'))
      .map((line) => JSON.parse(line));
    const pids = readFileSync(join(folder.path, "pids"), "utf8").trim().split("\n").map(Number);
    await expect.poll(() => pids.filter(isAlive), { timeout: 10_000 }).toEqual([]);
    expect((await tunesmith("run", "study.yaml")).code).toBe(0);
    const trials = await trialsOf("study");
    expect(trials.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5]);
    for (const { trial, config } of finished) expect(trials[trial].config).toEqual(config);
  });

  test("a training killed after its last report and checkpoint is complete with what it had reported", async () => {
    write(
      "train.mjs",
      `import { mkdirSync, renameSync } from "node:fs";
       const from = Number((process.env.TUNESMITH_RESUME_DIR ?? "step-0").split("step-").at(-1));
       for (let epoch = from + 1; epoch <= 3; epoch++) {
         console.log(\`epoch=\${epoch} loss=\${1 / epoch}\`);
         const folder = process.env.TUNESMITH_SAVE_DIR + "/step-" + epoch;
         mkdirSync(folder + ".tmp");
         renameSync(folder + ".tmp", folder);
       }
       if (from === 0) await new Promise((go) => setTimeout(go, 5_000));`,
    );
    write("study.yaml", studyFile("budget: { trials: 1 }"));
    const { child, ended } = start(["run", "study.yaml"]);
    await new Promise((go) => setTimeout(go, 2_500));
    child.kill("SIGKILL");
    await ended;
    expect((await tunesmith("run", "study.yaml")).code).toBe(0);
    expect((await trialsOf("study")).map(({ state }) => state)).toEqual(["complete"]);
  });
});
