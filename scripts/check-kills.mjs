// node scripts/check-kills.mjs N [--record] [--only=SCHEDULER]: kills `tunesmith run` N times with SIGKILL at random moments, 8 trainings
// at a time, runs the same command again each time, and checks what docs/reliability.md promises. One line per check, then "N passed, N failed".
//
// Who is killed goes round: the runner · everything · the runner, run again at once · runner and guardian, so that trainings are orphaned.
// Studies take turns among the schedulers of kills/kill-studies.mjs, so that each gets its share of the kills.
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { DatabaseSync } from "@photostructure/sqlite";
import { benchmarkFile, commandFile, libraryFile, record, spread } from "../benchmarks/record.mjs";
import { described, endNow, guardiansOf, nonceOf, trainings } from "../benchmarks/training-processes.mjs";
import { killStudies, killStudyText, stepCount } from "./kills/kill-studies.mjs";
import { bracketFaults, checkpointFaults, lineageFaults, resumeFaults, valueFaults } from "./kills/schedule-checks.mjs";

const trainer = benchmarkFile("kill-trainer.mjs");
const { createSqliteStorage } = await import(libraryFile);

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { record: { type: "boolean", default: false }, only: { type: "string" } },
});
const killCount = Number(positionals[0] ?? 10);
const isRecorded = options.record;
const studyKinds = killStudies.filter(({ scheduler, isExtra }) => options.only?.split(",").includes(scheduler) ?? !isExtra);
if (!(killCount >= 1) || studyKinds.length === 0) {
  console.error(`check-kills N [--record] [--only=${killStudies.map(({ scheduler }) => scheduler).join(",")}]`);
  process.exit(2);
}
const slotCount = 8;
/** Most kills among the studies of one scheduler, and of one study, which is then left to end. */
const killsPerScheduler = Math.ceil(killCount / studyKinds.length);
const killsPerStudy = 6;
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
const killsByScheduler = Object.fromEntries(studyKinds.map(({ scheduler }) => [scheduler, 0]));
/** How long undisturbed runs last, by scheduler. */
const paces = new Map();
const survivalMs = Object.fromEntries(kinds.map((kind) => [kind, []]));
const killMomentsMs = [];
const count = {
  kills: 0,
  runs: 0,
  studies: 0,
  trials: 0,
  acknowledged: 0,
  pausesAcknowledged: 0,
  resumes: 0,
  children: 0,
  attempts: 0,
  // Begun again because a kill cut the one before short, and of these the ones that went on from a checkpoint.
  attemptsRepeated: 0,
  attemptsContinued: 0,
  // The training had ended, before or after the runner died, but that was not on record.
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
  values: [],
  resumes: [],
  checkpoints: [],
  brackets: [],
  lineage: [],
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
  while (count.kills < killCount) {
    const kind = leastKilled();
    // Kills fall anywhere in what is left of a study, start-up and end included.
    if (!paces.has(kind)) paces.set(kind, await paceOf(newStudy(kind)));
    await killStudy(newStudy(kind), paces.get(kind));
  }
  askDoctor();
}

function leastKilled() {
  const least = Math.min(...Object.values(killsByScheduler));
  return studyKinds.find(({ scheduler }) => killsByScheduler[scheduler] === least);
}

