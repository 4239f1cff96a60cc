// The processes of attempts below a home folder, as /proc shows them (Linux): written apart from the product's own process table, so
// that a fault there cannot hide itself from scripts/check-kills.mjs.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Living processes of attempts, by what their environment says; `nonce` names the runner that started them. */
export function trainings(home) {
  return pids().flatMap((pid) => {
    const environment = procText(pid, "environ")?.split("\0") ?? [];
    if (!environment.some((entry) => entry.startsWith(`TUNESMITH_DIR=${home}/`))) return [];
    const marker = environment.find((entry) => entry.startsWith("TUNESMITH_ATTEMPT="))?.slice("TUNESMITH_ATTEMPT=".length);
    return isZombie(pid) ? [] : [{ pid, startedAt: startOf(pid), marker, nonce: marker?.split(".").at(-1) }];
  });
}

/** The nonce that marks what a runner starts, from its record in the home folder; null before it is written. */
export function nonceOf(home, runnerPid) {
  const runners = join(home, "runners");
  for (const name of existsSync(runners) ? readdirSync(runners) : []) {
    const record = recordIn(join(runners, name));
    if (record?.process.pid === runnerPid) return record.nonce;
  }
  return null;
}

export function guardiansOf(runnerPid) {
  return pids()
    .filter((pid) => procText(pid, "cmdline")?.includes("guardian-main.js") && statFields(pid)?.[1] === String(runnerPid))
    .map((pid) => ({ pid, startedAt: startOf(pid) }));
}

/** SIGKILL, unless the number belongs to another process by now. */
export function endNow({ pid, startedAt }) {
  if (startedAt === null || startOf(pid) !== startedAt) return;
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself meanwhile.
  }
}

export function described({ pid, marker }) {
  const command = procText(pid, "cmdline")?.split("\0").slice(0, 3).join(" ");
  return `process ${pid} (${command}) of attempt ${marker}, parent ${statFields(pid)?.[1]}, state ${statFields(pid)?.[0]}`;
}

function recordIn(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return null; // just being written, or gone
  }
}

function pids() {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function procText(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return null; // gone, or not ours
  }
}

/** Fields of /proc/PID/stat behind the program's name, the state first. */
function statFields(pid) {
  const stat = procText(pid, "stat");
  return stat === null ? null : stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function startOf(pid) {
  return statFields(pid)?.[19] ?? null;
}

function isZombie(pid) {
  return (statFields(pid)?.[0] ?? "Z") === "Z";
}
