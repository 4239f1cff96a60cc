import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  type Checkpoint,
  type Config,
  type Decision,
  type Engine,
  type Job,
  type Outcome,
  type Report,
  TunesmithError,
} from "@tunesmith/core";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Agent } from "./agent.ts";
import { createLocalEngine } from "./local-engine.ts";
import { processTable, readProcess } from "./process-table.ts";
import { listTree } from "./process-tree.ts";
import { planSlots } from "./slots.ts";
import { spawnerMarker, startSpawner } from "./spawner.ts";
import { nonceOfMarker } from "./training-environment.ts";
import { type TrainingOptions, trainingDefaults } from "./training-options.ts";

let home: string;
let engine: Engine | null = null;

const nonce = `abcd${process.pid}`;

/** An agent without a guardian: what guardians do is tested with `startAgent`. */
const agent: Agent = {
  nonce,
  spawner: startSpawner(nonce, null),
  started: () => undefined,
  gone: () => undefined,
  close: () => Promise.resolve(),
};

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "tunesmith engine "));
});

afterEach(async () => {
  await engine?.close();
  engine = null;
  expect(await survivors()).toEqual([]);
  rmSync(home, { recursive: true, force: true });
});

afterAll(() => agent.spawner.close());

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Memory that is in use, garbage left out. */
function liveBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function survivors(): Promise<number[]> {
  const isAttempt = (marker: string) => nonceOfMarker(marker) === nonce && marker !== spawnerMarker(nonce);
  const tree = await listTree({ roots: [], ownsMarker: isAttempt });
  return tree.map((entry) => entry.pid);
}

function optionsFor(command: TrainingOptions["command"], more: Partial<TrainingOptions> = {}): TrainingOptions {
  const names = { parameterNames: ["lr", "name"], objectiveNames: ["loss"], goal: "minimize" as const };
  return { ...trainingDefaults, command, workdir: home, graceMs: 1_000, ...names, ...more };
}

function script(name: string, text: string): string {
  const path = join(home, name);
  writeFileSync(path, text);
  return path;
}

interface Run {
  readonly reports: Report[];
  readonly checkpoints: Checkpoint[];
  /** Steps of checkpoints taken off the record again. */
  readonly dropped: number[];
  readonly notices: string[];
  readonly ended: Promise<Outcome>;
  readonly job: Job;
  readonly dir: string;
}

interface RunOptions {
  readonly training: TrainingOptions;
  readonly config?: Config;
  readonly job?: Partial<Job>;
  readonly decide?: (reports: readonly Report[]) => Decision | Promise<Decision>;
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void;
  /** Whether a child may need it. */
  readonly isNeeded?: (checkpoint: Checkpoint) => boolean;
  readonly inherited?: Record<string, string | undefined>;
  readonly parallel?: number;
}

const proceed: Decision = { kind: "continue" };
let trialNumber = 0;

function start(options: RunOptions): Run {
  const notices: string[] = [];
  engine ??= createLocalEngine({
    home: join(home, "home"),
    training: options.training,
    slots: planSlots({ cores: 2, gpus: [] }, { cpus: 1, gpus: 0, gpusSharedBy: 1 }, options.parallel ?? 2),
    agent,
    pythonClientDir: null,
    inherited: options.inherited ?? process.env,
    onNotice: (_, message) => notices.push(message),
  });
  const ref = { studyId: "s1", trial: trialNumber++, replicate: 0, attempt: 1 };
  const job: Job = {
    ref,
    config: options.config ?? { lr: 0.5 },
    suggested: {},
    seed: 7,
    fold: null,
    target: null,
    maxFidelity: null,
    checkpoint: null,
    decisionFidelities: null,
    confirm: false,
    ...options.job,
  };
  const reports: Report[] = [];
  const checkpoints: Checkpoint[] = [];
  const dropped: number[] = [];
  const running = engine;
  const ended = new Promise<Outcome>((resolve) => {
    running.start(job, {
      async onReport(batch) {
        reports.push(...batch);
        return options.decide?.(batch) ?? proceed;
      },
      async onValues() {},
      async onCheckpoint(checkpoint) {
        checkpoints.push(checkpoint);
        options.onCheckpoint?.(checkpoint);
      },
      async onCheckpointDropped(checkpoint) {
        const isNeeded = options.isNeeded?.(checkpoint) ?? false;
        if (!isNeeded) dropped.push(checkpoint.step);
        return !isNeeded;
      },
      async onEnd(outcome) {
        resolve(outcome);
      },
    });
  });
  return {
    reports,
    checkpoints,
    dropped,
    notices,
    ended,
    job,
    dir: join(home, "home", "studies", "s1", String(ref.trial), "0", "1"),
  };
}

