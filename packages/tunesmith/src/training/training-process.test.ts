import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { killGroup, makeGroup, pidsOfGroup, removeGroup, runGroupPlace } from "./control-group.ts";
import { readProcess } from "./process-table.ts";
import { listTree } from "./process-tree.ts";
import { type Spawner, spawnerMarker, startSpawner } from "./spawner.ts";
import { startTraining, type TrainingProcess } from "./training-process.ts";

const nonce = `7ee5${process.pid}`;
const place = runGroupPlace(nonce);
const skipped = "reason" in place ? ` (SKIPPED, no group may be made here: ${place.reason})` : "";
const runGroup = "folder" in place ? place.folder : "";

/**
 * Starts a process that can be known by nothing but its control group: of another session, without our marker, adopted by another
 * process, deaf to SIGTERM. It writes its number into `escaped`.
 */
const slipAway = `(setsid env -i /bin/sh -c 'trap "" TERM; echo $$ > escaped.new; mv escaped.new escaped; exec sleep 600' > /dev/null 2>&1 &)`;
const untilEscaped = "while ! [ -e escaped ]; do sleep 0.01; done";

let home: string;
let spawner: Spawner;
let trialNumber = 0;

function train(command: string): TrainingProcess {
  const marker = `s.${trialNumber++}.0.1.${nonce}`;
  return startTraining({
    spawner,
    elements: ["/bin/sh", "-c", command],
    workdir: home,
    env: { PATH: process.env.PATH, TUNESMITH_ATTEMPT: marker },
    marker,
    folder: null,
    files: [],
    onStarted: () => undefined,
    onOutput: () => undefined,
  });
}

async function escapedPid(): Promise<number> {
  while (!existsSync(join(home, "escaped"))) await delay(5);
  return Number(readFileSync(join(home, "escaped"), "latin1"));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5);
}

