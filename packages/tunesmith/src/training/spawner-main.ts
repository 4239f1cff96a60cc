/**
 * The spawner's own program: `node spawner-main.js [GROUP]`, where GROUP is the folder of the run's control group.
 *
 * Starting a process copies the page tables of the one that starts it, which stands still meanwhile and pays again for every page
 * it writes to afterwards. A runner has a hundred megabytes; so it lets this small process do it.
 *
 * File descriptor 3 is a socket whose other end only the runner holds: requests come in, frames go out (spawner-messages.ts). When
 * it ends the runner is dead, and this process leaves at once: what it started is for the guardian to end.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import { putFiles } from "./attempt-folder.ts";
import { type CommandGroup, type CommandSeat, createCommandSeat } from "./command-seat.ts";
import { readProcess } from "./process-table.ts";
import { leftNothing, type TreeTarget } from "./process-tree.ts";
import {
  type CommandFault,
  type CommandRequest,
  encodeFrame,
  type SpawnerFrame,
  type SpawnerRequest,
} from "./spawner-messages.ts";

/** Frames wait this long for company, so that the whole life of an instant command is one message. */
const companyMs = 2;
/** Past this nothing waits for company. */
const fullMessageBytes = 32 * 1024;
/** With more than this on its way to a busy runner, commands wait that print. */
const mostBytesUnderway = 512 * 1024;

/** Sends frames, those that can wait together with the next. */
class FrameSender {
  readonly #channel: Socket;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #isUrgent = false;

  constructor(channel: Socket) {
    this.#channel = channel;
  }

  get isFull(): boolean {
    return this.#channel.writableLength > mostBytesUnderway;
  }

  send(frame: SpawnerFrame): void {
    for (const piece of encodeFrame(frame)) {
      this.#pieces.push(piece);
      this.#bytes += piece.length;
    }
    if (frame.kind === "closed" || frame.kind === "faulted" || this.#bytes > fullMessageBytes) this.#flushNow();
    else this.#timer ??= setTimeout(() => this.#flush(), companyMs);
  }

  #flushNow(): void {
    if (this.#isUrgent) return;
    this.#isUrgent = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#isUrgent = false;
    this.#channel.write(Buffer.concat(this.#pieces));
    this.#pieces = [];
    this.#bytes = 0;
  }
}

interface Command {
  readonly child: ChildProcess;
  isHeld: boolean;
  /** What its end is told after; null if it can be told at once. */
  endWaitsFor: Promise<unknown> | null;
}

class CommandStarter {
  readonly #sender: FrameSender;
  readonly #commands = new Map<number, Command>();
  readonly #seat: CommandSeat;
  /** In their order; only a start makes others wait. */
  readonly #waiting: SpawnerRequest[] = [];
  #isFull = false;

  constructor(channel: Socket, runGroup: string | null) {
    this.#sender = new FrameSender(channel);
    this.#seat = createCommandSeat(runGroup, () => this.#takeWaiting());
    channel.on("drain", () => this.#fill(false));
  }

  take(request: SpawnerRequest): void {
    this.#waiting.push(request);
    this.#takeWaiting();
  }

  #takeWaiting(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (next.kind === "start" && !this.#seat.isReady) return;
      this.#waiting.shift();
      this.#carryOut(next);
    }
  }

