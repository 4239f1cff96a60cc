import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { OutputStream } from "../evaluation/log-format.ts";
import { builtProgram, leanNode } from "./lean-node.ts";
import { markerName, type ProcessIdentity } from "./process-table.ts";
import {
  type CommandExit,
  type CommandFault,
  type CommandRequest,
  createFrameReader,
  type SpawnerFrame,
  type SpawnerRequest,
} from "./spawner-messages.ts";

/** Hears what becomes of a command: either `onFault`, or `onStarted`, output, `onExit` and `onClosed`; `onLost` may cut that short. */
export interface CommandListener {
  onStarted(root: ProcessIdentity): void;
  /** Folder of the control group that holds it, all it started, and nothing else. Not called where there is none, or it was over too soon. */
  onGrouped(folder: string): void;
  onOutput(chunk: Uint8Array, stream: OutputStream): void;
  onExit(exit: CommandExit): void;
  /** It has ended and all its output has been given. */
  onClosed(): void;
  onFault(fault: CommandFault): void;
  /** The spawner is dead and with it all knowledge of this command, which may still run. Output that had arrived has been given. */
  onLost(why: string): void;
}

export interface SpawnedCommand {
  /** SIGTERM to its group, unless it has ended. */
  terminate(): void;
  /** Holds back its output; a process that prints on then waits. */
  holdOutput(held: boolean): void;
  /** No more output: closes the pipes, whoever still holds the other end. */
  dropOutput(): void;
}

/** A small process beside this one that starts commands for it, because starting one takes the longer the larger the process is. */
export interface Spawner {
  /** Starts a command as the leader of a group and session of its own. @throws If there is no spawner and none can be started. */
  start(request: CommandRequest, listener: CommandListener): SpawnedCommand;
  /** Everything that was started must have ended. */
  close(): Promise<void>;
}

/** Marks a spawner as something that a runner started: to be ended when the runner is dead. */
export function spawnerMarker(nonce: string): string {
  return `spawner.${nonce}`;
}

/**
 * Starts the process, which nothing has to wait for. One that dies is replaced when it is next needed.
 * @param runGroup  Control group that is to hold what it starts, and the spawner itself; null where there is none.
 */
export function startSpawner(nonce: string, runGroup: string | null): Spawner {
  let current: SpawnerProcess | null = new SpawnerProcess(nonce, runGroup);
  return {
    start(request, listener) {
      if (current === null || current.isDead) current = new SpawnerProcess(nonce, runGroup);
      return current.start(request, listener);
    },
    async close() {
      await current?.close();
      current = null;
    },
  };
}

/** One spawner process, from its start to its end. */
class SpawnerProcess {
  readonly #child: ChildProcess;
  readonly #channel: Socket;
  readonly #frames = createFrameReader();
  readonly #commands = new Map<number, RemoteCommand>();
  readonly #ended: Promise<void>;
  #startCount = 0;
  #isOver = false;

