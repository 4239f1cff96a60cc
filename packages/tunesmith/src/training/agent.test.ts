import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { endOrphans, startAgent } from "./agent.ts";
import { makeGroup, pidsOfGroup, removeGroup, runGroupPlace } from "./control-group.ts";
import { processTable, readProcess } from "./process-table.ts";
import { listTree } from "./process-tree.ts";
import { spawnerMarker } from "./spawner.ts";
import { nonceOfMarker } from "./training-environment.ts";

const built = fileURLToPath(new URL("../../dist/training/", import.meta.url));
let home: string;
let runner: ChildProcess | null = null;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "tunesmith-agent-"));
});

afterEach(() => {
  runner?.kill("SIGKILL");
  rmSync(home, { recursive: true, force: true });
});

/** A program of its own that trains with the built engine. */
const runnerProgram = `
const [built, home, command] = process.argv.slice(2);
const { startAgent } = await import(built + "agent.js");
const { createLocalEngine } = await import(built + "local-engine.js");
const { planSlots } = await import(built + "slots.js");
const { trainingDefaults } = await import(built + "training-options.js");
const agent = startAgent(home);
const names = { parameterNames: [], objectiveNames: ["loss"], goal: "minimize" };
const training = { ...trainingDefaults, command: ["/bin/sh", "-c", command], workdir: home, ...names };
const engine = createLocalEngine({ home, training, agent, pythonClientDir: null, slots: planSlots({ cores: 2, gpus: [] }, { cpus: 1, gpus: 0, gpusSharedBy: 1 }, 2) });
for (const trial of [0, 1]) {
  const ref = { studyId: "s", trial, replicate: 0, attempt: 1 };
  const job = { ref, config: {}, seed: 1, fold: null, target: null, maxFidelity: null, checkpoint: null, decisionFidelities: null, confirm: false };
  engine.start(job, { onReport: async () => ({ kind: "continue" }), onCheckpoint: async () => {}, onCheckpointDropped: async () => true, onEnd: async () => {} });
}
console.log(agent.nonce);
`;

async function startRunner(command: string, uid?: number): Promise<string> {
  const program = join(home, "runner.mjs");
  writeFileSync(program, runnerProgram);
  runner = spawn(process.execPath, [program, built, home, command], { uid, stdio: ["ignore", "pipe", "inherit"] });
  const stdout = runner.stdout;
  if (stdout === null) throw new Error("no pipe");
  for await (const chunk of stdout) return String(chunk).trim();
  throw new Error("the runner said nothing");
}

/** Processes of its attempts. */
async function ofRunner(nonce: string): Promise<number> {
  const isAttempt = (marker: string) => nonceOfMarker(marker) === nonce && marker !== spawnerMarker(nonce);
  return (await listTree({ roots: [], ownsMarker: isAttempt })).length;
}

async function spawnerPids(nonce: string): Promise<number[]> {
  const table = await processTable({ markers: true });
  return table.filter(({ marker, zombie }) => marker === spawnerMarker(nonce) && !zombie).map(({ pid }) => pid);
}

async function guardianPid(nonce: string): Promise<number> {
  for (;;) {
    for (const { pid } of await processTable({ markers: false })) {
      const words = readCommand(pid);
      if (words.includes(nonce) && words.some((word) => word.endsWith("guardian-main.js"))) return pid;
    }
    await delay(10);
  }
}

function readCommand(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}

async function untilCount(nonce: string, isReached: (count: number) => boolean): Promise<void> {
  while (!isReached(await ofRunner(nonce))) await delay(20);
}

/** Two trials, each with a shell, a child, one in a session of its own, one adopted by init; none of them heeds SIGTERM. */
const stubborn = "trap '' TERM; sleep 600 & setsid sleep 600 & (setsid sh -c 'sleep 600 & exit' &); echo loss=1; wait";
const stubbornCount = 8;