async function run(options: RunOptions) {
  const started = start(options);
  return { ...started, outcome: await started.ended };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(10);
}

describe("a command that ends well", () => {
  it("is complete with its last report, and every report came in order", async () => {
    const command = ["/bin/sh", "-c", "for i in 1 2 3; do echo epoch=$i loss=0.$i; done"];
    const { outcome, reports } = await run({ training: optionsFor(command, { stepName: "epoch" }) });
    expect(outcome).toEqual({ kind: "complete", metrics: { loss: 0.3 } });
    expect(reports).toEqual([1, 2, 3].map((step) => ({ step, fidelity: step, metrics: { loss: step / 10 } })));
  });

  it("gets its parameters as arguments, whatever they contain", async () => {
    const hostile = "$(touch canary) `touch canary` ; touch canary\n'\"\\ --config=/etc/passwd ${lr} %PATH% 日本";
    const show = script(
      "show.mjs",
      "console.log('loss=1'); (await import('node:fs')).writeFileSync('seen.json', JSON.stringify(process.argv.slice(2)))",
    );
    const { outcome } = await run({
      training: optionsFor(`node ${JSON.stringify(show)} \${args}`),
      config: { lr: 1e-7, name: hostile },
    });
    expect(outcome).toEqual({ kind: "complete", metrics: { loss: 1 } });
    expect(JSON.parse(readFileSync(join(home, "seen.json"), "utf8"))).toEqual(["--lr=1e-7", `--name=${hostile}`]);
    expect(existsSync(join(home, "canary"))).toBe(false);
  });

  it("gets hostile parameters by the environment when a shell runs it", async () => {
    const training = optionsFor("printf '%s' \"$TUNESMITH_PARAM_NAME\" > seen; echo loss=$TUNESMITH_PARAM_LR | cat", {
      shell: true,
    });
    const { outcome } = await run({ training, config: { lr: 0.25, name: "$(touch canary)`touch canary`" } });
    expect(outcome).toEqual({ kind: "complete", metrics: { loss: 0.25 } });
    expect(readFileSync(join(home, "seen"), "utf8")).toBe("$(touch canary)`touch canary`");
    expect(existsSync(join(home, "canary"))).toBe(false);
  });

  it("finds its environment: ours, the user's, not our secrets, not those of an attempt around us", async () => {
    const inherited = {
      PATH: process.env.PATH,
      MINE: "kept",
      TUNESMITH_TOKEN: "secret",
      TUNESMITH_DB_URL: "secret",
      TUNESMITH_RESUME_DIR: "/old",
      OMP_NUM_THREADS: "9",
    };
    const job = { target: 9, maxFidelity: 27, fold: 2, decisionFidelities: [3, 9] };
    const {
      outcome,
      dir,
      job: started,
    } = await run({
      training: optionsFor(["/bin/sh", "-c", "env > seen; echo loss=1"], { env: { EXTRA: "x" } }),
      inherited,
      job,
    });
    expect(outcome.kind).toBe("complete");
    const env = Object.fromEntries(
      readFileSync(join(home, "seen"), "utf8")
        .trim()
        .split("\n")
        .map((line) => line.split(/=(.*)/s).slice(0, 2)),
    );
    expect(env).toMatchObject({
      MINE: "kept",
      EXTRA: "x",
      OMP_NUM_THREADS: "9",
      MKL_NUM_THREADS: "1",
      PYTHONUNBUFFERED: "1",
      TUNESMITH_DIR: dir,
    });
    expect(env).toMatchObject({
      TUNESMITH_FIDELITY: "9",
      TUNESMITH_FIDELITY_MAX: "27",
      TUNESMITH_FOLD: "2",
      TUNESMITH_SEED: "7",
      TUNESMITH_SAVE_DIR: join(dir, "save"),
    });
    expect(env.TUNESMITH_ATTEMPT).toBe(`s1.${started.ref.trial}.0.1.${agent.nonce}`);
    for (const name of ["TUNESMITH_TOKEN", "TUNESMITH_DB_URL", "TUNESMITH_RESUME_DIR"]) expect(env).not.toHaveProperty(name);
    expect(JSON.parse(readFileSync(join(dir, "params.json"), "utf8"))).toEqual({
      params: { lr: 0.5 },
      trial: started.ref.trial,
      replicate: 0,
      attempt: 1,
      seed: 7,
      fold: 2,
      fidelity: 9,
      fidelity_max: 27,
      decision_steps: [3, 9],
      objectives: ["loss"],
    });
  });

  it("is heard before it ends, though python buffers and nobody set PYTHONUNBUFFERED", async () => {
    const { PYTHONUNBUFFERED: _, ...inherited } = process.env;
    const quiet = script("train.py", "import os, time\nprint('loss=0.5')\nwhile not os.path.exists('go'): time.sleep(0.01)\n");
    const started = start({ training: optionsFor(["python3", quiet]), inherited });
    await until(() => started.reports.length === 1);
    writeFileSync(join(home, "go"), "");
    expect(await started.ended).toEqual({ kind: "complete", metrics: { loss: 0.5 } });
  });

  it("may print binary rubbish around its value", async () => {
    const noise = script(
      "noise.mjs",
      "const b = Buffer.alloc(300_000, 0); for (let i = 0; i < b.length; i++) b[i] = (i * 7919) % 256; process.stdout.write(b); process.stdout.write('\\nloss=0.25\\n')",
    );
    const { outcome } = await run({ training: optionsFor(["node", noise]) });
    expect(outcome).toMatchObject({ kind: "complete", metrics: { loss: 0.25 } });
  });

  it("may close its output early and go on", async () => {
    const { outcome } = await run({
      training: optionsFor(["/bin/sh", "-c", "echo loss=2; exec >&- 2>&-; sleep 0.3; touch late"]),
    });
    expect(outcome).toEqual({ kind: "complete", metrics: { loss: 2 } });
    expect(existsSync(join(home, "late"))).toBe(true);
  });

  it("may delete its attempt folder", async () => {
    const { outcome } = await run({ training: optionsFor(["/bin/sh", "-c", 'rm -rf "$TUNESMITH_DIR"; echo loss=3']) });
    expect(outcome).toEqual({ kind: "complete", metrics: { loss: 3 } });
  });

  it("may write a metrics file instead, which then speaks alone", async () => {
    const text =
      'echo loss=9; sleep 0.1; for i in 1 2; do echo "{\\"step\\":$i,\\"loss\\":0.$i}" >> "$TUNESMITH_DIR/metrics.jsonl"; echo loss=9; done';
    const { outcome, reports } = await run({
      training: optionsFor(["/bin/sh", "-c", `rm -f x; ${text.slice("echo loss=9; ".length)}`]),
    });
    expect(outcome).toEqual({ kind: "complete", metrics: { loss: 0.2 } });
    expect(reports.map(({ step }) => step)).toEqual([1, 2]);
  });

  it("may name its own metrics file with macros in it", async () => {
    const training = optionsFor(["/bin/sh", "-c", "printf 'step,loss\\n1,0.5\\n2,0.4\\n' > out-$TUNESMITH_TRIAL.csv"], {
      metricsFile: "out-${trial}.csv",
    });
    const { outcome, reports } = await run({ training });
    expect(outcome).toEqual({ kind: "complete", metrics: { loss: 0.4 } });
    expect(reports).toHaveLength(2);
  });

  it("leaves nothing alive that went its own way", async () => {
    const text = "setsid sleep 600 </dev/null >/dev/null 2>&1 & (setsid sh -c 'sleep 600 & exit' &) ; sleep 600 & echo loss=1";
    const { outcome } = await run({ training: optionsFor(["/bin/sh", "-c", text]) });
    expect(outcome).toEqual({ kind: "complete", metrics: { loss: 1 } });
    expect(await survivors()).toEqual([]);
  });
});

