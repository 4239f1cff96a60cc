// node scripts/check-kills.mjs N [--record]: kills `tunesmith run` N times with SIGKILL at random moments, 8 trainings at a time,
// runs the same command again each time, and checks what docs/reliability.md promises. One line per check, then "N passed, N failed".
//
// Who is killed goes round: the runner · everything · the runner, run again at once · runner and guardian, so that trainings are orphaned.
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { DatabaseSync } from "@photostructure/sqlite";
import { benchmarkFile, commandFile, libraryFile, record, spread } from "../benchmarks/record.mjs";
import { described, endNow, guardiansOf, nonceOf, trainings } from "../benchmarks/training-processes.mjs";

const trainer = benchmarkFile("kill-trainer.mjs");
const { createSqliteStorage } = await import(libraryFile);

const killCount = Number(process.argv[2] ?? 10);
const isRecorded = process.argv[3] === "--record";
const trialCount = 60;
const slotCount = 8;
const stepCount = 6;
const kinds = ["runner", "everything", "runner, run again at once", "runner and guardian"];
/** Longest that a process of an earlier run may live on, after the runner's death or the next run's beginning. */
const orphanLimitMs = 10_000;
/** Past this a run counts as hung; an undisturbed one takes a few seconds. */
const runLimitMs = 180_000;

if (process.platform !== "linux") {
  console.error("check-kills needs /proc to see processes, which only Linux has");
  process.exit(2);
}
const startedAt = new Date();
const folder = mkdtempSync(join(tmpdir(), "tunesmith-kills-"));
const home = join(folder, "home");
const killsByKind = Object.fromEntries(kinds.map((kind) => [kind, 0]));
const survivalMs = Object.fromEntries(kinds.map((kind) => [kind, []]));
const killMomentsMs = [];
const count = {
  kills: 0,
  runs: 0,
  studies: 0,
  trials: 0,
  acknowledged: 0,
  attempts: 0,
  // Begun again because a kill cut the one before short, and of these the ones that went on from a checkpoint.
  attemptsRepeated: 0,
  attemptsContinued: 0,
  // The training had ended, but the runner died before that was on record.
  finishedButRepeated: 0,
  // Killed between the last checkpoint and the end: the next attempt had nothing left to train.
  finishedAfterLastStep: 0,
  trainingsKilled: 0,
  suggestionsReplayed: 0,
};
/** Kind of the last kill whose trainings the next run has to end; null when that was done. */
let pendingKind = null;
/** What went wrong, by check. */
const faults = {
  lost: [],
  notInFile: [],
  twice: [],
  wrongAttempt: [],
  gaps: [],
  overBudget: [],
  unsound: [],
  notContinued: [],
  survivors: [],
  survivorsOfEarlier: [],
  doctor: [],
};

for (const signal of ["SIGINT", "SIGTERM"])
  process.once(signal, () => {
    void cleanUp().then(() => process.exit(1));
  });
try {
  await killAll();
} finally {
  await cleanUp();
}
report();

async function killAll() {
  // How long undisturbed runs last: kills then fall anywhere in what is left of a study, start-up and end included.
  const paces = [await paceOf(newStudy()), await paceOf(newStudy())];
  let study = newStudy();
  while (count.kills < killCount) {
    const kind = kinds[count.kills % kinds.length];
    const run = startRun(study);
    const { startUpMs, trialMs } = paces[study.usesRungs ? 1 : 0];
    const momentMs = Math.random() * (startUpMs + trialMs * (trialCount - study.acknowledged.size));
    await Promise.race([delay(momentMs), run.ended]);
    if (run.isOver()) {
      await requireEnd(study, run);
      await checkStudy(study);
      study = newStudy();
    } else {
      killMomentsMs.push(Math.round(momentMs));
      await kill(study, run, kind);
    }
  }
  await finish(study);
  askDoctor();
}

/** Our own check of what is stored, with every suggestion computed again from the recorded order of events. */
function askDoctor() {
  const doctor = spawnSync(process.execPath, [commandFile, "--home", home, "--json", "doctor", "--replay"], { encoding: "utf8" });
  const reports = doctor.stdout
    .split("\n")
    .map(parsed)
    .filter((report) => report !== null);
  for (const { study, sound, findings, replay } of reports) {
    count.suggestionsReplayed += replay.replayedCount;
    if (!sound) faults.doctor.push(`${study}: ${JSON.stringify([findings, replay.differences]).slice(0, 500)}`);
  }
  if (doctor.status !== 0 || reports.length !== count.studies)
    faults.doctor.push(`doctor ended with ${doctor.status} after ${reports.length} studies: ${doctor.stderr}`);
}

