import { describe, expect, it } from "vitest";
import { type ExitFacts, failureOf, formatBytes, resultOf } from "./attempt-outcome.ts";

const facts = (more: Partial<ExitFacts["exit"]>, rest: Partial<ExitFacts> = {}): ExitFacts => ({
  exit: { code: null, signal: null, startFault: null, ...more },
  stage: "",
  failureLine: () => ({ message: undefined, outOfMemory: false }),
  systemRanOutOfMemory: () => false,
  ...rest,
});

describe("failureOf", () => {
  it("is null after exit code 0", () => {
    expect(failureOf(facts({ code: 0 }))).toBe(null);
  });

  it("takes SIGKILL and 137 for want of memory when the system says it ended processes for it", () => {
    const systemRanOutOfMemory = () => true;
    expect(failureOf(facts({ signal: "SIGKILL" }, { systemRanOutOfMemory }))).toEqual({
      kind: "failed",
      reason: "oom",
      message: "ended by SIGKILL",
    });
    expect(failureOf(facts({ code: 137 }, { systemRanOutOfMemory }))?.reason).toBe("oom");
    expect(failureOf(facts({ code: 1 }, { systemRanOutOfMemory }))?.reason).toBe("exit");
    expect(failureOf(facts({ signal: "SIGSEGV" }, { systemRanOutOfMemory }))?.reason).toBe("signal");
  });

  it("takes what was printed about memory at its word", () => {
    const failureLine = () => ({ message: "MemoryError", outOfMemory: true });
    expect(failureOf(facts({ code: 1 }, { failureLine }))).toEqual({
      kind: "failed",
      reason: "oom",
      message: "exit code 1, MemoryError",
    });
  });

  it("says what could not be started", () => {
    expect(
      failureOf(facts({ startFault: { reason: "infra", message: "cannot start x: EAGAIN" } }, { stage: "evaluate: " })),
    ).toEqual({
      kind: "failed",
      reason: "infra",
      message: "evaluate: cannot start x: EAGAIN",
    });
  });
});

describe("resultOf", () => {
  it("is complete with every objective, NaN included, else no_result", () => {
    expect(resultOf({ loss: Number.NaN, acc: 1 }, ["loss"], () => "unused")).toEqual({
      kind: "complete",
      metrics: { loss: Number.NaN, acc: 1 },
    });
    expect(resultOf({ acc: 1 }, ["loss", "acc"], () => "no loss")).toEqual({
      kind: "failed",
      reason: "no_result",
      message: "no loss",
    });
    expect(resultOf({}, ["toString"], () => "no toString").kind).toBe("failed");
  });
});

it.each([
  [0, "0 B"],
  [1023, "1020 B"],
  [1024, "1 KiB"],
  [1.5 * 2 ** 30, "1.5 GiB"],
  [2 ** 50, "1020 TiB"],
])("%d bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