describe("a second command", () => {
  it("adds its metrics to those of the training and sees the newest checkpoint", async () => {
    const training = optionsFor(
      [
        "/bin/sh",
        "-c",
        'echo epoch=1 loss=0.5; cd "$TUNESMITH_SAVE_DIR"; for n in 1 2; do mkdir step-$n.tmp; echo $n > step-$n.tmp/w; mv step-$n.tmp step-$n; done',
      ],
      {
        stepName: "epoch",
        evaluate: ["/bin/sh", "-c", 'echo accuracy=0.9; echo "from=$(cat "$1/w")"', "sh", "${checkpoint}"],
        keepCheckpoints: "all",
      },
    );
    const { outcome, checkpoints } = await run({ training });
    expect(outcome).toEqual({ kind: "complete", metrics: { loss: 0.5, accuracy: 0.9, from: 2 } });
    expect(checkpoints.map(({ step }) => step)).toEqual([1, 2]);
  });

  it("may be the one that tells the objective", async () => {
    const training = optionsFor("true", { evaluate: ["/bin/sh", "-c", "echo loss=0.125"] });
    expect((await run({ training })).outcome).toEqual({ kind: "complete", metrics: { loss: 0.125 } });
  });

  it("may tell one objective and the training the other", async () => {
    const training = optionsFor(["echo", "loss=0.5"], { objectiveNames: ["loss", "latency"], evaluate: ["echo", "latency=3"] });
    expect((await run({ training })).outcome).toEqual({ kind: "complete", metrics: { loss: 0.5, latency: 3 } });
  });

  it("fails the attempt when it fails, and is not run after a failure", async () => {
    const failing = optionsFor(["echo", "loss=1"], { evaluate: ["/bin/sh", "-c", "echo no data >&2; exit 4"] });
    expect((await run({ training: failing })).outcome).toEqual({
      kind: "failed",
      reason: "exit",
      message: "evaluate: exit code 4, no data",
    });
    await engine?.close();
    engine = null;
    const never = optionsFor("false", { evaluate: ["touch", "evaluated"] });
    expect((await run({ training: never })).outcome).toMatchObject({ kind: "failed", reason: "exit" });
    expect(existsSync(join(home, "evaluated"))).toBe(false);
  });
});