async function paceOf(study) {
  const run = startRun(study);
  while (study.acknowledged.size === 0 && !run.isOver()) await delay(10);
  const startUpMs = performance.now() - run.beganMs;
  await requireEnd(study, run);
  const trialMs = (performance.now() - run.beganMs - startUpMs) / trialCount;
  await checkStudy(study);
  return { startUpMs, trialMs };
}

async function finish(study) {
  await requireEnd(study, startRun(study));
  await checkStudy(study);
}

function newStudy() {
  const number = count.studies++;
  const name = `kills-${number}`;
  const study = {
    name,
    file: join(folder, `${name}.yaml`),
    ledger: join(folder, `${name}.ledger`),
    // In every second study trials are stopped at rungs as well.
    usesRungs: number % 2 === 1,
    acknowledged: new Map(),
  };
  writeFileSync(study.ledger, "");
  const rungs = `fidelity: { name: steps, min: 1, max: ${stepCount}, unit: steps }\nscheduler: asha\n`;
  writeFileSync(
    study.file,
    `name: ${name}
command: ["${process.execPath}", "${trainer}", "${study.ledger}", "${stepCount}", "25", "x=\${x}", "y=\${y}"]
parameters:
  x: { min: 0.0, max: 1.0 }
  y: { min: -1.0, max: 1.0 }
objective: { name: loss, goal: minimize, step: step }
${study.usesRungs ? rungs : ""}sampler: tpe
budget: { trials: ${trialCount} }
parallel: ${slotCount}
seed: ${number}
`,
  );
  return study;
}

// ── running and killing ──────────────────────────────────────────────────────────────────────────────────────────────────────

function startRun(study) {
  count.runs++;
  const child = spawn(process.execPath, [commandFile, "--home", home, "--json", "run", study.file], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const run = { child, study, isOver: () => over, errors: "", beganMs: performance.now(), ended: null, watched: null };
  let over = false;
  child.stderr.on("data", (chunk) => {
    run.errors = (run.errors + chunk).slice(-2_000);
  });
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => acknowledge(study, line));
  const allRead = new Promise((resolve) => lines.once("close", resolve));
  run.ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve({ code, signal }))).then(async (exit) => {
    over = true;
    await allRead;
    return exit;
  });
  run.watched = watchEarlier(run);
  return run;
}

/** A line that came out is a promise: this trial is on disk. */
function acknowledge(study, line) {
  const event = parsed(line);
  if (event?.event !== "trial-ended") return;
  count.acknowledged++;
  if (study.acknowledged.has(event.trial)) faults.twice.push(`${study.name} #${event.trial} was acknowledged twice`);
  study.acknowledged.set(event.trial, outcomeText(event));
}

/** While a run lives, whatever an earlier one started has to go within the limit. */
async function watchEarlier(run) {
  const kind = pendingKind;
  if (kind === null) return;
  while (!run.isOver()) {
    const earlier = earlierTrainings(run.child.pid);
    const livedMs = performance.now() - run.beganMs;
    if (earlier.length === 0 || livedMs > orphanLimitMs) {
      survivalMs[kind].push(Math.round(livedMs));
      pendingKind = null;
      for (const training of earlier) faults.survivorsOfEarlier.push(`${described(training)}, after a kill of: ${kind}`);
      return;
    }
    await delay(50);
  }
}

async function kill(study, run, kind) {
  const guardians = guardiansOf(run.child.pid);
  if (kind === "everything" || kind === "runner and guardian") for (const guardian of guardians) endNow(guardian);
  run.child.kill("SIGKILL");
  const killedMs = performance.now();
  const nonce = nonceOf(home, run.child.pid);
  if (kind === "everything") await endTrainings();
  await run.ended;
  await run.watched;
  count.kills++;
  killsByKind[kind]++;
  checkFile(study);
  if (kind === "runner") await requireNoTraining(nonce, killedMs);
  else pendingKind = kind;
}

async function endTrainings() {
  for (let left = trainings(home); left.length > 0; left = trainings(home)) {
    count.trainingsKilled += left.length;
    for (const training of left) endNow(training);
    await delay(5);
  }
}

/** Without a new run: the guardian alone has to do it. What an earlier runner left that was killed with its guardian waits for that run. */
async function requireNoTraining(nonce, killedMs) {
  for (;;) {
    const left = trainings(home).filter((training) => training.nonce === nonce);
    const livedMs = performance.now() - killedMs;
    if (left.length === 0 || livedMs > orphanLimitMs) {
      survivalMs.runner.push(Math.round(livedMs));
      for (const training of left)
        faults.survivors.push(`${described(training)}, ${Math.round(livedMs)} ms after the runner's death`);
      return;
    }
    await delay(20);
  }
}

