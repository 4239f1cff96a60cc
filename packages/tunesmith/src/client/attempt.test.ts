import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openAttempt } from "./attempt.ts";
import type { Decision } from "./attempt-files.ts";

let root: string;
let folder: string;
let saves: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "attempt-test-"));
  folder = join(root, "attempt");
  saves = join(root, "saves");
  mkdirSync(folder);
});
afterEach(() => rmSync(root, { recursive: true }));

/** An attempt in a folder as the runner lays it out. */
function attemptWith(env: { readonly [name: string]: string } = {}, settings: object = {}) {
  const written = {
    params: { lr: 0.01, optimizer: "adam" },
    trial: 7,
    replicate: 0,
    attempt: 1,
    seed: 42,
    fidelity: 9,
    fidelity_max: 27,
    decision_steps: [3, 9, 27],
    ...settings,
  };
  writeFileSync(join(folder, "params.json"), JSON.stringify(written));
  return openAttempt({ TUNESMITH_DIR: folder, TUNESMITH_SAVE_DIR: saves, TUNESMITH_FIDELITY: "9", ...env });
}

function decide(step: number, decision: Decision): void {
  const unfinished = join(folder, "decision.json.tmp");
  writeFileSync(unfinished, JSON.stringify({ step, decision, rule: "asha", seq: step }));
  renameSync(unfinished, join(folder, "decision.json"));
}

function checkpointOf(step: number): string {
  const checkpoint = join(root, `step-${step}`);
  mkdirSync(checkpoint);
  return checkpoint;
}

async function millisecondsOf(action: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await action();
  return performance.now() - startMs;
}

const reportsText = () => readFileSync(join(folder, "reports.jsonl"), "utf8");

describe("params", () => {
  test("the study overrides defaults and keeps the others", () => {
    expect(attemptWith().params({ lr: 0.001, momentum: 0.9 })).toEqual({ lr: 0.01, momentum: 0.9, optimizer: "adam" });
  });

  test("number and seed come from the runner", () => {
    const attempt = attemptWith();
    expect([attempt.trialNumber(), attempt.seed()]).toEqual([7, 42]);
  });
});

