import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ProcessEntry, type ProcessIdentity, processTable, readProcess } from "./process-table.ts";
import { isGoneOrForeign, killTree, leftNothing } from "./process-tree.ts";
import { type SpawnedCommand, type Spawner, spawnerMarker, startSpawner } from "./spawner.ts";
import type { CommandExit, CommandFault, CommandRequest } from "./spawner-messages.ts";

const nonce = `5e4d${process.pid}`;
const marker = `s.0.0.1.${nonce}`;
const home = mkdtempSync(join(tmpdir(), "tunesmith-spawner-"));
let spawner: Spawner;

beforeAll(() => {
  spawner = startSpawner(nonce, null);
});

afterEach(() => killTree({ roots: [], ownsMarker: (other) => other === marker }));

afterAll(async () => {
  await spawner.close();
  expect(await spawnerPids()).toEqual([]);
  rmSync(home, { recursive: true });
});

async function spawnerPids(of = nonce): Promise<number[]> {
  const table = await processTable({ markers: true });
  return table.filter((entry) => entry.marker === spawnerMarker(of) && !entry.zombie).map(({ pid }) => pid);
}

interface Heard {
  readonly command: SpawnedCommand;
  readonly events: string[];
  readonly text: () => string;
  readonly root: () => ProcessIdentity | undefined;
  readonly exit: () => CommandExit | undefined;
  readonly fault: () => CommandFault | undefined;
  readonly lost: () => string | undefined;
  /** Closed, faulted, or lost and closed. */
  readonly over: Promise<void>;
}

function start(elements: readonly string[], more: Partial<CommandRequest> = {}): Heard {
  const events: string[] = [];
  const chunks: Uint8Array[] = [];
  let root: ProcessIdentity | undefined;
  let exit: CommandExit | undefined;
  let fault: CommandFault | undefined;
  let lost: string | undefined;
  let finish = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const env = { PATH: process.env.PATH, TUNESMITH_ATTEMPT: marker };
  const command = spawner.start(
    { elements, workdir: home, env, marker, folder: null, files: [], ...more },
    {
      onStarted(identity) {
        root = identity;
        events.push("started");
      },
      onGrouped() {
        events.push("grouped");
      },
      onOutput(chunk, stream) {
        chunks.push(chunk);
        if (events.at(-1) !== stream) events.push(stream);
      },
      onExit(ended) {
        exit = ended;
        events.push("exit");
      },
      onClosed() {
        events.push("closed");
        finish();
      },
      onFault(found) {
        fault = found;
        events.push("fault");
        finish();
      },
      onLost(why) {
        lost = why;
        events.push("lost");
      },
    },
  );
  return {
    command,
    events,
    text: () => Buffer.concat(chunks).toString(),
    root: () => root,
    exit: () => exit,
    fault: () => fault,
    lost: () => lost,
    over,
  };
}

const shell = (text: string) => ["/bin/sh", "-c", text];

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5);
}

