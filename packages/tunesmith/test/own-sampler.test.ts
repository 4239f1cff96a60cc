// Own samplers as a user runs them: the examples, started by the command.
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ReplayResult } from "@tunesmith/core";
import { beforeEach, describe, expect, test } from "vitest";
import { createSqliteStorage } from "../src/storage/sqlite/sqlite-storage.ts";
import { replayStudy } from "../src/tuning/replay-study.ts";
import { isAlive, type TrialLine, useCommandFolder } from "./command-folder.ts";

const examples = fileURLToPath(new URL("../../../examples/own-sampler", import.meta.url));

const folder = useCommandFolder();
const { start, tunesmith, trialsOf } = folder;

beforeEach(() => cpSync(examples, folder.path, { recursive: true }));

/** Puts something in place of a part of a file. */
function edit(name: string, from: string, to: string): void {
  const text = readFileSync(join(folder.path, name), "utf8");
  if (!text.includes(from)) throw new Error(`${name} does not hold ${from}`);
  writeFileSync(join(folder.path, name), text.replace(from, to));
}

/** Every suggestion of a study once more. */
async function replay(study: string): Promise<ReplayResult> {
  const home = join(folder.path, ".tunesmith");
  const storage = await createSqliteStorage({ folder: home, wallClockMs: Date.now });
  try {
    const record = await storage.getStudy(study);
    if (record === null) throw new Error(`there is no study ${study}`);
    return await replayStudy(storage, record, home);
  } finally {
    await storage.close();
  }
}

const kinds = [
  ["a module", "study.yaml", "own-sampler", "mine.mjs", "// changed\n"],
  ["a process", "study-python.yaml", "own-sampler-python", "my_sampler.py", "# changed\n"],
] as const;

describe.each(kinds)("%s", (_, studyFile, study, samplerFile, change) => {
  test("runs a study, goes on where it was interrupted as if it had not been, and replays", async () => {
    edit(studyFile, "trials: 40", "trials: 9");
    const { code, out, err } = await tunesmith("run", studyFile);
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(out).toContain("9 trials");
    edit(studyFile, "trials: 9", "trials: 14");
    expect((await tunesmith("run", studyFile)).code).toBe(0);
    const interrupted = await trialsOf(study);

    expect((await tunesmith("run", studyFile, "--home", "other", "--new")).code).toBe(0);
    const whole = (await tunesmith("--json", "--home", "other", "trials", study)).out.trim().split("\n");
    const configs = whole.map((line) => JSON.parse(line) as TrialLine).map(({ config }) => config);
    expect(interrupted.map(({ config }) => config)).toEqual(configs);
    expect(configs).toHaveLength(14);

    expect(await replay(study)).toEqual({ replayedCount: 14, earlierRevisionCount: 0, differences: [] });
  });

  test("an edited sampler makes a revision; without running the file again it is not gone on with", async () => {
    edit(studyFile, "trials: 40", "trials: 2");
    expect((await tunesmith("run", studyFile)).code).toBe(0);
    const before = readFileSync(join(folder.path, samplerFile), "utf8");
    writeFileSync(join(folder.path, samplerFile), before + change);
    edit(studyFile, "trials: 2", "trials: 3");
    const again = await tunesmith("run", studyFile);
    expect(again.code).toBe(0);
    expect(again.out).toMatch(/revision 2.*sampler|sampler.*revision 2/);
    writeFileSync(join(folder.path, samplerFile), before);
    await expect(replay(study)).rejects.toThrow("is not what the study knows");
  });
});

describe("faults", () => {
  test("a wrong module is told with line and column, and nothing is made", async () => {
    writeFileSync(join(folder.path, "mine.mjs"), "export const createSampler = () => ({});");
    const { code, err } = await tunesmith("run", "study.yaml");
    expect(code).toBe(2);
    expect(err).toMatch(/9:10 +sampler +"\.\/mine\.mjs": createSampler gave an object whose suggest is undefined/);
    expect(existsSync(join(folder.path, ".tunesmith"))).toBe(false);
  });

  test("a process that fails ends the run with its last words and the log; mended, the study goes on", async () => {
    edit("study-python.yaml", "trials: 40", "trials: 3");
    const before = readFileSync(join(folder.path, "my_sampler.py"), "utf8");
    writeFileSync(join(folder.path, "my_sampler.py"), "import no_such_module\n");
    const { code, err } = await tunesmith("run", "study-python.yaml");
    expect(code).toBe(2);
    expect(err).toMatch(/sampler python3 my_sampler\.py ended with exit code 1: ModuleNotFoundError.*sampler\.log/s);
    expect(err).not.toMatch(/ at .*\.[jt]s:/);
    writeFileSync(join(folder.path, "my_sampler.py"), before);
    expect((await tunesmith("run", "study-python.yaml")).code).toBe(0);
    expect(await trialsOf("own-sampler-python")).toHaveLength(3);
  });
});

test("kill -9 of the runner leaves no sampler process alive, even one that does not listen", async () => {
  const line = 'open("pid", "a").write(f"{os.getpid()}\\n"); signal.signal(signal.SIGTERM, signal.SIG_IGN)';
  edit("my_sampler.py", "import json\n", `import json, os, signal\n${line}\n`);
  edit("my_sampler.py", "def main():\n", "def main():\n    import atexit, time; atexit.register(lambda: time.sleep(600))\n");
  edit("train.mjs", "console.log(", "await new Promise((go) => setTimeout(go, 300)); console.log(");
  const { child, ended } = start(["run", "study-python.yaml"]);
  await expect.poll(() => readdirSync(folder.path).includes("pid"), { timeout: 20_000 }).toBe(true);
  await new Promise((go) => setTimeout(go, 500));
  child.kill("SIGKILL");
  await ended;
  const pids = readFileSync(join(folder.path, "pid"), "utf8").trim().split("\n").map(Number);
  await expect.poll(() => pids.filter(isAlive), { timeout: 20_000 }).toEqual([]);
});
