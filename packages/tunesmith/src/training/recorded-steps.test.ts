import { describe, expect, test } from "vitest";
import { createRecordedSteps } from "./recorded-steps.ts";

/** Whether a wait is over by now. */
async function isOver(wait: Promise<void>): Promise<boolean> {
  return Promise.race([wait.then(() => true), new Promise<false>((resolve) => setImmediate(() => resolve(false)))]);
}

describe("a checkpoint", () => {
  test("waits for the report of its step, or of a later one", async () => {
    const recorded = createRecordedSteps(60_000);
    recorded.reached(2);
    expect(await isOver(recorded.wait(2))).toBe(true);
    const [third, fifth] = [recorded.wait(3), recorded.wait(5)];
    expect(await isOver(third)).toBe(false);
    recorded.reached(4);
    expect(await isOver(third)).toBe(true);
    expect(await isOver(fifth)).toBe(false);
    recorded.reached(5);
    await fifth;
  });

  test("waits no longer when no report is to come", async () => {
    const recorded = createRecordedSteps(60_000);
    const wait = recorded.wait(1);
    recorded.close();
    await wait;
    await recorded.wait(7);
  });

  test("whose step is counted otherwise is waited for once", async () => {
    const recorded = createRecordedSteps(20);
    await recorded.wait(5_000);
    expect(await isOver(recorded.wait(10_000))).toBe(true);
  });
});
