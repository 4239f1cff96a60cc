import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { catalogue, type JsonObject, type Sampler, type StudySettings } from "@tunesmith/core";
import { samplerContract, TestStudy, testProblem } from "@tunesmith/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OwnSamplers } from "./own-samplers.ts";
import { readOwnSampler } from "./read-own-sampler.ts";

const examples = fileURLToPath(new URL("../../../../../examples/own-sampler", import.meta.url));

let folder: string;
let samplers: OwnSamplers;
let notes: Map<number, JsonObject>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tunesmith-own-"));
  notes = new Map();
  samplers = new OwnSamplers({
    logFile: join(folder, "sampler.log"),
    env: { STUDY_WORD: "from the study" },
    agent: null,
    recordedNote: (trial) => notes.get(trial) ?? null,
  });
});

afterEach(async () => {
  await samplers.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** A sampler as a study file names it. */
function makeSampler(written: JsonObject, from = folder): Sampler {
  const read = readOwnSampler(written, from);
  if (read === null) throw new Error(`${JSON.stringify(written)} is no own sampler`);
  return samplers.createSampler(read.spec);
}

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

/** A Python sampler whose answer to the n-th `suggest` (from 0) is an expression over `n`, `problem`, `trials` and `asked`. */
function python(answer: string, extra: JsonObject = {}): Sampler {
  write(
    "s.py",
    `import json, os, sys, time
problem, trials, n = None, {}, 0
for line in sys.stdin:
    message = json.loads(line)
    if "hello" in message: problem, trials = message["hello"], {}
    if message.get("history", {}).get("restart"): trials.clear()
    for trial in message.get("history", {}).get("trials", []): trials[trial["number"]] = trial
    if "suggest" in message:
        asked = message["suggest"]
        print(json.dumps(${answer}), flush=True)
        n += 1
`,
  );
  return makeSampler({ command: "python3 s.py", ...extra });
}

const floats = { parameters: { x: { type: "float", min: 0, max: 10, log: false } } } as const;

function ask(sampler: Sampler, study: TestStudy, fixed = {}) {
  return Promise.resolve(sampler.suggest(study.problem, study.history, study.context(fixed)));
}

describe("a module keeps the sampler contract", () => {
  test.each(samplerContract)("$name", ({ run }) => run(() => makeSampler({ type: "./mine.mjs" }, examples)));
});

describe("a Python process keeps the sampler contract", () => {
  test.each(samplerContract)(
    "$name",
    ({ run }) => run(() => makeSampler({ command: "python3 my_sampler.py" }, examples)),
    300_000,
  );
});

describe("both examples learn", () => {
  test.each([
    ["module", { type: "./mine.mjs" }],
    ["process", { command: "python3 my_sampler.py" }],
  ])("%s: steps come nearer to the best than the draws before them", async (_, written) => {
    const study = new TestStudy(testProblem({ ...floats, seed: 11 }));
    const sampler = makeSampler(written, examples);
    const losses: number[] = [];
    const codes: string[] = [];
    for (let i = 0; i < 40; i++) {
      const suggestion = await ask(sampler, study);
      if (suggestion === null) throw new Error("nothing left");
      losses.push(Math.abs(Number(suggestion.config.x) - 7.3));
      codes.push(suggestion.why.code);
      study.finish(study.add(suggestion), { losses: [losses[i]] });
    }
    expect(codes.slice(8)).toEqual(Array(32).fill("step"));
    expect(Math.min(...losses.slice(8))).toBeLessThan(Math.min(...losses.slice(0, 8)));
  });
});

describe("a process is told", () => {
  test("the problem, its options, and of every trial what is on record", async () => {
    const sampler = python(`{"config": {}, "note": {"problem": problem, "trials": list(trials.values()), "asked": asked}}`, {
      step_size: 0.5,
    });
    const study = new TestStudy(testProblem({ ...floats, fidelity: { min: 1, max: 9 }, constrained: true, seed: 5 }));
    const first = study.add({ config: { x: 2.5 }, note: { mine: 1 } }, 3);
    study.report(first, 1, [Number.NaN]);
    study.report(first, 2, [0.5]);
    study.finish(first, { losses: [0.25], violation: 2 });
    const second = study.add({ config: {} }, 0, "queued");
    expect(second).toBe(1);
    const suggestion = await ask(sampler, study, {});
    const { problem, trials, asked } = (suggestion?.note ?? {}) as unknown as {
      readonly problem: JsonObject;
      readonly trials: readonly JsonObject[];
      readonly asked: JsonObject;
    };
    expect(problem).toMatchObject({
      protocol: 1,
      seed: 5,
      parameters: floats.parameters,
      dimensions: [{ name: "x", kind: "numeric", cellCount: "Infinity" }],
      objectives: [{ name: "loss0", goal: "minimize" }],
      outcomeConstraints: ["latency <= 5"],
      fidelity: { min: 1, max: 9 },
      options: { step_size: 0.5 },
    });
    expect(asked).toEqual({ trial: 2, fixed: {}, seed: expect.any(Number) });
    const curve = [
      [1, "NaN"],
      [2, 0.5],
    ];
    const shared = {
      config: { x: 2.5 },
      point: [0.25],
      losses: [0.25],
      violation: 2,
      fidelity: 2,
      bracket: 3,
      note: { mine: 1 },
    };
    const unknown = { point: [null], losses: ["NaN"], violation: "NaN", fidelity: "NaN", bracket: 0, note: null, curve: [] };
    expect(trials).toEqual([
      { number: 0, state: "complete", ...shared, curve },
      { number: 1, state: "queued", config: {}, ...unknown },
    ]);
  });

  test("only what changed since it was last asked", async () => {
    write(
      "counting.py",
      `import json, sys
told = 0
for line in sys.stdin:
    message = json.loads(line)
    told += len(message.get("history", {}).get("trials", []))
    if "suggest" in message: print(json.dumps({"config": {}, "note": {"told": told}}), flush=True)
`,
    );
    const sampler = makeSampler({ command: ["python3", "counting.py"] });
    const study = new TestStudy(testProblem(floats));
    const told: unknown[] = [];
    for (let i = 0; i < 4; i++) {
      const suggestion = await ask(sampler, study);
      told.push(suggestion?.note?.told);
      study.addFinished({ x: i }, { losses: [i] });
    }
    expect(told).toEqual([0, 1, 2, 3]);
  });

  test("all of a long history, in several lines", async () => {
    const study = new TestStudy(testProblem(floats));
    for (let i = 0; i < 1_001; i++) study.addFinished({ x: i / 200 }, { losses: [i] });
    const suggestion = await ask(python(`{"config": {}, "note": {"count": len(trials)}}`), study);
    expect(suggestion?.note).toEqual({ count: 1_001 });
  });

  test("the study's environment, unbuffered output, and none of our secrets", async () => {
    process.env.TUNESMITH_TOKEN = "secret";
    try {
      const names = ["STUDY_WORD", "PYTHONUNBUFFERED", "TUNESMITH_TOKEN"];
      const sampler = python(`{"config": {}, "note": {k: os.environ.get(k) for k in ${JSON.stringify(names)}}}`);
      const suggestion = await ask(sampler, new TestStudy(testProblem(floats)));
      expect(suggestion?.note).toEqual({ STUDY_WORD: "from the study", PYTHONUNBUFFERED: "1", TUNESMITH_TOKEN: null });
    } finally {
      delete process.env.TUNESMITH_TOKEN;
    }
  });
});

describe("what a process answers", () => {
  const answered = async (answer: string, problem: Parameters<typeof testProblem>[0] = floats, fixed = {}) =>
    ask(python(answer), new TestStudy(testProblem(problem)), fixed);
  const conditional = {
    parameters: {
      a: { type: "categorical", values: ["p", "q"] },
      b: { type: "int", min: 1, max: 9, log: false, when: { a: "p" } },
    },
  } as const;

  test("a config is taken as it is, with its reason and note", async () => {
    expect(await answered(`{"config": {"x": 4.5}, "why": {"code": "mine", "k": 2}, "note": {"z": [1]}}`)).toEqual({
      config: { x: 4.5 },
      why: { code: "mine", k: 2 },
      note: { z: [1] },
    });
  });

  test("a point is decoded; without a reason the code says who chose", async () => {
    expect(await answered(`{"point": [0.25]}`)).toEqual({ config: { x: 2.5 }, why: { code: "command" } });
  });

  test("null: nothing is left", async () => {
    expect(await answered("None")).toBeNull();
  });

  test("what is inactive is dropped, what is missing drawn, what is fixed stays", async () => {
    expect((await answered(`{"config": {"a": "q", "b": 3}}`, conditional))?.config).toEqual({ a: "q" });
    const drawn = (await answered(`{"config": {"a": "p"}}`, conditional))?.config;
    expect(drawn).toEqual({ a: "p", b: expect.any(Number) });
    expect((await answered(`{"config": {"a": "q", "b": 3}}`, conditional, { a: "p" }))?.config).toEqual({ a: "p", b: 3 });
  });

  test("what violates the constraints is asked for again with another seed", async () => {
    const problem = { ...floats, parameterConstraints: ["x >= 9"] };
    const suggestion = await answered(`{"config": {"x": [1, 2, 9.5][n]}, "note": {"n": n}}`, problem);
    expect(suggestion).toMatchObject({ config: { x: 9.5 }, note: { n: 2 } });
  });

  test("who insists on what violates the constraints is overruled by a draw", async () => {
    const suggestion = await answered(`{"config": {"x": 1}}`, { ...floats, parameterConstraints: ["x >= 9"] });
    expect(Number(suggestion?.config.x)).toBeGreaterThanOrEqual(9);
    expect(suggestion?.why).toEqual({ code: "own-sampler-unfit" });
  });

  test.each([
    [`{"config": {"x": 12}}`, /sampler python3 s\.py suggested x .*12.*\[0, 10\]/],
    [`{"config": {"y": 1}}`, /suggested y /],
    [`{"config": 3}`, /gave 3 as config; allowed: values by parameter name/],
    [`{"point": [2]}`, /gave the point \[2\]; allowed: 1 numbers in \[0, 1\]/],
    [`{"point": []}`, /gave the point \[\]/],
    [`{"config": {}, "point": [0.1]}`, /allowed: either config or point/],
    [`{"config": {}, "wy": {}}`, /answered with wy; allowed: config, point, why, note, error/],
    [`{"config": {}, "note": [1]}`, /gave \[1\] as note; allowed: an object/],
    [`7`, /answered 7; allowed/],
    [`{"config": {"x": float("nan")}}`, /printed .*NaN.*; allowed: one line of JSON/],
    [`{"error": "no GPU here"}`, /sampler python3 s\.py says: no GPU here/],
  ])("%s is refused", async (answer, message) => {
    await expect(answered(answer)).rejects.toThrow(message);
  });
});

describe("a process that does not behave", () => {
  const study = () => new TestStudy(testProblem({ ...floats, seed: 3 }));

  test("one that hangs is ended, the config drawn, and the note says so; a replay does not wait again", async () => {
    const sampler = python(`time.sleep(600) or {}`, { timeout: 400 });
    const late = await ask(sampler, study());
    expect(late).toMatchObject({ why: { code: "own-sampler-timeout" }, note: { timedOutAfterMs: 400 } });
    notes.set(0, late?.note as JsonObject);
    rmSync(join(folder, "sampler.log"));
    expect(await ask(sampler, study())).toEqual(late);
    expect(existsSync(join(folder, "sampler.log"))).toBe(false);
  });

  test("one that dies between two questions is started anew and told everything", async () => {
    const sampler = python(`{"config": {}, "note": {"known": len(trials), "pid": os.getpid()}}`);
    const growing = study();
    const first = await ask(sampler, growing);
    growing.addFinished({ x: 1 }, { losses: [1] });
    growing.addFinished({ x: 2 }, { losses: [2] });
    process.kill(Number(first?.note?.pid), "SIGKILL");
    const second = await ask(sampler, growing);
    expect(second?.note?.known).toBe(2);
    expect(second?.note?.pid).not.toBe(first?.note?.pid);
  });

  test("one that fails ends the run with its last words and the file of all of them", async () => {
    const failing = ask(python(`sys.exit("no model: weights.bin is missing")`), study());
    await expect(failing).rejects.toThrow(/ended with exit code 1: no model: weights\.bin is missing; .*sampler\.log/);
    expect(readFileSync(join(folder, "sampler.log"), "utf8")).toContain("weights.bin");
  });

  test("a stray print is told apart from an answer", async () => {
    const sampler = python(`print("loading") or {"config": {}}`);
    await expect(ask(sampler, study())).rejects.toThrow(/printed "loading"; allowed: one line of JSON for each suggest/);
  });

  test("whatever it started is gone after close", async () => {
    const child = `__import__("subprocess").Popen(["sleep", "600"], start_new_session=True).pid`;
    const suggestion = await ask(python(`{"config": {}, "note": {"pid": os.getpid(), "child": ${child}}}`), study());
    await samplers.close();
    for (const pid of [suggestion?.note?.pid, suggestion?.note?.child]) expect(isRunning(Number(pid))).toBe(false);
  });

  test("of many samplers only two processes are alive at a time", async () => {
    const pids: number[] = [];
    for (let i = 0; i < 4; i++) {
      const suggestion = await ask(python(`{"config": {}, "note": {"pid": os.getpid(), "i": ${i}}}`), study());
      pids.push(Number(suggestion?.note?.pid));
    }
    await expect.poll(() => pids.filter(isRunning)).toEqual(pids.slice(2));
  });

  test("many samplers of the same files share two processes, and each is told its own history", async () => {
    const seen: unknown[] = [];
    const made = Array.from({ length: 3 }, () => python(`{"config": {}, "note": {"known": len(trials), "pid": os.getpid()}}`));
    const studies = made.map((_, i) => {
      const own = study();
      for (let k = 0; k < i; k++) own.addFinished({ x: k }, { losses: [k] });
      return own;
    });
    const pids = new Set<unknown>();
    for (let i = 0; i < 9; i++) {
      const suggestion = await ask(made[i % 3], studies[i % 3]);
      seen.push(suggestion?.note?.known);
      pids.add(suggestion?.note?.pid);
    }
    expect(seen).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
    expect(pids.size).toBe(2);
  });

  test("a process that is started anew goes on like the one before", async () => {
    const growing = study();
    const sampler = makeSampler({ command: "python3 my_sampler.py" }, examples);
    for (let i = 0; i < 12; i++) {
      const suggestion = await ask(sampler, growing);
      if (suggestion !== null) growing.finish(growing.add(suggestion), { losses: [Math.sin(i)] });
    }
    const warm = await ask(sampler, growing);
    await samplers.close();
    expect(await ask(makeSampler({ command: "python3 my_sampler.py" }, examples), growing.fork())).toEqual(warm);
  });
});

/** Zombies that wait for init do not count. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, "utf8") : "";
  return !/\) [ZX] /.test(stat);
}

describe("a changed sampler", () => {
  const settings = (sampler: JsonObject): StudySettings => ({ sampler, scheduler: { type: "none" } }) as unknown as StudySettings;

  test("has another spec, and the one on record cannot be had any more", () => {
    write("mine.mjs", "export const createSampler = () => ({ suggest: () => null });");
    const before = readOwnSampler({ type: "./mine.mjs" }, folder)?.spec as JsonObject;
    write("mine.mjs", "export const createSampler = () => ({ suggest: () => ({ config: {} }) });");
    const after = readOwnSampler({ type: "./mine.mjs" }, folder)?.spec as JsonObject;
    expect(after.sha256).not.toBe(before.sha256);
    expect(() => samplers.makePolicy(settings(before))).toThrow(
      /mine\.mjs is not what the study knows.*run the study file again/,
    );
  });

  test("cannot replace the one that this process has loaded", () => {
    write("mine.mjs", "export const createSampler = () => ({ suggest: () => null });");
    samplers.makePolicy(settings(readOwnSampler({ type: "./mine.mjs" }, folder)?.spec as JsonObject));
    write("mine.mjs", "export const createSampler = () => ({ suggest: () => null }); // changed");
    const after = readOwnSampler({ type: "./mine.mjs" }, folder)?.spec as JsonObject;
    expect(() => samplers.makePolicy(settings(after))).toThrow(/was changed while the study ran; run it again/);
  });

  test("the script of a command counts, and so does the command", () => {
    const specOf = (written: JsonObject) => JSON.stringify(readOwnSampler(written, folder)?.spec);
    write("s.py", "1");
    const first = specOf({ command: "python3 s.py" });
    expect(specOf({ command: "python3 s.py" })).toBe(first);
    expect(specOf({ command: "python3 -u s.py" })).not.toBe(first);
    write("s.py", "2");
    expect(specOf({ command: "python3 s.py" })).not.toBe(first);
  });

  test("the catalogue alone, which imported studies are opened with, refuses it", () => {
    write("mine.mjs", "export const createSampler = () => ({ suggest: () => null });");
    const { spec } = readOwnSampler({ type: "./mine.mjs" }, folder) ?? { spec: {} };
    expect(() => catalogue.createSampler(spec)).toThrow(/is no sampler/);
  });
});