describe("a command of the spawner", () => {
  it("is told from its start to its end, all output before the end", async () => {
    const heard = start(shell("echo out; sleep 0.05; echo err >&2; sleep 0.05; exit 3"));
    await heard.over;
    expect(heard.events).toEqual(["started", "stdout", "stderr", "exit", "closed"]);
    expect(heard.text()).toBe("out\nerr\n");
    expect(heard.exit()).toMatchObject({ code: 3, signal: null });
  });

  it("is told by the signal that ended it", async () => {
    const heard = start(shell("kill -SEGV $$"));
    await heard.over;
    expect(heard.exit()).toMatchObject({ code: null, signal: "SIGSEGV" });
  });

  it("leads a group and session of its own, and is known by its start", async () => {
    const heard = start(["sleep", "600"]);
    await until(() => heard.root() !== undefined);
    const root = heard.root() ?? { pid: 0, startedAt: 0 };
    const entry = readProcess(root.pid, true);
    expect(entry).toMatchObject({ group: root.pid, session: root.pid, startedAt: root.startedAt, marker });
    heard.command.terminate();
    await heard.over;
    expect(heard.exit()).toMatchObject({ code: null, signal: "SIGTERM" });
  });

  it.runIf(process.platform === "linux")("is given no file of the spawner: what it prints on is all it has", async () => {
    const list = ["ls", "/proc/self/fd"];
    const heard = start(list);
    await heard.over;
    expect(heard.text()).toBe(execFileSync(list[0], list.slice(1), { encoding: "utf8" }));
    const probing = start(shell("(: >&3) 2>/dev/null && echo open || echo shut"));
    await probing.over;
    expect(probing.text()).toBe("shut\n");
  });

  it("finds its folder and files, which are private", async () => {
    const folder = join(home, "a", "b", "save");
    const file = join(home, "a", "b", "params.json");
    const heard = start(["cat", file], { folder, files: [{ path: file, text: '{"name":"日本 \\ud800"}' }] });
    await heard.over;
    expect(heard.text()).toBe('{"name":"日本 \\ud800"}');
    expect([file, folder, join(home, "a")].map((path) => statSync(path).mode & 0o077)).toEqual([0, 0, 0]);
  });

  it.each<[string, string[], Partial<CommandRequest>, Partial<CommandFault>]>([
    ["there is no such program", ["no-such-program-x"], {}, { step: "start", code: "ENOENT" }],
    ["its folder is missing", ["true"], { workdir: "/no/such/folder" }, { step: "start", code: "ENOENT" }],
    ["the program may not be executed", ["/etc/passwd"], {}, { step: "start", code: "EACCES" }],
    ["its arguments are too long", ["echo", ...Array.from({ length: 40 }, () => "x".repeat(100_000))], {}, { code: "E2BIG" }],
    ["an argument contains a NUL", ["echo", "a\0b"], {}, { step: "start", code: "ERR_INVALID_ARG_VALUE" }],
    ["its program is empty", [""], {}, { step: "start", code: "ERR_INVALID_ARG_VALUE" }],
    ["its files cannot be written", ["true"], { folder: "/proc/no/such" }, { step: "files" }],
  ])("is told why it cannot be started: %s", async (_, elements, more, fault) => {
    const heard = start(elements, more);
    await heard.over;
    expect(heard.events).toEqual(["fault"]);
    expect(heard.fault()).toMatchObject(fault);
  });

  it("is alone only if it left nothing", async () => {
    const left = shell("(setsid sleep 600 >/dev/null 2>&1 &) ; sleep 0.05; exit 0");
    for (const [elements, isAlone] of [
      [["true"], true],
      [left, false],
    ] as const) {
      const heard = start(elements);
      await heard.over;
      // On a busy machine so much may begin meanwhile that a command is not known to be alone; never the other way round.
      if (!isAlone) expect(heard.exit()?.isAlone).toBe(false);
      else expect(heard.exit()?.code).toBe(0);
    }
  });
});

describe("output that is held back", () => {
  it("stays back, and comes whole and in order when it is released", async () => {
    const heard = start(shell("i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done"));
    await until(() => heard.text().length > 0);
    heard.command.holdOutput(true);
    const heldAt = heard.text().length;
    await delay(300);
    expect(heard.text().length).toBe(heldAt);
    expect(heard.events).not.toContain("closed");
    heard.command.holdOutput(false);
    await heard.over;
    expect(heard.text()).toBe(`${Array.from({ length: 20_000 }, (_, index) => index).join("\n")}\n`);
  });

  it("makes its process wait, and no other", async () => {
    const heard = start(shell(`dd if=/dev/zero bs=65536 count=400 2>/dev/null; : > ${home}/written`));
    heard.command.holdOutput(true);
    const other = start(shell("sleep 0.2; echo free"));
    await other.over;
    expect(other.text()).toBe("free\n");
    expect(readdirSync(home)).not.toContain("written");
    heard.command.holdOutput(false);
    await heard.over;
    expect(heard.text().length).toBe(400 * 65_536);
    expect(readdirSync(home)).toContain("written");
  });

  it("is not waited for when it is dropped", async () => {
    const heard = start(shell("echo kept; setsid sleep 600 & exit 0"));
    await until(() => heard.exit() !== undefined);
    expect(heard.events).not.toContain("closed");
    heard.command.dropOutput();
    await heard.over;
    expect(heard.text()).toBe("kept\n");
  });
});

describe("a busy runner", () => {
  it.runIf(process.platform === "linux")("makes those wait that print, and the spawner does not grow", async () => {
    const heard = start(shell("dd if=/dev/zero bs=65536 count=3200 2>/dev/null"));
    await until(() => heard.root() !== undefined);
    const [pid] = await spawnerPids();
    const busyUntil = performance.now() + 1_000;
    while (performance.now() < busyUntil);
    expect(readProcess(pid, false)?.residentBytes).toBeLessThan(120 * 2 ** 20);
    await heard.over;
    expect(heard.text().length).toBe(3200 * 65_536);
  });
});

describe("a spawner that dies", () => {
  it("loses what runs, not what had ended, and is replaced by the next command", async () => {
    const done = start(["echo", "done"]);
    await done.over;
    const running = start(shell("echo begun; exec sleep 600"));
    await until(() => running.text() === "begun\n");
    const [pid] = await spawnerPids();
    process.kill(pid, "SIGKILL");
    await running.over;
    expect(running.events).toEqual(["started", "stdout", "lost", "closed"]);
    expect(running.lost()).toBe("the process that starts commands is gone: it was ended by SIGKILL");
    expect(done.events).toEqual(["started", "stdout", "exit", "closed"]);
    const next = start(["echo", "next"]);
    await next.over;
    expect(next.text()).toBe("next\n");
    expect(await spawnerPids()).not.toContain(pid);
  });

  it("does not die of SIGINT, SIGTERM or SIGHUP", async () => {
    const before = start(["echo", "up"]);
    await before.over;
    const [pid] = await spawnerPids();
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.kill(pid, signal);
    const heard = start(shell("sleep 0.1; echo through"));
    await heard.over;
    expect(heard.text()).toBe("through\n");
    expect(await spawnerPids()).toEqual([pid]);
  });
});

