// A training for scripts/check-kills.mjs and resume-identity.mjs: `node kill-trainer.mjs LEDGER STEPS STEP_MS x=… y=…`.
// It prints a value per step that depends on its parameters alone, saves and continues from checkpoints, and notes in LEDGER ("-" for
// none), synced to disk, when an attempt begins and when it has finished. Some trials are awkward on purpose, see below.
import { spawn } from "node:child_process";
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const [ledger, stepCountText, stepMsText, ...pairs] = process.argv.slice(2);
const params = Object.fromEntries(pairs.map((pair) => pair.split("=")));
const stepCount = Number(process.env.TUNESMITH_FIDELITY ?? stepCountText);
const trial = Number(process.env.TUNESMITH_TRIAL);
const attempt = Number(process.env.TUNESMITH_ATTEMPT.split(".").at(-2));

let isHanging = false;
const { step: from, trial: madeBy } = resumed();
note({ event: "start", trial, attempt, pid: process.pid, target: stepCount, from, madeBy });
const isStubborn = ledger !== "-" && trial % 20 === 3 && process.env.TUNESMITH_FIDELITY === undefined;
if (isStubborn) hangOnTerm();
if (ledger !== "-" && trial % 10 === 7) leaveSession();
for (let step = from + 1; step <= stepCount; step++) {
  await delay(Number(stepMsText) * (isStubborn ? 4 : 1) * (0.6 + 0.8 * ((trial * 7 + step * 3) % 11) * 0.1));
  if (isHanging) await new Promise(() => undefined);
  console.log(`step=${step} loss=${loss() + 1 / step} attempt=${attempt}`);
  save(step);
}
note({ event: "finish", trial, attempt, target: stepCount, loss: loss() + 1 / stepCount });

/** Exact and the same however often it was interrupted. */
function loss() {
  return (Number(params.x) - 0.3) ** 2 + Math.abs(Number(params.y ?? 0)) / 8;
}

/** How far the training was that is continued, and the trial that saved it. */
function resumed() {
  const folder = process.env.TUNESMITH_RESUME_DIR;
  return folder === undefined ? { step: 0, trial: null } : JSON.parse(readFileSync(join(folder, "state.json"), "utf8"));
}

function save(step) {
  const folder = join(process.env.TUNESMITH_SAVE_DIR, `step-${step}`);
  mkdirSync(`${folder}.tmp`);
  writeFileSync(join(`${folder}.tmp`, "state.json"), JSON.stringify({ step, trial }));
  renameSync(`${folder}.tmp`, folder);
}

function note(entry) {
  if (ledger === "-") return;
  const file = openSync(ledger, "a");
  writeSync(file, `${JSON.stringify(entry)}\n`);
  fsyncSync(file);
  closeSync(file);
}

/** Takes SIGTERM and stays: only SIGKILL ends it. */
function hangOnTerm() {
  process.on("SIGTERM", () => {
    isHanging = true;
    setInterval(() => undefined, 1_000);
  });
}

/** A child that no signal to our group or session reaches. */
function leaveSession() {
  spawn("sleep", ["60"], { detached: true, stdio: "ignore" }).unref();
}