describe("a guardian", () => {
  it("ends everything when its runner is killed, and takes its record away", async () => {
    const nonce = await startRunner(stubborn);
    await untilCount(nonce, (count) => count === stubbornCount);
    const guardian = await guardianPid(nonce);
    runner?.kill("SIGKILL");
    await untilCount(nonce, (count) => count === 0);
    while (readCommand(guardian).includes(nonce)) await delay(20);
    expect(existsSync(join(home, "runners", `${nonce}.json`))).toBe(false);
  });

  it("finds the tree of a process that has no marker any more", async () => {
    const nonce = await startRunner("exec env -u TUNESMITH_ATTEMPT sh -c 'echo $$ > wiped-$$; sleep 600 & wait'");
    const wiped = () =>
      readdirSync(home)
        .filter((name) => name.startsWith("wiped-"))
        .map((name) => Number(name.slice("wiped-".length)));
    while (wiped().length < 2) await delay(20);
    await guardianPid(nonce);
    await delay(200);
    runner?.kill("SIGKILL");
    const isAlive = async () =>
      (await processTable({ markers: false })).some((entry) => !entry.zombie && wiped().some((pid) => entry.group === pid));
    while (await isAlive()) await delay(20);
    expect(await isAlive()).toBe(false);
  });

  it("is started anew when it dies", async () => {
    const nonce = await startRunner(stubborn);
    const first = await guardianPid(nonce);
    process.kill(first, "SIGKILL");
    let second = first;
    while (second === first) second = await guardianPid(nonce);
    await untilCount(nonce, (count) => count === stubbornCount);
    runner?.kill("SIGKILL");
    await untilCount(nonce, (count) => count === 0);
    expect(second).not.toBe(first);
  });

  it("leaves with an agent that closes, and its record goes too", async () => {
    const agent = startAgent(home);
    const guardian = await guardianPid(agent.nonce);
    expect(readdirSync(join(home, "runners"))).toEqual([`${agent.nonce}.json`]);
    expect(await spawnerPids(agent.nonce)).toHaveLength(1);
    await agent.close();
    expect(await spawnerPids(agent.nonce)).toEqual([]);
    expect(readCommand(guardian)).not.toContain(agent.nonce);
    expect(readdirSync(join(home, "runners"))).toEqual([]);
  });
});

describe("a spawner", () => {
  it("is ended with all it started when its runner is killed, even if it hangs", async () => {
    const nonce = await startRunner(stubborn);
    await untilCount(nonce, (count) => count === stubbornCount);
    const [spawner] = await spawnerPids(nonce);
    process.kill(spawner, "SIGSTOP");
    runner?.kill("SIGKILL");
    await untilCount(nonce, (count) => count === 0);
    while ((await spawnerPids(nonce)).length > 0) await delay(20);
    expect(await spawnerPids(nonce)).toEqual([]);
  });

  it("that is killed takes all it started with it, though its runner lives", async () => {
    const nonce = await startRunner(stubborn);
    await untilCount(nonce, (count) => count === stubbornCount);
    const [spawner] = await spawnerPids(nonce);
    process.kill(spawner, "SIGKILL");
    await untilCount(nonce, (count) => count === 0);
    // Nothing is left to do for this runner but to end in order, so its guardian has ended nothing.
    expect(runner?.signalCode).toBe(null);
  });

  it("that is killed together with the runner and the guardian leaves trainings only, and the next runner ends them", async () => {
    const nonce = await startRunner(stubborn);
    await untilCount(nonce, (count) => count === stubbornCount);
    const [spawner] = await spawnerPids(nonce);
    const guardian = await guardianPid(nonce);
    process.kill(guardian, "SIGSTOP");
    runner?.kill("SIGKILL");
    for (const pid of [spawner, guardian]) process.kill(pid, "SIGKILL");
    await delay(300);
    expect(await endOrphans(home)).toBe(stubbornCount);
    expect(await ofRunner(nonce)).toBe(0);
  });
});