  constructor(nonce: string, runGroup: string | null) {
    // Not options meant for another program; libraries that Node itself may need stay.
    const env = { ...process.env, NODE_OPTIONS: undefined, NODE_V8_COVERAGE: undefined, [markerName]: spawnerMarker(nonce) };
    this.#child = spawn(process.execPath, [...leanNode, builtProgram("spawner-main"), ...(runGroup === null ? [] : [runGroup])], {
      env,
      detached: true,
      stdio: ["ignore", "ignore", "ignore", "pipe"],
    });
    this.#ended = new Promise((resolve) => {
      const end = (how: string): void => {
        this.#end(how);
        resolve();
      };
      this.#child.once("error", (error) => end(error.message));
      // Not at its exit: what it said before may still be on the way.
      this.#child.once("close", (code, signal) =>
        end(signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`),
      );
    });
    this.#channel = channelOf(this.#child);
    this.#channel.on("data", (piece: Buffer) => {
      for (const frame of this.#frames.push(piece)) this.#take(frame);
    });
    this.#channel.on("error", () => undefined);
    this.#child.unref();
    this.#channel.unref();
  }

  get isDead(): boolean {
    return this.#isOver || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  start(request: CommandRequest, listener: CommandListener): SpawnedCommand {
    this.#startCount += 1;
    const id = this.#startCount;
    const command = new RemoteCommand(listener, (message) => this.#tell({ id, ...message } as SpawnerRequest));
    // Only while something runs does the process have to wait for news of it.
    if (this.#commands.size === 0) this.#channel.ref();
    this.#commands.set(id, command);
    this.#tell({ id, kind: "start", command: request });
    return command;
  }

  async close(): Promise<void> {
    // It knows nothing that could be lost.
    this.#child.ref();
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  #tell(request: SpawnerRequest): void {
    if (!this.#isOver) this.#channel.write(`${JSON.stringify(request)}\n`);
  }

  #take(frame: SpawnerFrame): void {
    const command = this.#commands.get(frame.id);
    if (frame.kind === "closed" || frame.kind === "faulted") this.#forget(frame.id);
    command?.take(frame);
  }

  #forget(id: number): void {
    this.#commands.delete(id);
    if (this.#commands.size === 0) this.#channel.unref();
  }

  #end(how: string): void {
    this.#isOver = true;
    const commands = [...this.#commands.values()];
    this.#commands.clear();
    for (const command of commands) command.lose(`the process that starts commands is gone: ${how}`);
  }
}

/** @throws When file descriptors are so short that there are no pipes, whatever the types say. */
function channelOf({ stdio }: { readonly stdio?: ChildProcess["stdio"] }): Socket {
  const channel = stdio?.[3];
  if (!channel) throw new Error("too many open files");
  // A pipe to a child is a socket of both directions.
  return channel as Socket;
}

type Message = { [K in SpawnerRequest["kind"]]: Omit<Extract<SpawnerRequest, { kind: K }>, "id"> }[SpawnerRequest["kind"]];

/** A command in the spawner's care. */
class RemoteCommand implements SpawnedCommand {
  readonly #listener: CommandListener;
  readonly #tell: (message: Message) => void;
  /** Output that was on its way when it was held. */
  readonly #waiting: { readonly chunk: Uint8Array; readonly stream: OutputStream }[] = [];
  #isHeld = false;
  #isDropped = false;
  #isReleasing = false;
  #hasExited = false;
  #isClosed = false;
  #hasToldEnd = false;

  constructor(listener: CommandListener, tell: (message: Message) => void) {
    this.#listener = listener;
    this.#tell = tell;
  }

  terminate(): void {
    this.#tell({ kind: "terminate" });
  }

  holdOutput(held: boolean): void {
    if (held === this.#isHeld) return;
    this.#isHeld = held;
    this.#tell({ kind: "hold", held });
    this.#release();
  }

  dropOutput(): void {
    this.#isDropped = true;
    this.#waiting.length = 0;
    this.#tell({ kind: "drop" });
  }

  take(frame: SpawnerFrame): void {
    switch (frame.kind) {
      case "started":
        this.#listener.onStarted(frame.root);
        break;
      case "grouped":
        this.#listener.onGrouped(frame.folder);
        break;
      case "faulted":
        this.#listener.onFault(frame);
        break;
      case "output":
        if (!this.#isDropped) this.#waiting.push(frame);
        this.#release();
        break;
      case "exited":
        this.#hasExited = true;
        this.#listener.onExit(frame);
        break;
      case "closed":
        this.#isClosed = true;
        this.#release();
        break;
    }
  }

  lose(why: string): void {
    if (!this.#hasExited) this.#listener.onLost(why);
    // Whatever is held back is still given.
    this.#isClosed = true;
    this.#release();
  }

  #release(): void {
    // Who is given output may hold and release while it takes it.
    if (this.#isReleasing) return;
    this.#isReleasing = true;
    while (!this.#isHeld) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#listener.onOutput(next.chunk, next.stream);
    }
    this.#isReleasing = false;
    if (!this.#isClosed || this.#hasToldEnd || this.#waiting.length > 0) return;
    this.#hasToldEnd = true;
    this.#listener.onClosed();
  }
}