  #carryOut(request: SpawnerRequest): void {
    const { id } = request;
    if (request.kind === "start") this.#start(id, request.command);
    const command = this.#commands.get(id);
    if (command === undefined) return;
    if (request.kind === "terminate") terminate(command.child);
    else if (request.kind === "drop") for (const stream of outputsOf(command)) stream.destroy();
    else if (request.kind === "hold") {
      command.isHeld = request.held;
      this.#let(command);
    }
  }

  #start(id: number, request: CommandRequest): void {
    try {
      putFiles(request.folder, request.files);
    } catch (error) {
      this.#sender.send({ kind: "faulted", id, ...faultOf("files", error) });
      return;
    }
    try {
      this.#watch(id, request, spawnDetached(request));
    } catch (error) {
      this.#sender.send({ kind: "faulted", id, ...faultOf("start", error) });
    }
  }

  #watch(id: number, { marker }: CommandRequest, child: ChildProcess): void {
    const { pid } = child;
    if (pid === undefined) {
      child.once("error", (error) => this.#sender.send({ kind: "faulted", id, ...faultOf("start", error) }));
      return;
    }
    const startedAtMs = performance.now();
    const root = { pid, startedAt: startOf(pid) };
    this.#sender.send({ kind: "started", id, root });
    const group = this.#seat.handOver();
    const command: Command = { child, isHeld: false, endWaitsFor: null };
    this.#commands.set(id, command);
    this.#forward(id, child);
    this.#let(command);
    if (group !== null) this.#tellWhenLeft(id, group);
    child.once("exit", (code, signal) => {
      const tree = { roots: [root], ownsMarker: (other: string) => other === marker };
      const isAlone = isAloneAfter(tree, group, performance.now() - startedAtMs);
      // Who has to look for what is left needs to know the group.
      if (!isAlone) command.endWaitsFor = group?.left ?? null;
      inTurn(command, () => this.#sender.send({ kind: "exited", id, code, signal, isAlone }));
    });
    child.once("close", () => {
      inTurn(command, () => {
        this.#commands.delete(id);
        this.#sender.send({ kind: "closed", id });
      });
    });
  }

  #tellWhenLeft(id: number, { folder, left }: CommandGroup): void {
    void left.then((hasLeft) => {
      if (hasLeft && this.#commands.has(id)) this.#sender.send({ kind: "grouped", id, folder });
    });
  }

  #forward(id: number, child: ChildProcess): void {
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream]?.on("data", (chunk: Uint8Array) => {
        this.#sender.send({ kind: "output", id, stream, chunk });
        if (!this.#isFull && this.#sender.isFull) this.#fill(true);
      });
      // A pipe can break while it is destroyed; there is nothing left to read from it then.
      child[stream]?.on("error", () => undefined);
    }
  }

  #fill(isFull: boolean): void {
    this.#isFull = isFull;
    for (const command of this.#commands.values()) this.#let(command);
  }

  #let(command: Command): void {
    for (const stream of outputsOf(command)) {
      if (command.isHeld || this.#isFull) stream.pause();
      else stream.resume();
    }
  }
}

/** @param tree  Of a command that has just ended, with its root. */
function isAloneAfter(tree: TreeTarget, group: CommandGroup | null, livedMs: number): boolean {
  if (group !== null) {
    if (!group.isEmpty()) return false;
    group.remove();
  }
  return leftNothing(tree, tree.roots[0], livedMs);
}

function inTurn({ endWaitsFor }: Command, tell: () => void): void {
  if (endWaitsFor === null) tell();
  else void endWaitsFor.then(tell);
}

function outputsOf({ child }: Command): Readable[] {
  return [child.stdout, child.stderr].filter((stream) => stream !== null);
}

function spawnDetached({ elements, workdir, env }: CommandRequest): ChildProcess {
  const [file, ...args] = elements;
  return spawn(file ?? "", args, {
    cwd: workdir,
    env: env as NodeJS.ProcessEnv,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Unknown, 0, where it cannot be read: the marker and the group of its children still tell its tree. */
function startOf(pid: number): number {
  try {
    return readProcess(pid, false)?.startedAt ?? 0;
  } catch {
    return 0; // file descriptors are short
  }
}

/**
 * `kill(-pid)` is right only because every command is spawned detached, as the leader of its group, and because only this process
 * can take note of its end: until then nobody else is given the number.
 */
function terminate({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, "SIGTERM");
  } catch {
    // it is just ending by itself
  }
}

function faultOf(step: CommandFault["step"], error: unknown): CommandFault {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return { step, code, message: error instanceof Error ? error.message : String(error) };
}

function serve(channel: Socket): void {
  const starter = new CommandStarter(channel, process.argv[2] ?? null);
  let rest = "";
  channel.setEncoding("utf8");
  channel.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) starter.take(JSON.parse(line) as SpawnerRequest);
  });
  for (const end of ["end", "close", "error"]) channel.on(end, () => process.exit());
}

// Who ends a whole group of processes by signal lets the runner decide what becomes of its trainings.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
serve(new Socket({ fd: 3, readable: true, writable: true }));
