import { type ChildProcess, spawn } from "node:child_process";
import { statSync } from "node:fs";
import type { OutputStream } from "../evaluation/log-format.ts";
import type { ProcessExit } from "./attempt-outcome.ts";
import { type ProcessIdentity, readProcess } from "./process-table.ts";
import { endTree, listLeftovers, listTree, type TreeTarget } from "./process-tree.ts";
import type { Environment } from "./training-environment.ts";

export interface TrainingProcessOptions {
  /** What to execute, then its arguments. */
  readonly elements: readonly string[];
  readonly workdir: string;
  readonly env: Environment;
  /** Value of `TUNESMITH_ATTEMPT` in `env`. */
  readonly marker: string;
  readonly onOutput: (chunk: Uint8Array, stream: OutputStream) => void;
}

/** A spawned command with everything that descends from it. */
export interface TrainingProcess {
  /** Null when it could not be started. */
  readonly root: ProcessIdentity | null;
  readonly tree: TreeTarget;
  /** Resolves when nothing of the tree is left alive and all output has been given to `onOutput`. Rejects only if the process table cannot be read. */
  readonly ended: Promise<ProcessExit>;
  /** SIGTERM to the whole tree, SIGKILL after the grace time. Later calls change nothing. */
  end(graceMs: number): void;
  /** Ends the grace now. */
  hurry(): void;
  /** Holds back the output; a process that prints on then waits. */
  holdOutput(held: boolean): void;
}

/** A process that obeys is gone within this time, so most ends need no look at the whole process table. */
const promptMs = 500;
/** Time to leave for what a process that ended by itself has left behind. */
const leftoverGraceMs = 2_000;
/** After so short a life, process numbers cannot have gone round once. */
const shortLifeMs = 5_000;
const outputPatienceMs = 1_000;

/** Starts a command as the leader of a group and session of its own. Never throws: see `ProcessExit.startFault`. */
export function startTraining(options: TrainingProcessOptions): TrainingProcess {
  return new LocalTrainingProcess(options);
}

class LocalTrainingProcess implements TrainingProcess {
  readonly root: ProcessIdentity | null = null;
  readonly tree: TreeTarget;
  readonly ended: Promise<ProcessExit>;
  readonly #child: ChildProcess | null = null;
  readonly #hurry = new AbortController();
  readonly #startedAt = performance.now();
  readonly #exited: Promise<ProcessExit>;
  #ending: Promise<void> | null = null;
  /** Known once the kernel could not end it: resolves `ended` although the exit never came. */
  #abandon: () => void = () => undefined;
  #alive = false;
  #held = false;
  #outputCount = 0;

  constructor(options: TrainingProcessOptions) {
    try {
      this.#child = spawnDetached(options);
    } catch (error) {
      this.#exited = Promise.resolve(neverStarted(error, options));
      this.tree = { roots: [], ownsMarker: () => false };
      this.ended = this.#exited;
      return;
    }
    const child = this.#child;
    if (child.pid !== undefined) {
      this.#alive = true;
      this.root = { pid: child.pid, startedAt: readProcess(child.pid, false)?.startedAt ?? 0 };
    }
    this.tree = { roots: this.root === null ? [] : [this.root], ownsMarker: (marker) => marker === options.marker };
    this.#exited = this.#watchExit(child, options);
    this.ended = this.#finish(child);
  }

  end(graceMs: number): void {
    // If the process table cannot be read, the look for leftovers tries once more and tells.
    if (this.root !== null) this.#ending ??= this.#end(graceMs).catch(() => this.#abandon());
  }

  hurry(): void {
    this.#hurry.abort();
  }

