import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

/** A process that cannot be confused with a later one of the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, in the system's own unit; only compared for equality and order. */
  readonly startedAt: number;
}

export interface ProcessEntry extends ProcessIdentity {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Dead, only its entry waits for the parent to take note: nothing left to end. */
  readonly zombie: boolean;
  readonly residentBytes: number;
  /** Value of `TUNESMITH_ATTEMPT` it was started with; null without one, or if it cannot be read or was not asked for. */
  readonly marker: string | null;
}

export const markerName = "TUNESMITH_ATTEMPT";

const linux = process.platform === "linux";
const markerPattern = new RegExp(`(?:^|\0)${markerName}=([^\0]*)`);
const chunkSize = 100;
const pageBytes = linux ? systemPageBytes() : 0;

/**
 * Which processes there are.
 *
 * Linux reads /proc: about 12 µs per process, 23 µs with markers, yielding to other work every 100 processes. Elsewhere `ps` is
 * asked; that path serves macOS, and no test of ours has run it there.
 */
export async function processTable(options: {
  readonly markers: boolean;
  readonly pids?: readonly number[];
}): Promise<ProcessEntry[]> {
  if (!linux) return psTable();
  const pids = options.pids ?? (await patiently(allPids));
  const table: ProcessEntry[] = [];
  for (let at = 0; at < pids.length; at += chunkSize) {
    if (at > 0) await new Promise<void>((resolve) => setImmediate(resolve));
    for (const pid of pids.slice(at, at + chunkSize)) {
      const seen = tryRead(pid, options.markers);
      const entry = seen === undefined ? await patiently(() => readProcess(pid, options.markers)) : seen;
      if (entry !== null) table.push(entry);
    }
  }
  return table;
}

/** Undefined when file descriptors are short: to take that for "no such process" would leave processes alive. */
function tryRead(pid: number, withMarker: boolean): ProcessEntry | null | undefined {
  try {
    return readProcess(pid, withMarker);
  } catch {
    return undefined;
  }
}

/** Tries again for 5 s when file descriptors are short. @throws Whatever else `read` throws. */
export async function patiently<T>(read: () => T): Promise<T> {
  for (let triesLeft = 250; ; triesLeft -= 1) {
    try {
      return read();
    } catch (error) {
      if (triesLeft === 0 || !isShortage(error)) throw error;
      await delay(20);
    }
  }
}

function isShortage(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "EMFILE" || error.code === "ENFILE");
}

/** All pids of this machine, as far as /proc shows them; Linux only. */
export function allPids(): number[] {
  const pids: number[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (pid > 0) pids.push(pid);
  }
  return pids;
}

/**
 * Pids given out since `pid`, with `pid` itself. Null if that cannot be told: not Linux, or the numbers have started over.
 * Nothing that descends from `pid` has a smaller number unless they have.
 */
export function pidsSince(pid: number): number[] | null {
  if (!linux) return null;
  const newest = newestPid();
  if (newest < pid) return null;
  return allPids().filter((other) => other >= pid && other <= newest);
}

/** The number given out last, to a process or a thread; 0 where that cannot be told. */
export function newestPid(): number {
  const fields = readText("/proc/loadavg")?.trim().split(" ");
  return Number(fields?.at(-1) ?? 0);
}

/** One process of Linux's /proc; null if it is gone. @throws when file descriptors are short. */
export function readProcess(pid: number, withMarker: boolean): ProcessEntry | null {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The second field is the program's name in parentheses and may itself contain anything, so count from its end.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A leader that ended while threads of it go on looks like a zombie, but is none.
  const zombie = (fields[0] === "Z" || fields[0] === "X") && Number(fields[17]) <= 1;
  const environ = withMarker && !zombie ? readText(`/proc/${pid}/environ`) : null;
  return {
    pid,
    startedAt: Number(fields[19]),
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    zombie,
    residentBytes: Number(fields[21]) * pageBytes,
    marker: environ?.includes(markerName) ? (markerPattern.exec(environ)?.[1] ?? null) : null,
  };
}

/** Whether this very process, not another of its number, is still there. Where that cannot be looked up, the table just read is trusted. */
export function isSameProcess(known: ProcessIdentity): boolean {
  if (!linux) return true;
  const seen = tryRead(known.pid, false);
  return seen === undefined || seen?.startedAt === known.startedAt;
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, "latin1");
  } catch (error) {
    if (isShortage(error)) throw error;
    return null; // gone, or another user's
  }
}

/** Size of a memory page: entry AT_PAGESZ (6) of the auxiliary vector, pairs of 64-bit words. */
function systemPageBytes(): number {
  const vector = readFileSync("/proc/self/auxv");
  for (let at = 0; at + 16 <= vector.length; at += 16) {
    if (vector.readBigUInt64LE(at) === 6n) return Number(vector.readBigUInt64LE(at + 8));
  }
  return 4096;
}

async function psTable(): Promise<ProcessEntry[]> {
  // -E appends the environment of one's own processes to the command on macOS.
  const columns = "pid=,ppid=,pgid=,sess=,stat=,rss=,lstart=,command=";
  const { stdout } = await promisify(execFile)("ps", ["-axEww", "-o", columns], { maxBuffer: 64 * 1024 * 1024 });
  return stdout.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(\d+)\s+(\S+\s+\S+\s+\d+\s+\S+\s+\d+)\s+(.*)$/.exec(line);
    if (match === null) return [];
    const [, pid, parent, group, session, state, kilobytes, start, command] = match;
    return {
      pid: Number(pid),
      startedAt: Date.parse(start),
      parent: Number(parent),
      group: Number(group),
      // macOS prints a kernel address or 0 here; a leader's session is its own pid, which the group then tells as well.
      session: Number(session) || Number(group),
      zombie: state.startsWith("Z"),
      residentBytes: Number(kilobytes) * 1024,
      marker: new RegExp(`\\s${markerName}=(\\S*)`).exec(command)?.[1] ?? null,
    };
  });
}