describe("a command that fails", () => {
  it.each<[string, TrainingOptions["command"], string, string | RegExp]>([
    ["a missing program", "no-such-program-x", "exit", "cannot start no-such-program-x: not found"],
    ["a program that is no program", ["/etc/passwd"], "exit", "cannot start /etc/passwd: not executable"],
    [
      "an exit code with a traceback",
      ["python3", "-c", "import no_such_module"],
      "exit",
      "exit code 1, ModuleNotFoundError: No module named 'no_such_module'",
    ],
    ["a signal", ["/bin/sh", "-c", "kill -SEGV $$"], "signal", /^ended by SIGSEGV/],
    [
      "being killed from outside",
      ["/bin/sh", "-c", "kill -KILL $$"],
      "signal",
      "ended by SIGKILL (not by Tunesmith; often the system, short of memory)",
    ],
    ["exiting like a killed process", ["/bin/sh", "-c", "exit 137"], "exit", /^exit code 137/],
    [
      "running out of memory",
      ["/bin/sh", "-c", "echo 'torch.OutOfMemoryError: CUDA out of memory.' >&2; exit 1"],
      "oom",
      /CUDA out of memory/,
    ],
    [
      "python's own memory error under a limit",
      ["/bin/sh", "-c", "ulimit -v 200000; exec python3 -c 'x = bytearray(10**9)'"],
      "oom",
      /MemoryError/,
    ],
    ["ending without a value", ["/bin/sh", "-c", "echo acc=1; echo fine"], "no_result", "no loss in 2 lines; seen: acc"],
    ["ending in silence", "true", "no_result", "no loss: nothing was printed"],
    ["a NUL in an argument", ["echo", "a\0b"], "exit", /NUL/],
    ["an unset variable", ["echo", "${envvar:TUNESMITH_NEVER_SET}"], "exit", /TUNESMITH_NEVER_SET is not set/],
  ])("says so: %s", async (_, command, reason, message) => {
    const { outcome } = await run({ training: optionsFor(command) });
    expect(outcome).toMatchObject({ kind: "failed", reason });
    expect(outcome.kind === "failed" && outcome.message).toEqual(
      typeof message === "string" ? message : expect.stringMatching(message),
    );
  });

  it("says so when its folder is missing", async () => {
    const { outcome } = await run({ training: optionsFor("true", { workdir: "/no/such/folder" }) });
    expect(outcome).toEqual({
      kind: "failed",
      reason: "exit",
      message: "cannot start true: the folder /no/such/folder does not exist",
    });
  });

  it("is ended with all it started when it runs too long, although it ignores SIGTERM", async () => {
    const text = "trap '' TERM; (trap '' TERM; setsid sleep 600) & while :; do sleep 0.05; done";
    const limits = { trialTimeMs: 300, trialMemoryBytes: null };
    const { outcome } = await run({ training: optionsFor(["/bin/sh", "-c", text], { limits, graceMs: 300 }) });
    expect(outcome).toEqual({ kind: "failed", reason: "timeout", message: "ran longer than 0.3 s" });
    expect(await survivors()).toEqual([]);
  });

  it("is ended when its tree uses too much memory", async () => {
    const limits = { trialTimeMs: null, trialMemoryBytes: 200 * 2 ** 20 };
    const hungry =
      "import subprocess, sys; subprocess.run([sys.executable, '-c', 'x = bytearray(b\"1\") * 400_000_000; import time; time.sleep(600)'])";
    const { outcome } = await run({ training: optionsFor(["python3", "-c", hungry], { limits }) });
    expect(outcome).toMatchObject({ kind: "failed", reason: "oom" });
    expect(outcome.kind === "failed" && outcome.message).toMatch(/more than the limit of 200 MiB$/);
  });
});