const isAlive = (pid: number) => !(readProcess(pid, false)?.zombie ?? true);
const groupOf = (pid: number) => /^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, "latin1"))?.[1] ?? "";
const groupNames = () =>
  readdirSync(runGroup, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
const withoutGroups = ({ tree }: TrainingProcess) => ({ ...tree, groups: [] });

describe.skipIf(skipped !== "")(`a training in a control group of its own${skipped}`, () => {
  beforeAll(() => {
    expect(makeGroup(runGroup)).toBe(true);
    spawner = startSpawner(nonce, runGroup);
  });

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "tunesmith-training-"));
    return () => rmSync(home, { recursive: true });
  });

  afterAll(async () => {
    await spawner.close();
    killGroup(runGroup);
    expect(await removeGroup(runGroup)).toBe(true);
  });

  it("that is ended takes with it what nothing but the group tells", async () => {
    const training = train(`${slipAway}; sleep 600`);
    const pid = await escapedPid();
    await until(() => training.tree.groups?.length === 1);
    expect((await listTree(training.tree)).map((entry) => entry.pid)).toContain(pid);
    expect((await listTree(withoutGroups(training))).map((entry) => entry.pid)).not.toContain(pid);
    training.end(100);
    expect(await training.ended).toMatchObject({ code: null, signal: "SIGTERM" });
    expect(isAlive(pid)).toBe(false);
  });

  it("that ends by itself, at once, takes it with it too", async () => {
    const training = train(`${slipAway}; ${untilEscaped}; exit 3`);
    expect(await training.ended).toMatchObject({ code: 3, signal: null });
    expect(isAlive(await escapedPid())).toBe(false);
  });

  it("shares it with no other training, and is ended without the others", async () => {
    const [first, other] = [train(`${slipAway}; sleep 600`), train("sleep 600")];
    const pid = await escapedPid();
    await until(() => first.tree.groups?.length === 1 && other.tree.groups?.length === 1);
    const roots = [first.root?.pid ?? 0, other.root?.pid ?? 0];
    expect(groupOf(roots[0])).toBe(groupOf(pid));
    expect(groupOf(roots[0])).not.toBe(groupOf(roots[1]));
    expect(pidsOfGroup(other.tree.groups?.[0] ?? "")).toContain(roots[1]);
    first.end(0);
    await first.ended;
    expect([...roots, pid].map(isAlive)).toEqual([false, true, false]);
    other.end(0);
    expect(await other.ended).toMatchObject({ signal: "SIGTERM" });
  });

  it("is born in it: of many at once, with children at once, none is anywhere else", async () => {
    const trainings = Array.from({ length: 12 }, () =>
      train("cat /proc/self/cgroup >> groups; (cat /proc/self/cgroup >> groups &); :"),
    );
    expect((await Promise.all(trainings.map(({ ended }) => ended))).map(({ code }) => code)).toEqual(Array(12).fill(0));
    const seen = readFileSync(join(home, "groups"), "latin1").match(/^0::.*$/gm) ?? [];
    const counts = new Map(seen.map((group) => [group, seen.filter((other) => other === group).length]));
    expect(counts.size).toBe(12);
    expect([...counts.keys()].every((group) => group.includes(`/tunesmith-${nonce}/`))).toBe(true);
  });

  it("takes the group away when it is over: one is left, which holds the spawner", async () => {
    await Promise.all([train("exit 0"), train(`${slipAway}; ${untilEscaped}`)].map(({ ended }) => ended));
    await until(() => groupNames().length === 1);
    expect(pidsOfGroup(runGroup)).toHaveLength(1);
  });

  it("is ended without the others though the kernel had no room for more groups for a while", async () => {
    // Room for the group that the spawner sits in, not for the next.
    const mostGroups = join(runGroup, "cgroup.max.descendants");
    await until(() => groupNames().length === 1);
    writeFileSync(mostGroups, "1");
    const [first, second] = [train("sleep 600"), train(`${slipAway}; sleep 600`)];
    const pid = await escapedPid();
    writeFileSync(mostGroups, "max");
    const third = train("sleep 600");
    await until(() => third.root !== null);
    const last = train("sleep 600");
    await until(() => last.tree.groups?.length === 1);
    expect([first, second, third].map(({ tree }) => tree.groups)).toEqual([[], [], []]);
    const pids = [first, second, third, last].map(({ root }) => root?.pid ?? 0);
    for (const [index, training] of [last, second].entries()) {
      training.end(0);
      await training.ended;
      expect(pids.map(isAlive)).toEqual(index === 0 ? [true, true, true, false] : [true, false, true, false]);
    }
    for (const training of [first, third]) training.end(0);
    await Promise.all([first.ended, third.ended]);
    // Who slipped away where there was no group is left to the end of the run.
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, "SIGKILL");
  });

  it("survives none of them when the spawner is killed", async () => {
    const training = train(`${slipAway}; sleep 600`);
    const pid = await escapedPid();
    await until(() => training.tree.groups?.length === 1);
    const spawnerPid = pidsOfGroup(runGroup).find((other) => readProcess(other, true)?.marker === spawnerMarker(nonce)) ?? 0;
    expect(spawnerPid).toBeGreaterThan(1);
    process.kill(spawnerPid, "SIGKILL");
    expect((await training.ended).startFault?.reason).toBe("infra");
    expect(isAlive(pid)).toBe(false);
    expect(await train("exit 4").ended).toMatchObject({ code: 4 });
  });
});

it("a training is as it would be without groups where the run's cannot be used", async () => {
  home = mkdtempSync(join(tmpdir(), "tunesmith-training-"));
  spawner = startSpawner(nonce, join(home, "no-group"));
  const training = train("setsid sleep 600 & exit 5");
  expect(await training.ended).toMatchObject({ code: 5 });
  expect(await listTree(training.tree)).toEqual([]);
  expect(training.tree.groups).toEqual([]);
  await spawner.close();
  rmSync(home, { recursive: true });
});