/** Runs a study to its end, and kills it on the way as often as is its due. */
async function killStudy(study, { startUpMs, stretchMs, stretchCount }) {
  const { scheduler } = study.kind;
  const dueCount = Math.min(killsPerStudy, killsPerScheduler - killsByScheduler[scheduler], killCount - count.kills);
  for (let killsHere = 0; killsHere < dueCount; killsHere++) {
    const begun = stretchesOf(study);
    const leftCount = Math.max(0, stretchCount - begun) + Math.min(begun, slotCount);
    const run = startRun(study);
    const momentMs = Math.random() * (startUpMs + stretchMs * leftCount);
    await Promise.race([delay(momentMs), run.ended]);
    if (run.isOver()) {
      await requireEnd(study, run);
      await checkStudy(study);
      return;
    }
    killMomentsMs.push(Math.round(momentMs));
    await kill(study, run, kinds[count.kills % kinds.length]);
  }
  await requireEnd(study, startRun(study));
  await checkStudy(study);
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

/** A stretch is what a trial trains at once: to its end, or to where it pauses. */
async function paceOf(study) {
  const run = startRun(study);
  while (stretchesOf(study) === 0 && !run.isOver()) await delay(10);
  const startUpMs = performance.now() - run.beganMs;
  await requireEnd(study, run);
  const stretchCount = stretchesOf(study);
  const stretchMs = (performance.now() - run.beganMs - startUpMs) / stretchCount;
  await checkStudy(study);
  return { startUpMs, stretchMs, stretchCount };
}

/** How many stretches have begun; what is repeated counts once. */
function stretchesOf(study) {
  return new Set(ledgerOf(study).map(({ trial, target }) => `${trial} ${target}`)).size;
}

/** What the trainings of a study noted themselves. */
function ledgerOf(study) {
  return readFileSync(study.ledger, "utf8")
    .split("\n")
    .map(parsed)
    .filter((entry) => entry !== null);
}

function newStudy(kind) {
  const seed = count.studies++;
  const name = `kills-${seed}-${kind.scheduler}`;
  const study = {
    name,
    kind,
    file: join(folder, `${name}.yaml`),
    ledger: join(folder, `${name}.ledger`),
    acknowledged: new Map(),
    // Fidelity by trial.
    pausesAcknowledged: new Map(),
  };
  writeFileSync(study.ledger, "");
  writeFileSync(study.file, killStudyText(kind, { name, trainer, ledger: study.ledger, slotCount, seed }));
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

/** A line that came out is a promise: this trial, or how far it came before it paused, is on disk. */
function acknowledge(study, line) {
  const event = parsed(line);
  if (event?.event !== "trial-ended") return;
  if (event.state === "paused") {
    count.pausesAcknowledged++;
    study.pausesAcknowledged.set(event.trial, event.fidelity);
    return;
  }
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
  killsByScheduler[study.kind.scheduler]++;
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
    const found = study.acknowledged.size + study.pausesAcknowledged.size === 0 ? new Map() : trialsIn(database, study);
    for (const trial of study.acknowledged.keys())
      if (!found.get(trial)?.isFinished) faults.notInFile.push(`${study.name} #${trial}`);
    for (const [trial, reached] of study.pausesAcknowledged)
      if (!(found.get(trial)?.fidelity >= reached)) faults.notInFile.push(`${study.name} #${trial}, paused at ${reached}`);
    database.close();
  }
  rmSync(copy, { recursive: true });
}

function checkSound(database, study) {
  const [{ quick_check: verdict }] = database.prepare("PRAGMA quick_check").all();
  if (verdict !== "ok") faults.unsound.push(`${study.name}: ${verdict}`);
}

/** By number. */
function trialsIn(database, study) {
  const sql = `SELECT number, fidelity, finished_seq IS NOT NULL AS isFinished FROM trials JOIN studies USING (study)
    LEFT JOIN results ON results.study = trials.study AND results.trial = trials.number WHERE name = ?`;
  return new Map(
    database
      .prepare(sql)
      .all(study.name)
      .map((trial) => [trial.number, trial]),
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
    const events = await allEvents(storage, stored.id);
    const reports = new Map();
    for (const { number } of trials) reports.set(number, await storage.getReports(stored.id, number));
    checkTrials(study, trials);
    checkFinishes(study, events);
    checkSchedule(study, { trials, events, reports });
  } finally {
    await storage.close();
  }
}

function checkTrials(study, trials) {
  const { rootCount, endStates } = study.kind;
  const roots = trials.filter(({ parent }) => parent === null);
  count.trials += trials.length;
  count.children += trials.length - roots.length;
  if (roots.length > rootCount) faults.overBudget.push(`${study.name}: ${roots.length} trials`);
  if (trials.some(({ number }, index) => number !== index) || roots.length < rootCount)
    faults.gaps.push(`${study.name}: ${roots.length} trials, numbers ${trials.map(({ number }) => number).join(" ")}`);
  const byNumber = new Map(trials.map((trial) => [trial.number, trial]));
  for (const [number, said] of study.acknowledged) {
    const trial = byNumber.get(number);
    const now = trial === undefined ? "gone" : outcomeText(trial);
    if (now !== said) faults.lost.push(`${study.name} #${number} was ${said}, is ${now}`);
  }
  for (const [number, reached] of study.pausesAcknowledged)
    if (!(byNumber.get(number)?.fidelity >= reached)) faults.lost.push(`${study.name} #${number} had paused at ${reached}`);
  for (const { number, state, reason, message } of trials)
    if (!endStates.includes(state)) faults.notContinued.push(`${study.name} #${number} is ${state}: ${reason} ${message}`);
  checkLedger(study, trials);
}

/** What schedulers and populations promise. */
function checkSchedule({ name, kind, ledger }, recorded) {
  const starts = ledgerOf({ ledger }).filter(({ event }) => event === "start");
  count.resumes += recorded.events.filter((event) => event.kind === "resumed").length;
  const note = (list, found) => list.push(...found.map((fault) => `${name} ${fault}`));
  note(faults.values, valueFaults(recorded));
  note(faults.resumes, resumeFaults(kind, recorded));
  note(faults.checkpoints, checkpointFaults(recorded, starts));
  note(faults.brackets, bracketFaults(kind, recorded));
  note(faults.lineage, lineageFaults(kind, recorded));
}

/**
 * The accepted result is the one that the attempt that reported it says it finished with; or, if that one was killed between its last
 * checkpoint and its end, the one that a later attempt finished with, which began at that checkpoint and had nothing left to report.
 */
function checkLedger(study, trials) {
  const entries = ledgerOf(study);
  const starts = entries.filter(({ event }) => event === "start");
  const finishes = new Map(
    entries.filter(({ event }) => event === "finish").map((entry) => [`${entry.trial}.${entry.attempt}`, entry]),
  );
  count.attempts += starts.length;
  const before = new Map();
  for (const { trial, attempt, target, from } of starts.sort((a, b) => a.attempt - b.attempt)) {
    const earlier = before.get(`${trial} ${target}`);
    before.set(`${trial} ${target}`, { attempt, from: earlier?.from ?? from });
    if (earlier === undefined) continue;
    count.attemptsRepeated++;
    if (from > earlier.from) count.attemptsContinued++;
    if (finishes.has(`${trial}.${earlier.attempt}`)) count.finishedButRepeated++;
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
    ["every report and value is what it would have been uninterrupted", faults.values],
    ["paused trials go on only when resumed, each time to the next target", faults.resumes],
    ["every attempt goes on from its trial's newest pause, its own checkpoint, or its parent's", faults.checkpoints],
    ["brackets are filled as Hyperband's table says, and their best go on", faults.brackets],
    ["the lineage is a forest, and every member of a population a chain", faults.lineage],
  ];
  for (const [name, found] of checks) {
    console.log(`${found.length === 0 ? "ok    " : "FAILED"} ${name}`);
    for (const fault of found.slice(0, 5)) console.log(`         ${fault}`);
  }
  console.log(
    `${count.kills} kills, ${count.runs} runs, ${count.studies} studies, ${seconds} s; kills by scheduler: ${JSON.stringify(killsByScheduler)}`,
  );
  console.log(
    `${count.acknowledged} trials and ${count.pausesAcknowledged} pauses acknowledged, ${faults.lost.length + faults.notInFile.length} lost`,
  );
  console.log(`${count.trials} trials, ${count.children} of them children; ${count.resumes} resumes`);
  console.log(`${count.suggestionsReplayed} suggestions computed again`);
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
    killsByScheduler,
    slotCount,
    killMomentMs: { ...rounded(killMomentsMs), runs: undefined },
    // From a runner's death, or the next run's beginning, until the last process of the earlier run was gone.
    longestSurvivalMs: Object.fromEntries(Object.entries(survivalMs).map(([kind, values]) => [kind, rounded(values)?.highest])),
    checks: Object.fromEntries(checks.map(([name, found]) => [name, found.length === 0 ? "passed" : found])),
  };
}