describe("a spawner that is killed", () => {
  async function killSpawner(): Promise<void> {
    const found = (await processTable({ markers: true })).filter(({ marker }) => marker === spawnerMarker(nonce));
    for (const { pid } of found) process.kill(pid, "SIGKILL");
    // Until its end has been noted: what is started before that is lost with it.
    await until(() => found.every(({ pid }) => readProcess(pid, false) === null));
  }

  it("fails what it started as our own fault, ends it, and is replaced", async () => {
    const text = "trap '' PIPE; setsid sleep 600 & (setsid sh -c 'sleep 600 & exit' &); echo loss=1; sleep 600";
    const started = start({ training: optionsFor(["/bin/sh", "-c", text]) });
    await until(() => started.reports.length === 1);
    await killSpawner();
    expect(await started.ended).toEqual({
      kind: "failed",
      reason: "infra",
      message: "the process that starts commands is gone: it was ended by SIGKILL",
    });
    expect(await survivors()).toEqual([]);
    await engine?.close();
    engine = null;
    expect((await run({ training: optionsFor(["echo", "loss=2"]) })).outcome).toEqual({ kind: "complete", metrics: { loss: 2 } });
  });

  it("changes nothing about the end of an attempt that is being stopped", async () => {
    const started = start({ training: optionsFor(["/bin/sh", "-c", "trap '' TERM; echo loss=1; while :; do sleep 0.02; done"]) });
    await until(() => started.reports.length === 1);
    engine?.stop(started.job.ref, "cancelled");
    await killSpawner();
    expect(await started.ended).toEqual({ kind: "cancelled" });
  });

  it("keeps what had ended before", async () => {
    const runs = [1, 2, 3, 4].map((loss) => start({ training: optionsFor(["echo", `loss=${loss}`]), parallel: 2 }));
    await Promise.all(runs.map(({ ended }) => ended));
    await killSpawner();
    for (const { ended } of runs) expect((await ended).kind).toBe("complete");
  });
});

