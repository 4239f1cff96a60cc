import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Trial } from "@tunesmith/core";
import { describe, expect, test } from "vitest";
import { nodeHost, randomId } from "./node-host.ts";

// Threads run the built packages: `npm test` builds them first.
const script = fileURLToPath(new URL("./fixtures/run-in-threads.mjs", import.meta.url));

interface Run {
  readonly end: string;
  readonly state: string;
  readonly durationMs: number;
  readonly trials: readonly (Pick<
    Trial,
    "state" | "reason" | "message" | "values" | "metrics" | "fidelity" | "stopWhy" | "suggested"
  > & {
    readonly x: number;
  })[];
}

async function run(scenario: string): Promise<Run> {
  // The process ends by itself: no thread was left behind.
  const { stdout } = await promisify(execFile)(process.execPath, [script, scenario], { timeout: 50_000 });
  return JSON.parse(stdout) as Run;
}

describe.concurrent("an objective in worker threads", () => {
  test("gives results, metrics and failures as one in the same thread does", async () => {
    const { end, trials } = await run("results");
    expect(end).toBe("done");
    expect(trials.map(({ state, reason }) => [state, reason])).toEqual([
      ["complete", null],
      ["complete", null],
      ["failed", "error"],
      ["failed", "error"],
      ["complete", null],
      ["complete", null],
    ]);
    expect(trials[0].values).toEqual([trials[0].x]);
    expect(trials[1].metrics).toMatchObject({ value: trials[1].x, seed: expect.any(Number) });
    expect(trials[2].message).toBe("no luck");
    expect(trials[3].message).toMatch(/step: -1 found/);
    expect(trials[4].fidelity).toBe(5);
  });

  test("draws undeclared parameters as one in the same thread does, and cannot where all are declared", async () => {
    const [threads, here, undeclared] = await Promise.all([run("draws"), run("drawsHere"), run("drawsUndeclared")]);
    const drawn = ({ trials }: Run) => trials.map(({ suggested, values }) => [suggested, values]);
    expect(drawn(threads)).toEqual(drawn(here));
    for (const { suggested, values } of threads.trials) expect(values).toEqual([Number(suggested?.y) + Number(suggested?.n)]);
    expect(undeclared.trials[0]).toMatchObject({ state: "failed", message: expect.stringContaining("defineByRun: true") });
  });

  test("that dies fails its trial, says why, and is replaced", async () => {
    const { end, trials } = await run("deaths");
    expect(end).toBe("done");
    expect(trials.map(({ state, message }) => [state, message])).toEqual([
      ["failed", "the thread ended with exit code 3"],
      ["failed", "thrown where nobody catches it"],
      ["complete", null],
      ["failed", "the thread ended with exit code 3"],
      ["complete", null],
    ]);
  });

  test("uses as many threads as may run at a time, one trial each at a time", async () => {
    const { trials } = await run("parallel");
    const threads = new Set(trials.map(({ metrics }) => metrics?.thread));
    expect([trials.length, threads.size]).toEqual([12, 3]);
  });

  test("reports, and is answered; reports that it does not wait for are recorded too", async () => {
    const { trials } = await run("reports");
    for (const { state, fidelity, values, x } of trials)
      expect({ state, fidelity, values }).toEqual({ state: "complete", fidelity: 9, values: [x + 1 / 9] });
  });

  test("is stopped early by a scheduler", async () => {
    const { trials } = await run("asha");
    const stopped = trials.filter(({ state }) => state === "stopped");
    expect(stopped.length).toBeGreaterThan(8);
    for (const { fidelity, stopWhy, values, x } of stopped) {
      expect(stopWhy).toMatchObject({ code: "asha-rung", fidelity });
      expect(values).toEqual([x + 1 / (fidelity as number)]);
    }
  });

  test("hears an abort by its signal, and its trials go back to the queue", async () => {
    const { end, state, trials } = await run("abort");
    expect([end, state, trials.map((trial) => trial.state)]).toEqual(["interrupted", "active", ["queued", "queued", "queued"]]);
  });

  test("that never looks up is ended after the grace time", async () => {
    const { end, durationMs, trials } = await run("spin");
    expect([end, trials[0].state, trials[0].stopWhy]).toEqual(["done", "stopped", { code: "budget", cause: "time" }]);
    expect(durationMs).toBeGreaterThan(5_000);
  });

  test("that is none, or cannot be found, fails the trial with a message that says so", async () => {
    const [none, missing] = await Promise.all([run("none"), run("missing")]);
    expect(none.trials[0]).toMatchObject({
      state: "failed",
      message: expect.stringMatching(/no-objective\.mjs ended; does the module call exposeObjective\?/),
    });
    expect(missing.trials[0]).toMatchObject({
      state: "failed",
      message: expect.stringMatching(/Cannot find module .*there-is-none\.mjs/),
    });
  });

  test("may use the line to its parent for messages of its own", async () => {
    const { trials } = await run("messages");
    expect(trials.map(({ state }) => state)).toEqual(["complete", "complete"]);
  });

  test("without a thread to be had fails the trial; in a runtime without threads the call is refused", async () => {
    const [noStart, noThreads] = await Promise.all([run("noStart"), run("noThreads")]);
    expect(noStart.trials[0]).toMatchObject({ state: "failed", message: "no threads left" });
    expect(noThreads.end).toBe("rejected: this runtime has no threads; pass the objective as a function");
  });
});

describe("nodeHost", () => {
  test("its clock does not run backwards, its sleep ends at once when told to, its entropy is a seed", async () => {
    const host = nodeHost();
    const startedMs = host.monotonicMs();
    await host.sleep(20);
    expect(host.monotonicMs() - startedMs).toBeGreaterThanOrEqual(19);
    const told = new AbortController();
    const sleep = host.sleep(1e12, told.signal);
    told.abort();
    await sleep;
    await host.sleep(1e12, told.signal);
    for (let i = 0; i < 100; i++) expect(Number.isSafeInteger(host.entropy())).toBe(true);
    expect(host.wallClockMs()).toBeGreaterThan(1.6e12);
  });

  test("random ids are 20 hexadecimal digits and differ", () => {
    const ids = Array.from({ length: 100 }, randomId);
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{20}$/);
  });
});