async function requireEnd(study, run) {
  const limit = new AbortController();
  const exit = await Promise.race([run.ended, delay(runLimitMs, null, { signal: limit.signal }).catch(() => null)]);
  limit.abort();
  if (exit === null) {
    faults.notContinued.push(`${study.name} did not end within ${runLimitMs / 1_000} s`);
    run.child.kill("SIGKILL");
    await run.ended;
  } else if (exit.code !== 0) faults.notContinued.push(`${study.name} ended with ${exit.code ?? exit.signal}: ${run.errors}`);
  await run.watched;
}

// ── checks ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The file as the kill left it, looked at in a copy: looking at the file itself would already mend it. */
function checkFile(study) {
  const copy = join(folder, "copy");
  mkdirSync(copy);
  for (const name of ["tunesmith.db", "tunesmith.db-wal"])
    if (existsSync(join(home, name))) copyFileSync(join(home, name), join(copy, name));
  if (existsSync(join(copy, "tunesmith.db"))) {
    const database = new DatabaseSync(join(copy, "tunesmith.db"));
    checkSound(database, study);
    const complete = study.acknowledged.size === 0 ? new Set() : finishedIn(database, study);
    for (const trial of study.acknowledged.keys()) if (!complete.has(trial)) faults.notInFile.push(`${study.name} #${trial}`);
    database.close();
  }
  rmSync(copy, { recursive: true });
}

function checkSound(database, study) {
  const [{ quick_check: verdict }] = database.prepare("PRAGMA quick_check").all();
  if (verdict !== "ok") faults.unsound.push(`${study.name}: ${verdict}`);
}

function finishedIn(database, study) {
  const sql = "SELECT trial FROM results JOIN studies USING (study) WHERE name = ?";
  return new Set(
    database
      .prepare(sql)
      .all(study.name)
      .map(({ trial }) => trial),
  );
}

async function checkStudy(study) {
  const database = new DatabaseSync(join(home, "tunesmith.db"));
  checkSound(database, study);
  database.close();
  const storage = await createSqliteStorage({ folder: home, wallClockMs: Date.now });
  try {
    const stored = await storage.getStudy(study.name);
    if (stored?.state !== "done") faults.notContinued.push(`${study.name} is ${stored?.state}, not done`);
    if (stored === null) return;
    const trials = await storage.getTrials(stored.id, { limit: 10_000 });
    checkTrials(study, trials);
    checkFinishes(study, await allEvents(storage, stored.id));
  } finally {
    await storage.close();
  }
}

function checkTrials(study, trials) {
  count.trials += trials.length;
  if (trials.length > trialCount) faults.overBudget.push(`${study.name}: ${trials.length} trials`);
  if (trials.some(({ number }, index) => number !== index) || trials.length < trialCount)
    faults.gaps.push(`${study.name}: ${trials.length} trials, numbers ${trials.map(({ number }) => number).join(" ")}`);
  const byNumber = new Map(trials.map((trial) => [trial.number, trial]));
  for (const [number, said] of study.acknowledged) {
    const trial = byNumber.get(number);
    const now = trial === undefined ? "gone" : outcomeText(trial);
    if (now !== said) faults.lost.push(`${study.name} #${number} was ${said}, is ${now}`);
  }
  const allowed = study.usesRungs ? ["complete", "stopped"] : ["complete"];
  for (const { number, state, reason, message } of trials)
    if (!allowed.includes(state)) faults.notContinued.push(`${study.name} #${number} is ${state}: ${reason} ${message}`);
  checkLedger(study, trials);
}

/**
 * The accepted result is the one that the attempt that reported it says it finished with; or, if that one was killed between its last
 * checkpoint and its end, the one that a later attempt finished with, which began at that checkpoint and had nothing left to report.
 */
