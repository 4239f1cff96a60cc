import { describe, expect, test } from "vitest";
import { createAbort } from "../host.ts";
import { createSimulatedHost } from "./simulated-host.ts";

describe("a simulated host", () => {
  test("lets sleepers wake in the order of their time, equals in the order they slept", async () => {
    const host = createSimulatedHost();
    const woken: [string, number][] = [];
    const sleep = async (name: string, delayMs: number): Promise<void> => {
      await host.sleep(delayMs);
      woken.push([name, host.monotonicMs()]);
    };
    await host.run(Promise.all([sleep("c", 300), sleep("a", 100), sleep("d", 300), sleep("b", 200).then(() => sleep("e", 500))]));
    expect(woken).toEqual([
      ["a", 100],
      ["b", 200],
      ["c", 300],
      ["d", 300],
      ["e", 700],
    ]);
  });

  test("time stands still while anything else can happen", async () => {
    const host = createSimulatedHost();
    const [worked] = await host.run(
      Promise.all([
        (async () => {
          for (let i = 0; i < 90; i++) await Promise.resolve();
          return host.monotonicMs();
        })(),
        host.sleep(1),
      ]),
    );
    expect(worked).toBe(0);
  });

  test("a sleep ends at once when its signal is raised, before or later", async () => {
    const host = createSimulatedHost();
    const told = createAbort();
    void host.sleep(50).then(() => told.abort());
    await host.run(host.sleep(1e9, told.signal));
    await host.run(host.sleep(1e9, told.signal));
    expect(host.monotonicMs()).toBe(50);
  });

  test("says so when nothing is left that could happen, and gives on what the work throws", async () => {
    const host = createSimulatedHost();
    await host.run(host.sleep(5));
    await expect(host.run(new Promise(() => {}))).rejects.toThrow("nothing is left that could happen after 5 ms");
    await expect(host.run(Promise.reject(new Error("broke")))).rejects.toThrow("broke");
  });

  test("says so when the work goes on for ever", async () => {
    const host = createSimulatedHost();
    const forEver = async (): Promise<void> => {
      for (;;) await host.sleep(1_000);
    };
    await expect(host.run(forEver())).rejects.toThrow("it still goes on after");
  });

  test("its entropy can be foreseen", () => {
    const host = createSimulatedHost(40);
    expect([host.entropy(), host.entropy()]).toEqual([40, 41]);
  });
});
