// The same seeded study run once, and killed with SIGKILL and resumed at random moments: are all parameters the same to the last bit?
// One training at a time, TPE; docs/reliability.md says what is promised.
import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { benchmarkFile, commandFile, libraryFile, record, withFolder } from "./record.mjs";

const trialCount = Number(process.env.BENCH_TRIALS ?? 100);
const killCount = Number(process.env.BENCH_KILLS ?? 20);
const seed = 7;
const { createSqliteStorage } = await import(libraryFile);

await withFolder(async (folder) => {
  const file = join(folder, "study.yaml");
  writeFileSync(file, studyFile());
  const { startUpMs, spanMs } = await runToEnd(file, join(folder, "once"), 0, 0);
  // Kills come so fast that the study is about over after the last of them.
  const mostMs = 1.5 * (startUpMs + (spanMs - startUpMs) / killCount);
  const { killsBefore, runs } = await runToEnd(file, join(folder, "killed"), killCount, mostMs);
  const once = await trialsOf(join(folder, "once"));
  const killed = await trialsOf(join(folder, "killed"));
  const different = once.filter((trial, index) => killed[index]?.text !== trial.text).map(({ number }) => number);
  if (once.length !== trialCount || killed.length !== trialCount)
    throw new Error(`${once.length} and ${killed.length} trials instead of ${trialCount}`);
  record("resume-identity", {
    trialCount,
    seed,
    sampler: "tpe",
    parallel: 1,
    kills: killsBefore.length,
    runs,
    // Number of trials on record at each kill: the kills fell all over the study.
    trialsBeforeKill: killsBefore,
    attemptsRepeated: killed.filter(({ attempt }) => attempt > 1).length,
    bytesCompared: once.reduce((sum, { text }) => sum + text.length, 0),
    differentTrials: different,
    replay: { once: replay(join(folder, "once")), killed: replay(join(folder, "killed")) },
  });
  if (different.length > 0) process.exitCode = 1;
});

/** Runs the file until its study is done, killing the first `kills` runs, each within `mostMs`. */
async function runToEnd(file, home, kills, mostMs) {
  const killsBefore = [];
  for (let runs = 1; ; runs++) {
    const from = performance.now();
    const child = spawn(process.execPath, [commandFile, "--home", home, "--json", "run", file], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let errors = "";
    let startUpMs = null;
    child.stdout.on("data", () => {
      startUpMs ??= performance.now() - from;
    });
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    const ended = new Promise((resolve) => child.once("close", (code) => resolve(code)));
    if (killsBefore.length < kills) {
      const code = await Promise.race([ended, delay(Math.random() * mostMs, "kill")]);
      if (code === "kill") {
        child.kill("SIGKILL");
        await ended;
        killsBefore.push(await countOf(home));
        continue;
      }
    }
    const code = await ended;
    if (code !== 0) throw new Error(`tunesmith run ended with ${code}: ${errors}`);
    return { killsBefore, runs, startUpMs, spanMs: performance.now() - from };
  }
}

async function countOf(home) {
  return withStorage(home, async (storage) => (await storage.getStudy("identity"))?.trialCount ?? 0);
}

/** Everything that has to be equal, as text; numbers are written so that equal text is equal bits. */
function trialsOf(home) {
  return withStorage(home, async (storage) => {
    const study = await storage.getStudy("identity");
    const trials = await storage.getTrials(study.id, { limit: 10_000 });
    return trials.map(({ number, config, values, replicates, note }) => ({
      number,
      attempt: replicates[0].attempt,
      text: JSON.stringify([number, Object.entries(config).sort(), values, replicates[0].seed, note]),
    }));
  });
}

async function withStorage(home, use) {
  const storage = await createSqliteStorage({ folder: home, wallClockMs: Date.now });
  try {
    return await use(storage);
  } finally {
    await storage.close();
  }
}

/** What `doctor --replay` says. */
function replay(home) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [commandFile, "--home", home, "--json", "doctor", "--replay"], {
    encoding: "utf8",
  });
  if (status !== 0) process.exitCode = 1;
  return { exitCode: status, said: `${stdout}${stderr}`.trim().split("\n").slice(-3) };
}

function studyFile() {
  const training = [process.execPath, benchmarkFile("kill-trainer.mjs"), "-", "1", "5", "x=${x}", "y=${y}"];
  return `name: identity
command: ${JSON.stringify(training)}
parameters:
  x: { min: 0.0, max: 1.0 }
  y: { min: -1.0, max: 1.0 }
  lr: { type: float, min: 1e-5, max: 1e-1, log: true }
  layers: { type: int, min: 1, max: 8 }
  optimizer: { values: [adam, sgd, rmsprop] }
  momentum: { min: 0.0, max: 0.99, when: { optimizer: sgd } }
objective: { name: loss, goal: minimize, step: step }
sampler: tpe
budget: { trials: ${trialCount} }
parallel: 1
seed: ${seed}
`;
}