describe("ending an attempt from outside", () => {
  it.each([
    ["stopped", { kind: "stopped", why: { code: "stopped" }, metrics: { loss: 1 } }],
    ["paused", { kind: "paused" }],
    ["cancelled", { kind: "cancelled" }],
    ["released", { kind: "released", reason: "preempted" }],
    ["stale", { kind: "released", reason: "lease_lost" }],
  ] as const)("%s: lets it save and leave, and the outcome is that of the reason", async (reason, outcome) => {
    const started = start({
      training: optionsFor(["/bin/sh", "-c", "trap 'touch saved; exit 0' TERM; echo loss=1; while :; do sleep 0.02; done"]),
    });
    await until(() => started.reports.length === 1);
    engine?.stop(started.job.ref, reason);
    expect(await started.ended).toEqual(outcome);
    expect(existsSync(join(home, "saved"))).toBe(true);
  });

  it("ends a bomb of fifty forks, in and out of the group, that ignores SIGTERM", async () => {
    const bomb = script(
      "bomb.py",
      `import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for i in range(50):
    if os.fork() == 0:
        if i % 3 == 0: os.setsid()
        if i % 5 == 0 and os.fork(): os._exit(0)
        time.sleep(600)
print("loss=1", flush=True)
time.sleep(600)
`,
    );
    const started = start({ training: optionsFor(["python3", bomb], { graceMs: 200 }) });
    await until(() => started.reports.length === 1);
    expect((await survivors()).length).toBeGreaterThan(45);
    engine?.stop(started.job.ref, "cancelled");
    expect(await started.ended).toEqual({ kind: "cancelled" });
    expect(await survivors()).toEqual([]);
  });

  it("ends a process that stopped itself and one that wiped its environment", async () => {
    const wiper = script(
      "wipe.py",
      `import ctypes, os, signal, time
child = os.fork()
if child == 0:
    os.execve("/bin/sleep", ["sleep", "600"], {})
open("child", "w").write(str(child))
print("loss=1", flush=True)
os.kill(os.getpid(), signal.SIGSTOP)
`,
    );
    const started = start({ training: optionsFor(["python3", wiper]) });
    await until(() => started.reports.length === 1);
    const childPid = Number(readFileSync(join(home, "child"), "utf8"));
    engine?.stop(started.job.ref, "cancelled");
    expect(await started.ended).toEqual({ kind: "cancelled" });
    expect(readProcess(childPid, false)?.zombie ?? true).toBe(true);
  });

  it("hurries: the grace of a stopping job ends at once", async () => {
    const started = start({
      training: optionsFor(["/bin/sh", "-c", "trap '' TERM; echo loss=1; while :; do sleep 0.02; done"], { graceMs: 600_000 }),
    });
    await until(() => started.reports.length === 1);
    engine?.stop(started.job.ref, "released");
    engine?.hurry();
    expect(await started.ended).toEqual({ kind: "released", reason: "preempted" });
  });

  it("ends a job that still waits for a slot, and starts the next one when a slot is free", async () => {
    const training = optionsFor([
      "/bin/sh",
      "-c",
      "touch started-$TUNESMITH_TRIAL; echo loss=1; while [ ! -e go ]; do sleep 0.02; done",
    ]);
    const runs = [0, 1, 2].map(() => start({ training, parallel: 1 }));
    await until(() => runs[0].reports.length === 1);
    engine?.stop(runs[1].job.ref, "cancelled");
    expect(await runs[1].ended).toEqual({ kind: "cancelled" });
    writeFileSync(join(home, "go"), "");
    expect((await runs[0].ended).kind).toBe("complete");
    expect((await runs[2].ended).kind).toBe("complete");
    expect(readdirSync(home).filter((name) => name.startsWith("started-"))).toHaveLength(2);
  });

  it("close ends what runs", async () => {
    const started = start({ training: optionsFor(["/bin/sh", "-c", "echo loss=1; sleep 600"]) });
    await until(() => started.reports.length === 1);
    await engine?.close();
    expect(await started.ended).toEqual({ kind: "released", reason: "preempted" });
  });
});

describe("decisions", () => {
  const stop: Decision = { kind: "stop", why: { code: "asha", rung: 9 } };

  it("end a process that only prints", async () => {
    const training = optionsFor(
      ["/bin/sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do echo epoch=$i loss=0.$i; sleep 0.2; done; touch finished"],
      { stepName: "epoch" },
    );
    const { outcome, reports } = await run({
      training,
      decide: (batch) => (batch.some(({ step }) => step >= 2) ? stop : proceed),
    });
    expect(outcome).toMatchObject({ kind: "stopped", why: stop.kind === "stop" ? stop.why : null });
    expect(reports.length).toBeLessThan(9);
    expect(existsSync(join(home, "finished"))).toBe(false);
  });

  it("reach a client in decision.json, which then leaves by itself", async () => {
    const client = script(
      "client.py",
      `import json, os, time
folder = os.environ["TUNESMITH_DIR"]
reports = open(os.path.join(folder, "reports.jsonl"), "a", buffering=1)
def report(step, loss):
    reports.write(json.dumps({"step": step, "metrics": {"loss": loss}}) + "\\n")
    print("loss=99")
    while True:
        try:
            found = json.load(open(os.path.join(folder, "decision.json")))
            if found["step"] >= step: return found["decision"]
        except FileNotFoundError: pass
        time.sleep(0.002)
for step in range(1, 10):
    if report(step, 1 / step) != "continue": break
open("left-at", "w").write(str(step))
`,
    );
    const training = optionsFor(["python3", client]);
    const { outcome, reports, dir } = await run({ training, decide: (batch) => (batch[0].step === 3 ? stop : proceed) });
    expect(outcome).toEqual({ kind: "stopped", why: { code: "asha", rung: 9 }, metrics: { loss: 1 / 3 } });
    expect(reports.map(({ step }) => step)).toEqual([1, 2, 3]);
    expect(readFileSync(join(home, "left-at"), "utf8")).toBe("3");
    expect(JSON.parse(readFileSync(join(dir, "decision.json"), "utf8"))).toEqual({
      step: 3,
      decision: "stop",
      rule: "asha",
      seq: 3,
      why: { code: "asha", rung: 9 },
    });
  });

  it("end the attempt when it is no longer current", async () => {
    const { outcome } = await run({
      training: optionsFor(["/bin/sh", "-c", "echo loss=1; sleep 600"]),
      decide: () => Promise.reject(new TunesmithError("stale-attempt", "attempt 2 has begun")),
    });
    expect(outcome).toEqual({ kind: "released", reason: "lease_lost" });
  });

  it("that cannot be had fail the attempt as our own fault", async () => {
    const { outcome } = await run({
      training: optionsFor(["/bin/sh", "-c", "echo loss=1; sleep 600"]),
      decide: () => Promise.reject(new TunesmithError("storage-unusable", "the disk is full")),
    });
    expect(outcome).toEqual({
      kind: "failed",
      reason: "infra",
      message: "its reports could not be put on record: the disk is full",
    });
  });
});

