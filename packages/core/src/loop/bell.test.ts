import { describe, expect, test } from "vitest";
import { createSimulatedHost } from "../simulation/simulated-host.ts";
import { Bell } from "./bell.ts";

function stage() {
  const host = createSimulatedHost();
  const bell = new Bell(host);
  /** The time at which a wait ends. */
  const waited = async (longestMs: number): Promise<number> => {
    bell.silence();
    await bell.wait(longestMs);
    return host.monotonicMs();
  };
  const ringAt = (ms: number): Promise<void> => host.sleep(ms - host.monotonicMs()).then(() => bell.ring());
  return { host, bell, waited, ringAt };
}

describe("Bell", () => {
  test("a wait ends when it is rung, else after its time", async () => {
    const { host, waited, ringAt } = stage();
    const rung = ringAt(30);
    expect(await host.run(waited(100))).toBe(30);
    await rung;
    // The timer of the first wait is still there.
    expect(await host.run(waited(100))).toBe(100);
    expect(await host.run(waited(100))).toBe(200);
  });

  test("a shorter wait does not last as long as a longer one before it", async () => {
    const { host, waited, ringAt } = stage();
    void ringAt(10);
    expect(await host.run(waited(1_000))).toBe(10);
    expect(await host.run(waited(5))).toBe(15);
  });

  test("a ring before the wait ends it at once, unless it was silenced", async () => {
    const { host, bell, waited } = stage();
    bell.ring();
    await bell.wait(1_000);
    expect(host.monotonicMs()).toBe(0);
    bell.ring();
    expect(await host.run(waited(7))).toBe(7);
  });

  test("closed it leaves no timer behind", async () => {
    const { host, bell, waited } = stage();
    const waiting = waited(1_000);
    bell.ring();
    await waiting;
    bell.close();
    await expect(host.run(new Promise(() => {}))).rejects.toThrow();
  });
});