describe("orphans", () => {
  it("of a runner that died with its guardian are ended by the next one", async () => {
    const nonce = await startRunner(stubborn);
    await untilCount(nonce, (count) => count === stubbornCount);
    const guardian = await guardianPid(nonce);
    // The guardian would be replaced while its runner lives, so it is frozen first.
    process.kill(guardian, "SIGSTOP");
    runner?.kill("SIGKILL");
    process.kill(guardian, "SIGKILL");
    await delay(300);
    expect(await ofRunner(nonce)).toBe(stubbornCount);
    expect(await endOrphans(home)).toBe(stubbornCount);
    expect(await ofRunner(nonce)).toBe(0);
    expect(readdirSync(join(home, "runners"))).toEqual([]);
  });

  it("are not what a living runner has started", async () => {
    const nonce = await startRunner(stubborn);
    await untilCount(nonce, (count) => count === stubbornCount);
    expect(await endOrphans(home)).toBe(0);
    expect(await ofRunner(nonce)).toBe(stubbornCount);
    runner?.kill("SIGKILL");
    await untilCount(nonce, (count) => count === 0);
  });

  it("are not looked for where no runner has ever been", async () => {
    expect(await endOrphans(join(home, "nothing"))).toBe(0);
  });

  it("are not those of another machine or an earlier boot, whose process numbers mean nothing here", async () => {
    const agent = startAgent(home);
    const own = join(home, "runners", `${agent.nonce}.json`);
    const record = JSON.parse(readFileSync(own, "utf8"));
    const dead = { pid: 2 ** 22 - 1, startedAt: 1 };
    const write = (nonce: string, place: object) =>
      writeFileSync(
        join(home, "runners", `${nonce}.json`),
        JSON.stringify({ nonce, process: dead, place: { ...record.place, ...place } }),
      );
    write("aa", { host: "elsewhere" });
    write("bb", { boot: "earlier" });
    write("cc", {});
    expect(await endOrphans(home)).toBe(0);
    expect(readdirSync(join(home, "runners")).sort()).toEqual(["aa.json", `${agent.nonce}.json`].sort());
    await agent.close();
  });
});

const place = runGroupPlace("0");
const groupsSkipped = "reason" in place ? ` (SKIPPED, no group may be made here: ${place.reason})` : "";
const runGroupOf = (nonce: string) => join("folder" in place ? dirname(place.folder) : "", `tunesmith-${nonce}`);

/** Each of two trials leaves a process that only its group tells: in a session of its own, without our marker, adopted, deaf to SIGTERM. */
const slippery = `(setsid env -i /bin/sh -c 'trap "" TERM; : > slipped-$$; while :; do sleep 600; done' > /dev/null 2>&1 &); sleep 600`;
const slipped = () =>
  readdirSync(home).flatMap((name) => (name.startsWith("slipped-") ? [Number(name.slice("slipped-".length))] : []));
const livingSlipped = () => slipped().filter((pid) => !(readProcess(pid, false)?.zombie ?? true));

async function untilSlipped(nonce: string): Promise<void> {
  while (slipped().length < 2) await delay(20);
  const target = { roots: [], ownsMarker: (marker: string) => nonceOfMarker(marker) === nonce };
  // Until they are adopted, their parent tells.
  while ((await listTree(target)).some(({ pid }) => slipped().includes(pid))) await delay(20);
  expect(pidsOfGroup(runGroupOf(nonce))).toEqual(expect.arrayContaining(slipped()));
}

