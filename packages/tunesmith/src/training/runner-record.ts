import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { isSameProcess, type ProcessIdentity, readProcess } from "./process-table.ts";

/** Tells later runners in the same home folder which one this was, so that they can end what it may leave behind. */
export interface RunnerRecord {
  /** Part of the marker of everything it starts. */
  readonly nonce: string;
  readonly process: ProcessIdentity;
  readonly place: Place;
  /** Folder of the control group that it may have made for what it starts; null without. Records of before there were any have none. */
  readonly group?: string | null;
}

/** Where process numbers mean the same. */
interface Place {
  readonly host: string;
  /** Identity of this boot of the machine and of the pid namespace; empty where the system tells none. */
  readonly boot: string;
  readonly namespace: string;
}

export function recordPath(home: string, nonce: string): string {
  return join(resolve(home), "runners", `${nonce}.json`);
}

export function writeRunnerRecord(home: string, nonce: string, group: string | null): string {
  const path = recordPath(home, nonce);
  const self: ProcessIdentity = { pid: process.pid, startedAt: readProcess(process.pid, false)?.startedAt ?? 0 };
  mkdirSync(join(resolve(home), "runners"), { recursive: true, mode: 0o700 });
  const record: RunnerRecord = { nonce, process: self, place: currentPlace(), group };
  writeFileSync(path, JSON.stringify(record), { mode: 0o600 });
  return path;
}

/** Runners in a home folder that are dead for certain; those of other machines are left alone, those of earlier boots forgotten. */
export async function deadRunners(home: string): Promise<RunnerRecord[]> {
  const here = currentPlace();
  const names = await readdir(join(resolve(home), "runners")).catch(() => []);
  const dead: RunnerRecord[] = [];
  for (const name of names.filter((file) => /^[0-9a-f]+\.json$/.test(file))) {
    const record = await readRecord(recordPath(home, name.slice(0, -".json".length)));
    if (record === null || record.place.host !== here.host) continue;
    if (record.place.boot !== here.boot) await rm(recordPath(home, record.nonce), { force: true });
    else if (record.place.namespace === here.namespace && !isAlive(record.process)) dead.push(record);
  }
  return dead;
}

async function readRecord(path: string): Promise<RunnerRecord | null> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as RunnerRecord;
  } catch {
    return null; // just being written, or removed by its own runner
  }
}

function isAlive(known: ProcessIdentity): boolean {
  try {
    process.kill(known.pid, 0);
  } catch (error) {
    // EPERM: it lives, as another user.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  return isSameProcess(known);
}

function currentPlace(): Place {
  return {
    host: hostname(),
    boot: orEmpty(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()),
    namespace: orEmpty(() => readlinkSync("/proc/self/ns/pid")),
  };
}

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