describe("fidelity", () => {
  it("in seconds: the attempt is ended at its target, complete", async () => {
    const fidelity = { name: "seconds", unit: "time" as const, arg: null };
    const { outcome, reports } = await run({
      training: optionsFor(["/bin/sh", "-c", "echo loss=1; sleep 600"], { fidelity }),
      job: { target: 0.5, maxFidelity: 9 },
    });
    expect(outcome).toEqual({ kind: "complete", metrics: { loss: 1 } });
    expect(reports[0].fidelity).toBeGreaterThan(0);
    expect(reports[0].fidelity).toBeLessThan(0.5);
  });

  it("as a value: reports carry the target", async () => {
    const fidelity = { name: "rows", unit: "value" as const, arg: "--rows" };
    const { reports } = await run({
      training: optionsFor(["echo", "loss=1", "${args}"], { fidelity }),
      job: { target: 1000, maxFidelity: 9000 },
    });
    expect(reports).toEqual(
      [{ step: 1, fidelity: 1000, metrics: { loss: 1, rows: 1000 } }].map((report) =>
        expect.objectContaining({ fidelity: report.fidelity }),
      ),
    );
  });
});

describe("checkpoints", () => {
  const saving =
    'for n in 1 2 3 4; do echo epoch=$n loss=0.$((5-n)); d="$TUNESMITH_SAVE_DIR/step-$n"; mkdir "$d.tmp"; echo $n > "$d.tmp/w"; mv "$d.tmp" "$d"; sleep 0.15; done';

  it("go on record after the report of their step, however long that takes", async () => {
    const onRecord: [number, number][] = [];
    let newest = 0;
    await run({
      training: optionsFor(["/bin/sh", "-c", saving], { stepName: "epoch" }),
      decide: async (batch) => {
        await delay(400);
        newest = Math.max(...batch.map(({ step }) => step));
        return proceed;
      },
      onCheckpoint: ({ step }) => onRecord.push([step, newest]),
    });
    expect(onRecord.map(([step]) => step)).toEqual([1, 2, 3, 4]);
    expect(onRecord.filter(([step, reported]) => reported < step)).toEqual([]);
  });

  it("are registered as they appear; the best and the last two are kept", async () => {
    const { outcome, checkpoints, dropped, dir } = await run({
      training: optionsFor(["/bin/sh", "-c", saving], { stepName: "epoch", keepCheckpoints: "best+last2" }),
    });
    expect(outcome.kind).toBe("complete");
    expect(dropped).toEqual([1, 2]);
    expect(checkpoints).toEqual([1, 2, 3, 4].map((step) => ({ step, location: join(dir, "save", `step-${step}`) })));
    expect(
      readdirSync(join(dir, "save"))
        .filter((name) => !name.endsWith(".json"))
        .sort(),
    ).toEqual(["step-3", "step-4"]);
  });

  it("that a child may need stay until it does not need them any more", async () => {
    const asked: number[] = [];
    const { checkpoints, dropped } = await run({
      training: optionsFor(["/bin/sh", "-c", saving], { stepName: "epoch", keepCheckpoints: "last1" }),
      isNeeded: ({ step, location }) => {
        asked.push(step);
        expect(existsSync(location)).toBe(true);
        return step === 1 && asked.filter((each) => each === 1).length < 3;
      },
    });
    expect(asked).toEqual([1, 1, 2, 1, 3]);
    expect(dropped).toEqual([2, 1, 3]);
    expect(checkpoints.map(({ location }) => existsSync(location))).toEqual([false, false, false, true]);
  });

  it("are offered to the next attempt, or the newest intact one before", async () => {
    const training = optionsFor(
      ["/bin/sh", "-c", `if [ -n "$TUNESMITH_RESUME_DIR" ]; then echo loss=$(cat "$TUNESMITH_RESUME_DIR/w"); else ${saving}; fi`],
      { keepCheckpoints: "all" },
    );
    const first = await run({ training });
    const newest = first.checkpoints[3];
    const resumed = await run({ training, job: { checkpoint: newest } });
    expect(resumed.outcome).toEqual({ kind: "complete", metrics: { loss: 4 } });
    expect(resumed.reports[0].step).toBe(5);
    writeFileSync(join(newest.location, "w"), "tampered");
    const damaged = await run({ training, job: { checkpoint: newest } });
    expect(damaged.outcome).toEqual({ kind: "complete", metrics: { loss: 3 } });
    expect(first.notices).toEqual([`the checkpoint ${newest.location} is damaged or gone: continuing from step 3`]);
  });

  it("that lead elsewhere are refused, and told", async () => {
    const evil =
      'cd "$TUNESMITH_SAVE_DIR"; mkdir a b c; ln -s /etc/passwd a/w; mkfifo b/w; mv a step-1; mv b step-2; mv c step-3; ln -s /etc step-4; echo loss=1';
    const { outcome, checkpoints, notices } = await run({ training: optionsFor(["/bin/sh", "-c", evil]) });
    expect(outcome.kind).toBe("complete");
    expect(checkpoints).toEqual([]);
    expect(notices.map((notice) => notice.replace(/.*step-/, "step-"))).toEqual([
      "step-1 holds w, which is no regular file",
      "step-2 holds w, which is no regular file",
      "step-3 holds no file",
    ]);
  });
});