describe("steps", () => {
  test("go to the target, not to the maximum", () => {
    expect([...attemptWith().steps(81)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("start behind the checkpoint that was asked for", () => {
    const checkpoint = checkpointOf(3);
    const attempt = attemptWith({ TUNESMITH_RESUME_DIR: checkpoint });
    expect(attempt.checkpoint()).toBe(checkpoint);
    expect([...attempt.steps(81)]).toEqual([4, 5, 6, 7, 8, 9]);
  });

  test("start at 1 when nobody asked for the checkpoint", () => {
    expect([...attemptWith({ TUNESMITH_RESUME_DIR: checkpointOf(3) }).steps(81)][0]).toBe(1);
  });

  test.each(["stop", "pause"] as const)("end when the decision is %s", (decision) => {
    const attempt = attemptWith();
    const done: number[] = [];
    for (const step of attempt.steps(81)) {
      done.push(step);
      if (step === 2) decide(2, decision);
    }
    expect(done).toEqual([1, 2]);
    expect(attempt.shouldStop()).toBe(true);
  });

  test("on SIGTERM the running step is the last, report answers stop, and the listener is gone afterwards", async () => {
    const before = process.listeners("SIGTERM");
    const attempt = attemptWith();
    const answers: Decision[] = [];
    for (const step of attempt.steps(81)) {
      const added = process.listeners("SIGTERM").filter((listener) => !before.includes(listener));
      expect(added).toHaveLength(1);
      if (step === 2) added[0]?.("SIGTERM");
      answers.push(await attempt.report(step, { val_loss: 1 }));
    }
    expect(answers).toEqual(["continue", "stop"]);
    expect(process.listeners("SIGTERM")).toEqual(before);
  });

  test("leaving the loop early removes the listener", () => {
    const before = process.listeners("SIGTERM");
    for (const step of attemptWith().steps(81)) if (step === 1) break;
    expect(process.listeners("SIGTERM")).toEqual(before);
  });
});

describe("checkpoint", () => {
  test("is undefined when there is none", () => {
    expect(attemptWith().checkpoint()).toBeUndefined();
  });

  test("refuses a folder that is missing or not called step-N", () => {
    expect(() => attemptWith({ TUNESMITH_RESUME_DIR: join(root, "step-4") }).checkpoint()).toThrow("not a folder named step-N");
    expect(() => attemptWith({ TUNESMITH_RESUME_DIR: folder }).checkpoint()).toThrow("not a folder named step-N");
  });
});

describe("save", () => {
  test("the folder appears under its name only when it is written", async () => {
    await attemptWith().save(3, async (checkpoint) => {
      mkdirSync(join(checkpoint, "deep"));
      writeFileSync(join(checkpoint, "deep", "state.txt"), "weights");
      expect(readdirSync(saves)).toEqual(["step-3.tmp"]);
    });
    expect(readdirSync(saves)).toEqual(["step-3"]);
    expect(readFileSync(join(saves, "step-3", "deep", "state.txt"), "utf8")).toBe("weights");
  });

  test("a failing write leaves nothing behind and passes its error on", async () => {
    const saving = attemptWith().save(3, (checkpoint) => {
      writeFileSync(join(checkpoint, "state.txt"), "half");
      throw new Error("out of memory");
    });
    await expect(saving).rejects.toThrow("out of memory");
    expect(readdirSync(saves)).toEqual([]);
  });

  test("a second save of a step replaces the first, and starts empty even after a killed run", async () => {
    for (const name of ["old.txt", "new.txt"]) {
      mkdirSync(join(saves, "step-3.tmp", "left-by-a-killed-run"), { recursive: true });
      await attemptWith().save(3, (checkpoint) => writeFileSync(join(checkpoint, name), ""));
    }
    expect(readdirSync(saves)).toEqual(["step-3"]);
    expect(readdirSync(join(saves, "step-3"))).toEqual(["new.txt"]);
  });

  test("other ranks keep nothing", async () => {
    let written = "";
    await attemptWith({ RANK: "1" }).save(3, (checkpoint) => {
      written = checkpoint;
      writeFileSync(join(checkpoint, "state.txt"), "");
    });
    expect([existsSync(written), existsSync(saves)]).toEqual([false, false]);
  });
});

describe("report", () => {
  test("is one line of JSON, non-finite numbers as text", async () => {
    const attempt = attemptWith();
    await attempt.report(1, { val_loss: 0.5, "val/accuracy": 1 });
    await attempt.report(2, { a: Number.NaN, b: Infinity, c: -Infinity }, { fold: 0 });
    expect(reportsText()).toBe(
      '{"step":1,"metrics":{"val_loss":0.5,"val/accuracy":1}}\n{"step":2,"fold":0,"metrics":{"a":"NaN","b":"Infinity","c":"-Infinity"}}\n',
    );
  });

  test("refuses faulty steps and metrics and writes no line for them", async () => {
    const attempt = attemptWith();
    await expect(attempt.report(-1, { val_loss: 1 })).rejects.toThrow("step is -1; it must be a whole number from 0 on");
    await expect(attempt.report(1.5, { val_loss: 1 })).rejects.toThrow("step is 1.5");
    await expect(attempt.report(1, {})).rejects.toThrow("at least one metric");
    const untyped: { readonly [name: string]: number } = JSON.parse('{ "val_loss": "low" }');
    await expect(attempt.report(1, untyped)).rejects.toThrow('val_loss is "low", not a number');
    expect(existsSync(join(folder, "reports.jsonl"))).toBe(false);
  });

  test("between decision steps answers the latest decision at once", async () => {
    const attempt = attemptWith();
    expect(await attempt.report(1, { val_loss: 1 })).toBe("continue");
    decide(1, "stop");
    expect(await attempt.report(2, { val_loss: 1 })).toBe("stop");
  });

  test("where any step may bring a decision, waits for none and answers the latest", async () => {
    const attempt = attemptWith({}, { decision_steps: null });
    expect(await millisecondsOf(() => attempt.report(3, { val_loss: 1 }))).toBeLessThan(4000);
    decide(3, "stop");
    expect(await attempt.report(4, { val_loss: 1 })).toBe("stop");
  });

  test("at a decision step waits for the answer to that step", async () => {
    const attempt = attemptWith();
    decide(2, "continue");
    setTimeout(() => decide(3, "pause"), 150);
    expect(await attempt.report(3, { val_loss: 1 })).toBe("pause");
  });

  test("takes an answer to a later step, and an earlier stop, without waiting", async () => {
    decide(9, "continue");
    expect(await millisecondsOf(() => attemptWith().report(3, { val_loss: 1 }))).toBeLessThan(4000);
    decide(2, "stop");
    expect(await millisecondsOf(() => attemptWith().report(3, { val_loss: 1 }))).toBeLessThan(4000);
  });

  test("without an answer continues after 5 seconds", async () => {
    const attempt = attemptWith();
    let answer: Decision = "stop";
    const waitedMs = await millisecondsOf(async () => {
      answer = await attempt.report(3, { val_loss: 1 });
    });
    expect(answer).toBe("continue");
    expect(waitedMs).toBeGreaterThanOrEqual(5000);
  });

  test("does not wait for an answer to a report without the objective", async () => {
    const attempt = attemptWith({}, { objectives: ["val_loss"] });
    expect(await millisecondsOf(() => attempt.report(3, { train_loss: 1 }))).toBeLessThan(4000);
  });

  test("from another rank writes nothing and hears the decision", async () => {
    decide(3, "stop");
    expect(await attemptWith({ RANK: "1" }).report(3, { val_loss: 1 })).toBe("stop");
    expect(existsSync(join(folder, "reports.jsonl"))).toBe(false);
  });

  test("a torn decision leaves the last one standing", () => {
    const attempt = attemptWith();
    decide(2, "stop");
    expect(attempt.shouldStop()).toBe(true);
    writeFileSync(join(folder, "decision.json"), '{"step": 3, "deci');
    expect(attempt.shouldStop()).toBe(true);
  });
});

test("outside a study every call is harmless", async () => {
  const before = process.listeners("SIGTERM");
  const attempt = openAttempt({});
  const kept: boolean[] = [];
  for (const step of attempt.steps(2)) {
    let written = "";
    await attempt.save(step, (checkpoint) => {
      written = checkpoint;
    });
    kept.push(existsSync(written));
    expect(await attempt.report(step, { val_loss: 0.5 })).toBe("continue");
    expect(process.listeners("SIGTERM")).toEqual(before);
  }
  expect(kept).toEqual([false, false]);
  const params: { readonly lr: number } = attempt.params({ lr: 0.001 });
  expect(params).toEqual({ lr: 0.001 });
  expect([attempt.checkpoint(), attempt.shouldStop(), attempt.trialNumber(), attempt.seed()]).toEqual([
    undefined,
    false,
    undefined,
    0,
  ]);
});