  holdOutput(held: boolean): void {
    this.#held = held;
    for (const stream of [this.#child?.stdout, this.#child?.stderr]) {
      if (held) stream?.pause();
      else stream?.resume();
    }
  }

  #watchExit(child: ChildProcess, options: TrainingProcessOptions): Promise<ProcessExit> {
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.on("data", (chunk: Uint8Array) => {
        this.#outputCount += 1;
        options.onOutput(chunk, name);
      });
      // A pipe can break while it is destroyed; there is nothing left to read from it then.
      child[name]?.on("error", () => undefined);
    }
    return new Promise((resolve) => {
      this.#abandon = () => resolve({ code: null, signal: "SIGKILL", startFault: null });
      child.once("error", (error) => {
        if (child.pid === undefined) resolve(neverStarted(error, options));
      });
      child.once("exit", (code, signal) => {
        this.#alive = false;
        resolve({ code, signal, startFault: null });
      });
    });
  }

  async #finish(child: ChildProcess): Promise<ProcessExit> {
    const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
    const exit = await this.#exited;
    if (exit.startFault !== null) return exit;
    await this.#ending;
    await this.#endLeftovers();
    await this.#drain(child, closed);
    return exit;
  }

  /** What was asked to end is asked politely first; the root, not yet reaped, still owns its group's number. */
  async #end(graceMs: number): Promise<void> {
    const deadline = performance.now() + graceMs;
    if (this.#alive) signalGroup(this.root?.pid ?? 0, "SIGTERM");
    await this.#exitWithin(Math.min(graceMs, promptMs));
    if (!this.#alive) return;
    const graceLeftMs = Math.max(0, deadline - performance.now());
    const survivors = await endTree(this.tree, { graceMs: graceLeftMs, hurry: this.#hurry.signal });
    if (survivors > 0) this.#abandon();
  }

  async #exitWithin(waitMs: number): Promise<void> {
    const { signal } = this.#hurry;
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener("abort", done, { once: true });
      void this.#exited.then(done);
    });
  }

  /** Children that outlived the root: of its group, or gone their own way with `setsid`. */
  async #endLeftovers(): Promise<void> {
    const { root, tree } = this;
    if (root === null) return;
    const isShortLife = performance.now() - this.#startedAt < shortLifeMs;
    const left = isShortLife ? await listLeftovers(tree, root) : await listTree(tree);
    if (left.length > 0) await endTree(tree, { graceMs: leftoverGraceMs, hurry: this.#hurry.signal });
  }

  /** Nobody of ours holds the pipes any more; one who was handed an end of them may. */
  async #drain(child: ChildProcess, closed: Promise<void>): Promise<void> {
    let isClosed = false;
    const ended = closed.then(() => {
      isClosed = true;
    });
    while (!isClosed) {
      const countBefore = this.#outputCount;
      await withTimeout(ended, outputPatienceMs);
      if (!isClosed && !this.#held && this.#outputCount === countBefore) {
        child.stdout?.destroy();
        child.stderr?.destroy();
        return;
      }
    }
  }
}

function spawnDetached({ elements, workdir, env }: TrainingProcessOptions): ChildProcess {
  const [file, ...args] = elements;
  return spawn(file ?? "", args, {
    cwd: workdir,
    env: env as NodeJS.ProcessEnv,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** `kill(-pid)` is right only because every command is spawned detached, as the leader of its group. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // the group has ended by itself
  }
}

async function withTimeout(promise: Promise<void>, waitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([
    promise,
    new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs);
    }),
  ]);
  clearTimeout(timer);
}

/** Faults of the command are the user's; a machine without room for another process is not. */
function neverStarted(error: unknown, { elements, workdir }: TrainingProcessOptions): ProcessExit {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const file = elements[0] ?? "";
  const fault = (reason: "exit" | "infra", message: string): ProcessExit => ({
    code: null,
    signal: null,
    startFault: { reason, message },
  });
  if (code === "ENOENT" || code === "ENOTDIR") {
    const place = isFolder(workdir)
      ? `cannot start ${file}: not found`
      : `cannot start ${file}: the folder ${workdir} does not exist`;
    return fault("exit", place);
  }
  if (code === "EACCES") return fault("exit", `cannot start ${file}: not executable`);
  if (code === "E2BIG") return fault("exit", `cannot start ${file}: its arguments or its environment are too long`);
  if (code === "ERR_INVALID_ARG_VALUE")
    return fault("exit", `cannot start ${file}: an argument is empty where it must not be or contains a NUL character`);
  return fault("infra", `cannot start ${file}: ${error instanceof Error ? error.message : String(error)}`);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