function checkLedger(study, trials) {
  const entries = readFileSync(study.ledger, "utf8")
    .split("\n")
    .map(parsed)
    .filter((entry) => entry !== null);
  const starts = entries.filter(({ event }) => event === "start");
  const finishes = new Map(
    entries.filter(({ event }) => event === "finish").map((entry) => [`${entry.trial}.${entry.attempt}`, entry]),
  );
  count.attempts += starts.length;
  if (!study.usesRungs) {
    const repeated = starts.filter(({ attempt }) => attempt > 1);
    count.attemptsRepeated += repeated.length;
    count.attemptsContinued += repeated.filter(({ from }) => from > 0).length;
    count.finishedButRepeated += repeated.filter(({ trial, attempt }) => finishes.has(`${trial}.${attempt - 1}`)).length;
  }
  for (const { number, state, values, metrics } of trials) {
    if (state !== "complete") continue;
    const reporter = finishes.get(`${number}.${metrics.attempt}`);
    const begun = starts.filter(({ trial, attempt }) => trial === number && attempt >= metrics.attempt);
    const withNothingLeft = begun
      .filter(({ from }) => from === stepCount)
      .map(({ attempt }) => finishes.get(`${number}.${attempt}`));
    if (reporter === undefined) count.finishedAfterLastStep++;
    if ((reporter ?? withNothingLeft.find((finish) => finish !== undefined))?.loss !== values[0])
      faults.wrongAttempt.push(
        `${study.name} #${number}: ${values[0]} of attempt ${metrics.attempt}, begun: ${JSON.stringify(begun)}, finished: ${JSON.stringify(reporter ?? withNothingLeft)}`,
      );
  }
}

async function allEvents(storage, studyId) {
  const events = [];
  for (;;) {
    const page = await storage.eventsAfter(studyId, events.length, 10_000);
    events.push(...page);
    if (page.length < 10_000) return events;
  }
}

function checkFinishes(study, events) {
  const finished = new Set();
  for (const { kind, trial } of events) {
    if (kind !== "trial-finished") continue;
    if (finished.has(trial)) faults.twice.push(`${study.name} #${trial} finished twice`);
    finished.add(trial);
  }
}

/** State and values as they are shown; equal text is equal bits, since numbers are written so that they read back exactly. */
function outcomeText({ state, values, config }) {
  return JSON.stringify([state, values, config]);
}

function earlierTrainings(runnerPid) {
  const nonce = nonceOf(home, runnerPid);
  return trainings(home).filter((training) => training.nonce !== nonce);
}

function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

async function cleanUp() {
  if (!existsSync(folder)) return;
  await endTrainings();
  rmSync(folder, { recursive: true, force: true });
}

// ── report ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function report() {
  const seconds = Math.round((Date.now() - startedAt.getTime()) / 1_000);
  const checks = [
    ["every acknowledged trial is in the file right after the kill", faults.notInFile],
    ["every acknowledged trial is there at the end, with the same values", faults.lost],
    ["no trial has two accepted results", faults.twice],
    ["every accepted result is what the accepted attempt finished with", faults.wrongAttempt],
    ["trial numbers run from 0 without gaps", faults.gaps],
    ["no study has more trials than its budget", faults.overBudget],
    ["the database is sound after every kill and at every end", faults.unsound],
    ["the same command went on and ended every study", faults.notContinued],
    ["no training is alive 10 s after its runner alone was killed", faults.survivors],
    ["no process of an earlier run is alive 10 s after the next run began", faults.survivorsOfEarlier],
    ["doctor finds every study sound and recomputes every suggestion to the same bytes", faults.doctor],
  ];
  for (const [name, found] of checks) {
    console.log(`${found.length === 0 ? "ok    " : "FAILED"} ${name}`);
    for (const fault of found.slice(0, 5)) console.log(`         ${fault}`);
  }
  console.log(`${count.kills} kills, ${count.runs} runs, ${count.studies} studies of ${trialCount} trials, ${seconds} s`);
  console.log(`${count.acknowledged} trials acknowledged, ${faults.lost.length + faults.notInFile.length} lost`);
  console.log(
    `${count.attempts} attempts, ${count.attemptsRepeated} repeated because of a kill, ${count.attemptsContinued} of them from a checkpoint`,
  );
  const failedCount = checks.filter(([, found]) => found.length > 0).length;
  if (isRecorded) record("kills", figures(checks));
  console.log(`${checks.length - failedCount} passed, ${failedCount} failed`);
  process.exitCode = failedCount > 0 ? 1 : 0;
}

function figures(checks) {
  const rounded = (values) => (values.length === 0 ? null : spread(values, 0));
  return {
    ...count,
    killsByKind,
    trialCount,
    slotCount,
    killMomentMs: { ...rounded(killMomentsMs), runs: undefined },
    // From a runner's death, or the next run's beginning, until the last process of the earlier run was gone.
    longestSurvivalMs: Object.fromEntries(Object.entries(survivalMs).map(([kind, values]) => [kind, rounded(values)?.highest])),
    checks: Object.fromEntries(checks.map(([name, found]) => [name, found.length === 0 ? "passed" : found])),
  };
}
