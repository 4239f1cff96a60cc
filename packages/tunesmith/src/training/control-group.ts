import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/**
 * Control groups of Linux (cgroup v2): folders that say which processes belong together. What a process starts is born in its group
 * and stays there, whatever it does about its session, parent and environment; `cgroup.kill` ends all of a group at once, even while
 * they fork. We use them for nothing else: no controller is enabled, so no limit changes.
 *
 * ```
 * the runner's own group          the runner and its guardian
 * └─ tunesmith-<nonce>            the run's: nobody
 *    ├─ <spawner's pid>-<number>  one command with all it started
 *    └─ …                         the newest one holds the spawner, so that the next command is born there (command-seat.ts)
 * ```
 * Source: Linux, Documentation/admin-guide/cgroup-v2.rst; `cgroup.kill` since 5.14.
 */

/** Where a run may have its group, or why it may have none. */
export type RunGroupPlace = { readonly folder: string } | { readonly reason: string };

/** What /proc/self says: `mountinfo` and `cgroup`. */
export interface GroupFacts {
  readonly mountInfo: string;
  readonly groups: string;
}

const runGroupPrefix = "tunesmith-";

/** Folder of this process's own group: where version 2 is mounted, and the group in it. Pure; not looked whether it is there. */
export function ownGroupFolder({ mountInfo, groups }: GroupFacts): string | null {
  const own = /^0::(\/.*)$/m.exec(groups)?.[1];
  if (own === undefined || own.split("/").includes("..")) return null; // outside of our namespace
  for (const line of mountInfo.split("\n")) {
    const fields = line.split(" ");
    // Fields in between are optional, so count from the separator.
    if (fields[fields.indexOf("-", 6) + 1] !== "cgroup2") continue;
    const [root, mountPoint] = [unescaped(fields[3] ?? ""), unescaped(fields[4] ?? "")];
    const above = root === "/" ? "" : root;
    if (`${own}/`.startsWith(`${above}/`)) return resolve(mountPoint, `.${own.slice(above.length)}`);
  }
  return null;
}

/** Blanks and the like are octal in mountinfo. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/**
 * Where a run of this process may have its group. Nothing is made.
 * @param nonce  The run's; hexadecimal.
 */
export function runGroupPlace(nonce: string): RunGroupPlace {
  if (process.platform !== "linux") return { reason: "control groups are a thing of Linux" };
  try {
    const own = ownGroupFolder({
      mountInfo: readFileSync("/proc/self/mountinfo", "utf8"),
      groups: readFileSync("/proc/self/cgroup", "utf8"),
    });
    if (own === null) return { reason: "control groups of version 2 are not mounted here" };
    // To move a process takes the right to write to the group above both.
    for (const path of [own, join(own, "cgroup.procs")]) accessSync(path, constants.W_OK);
    // With controllers on, a group of its own would change what a process may use.
    if (readFileSync(join(own, "cgroup.subtree_control"), "utf8").trim() !== "")
      return { reason: `controllers are enabled below ${own}` };
    return { folder: join(own, runGroupPrefix + nonce) };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Makes a group. @returns Whether it is there and can be ended at once; nothing is left behind if not. */
export function makeGroup(folder: string): boolean {
  try {
    mkdirSync(folder);
  } catch {
    return false;
  }
  if (existsSync(join(folder, "cgroup.kill"))) return true;
  removeNow(folder); // Linux before 5.14
  return false;
}

/** Whether a folder on record is one that the runner of this nonce may have made. */
export function isRunGroup(folder: string, nonce: string): boolean {
  return basename(folder) === runGroupPrefix + nonce && existsSync(join(folder, "cgroup.kill"));
}

/** Whether this process is in a group or in one below it. False where that cannot be told. */
export function isInGroup(folder: string): boolean {
  try {
    const facts = { mountInfo: readFileSync("/proc/self/mountinfo", "utf8"), groups: readFileSync("/proc/self/cgroup", "utf8") };
    return `${ownGroupFolder(facts) ?? ""}/`.startsWith(`${folder}/`);
  } catch {
    return false;
  }
}

/** Processes of a group and of those below it; zombies are in none. Empty if the group is gone. @throws When file descriptors are short. */
export function pidsOfGroup(folder: string): number[] {
  try {
    const own = readFileSync(join(folder, "cgroup.procs"), "latin1").split("\n").map(Number);
    // 0 is a process that our namespace does not show.
    return [...own.filter((pid) => pid > 0), ...groupsBelow(folder).flatMap(pidsOfGroup)];
  } catch (error) {
    if (["EMFILE", "ENFILE"].includes(codeOf(error))) throw error;
    return [];
  }
}

function groupsBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
}

/** SIGKILL to all of a group and of those below it, as if at one instant. Nothing happens if it is gone. */
export function killGroup(folder: string): void {
  try {
    writeFileSync(join(folder, "cgroup.kill"), "1");
  } catch {
    // Gone, or no longer ours: who lists its processes will see.
  }
}

const removalPatienceMs = 1_000;

/** Removes a group and those below it; the kernel may need a moment after their last process. @returns Whether it is gone. */
export async function removeGroup(folder: string): Promise<boolean> {
  const deadline = performance.now() + removalPatienceMs;
  for (let pauseMs = 1; !removeNow(folder); pauseMs = Math.min(pauseMs * 2, 100)) {
    if (performance.now() > deadline) return false;
    await delay(pauseMs);
  }
  return true;
}

function removeNow(folder: string): boolean {
  const first = tryRemove(folder);
  if (first !== "EBUSY" && first !== "ENOTEMPTY") return first === null || first === "ENOENT";
  try {
    // A training may have made groups of its own.
    return groupsBelow(folder).map(removeNow).every(Boolean) && tryRemove(folder) === null;
  } catch {
    return false; // file descriptors are short, or another is just removing it
  }
}

/** @returns Null if that went well, else the system's code. */
function tryRemove(folder: string): string | null {
  try {
    rmdirSync(folder);
    return null;
  } catch (error) {
    return codeOf(error);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
