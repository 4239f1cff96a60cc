import { statSync } from "node:fs";
import type { OutputStream } from "../evaluation/log-format.ts";
import type { ProcessExit } from "./attempt-outcome.ts";
import { removeGroup } from "./control-group.ts";
import type { ProcessIdentity } from "./process-table.ts";
import { endTree, isShortLife, listLeftovers, listTree, type TreeTarget } from "./process-tree.ts";
import type { CommandListener, SpawnedCommand, Spawner } from "./spawner.ts";
import type { CommandFault, CommandRequest } from "./spawner-messages.ts";

export interface TrainingProcessOptions extends CommandRequest {
  readonly spawner: Spawner;
  readonly onStarted: (root: ProcessIdentity) => void;
  readonly onOutput: (chunk: Uint8Array, stream: OutputStream) => void;
}

/** A spawned command with everything that descends from it. */
export interface TrainingProcess {
  /** Null before it is started, and when it could not be. */
  readonly root: ProcessIdentity | null;
  /** Its root joins it when it is started. */
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
const outputPatienceMs = 1_000;
/** The spawner tells of an end within this time, unless it hangs itself. */
const newsPatienceMs = 10_000;

/** Starts a command as the leader of a group and session of its own. Never throws: see `ProcessExit.startFault`. */
export function startTraining(options: TrainingProcessOptions): TrainingProcess {
  return new LocalTrainingProcess(options);
}

class LocalTrainingProcess implements TrainingProcess {
  readonly tree: TreeTarget;
  readonly ended: Promise<ProcessExit>;
  readonly #options: TrainingProcessOptions;
  readonly #roots: ProcessIdentity[] = [];
  readonly #groups: string[] = [];
  readonly #hurry = new AbortController();
  readonly #startedAt = performance.now();
  readonly #exited: Promise<ProcessExit>;
  readonly #closed: Promise<void>;
  #command: SpawnedCommand | null = null;
  #ending: Promise<void> | null = null;
  #resolveExit: (exit: ProcessExit) => void = () => undefined;
  #resolveClosed: () => void = () => undefined;
  #isAlive = true;
  #isClosed = false;
  #isHeld = false;
  /** Whether processes may be left although the command has ended. */
  #mayHaveLeft = false;
  #outputCount = 0;

  constructor(options: TrainingProcessOptions) {
    this.#options = options;
    this.tree = { roots: this.#roots, groups: this.#groups, ownsMarker: (marker) => marker === options.marker };
    this.#exited = new Promise((resolve) => {
      this.#resolveExit = resolve;
    });
    this.#closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.ended = this.#finish();
    const { spawner, elements, workdir, env, marker, folder, files } = options;
    try {
      this.#command = spawner.start({ elements, workdir, env, marker, folder, files }, this.#listener());
    } catch (error) {
      this.#fail({ step: "start", code: "", message: error instanceof Error ? error.message : String(error) });
    }
  }

  get root(): ProcessIdentity | null {
    return this.#roots[0] ?? null;
  }

  end(graceMs: number): void {
    // If the process table cannot be read, the look for leftovers tries once more and tells.
    this.#ending ??= this.#end(graceMs).catch(() => this.#abandon());
  }

  hurry(): void {
    this.#hurry.abort();
  }

  holdOutput(held: boolean): void {
    this.#isHeld = held;
    this.#command?.holdOutput(held);
  }

  #listener(): CommandListener {
    const { onStarted, onOutput } = this.#options;
    return {
      onStarted: (root) => {
        this.#roots.push(root);
        onStarted(root);
      },
      onGrouped: (folder) => this.#groups.push(folder),
      onOutput: (chunk, stream) => {
        this.#outputCount += 1;
        onOutput(chunk, stream);
      },
      onExit: ({ code, signal, isAlone }) => this.#leave({ code, signal, startFault: null }, !isAlone),
      onClosed: () => {
        this.#isClosed = true;
        this.#resolveClosed();
      },
      onFault: (fault) => this.#fail(fault),
      onLost: (why) => this.#leave({ code: null, signal: null, startFault: { reason: "infra", message: why } }, true),
    };
  }

  #leave(exit: ProcessExit, mayHaveLeft: boolean): void {
    this.#isAlive = false;
    this.#mayHaveLeft = mayHaveLeft;
    this.#resolveExit(exit);
  }

  /** It was never started: there is neither output nor anything to end. */
  #fail(fault: CommandFault): void {
    this.#isClosed = true;
    this.#leave(neverStarted(fault, this.#options), false);
  }

  /** The kernel could not end it, or nobody tells that it did. */
  #abandon(): void {
    this.#leave({ code: null, signal: "SIGKILL", startFault: null }, true);
  }

  async #finish(): Promise<ProcessExit> {
    const exit = await this.#exited;
    await this.#ending;
    if (this.#mayHaveLeft) await this.#endLeftovers();
    await this.#drain();
    return exit;
  }

  /** What was asked to end is asked politely first. */
  async #end(graceMs: number): Promise<void> {
    const deadline = performance.now() + graceMs;
    if (this.#isAlive) this.#command?.terminate();
    await this.#exitWithin(Math.min(graceMs, promptMs));
    if (!this.#isAlive) return;
    const graceLeftMs = Math.max(0, deadline - performance.now());
    const survivors = await endTree(this.tree, { graceMs: graceLeftMs, hurry: this.#hurry.signal });
    if (survivors === 0) await withTimeout(this.#exited, newsPatienceMs);
    if (this.#isAlive) this.#abandon();
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

  /** Children that outlived the root: of its group, or gone their own way. Where there was nothing to look for, the spawner has cleared up. */
  async #endLeftovers(): Promise<void> {
    const { root, tree } = this;
    const isQuickLook = root !== null && isShortLife(performance.now() - this.#startedAt);
    const left = isQuickLook ? await listLeftovers(tree, root) : await listTree(tree);
    if (left.length > 0) await endTree(tree, { graceMs: leftoverGraceMs, hurry: this.#hurry.signal });
    await Promise.all(this.#groups.map(removeGroup));
  }

  /** Nobody of ours holds the pipes any more; one who was handed an end of them may. */
  async #drain(): Promise<void> {
    while (!this.#isClosed) {
      const countBefore = this.#outputCount;
      await withTimeout(this.#closed, outputPatienceMs);
      if (this.#isClosed || this.#isHeld || this.#outputCount !== countBefore) continue;
      this.#command?.dropOutput();
      return;
    }
  }
}

async function withTimeout(promise: Promise<unknown>, waitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([
    promise,
    new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs);
    }),
  ]);
  clearTimeout(timer);
}

/** Faults of the command are the user's; a machine without room for another process or file is not. */
function neverStarted({ step, code, message }: CommandFault, { elements, workdir }: TrainingProcessOptions): ProcessExit {
  const file = elements[0] ?? "";
  const fault = (reason: "exit" | "infra", told: string): ProcessExit => ({
    code: null,
    signal: null,
    startFault: { reason, message: told },
  });
  if (step === "files") return fault("infra", message);
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
  return fault("infra", `cannot start ${file}: ${message}`);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
