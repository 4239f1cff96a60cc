// What Tunesmith adds to a training command, per trial: `tunesmith run` of a command that prints its metric and exits at once,
// everything recorded (SQLite, params.json, output log), less what spawning that command costs a bare Node.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandFile, libraryFile, quantile, record, spread, withFolder } from "./record.mjs";

const trialCount = Number(process.env.BENCH_TRIALS ?? 2_000);
const runCount = Number(process.env.BENCH_RUNS ?? 5);
const bareCount = 400;
const seed = 1;
const { createSqliteStorage } = await import(libraryFile);

const figures = { trialCount, runCount, seed, sampler: "random", command: "/bin/echo loss=<x>", slots: {} };
for (const slots of [1, 2]) figures.slots[slots] = await measure(slots);
record("overhead", figures);

async function measure(slots) {
  const overheads = [];
  const startUps = [];
  const bares = [];
  const besides = [];
  const walls = [];
  const cpus = [];
  const bareCpus = [];
  for (let run = 0; run < runCount; run++) {
    const bareMs = await medianBareSpawnMs();
    const startUpMs = await tunesmithMs(slots, 1);
    const cpuBeforeMs = cpuMs();
    const wallMs = await tunesmithMs(slots, trialCount);
    const cpuBetweenMs = cpuMs();
    const loopMs = await bareLoopMs(slots);
    cpus.push((cpuBetweenMs - cpuBeforeMs) / trialCount);
    bareCpus.push((cpuMs() - cpuBetweenMs) / trialCount);
    overheads.push((wallMs - (trialCount * bareMs) / slots) / trialCount);
    besides.push((wallMs - startUpMs - loopMs) / trialCount);
    bares.push(bareMs);
    startUps.push(startUpMs);
    walls.push(wallMs);
  }
  return {
    // (wall − trials × median bare spawn ÷ slots) ÷ trials; start-up included.
    overheadMsPerTrial: spread(overheads, 3),
    bareSpawnMs: spread(bares, 3),
    wallMs: spread(walls, 0),
    startUpMs: spread(startUps, 0),
    // (wall − start-up − the same spawns by a bare Node, as many at a time) ÷ trials: spawns compete for cores there, too.
    overheadBesideBareLoopMsPerTrial: spread(besides, 3),
    // Processor time of everything involved, the commands included: says more than the wall where others are at work, too.
    cpuMsPerTrial: spread(cpus, 3),
    bareLoopCpuMsPerTrial: spread(bareCpus, 3),
  };
}

async function medianBareSpawnMs() {
  const times = [];
  for (let i = 0; i < bareCount; i++) {
    const from = performance.now();
    await bareSpawn();
    times.push(performance.now() - from);
  }
  return quantile(times, 0.5);
}

async function bareLoopMs(slots) {
  const from = performance.now();
  let left = trialCount;
  await Promise.all(
    Array.from({ length: slots }, async () => {
      while (left-- > 0) await bareSpawn();
    }),
  );
  return performance.now() - from;
}

/** Processor time of this process and all it has waited for, from /proc; NaN elsewhere than on Linux. */
function cpuMs() {
  if (process.platform !== "linux") return Number.NaN;
  const stat = readFileSync("/proc/self/stat", "latin1");
  const ticks = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 15)
    .map(Number);
  return ticks.reduce((sum, each) => sum + each, 0) * 10;
}

function bareSpawn() {
  return new Promise((resolve, reject) => {
    const child = spawn("/bin/echo", ["loss=0.5"], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.on("data", () => undefined);
    child.stderr.on("data", () => undefined);
    child.once("error", reject);
    child.once("close", resolve);
  });
}

/** Wall time of the whole command, from its spawn to its end; all of it is checked to be on record. */
function tunesmithMs(slots, trials) {
  return withFolder(async (folder) => {
    writeFileSync(join(folder, "study.yaml"), studyFile(slots, trials));
    const home = join(folder, "home");
    const from = performance.now();
    const run = spawnSync(process.execPath, [commandFile, "--home", home, "run", join(folder, "study.yaml")], {
      encoding: "utf8",
    });
    const wallMs = performance.now() - from;
    if (run.status !== 0) throw new Error(`tunesmith run ended with ${run.status}: ${run.stderr}${run.stdout}`);
    await requireRecorded(home, trials);
    return wallMs;
  });
}

async function requireRecorded(home, trials) {
  const storage = await createSqliteStorage({ folder: home, wallClockMs: Date.now });
  try {
    const study = await storage.getStudy("overhead");
    const logs = readdirSync(join(home, "studies", study.id)).filter((trial) =>
      existsSync(join(home, "studies", study.id, trial, "0", "1", "output.log")),
    );
    if (study.stateCounts.complete !== trials || logs.length !== trials)
      throw new Error(`${study.stateCounts.complete} of ${trials} trials are complete, ${logs.length} have a log`);
  } finally {
    await storage.close();
  }
}

function studyFile(slots, trials) {
  return `name: overhead
command: /bin/echo loss=\${x}
parameters:
  x: { min: 0.0, max: 1.0 }
objective: { name: loss, goal: minimize }
sampler: random
budget: { trials: ${trials} }
parallel: ${slots}
seed: ${seed}
`;
}
