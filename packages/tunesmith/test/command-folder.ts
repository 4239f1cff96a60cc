// The command as a user runs it: real processes, the built package, a folder of its own for every test.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach } from "vitest";

const command = fileURLToPath(new URL("../bin/tunesmith.mjs", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface TrialLine {
  readonly number: number;
  readonly state: string;
  readonly config: Record<string, unknown>;
  readonly values: readonly number[] | null;
  readonly why: { readonly code: string } | null;
}

export interface CommandFolder {
  /** Where the command is started. */
  readonly path: string;
  start(args: readonly string[], env?: NodeJS.ProcessEnv): { readonly child: ChildProcess; readonly ended: Promise<Ended> };
  tunesmith(...args: readonly string[]): Promise<Ended>;
  trialsOf(study: string): Promise<readonly TrialLine[]>;
}

/** A fresh folder for every test of the file; afterwards it goes, and whatever was started there and still runs. */
export function useCommandFolder(): CommandFolder {
  let path: string;
  let children: ChildProcess[];
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), "tunesmith-command-"));
    children = [];
  });
  afterEach(() => {
    for (const child of children) if (child.exitCode === null) child.kill("SIGKILL");
    rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  });

  const start: CommandFolder["start"] = (args, env = {}) => {
    const child = spawn(process.execPath, [command, ...args], {
      cwd: path,
      env: { ...process.env, TUNESMITH_LANG: "en", ...env },
    });
    children.push(child);
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk) => {
      out += chunk;
    });
    child.stderr.on("data", (chunk) => {
      err += chunk;
    });
    return { child, ended: new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err }))) };
  };
  const tunesmith: CommandFolder["tunesmith"] = (...args) => start(args).ended;
  return {
    get path() {
      return path;
    },
    start,
    tunesmith,
    async trialsOf(study) {
      const { out } = await tunesmith("--json", "trials", study);
      return out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
    },
  };
}

/** Whether a process runs; one that has ended and only waits to be asked for its exit code does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const hasProc = existsSync("/proc/self/stat");
    return !hasProc || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