describe.skipIf(groupsSkipped !== "")(`control groups${groupsSkipped}`, () => {
  it("let a guardian end what it cannot know otherwise, and go with it", async () => {
    const nonce = await startRunner(slippery);
    await untilSlipped(nonce);
    await guardianPid(nonce);
    runner?.kill("SIGKILL");
    while (existsSync(join(home, "runners", `${nonce}.json`))) await delay(20);
    expect(livingSlipped()).toEqual([]);
    expect(existsSync(runGroupOf(nonce))).toBe(false);
  });

  it("let the next runner do so when the guardian died with its runner", async () => {
    const nonce = await startRunner(slippery);
    await untilSlipped(nonce);
    const guardian = await guardianPid(nonce);
    process.kill(guardian, "SIGSTOP");
    runner?.kill("SIGKILL");
    process.kill(guardian, "SIGKILL");
    await delay(300);
    expect(livingSlipped()).toHaveLength(2);
    // Two shells with a child each, and what slipped away with a child each.
    expect(await endOrphans(home)).toBe(8);
    expect(livingSlipped()).toEqual([]);
    expect(existsSync(runGroupOf(nonce))).toBe(false);
    expect(readdirSync(join(home, "runners"))).toEqual([]);
  });

  it("that a dead runner left empty are removed by the next", async () => {
    const agent = startAgent(home);
    const record = JSON.parse(readFileSync(join(home, "runners", `${agent.nonce}.json`), "utf8"));
    await agent.close();
    const group = runGroupOf("dd");
    expect([group, join(group, "1-0")].map(makeGroup)).toEqual([true, true]);
    const dead = { ...record, nonce: "dd", process: { pid: 2 ** 22 - 1, startedAt: 1 }, group };
    writeFileSync(join(home, "runners", "dd.json"), JSON.stringify(dead));
    expect(await endOrphans(home)).toBe(0);
    expect(existsSync(group)).toBe(false);
    expect(readdirSync(join(home, "runners"))).toEqual([]);
  });

  it("on record under a name that is not the runner's are left alone", async () => {
    const agent = startAgent(home);
    const record = JSON.parse(readFileSync(join(home, "runners", `${agent.nonce}.json`), "utf8"));
    await agent.close();
    const group = runGroupOf("ee");
    expect(makeGroup(group)).toBe(true);
    const dead = { ...record, nonce: "ff", process: { pid: 2 ** 22 - 1, startedAt: 1 }, group };
    writeFileSync(join(home, "runners", "ff.json"), JSON.stringify(dead));
    expect(await endOrphans(home)).toBe(0);
    expect(existsSync(group)).toBe(true);
    expect(await removeGroup(group)).toBe(true);
  });

  it("go with an agent that closes", async () => {
    const agent = startAgent(home);
    expect(existsSync(runGroupOf(agent.nonce))).toBe(true);
    await agent.close();
    expect(existsSync(runGroupOf(agent.nonce))).toBe(false);
  });
});

/** An account without rights to any control group. */
const nobody = 65_534;
const mayRead = `require("fs").accessSync(${JSON.stringify(join(built, "agent.js"))})`;
const isRoot = process.getuid?.() === 0;
const nobodySkipped = !isRoot
  ? " (SKIPPED, only root can become another user)"
  : spawnSync(process.execPath, ["-e", mayRead], { uid: nobody, cwd: "/" }).status === 0
    ? ""
    : " (SKIPPED, another user may not read the build)";

describe.skipIf(nobodySkipped !== "")(`a runner without rights to control groups${nobodySkipped}`, () => {
  it("makes none, and everything it started is ended as it was before there were any", async () => {
    chownSync(home, nobody, nobody);
    const nonce = await startRunner(stubborn, nobody);
    await untilCount(nonce, (count) => count === stubbornCount);
    expect(readFileSync(`/proc/${runner?.pid}/status`, "latin1")).toMatch(/^Uid:\t65534\t/m);
    expect(JSON.parse(readFileSync(join(home, "runners", `${nonce}.json`), "utf8"))).toMatchObject({ nonce, group: null });
    expect(existsSync(runGroupOf(nonce))).toBe(false);
    runner?.kill("SIGKILL");
    await untilCount(nonce, (count) => count === 0);
    while (existsSync(join(home, "runners", `${nonce}.json`))) await delay(20);
  });
});
