import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { isInGroup, isRunGroup, makeGroup, pidsOfGroup, removeGroup, runGroupPlace } from "./control-group.ts";
import { builtProgram, leanNode } from "./lean-node.ts";
import { endTree, killTree, listTree } from "./process-tree.ts";
import { deadRunners, type RunnerRecord, recordPath, writeRunnerRecord } from "./runner-record.ts";
import { type Spawner, startSpawner } from "./spawner.ts";
import { nonceOfMarker } from "./training-environment.ts";

/**
 * This process as one that runs attempts: it has a nonce that marks all it starts, and two small processes beside it, a spawner that
 * starts commands for it and a guardian that ends everything if this one dies without a word.
 */
export interface Agent {
  /** Drawn at random for this start; part of every marker. */
  readonly nonce: string;
  readonly spawner: Spawner;
  /** Tells the guardian of the leader of a new group and session. */
  started(pid: number): void;
  gone(pid: number): void;
  /** Dismisses both. Everything that was started must have ended. */
  close(): Promise<void>;
}

const mostGuardianStarts = 5;
const tellingDelayMs = 20;

/** Writes the runner's record into the home folder and starts guardian and spawner, which nothing has to wait for. */
export function startAgent(home: string): Agent {
  return new GuardedAgent(home);
}

class GuardedAgent implements Agent {
  readonly nonce = randomBytes(8).toString("hex");
  readonly spawner: Spawner;
  readonly #recordFile: string;
  /** Folder of the control group of all it starts; null where it may have none. */
  readonly #group: string | null;
  /** Leaders now alive, for a guardian that has to be started anew. */
  readonly #pids = new Set<number>();
  #guardian: ChildProcess;
  #startCount = 0;
  #closed = false;
  #untold = "";

  constructor(home: string) {
    const place = runGroupPlace(this.nonce);
    const group = "folder" in place ? place.folder : null;
    // On record before it is there, so that the next runner finds it whenever this one dies.
    this.#recordFile = writeRunnerRecord(home, this.nonce, group);
    this.#group = group !== null && makeGroup(group) ? group : null;
    // The spawner first: it is what the first attempt waits for.
    this.spawner = startSpawner(this.nonce, this.#group);
    this.#guardian = this.#startGuardian();
  }

  started(pid: number): void {
    this.#pids.add(pid);
    this.#tell(`+${pid}\n`);
  }

  gone(pid: number): void {
    this.#pids.delete(pid);
    this.#tell(`-${pid}\n`);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.spawner.close();
    const guardian = this.#guardian;
    const isRunning = guardian.pid !== undefined && guardian.exitCode === null && guardian.signalCode === null;
    const ended = new Promise<void>((resolve) => (isRunning ? guardian.once("exit", () => resolve()) : resolve()));
    guardian.ref();
    guardian.stdin?.end("bye\n");
    await ended;
    if (this.#group === null || (await endGroup(this.#group))) rmSync(this.#recordFile, { force: true });
  }

  /** Many short attempts make one message: what is not told yet, the guardian still finds by its marker. */
  #tell(line: string): void {
    if (this.#closed) return;
    if (this.#untold === "") setTimeout(() => this.#flush(), tellingDelayMs).unref();
    this.#untold += line;
  }

  #flush(): void {
    if (!this.#closed) this.#guardian.stdin?.write(this.#untold);
    this.#untold = "";
  }

  #startGuardian(): ChildProcess {
    this.#startCount += 1;
    const groups = this.#group === null ? [] : [this.#group];
    const guardian = spawn(
      process.execPath,
      [...leanNode, builtProgram("guardian-main"), this.nonce, this.#recordFile, ...groups],
      {
        cwd: "/",
        // Not our marker, if an outer attempt runs us, nor options meant for another program.
        env: { PATH: process.env.PATH },
        detached: true,
        stdio: ["pipe", "ignore", "ignore"],
      },
    );
    guardian.once("exit", () => this.#replaceGuardian());
    guardian.once("error", () => undefined);
    guardian.stdin?.on("error", () => undefined);
    guardian.unref();
    // The pipe alone must not keep this process alive; typed as a stream, it is a socket.
    (guardian.stdin as unknown as { unref?: () => void } | null)?.unref?.();
    for (const pid of this.#pids) guardian.stdin?.write(`+${pid}\n`);
    return guardian;
  }

  #replaceGuardian(): void {
    if (!this.#closed && this.#startCount < mostGuardianStarts) this.#guardian = this.#startGuardian();
  }
}

/** Ends what slipped away from its attempt when the kernel could not make a group for it. @returns Whether the group is gone. */
async function endGroup(group: string): Promise<boolean> {
  if (pidsOfGroup(group).length > 0) await killTree({ roots: [], groups: [group], ownsMarker: () => false });
  return removeGroup(group);
}

/**
 * Ends what runners left behind that died together with their guardians; call before starting anything in a home folder.
 *
 * Only processes with the marker of a runner that is on record here and dead for certain, or in the control group it made, are
 * touched; SIGTERM, 5 s, SIGKILL.
 * @returns How many processes were found.
 */
export async function endOrphans(home: string): Promise<number> {
  const dead = await deadRunners(home);
  if (dead.length === 0) return 0;
  const nonces = new Set(dead.map(({ nonce }) => nonce));
  const groups = dead.flatMap(groupsOf);
  const target = { roots: [], groups, ownsMarker: (marker: string) => nonces.has(nonceOfMarker(marker)) };
  const found = await listTree(target);
  const survivors = found.length === 0 ? 0 : await endTree(target, { graceMs: 5_000, giveUpMs: 4_000 });
  const areRemoved = (await Promise.all(groups.map(removeGroup))).every(Boolean);
  if (survivors === 0 && areRemoved) for (const nonce of nonces) rmSync(recordPath(home, nonce), { force: true });
  return found.length;
}

/** The control group that a dead runner left. Not one that we are in ourselves, as a child of what it started. */
function groupsOf({ nonce, group }: RunnerRecord): string[] {
  return group && isRunGroup(group, nonce) && !isInGroup(group) ? [group] : [];
}
