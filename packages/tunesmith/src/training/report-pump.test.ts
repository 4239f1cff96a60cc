import { type Decision, type Report, TunesmithError } from "@tunesmith/core";
import { describe, expect, it } from "vitest";
import { createReportPump, type ReportPump } from "./report-pump.ts";

const proceed: Decision = { kind: "continue" };
const report = (step: number): Report => ({ step, fidelity: step, metrics: { loss: step } });

interface Seen {
  readonly batches: number[][];
  readonly decisions: [string, number][];
  readonly errors: unknown[];
  readonly pressure: boolean[];
}

function pumpTo(send: (reports: readonly Report[]) => Promise<Decision>): { pump: ReportPump; seen: Seen } {
  const seen: Seen = { batches: [], decisions: [], errors: [], pressure: [] };
  const pump = createReportPump({
    send: (reports) => {
      seen.batches.push(reports.map(({ step }) => step));
      return send(reports);
    },
    onDecision: (decision, newest) => seen.decisions.push([decision.kind, newest.step]),
    onRefused: (error) => seen.errors.push(error),
    onPressure: (tooMany) => seen.pressure.push(tooMany),
  });
  return { pump, seen };
}

describe("a report pump", () => {
  it("sends one call at a time, each with all that piled up", async () => {
    let inFlight = 0;
    const { pump, seen } = pumpTo(async () => {
      expect(++inFlight).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inFlight -= 1;
      return proceed;
    });
    pump.push(report(1));
    pump.push(report(2));
    await Promise.resolve();
    await Promise.resolve();
    pump.push(report(3));
    pump.push(report(4));
    await pump.drained();
    expect(seen.batches).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(seen.decisions).toEqual([
      ["continue", 2],
      ["continue", 4],
    ]);
  });

  it("asks its source to wait when 4,000 reports do, and to go on below 1,000; batches hold at most 1,000", async () => {
    const { pump, seen } = pumpTo(async () => proceed);
    for (let step = 1; step <= 6_000; step++) pump.push(report(step));
    expect(seen.pressure).toEqual([true]);
    await pump.drained();
    expect(seen.pressure).toEqual([true, false]);
    expect(seen.batches.flat()).toEqual(Array.from({ length: 6_000 }, (_, index) => index + 1));
    expect(Math.max(...seen.batches.map((batch) => batch.length))).toBe(1_000);
  });

  it("sends singly what was refused for one conflicting report, so that the others get through", async () => {
    const { pump, seen } = pumpTo(async (reports) => {
      if (reports.some(({ step }) => step === 2)) throw new TunesmithError("conflicting-report", "step 2 was 5");
      return proceed;
    });
    for (const step of [1, 2, 3]) pump.push(report(step));
    await pump.drained();
    expect(seen.batches).toEqual([[1, 2, 3], [1], [2], [3]]);
    expect(seen.decisions).toEqual([
      ["continue", 1],
      ["continue", 3],
    ]);
    expect(seen.errors).toEqual([]);
  });

  it("stops at any other refusal and tells it once", async () => {
    const stale = new TunesmithError("stale-attempt", "attempt 2 has begun");
    const { pump, seen } = pumpTo(() => Promise.reject(stale));
    pump.push(report(1));
    await pump.drained();
    pump.push(report(2));
    await pump.drained();
    expect(seen.batches).toEqual([[1]]);
    expect(seen.errors).toEqual([stale]);
  });

  it("closed, drops what waits and tells no decision more", async () => {
    const { pump, seen } = pumpTo(async () => {
      pump.push(report(2));
      pump.close();
      return proceed;
    });
    pump.push(report(1));
    await pump.drained();
    expect(seen).toMatchObject({ batches: [[1]], decisions: [] });
  });
});
