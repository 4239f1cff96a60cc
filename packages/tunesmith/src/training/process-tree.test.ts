import { spawn } from "node:child_process";
import { describe, expect, it } from "vitest";
import { type ProcessEntry, pidsSince, processTable, readProcess } from "./process-table.ts";
import { membersOf, signalProcess } from "./process-tree.ts";

const base: ProcessEntry = {
  pid: 0,
  startedAt: 100,
  parent: 1,
  group: 0,
  session: 0,
  zombie: false,
  residentBytes: 0,
  marker: null,
};
const entry = (pid: number, more: Partial<ProcessEntry> = {}): ProcessEntry => ({
  ...base,
  pid,
  group: pid,
  session: pid,
  ...more,
});
const target = { roots: [{ pid: 10, startedAt: 100 }], ownsMarker: (marker: string) => marker === "ours" };
const pidsOf = (table: ProcessEntry[]) =>
  membersOf(target, table)
    .map(({ pid }) => pid)
    .sort((a, b) => a - b);

describe("membersOf", () => {
  it("knows a tree by group, session, marker and parentage, and nobody else", () => {
    const table = [
      entry(10),
      entry(11, { group: 10, session: 10, parent: 1 }),
      entry(12, { session: 10, parent: 1 }),
      entry(13, { marker: "ours" }),
      entry(14, { parent: 13 }),
      entry(15, { parent: 14 }),
      entry(20, { marker: "theirs" }),
      entry(21, { parent: 20 }),
    ];
    expect(pidsOf(table)).toEqual([10, 11, 12, 13, 14, 15]);
  });

  it("leaves a process alone that was given the root's number later", () => {
    expect(
      pidsOf([entry(10, { startedAt: 101 }), entry(11, { group: 10, startedAt: 102 }), entry(12, { marker: "ours" })]),
    ).toEqual([12]);
  });

  it("counts zombies as dead but finds their children", () => {
    expect(pidsOf([entry(10, { zombie: true }), entry(11, { parent: 10 })])).toEqual([11]);
  });

  it("never takes init or ourselves for a member, and survives a circle of parents", () => {
    expect(
      pidsOf([
        entry(1, { marker: "ours" }),
        entry(process.pid, { marker: "ours" }),
        entry(30, { parent: 31, marker: "ours" }),
        entry(31, { parent: 30 }),
      ]),
    ).toEqual([30, 31]);
  });
});

describe.runIf(process.platform === "linux")("processTable", () => {
  it("reads real processes with their markers", async () => {
    const child = spawn("sleep", ["60"], {
      env: { PATH: process.env.PATH, TUNESMITH_ATTEMPT: "s.1.0.1.x" },
      detached: true,
      stdio: "ignore",
    });
    const pid = child.pid ?? 0;
    await new Promise((resolve) => child.once("spawn", resolve));
    const found = (await processTable({ markers: true })).find((process) => process.pid === pid);
    expect(found).toMatchObject({ parent: process.pid, group: pid, session: pid, zombie: false, marker: "s.1.0.1.x" });
    expect(pidsSince(pid)?.includes(pid) ?? true).toBe(true);
    child.kill("SIGKILL");
  });

  it("tells our memory in bytes", async () => {
    const own = readProcess(process.pid, false);
    expect(own?.residentBytes).toBeGreaterThan(process.memoryUsage().rss / 2);
    expect(own?.residentBytes).toBeLessThan(process.memoryUsage().rss * 2);
  });

  it("does not signal another process that has the number now", async () => {
    const child = spawn("sleep", ["60"], { stdio: "ignore" });
    const pid = child.pid ?? 0;
    const startedAt = readProcess(pid, false)?.startedAt ?? 0;
    const exit = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
    expect(signalProcess({ pid, startedAt: startedAt - 1 }, "SIGKILL")).toBe(false);
    expect(readProcess(pid, false)?.zombie).toBe(false);
    expect(signalProcess({ pid, startedAt }, "SIGKILL")).toBe(true);
    expect(await exit).toBe("SIGKILL");
  });
});