describe("a flood", () => {
  it("of 50 MB of output is read without keeping it, and what follows is heard", async () => {
    const line = `${"x".repeat(99)}\\n`;
    const flood = script(
      "flood.mjs",
      `import { writeSync } from "node:fs";
const block = Buffer.from("${line}".repeat(10_000));
function all(b) { for (let at = 0; at < b.length;) { try { at += writeSync(1, b, at); } catch (e) { if (e.code !== "EAGAIN") throw e; } } }
for (let i = 0; i < 50; i++) all(block);
all(Buffer.from("loss=0.5\\n"));
`,
    );
    const before = liveBytes();
    let peak = before;
    const sampler = setInterval(() => {
      peak = Math.max(peak, liveBytes());
    }, 100);
    const { outcome, dir } = await run({ training: optionsFor(["node", flood]) });
    clearInterval(sampler);
    expect(outcome).toEqual({ kind: "complete", metrics: { loss: 0.5 } });
    // Measured 22 MB: the kept ends of the log and what is on its way. All of it would be more than 50.
    expect(peak - before).toBeLessThan(35 * 2 ** 20);
    expect(readFileSync(join(dir, "output.log")).length).toBeLessThan(11 * 2 ** 20);
  });

  it("of reports reaches a slow loop complete and in order", async () => {
    const many = script(
      "many.mjs",
      "let text = ''; for (let i = 1; i <= 30000; i++) text += `epoch=${i} loss=${i}\\n`; process.stdout.write(text);",
    );
    const { outcome, reports } = await run({
      training: optionsFor(["node", many], { stepName: "epoch" }),
      decide: () => delay(5).then(() => proceed),
    });
    expect(outcome).toEqual({ kind: "complete", metrics: { loss: 30000 } });
    expect(reports.map(({ step }) => step)).toEqual(Array.from({ length: 30000 }, (_, index) => index + 1));
  });
});

it("folders with spaces and line ends in their names are fine", async () => {
  const odd = join(home, "a b\nc 'd\" $x");
  mkdirSync(odd);
  const { outcome } = await run({ training: optionsFor(["/bin/sh", "-c", "pwd >/dev/null; echo loss=1"], { workdir: odd }) });
  expect(outcome.kind).toBe("complete");
});