describe("a spawner whose runner", () => {
  const built = fileURLToPath(new URL("../../dist/training/spawner.js", import.meta.url));
  let runner: ChildProcess | null = null;
  afterEach(() => runner?.kill("SIGKILL"));

  function run(name: string, more: string): ChildProcess {
    mkdirSync(join(home, name), { recursive: true });
    const program = join(home, name, "runner.mjs");
    writeFileSync(
      program,
      `const { startSpawner } = await import(${JSON.stringify(built)});
const spawner = startSpawner(${JSON.stringify(nonce + name)}, null);
const request = (elements) => ({ elements, workdir: "/", env: { PATH: process.env.PATH, TUNESMITH_ATTEMPT: ${JSON.stringify(marker)} }, marker: ${JSON.stringify(marker)}, folder: null, files: [] });
const nothing = { onStarted() {}, onGrouped() {}, onOutput() {}, onExit() {}, onClosed() {}, onFault() {}, onLost() {} };
${more}
`,
    );
    runner = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
    return runner;
  }

  it("is killed leaves at once, though something runs", async () => {
    const ran = run("k", 'spawner.start(request(["sleep", "600"]), { ...nothing, onStarted() { console.log("up"); } });');
    await new Promise((resolve) => ran.stdout?.once("data", resolve));
    expect(await spawnerPids(`${nonce}k`)).toHaveLength(1);
    ran.kill("SIGKILL");
    while ((await spawnerPids(`${nonce}k`)).length > 0) await delay(10);
  });

  it("has nothing running does not keep it from ending, and something running does", async () => {
    const ran = run("e", 'spawner.start(request(["sleep", "0.3"]), { ...nothing, onClosed() { console.log("seen"); } });');
    let said = "";
    ran.stdout?.on("data", (chunk) => {
      said += chunk;
    });
    const code = await new Promise((resolve) => ran.once("close", resolve));
    expect(said).toBe("seen\n");
    expect(code).toBe(0);
    while ((await spawnerPids(`${nonce}e`)).length > 0) await delay(10);
  });
});

describe.runIf(process.platform === "linux")("leftNothing", () => {
  const tree = { roots: [] as ProcessIdentity[], ownsMarker: (other: string) => other === marker };

  it.each([
    ["marked as the root's, in a session of its own", { TUNESMITH_ATTEMPT: marker }],
    ["that hides its marker in a session of its own", {}],
  ])("is not certain with a process begun since %s", async (_, env) => {
    const root = spawn("true", { stdio: "ignore", detached: true });
    const child = spawn("sleep", ["600"], { env: { PATH: process.env.PATH, ...env }, detached: true, stdio: "ignore" });
    await new Promise((resolve) => root.once("exit", resolve));
    expect(leftNothing(tree, { pid: root.pid ?? 0, startedAt: 0 }, 10)).toBe(false);
    child.kill("SIGKILL");
  });

  it("promises nothing after a long life", () => {
    expect(leftNothing(tree, { pid: 2 ** 22, startedAt: 0 }, 5_000)).toBe(false);
  });
});

describe("isGoneOrForeign", () => {
  const root = { pid: 100, startedAt: 7 };
  const tree = { roots: [root], ownsMarker: (other: string) => other === marker };
  const ids = { pid: 103, startedAt: 8, parent: 1, group: 103, session: 103 };
  const child: ProcessEntry = { ...ids, zombie: false, residentBytes: 1, marker: null };

  it.each<[string, ProcessEntry | null, boolean]>([
    ["what has gone", null, true],
    ["what is dead", { ...child, zombie: true }, true],
    ["a member of a session older than the root", { ...child, session: 99 }, true],
    ["a process of another attempt", { ...child, marker: "another" }, true],
    ["a process of the root's session, whatever its marker", { ...child, session: 100, marker: "another" }, false],
    ["a process with the root's marker", { ...child, marker }, false],
    ["a process of a newer session without a marker", child, false],
  ])("%s", (_, entry, expected) => {
    expect(isGoneOrForeign(tree, root, entry)).toBe(expected);
  });
});

it("the program of the spawner is part of the build", () => {
  expect(readFileSync(fileURLToPath(new URL("../../dist/training/spawner-main.js", import.meta.url)), "utf8")).toContain("fd: 3");
});
