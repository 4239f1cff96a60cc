import { setTimeout as delay } from "node:timers/promises";
import { killGroup, pidsOfGroup } from "./control-group.ts";
import {
  isSameProcess,
  newestPid,
  type ProcessEntry,
  type ProcessIdentity,
  patiently,
  pidsSince,
  processTable,
  readProcess,
} from "./process-table.ts";

/** How to know the processes of one attempt, or of many. */
export interface TreeTarget {
  /** Leaders of a group and session of their own: what was spawned. They may be long gone. */
  readonly roots: readonly ProcessIdentity[];
  /** Whether a process with this value of `TUNESMITH_ATTEMPT` belongs to the tree. */
  readonly ownsMarker: (marker: string) => boolean;
  /** Folders of control groups that hold nothing but processes of the tree; absent where there are none. Groups that are gone are empty. */
  readonly groups?: readonly string[];
}

export interface EndTreeOptions {
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number;
  /** Cuts the grace short. */
  readonly hurry?: AbortSignal;
  /** After SIGKILL, how long to wait for what the kernel cannot end yet (a process in a blocked device or network disk); default 10 s. */
  readonly giveUpMs?: number;
}

/**
 * The living processes of a tree: every one that is in one of its control groups, has the marker, is in the group or session of a
 * root, or descends from one of these.
 *
 * So without a control group a child that called `setsid` is found by its marker or its parent, one that was adopted by init by its
 * marker, and one that overwrote its environment by its group, session or parent. Who does all of it at once is found only by its
 * control group.
 * @param among  Pids to look at besides those in its control groups; default: all there are.
 */
export async function listTree(target: TreeTarget, among?: readonly number[]): Promise<ProcessEntry[]> {
  const grouped = await patiently(() => groupedPids(target));
  const pids = among === undefined ? undefined : [...new Set([...among, ...grouped])];
  return membersOf(target, await processTable({ markers: true, pids }), grouped);
}

/** Pids in the control groups of a tree. @throws When file descriptors are short. */
export function groupedPids({ groups = [] }: TreeTarget): ReadonlySet<number> {
  return new Set(groups.flatMap(pidsOfGroup));
}

/**
 * Like `listTree`, for a root that has just ended after a short life: looks only at processes begun since, which is what makes
 * a look after every trial affordable.
 */
export async function listLeftovers(target: TreeTarget, root: ProcessIdentity): Promise<ProcessEntry[]> {
  return listTree(target, pidsSince(root.pid) ?? undefined);
}

/** After so short a life, process numbers cannot have gone round once. */
const shortLifeMs = 5_000;
/** As many numbers are tried one by one faster than all processes are listed. */
const fewPids = 16;

/** Whether a process that lived this long had so short a life that only later numbers can belong to its descendants. */
export function isShortLife(livedMs: number): boolean {
  return livedMs < shortLifeMs;
}

/**
 * Whether a root that has just ended certainly left nothing alive: everything begun since, most often nothing, is gone or another's.
 *
 * Another's is what belongs to a session older than the root, which led its own, or to another attempt. All else is uncertain: the
 * environment of a process is empty for a moment while it executes a program. False, without a look, after a long life, where much
 * has begun since, or where the system does not tell.
 */
export function leftNothing(target: TreeTarget, root: ProcessIdentity, livedMs: number): boolean {
  if (!isShortLife(livedMs)) return false;
  try {
    for (let seen = root.pid, newest = newestPid(); ; seen = newest, newest = newestPid()) {
      if (newest === seen) return true;
      if (newest < seen || newest - root.pid > fewPids) return false;
      for (let pid = root.pid + 1; pid <= newest; pid += 1)
        if (!isGoneOrForeign(target, root, readProcess(pid, true))) return false;
    }
  } catch {
    return false; // file descriptors are short
  }
}

/** Whether a process that began after the root is dead, or certainly none of its descendants; pure. @param entry  Null if it has gone. */
export function isGoneOrForeign(target: TreeTarget, root: ProcessIdentity, entry: ProcessEntry | null): boolean {
  if (entry === null || entry.zombie || entry.session < root.pid) return true;
  return entry.session !== root.pid && entry.marker !== null && !target.ownsMarker(entry.marker);
}

/**
 * The members of a tree among the processes of a table; pure. Zombies count as dead, and we never as a member.
 * @param grouped  Pids in its control groups.
 */
export function membersOf(
  target: TreeTarget,
  table: readonly ProcessEntry[],
  grouped: ReadonlySet<number> = new Set(),
): ProcessEntry[] {
  const byPid = new Map(table.map((entry) => [entry.pid, entry]));
  const leaders = new Set(target.roots.filter((root) => ownsNumber(root, byPid.get(root.pid))).map((root) => root.pid));
  const members = new Map<number, ProcessEntry>();
  for (const entry of table) {
    const known = grouped.has(entry.pid) || (entry.marker !== null && target.ownsMarker(entry.marker));
    if (known || leaders.has(entry.pid) || leaders.has(entry.group) || leaders.has(entry.session)) members.set(entry.pid, entry);
  }
  addDescendants(members, table);
  members.delete(process.pid);
  members.delete(1);
  return [...members.values()].filter((entry) => !entry.zombie);
}

/** A number is given to another process only when no group or session is called by it any more. */
function ownsNumber(root: ProcessIdentity, holder: ProcessEntry | undefined): boolean {
  return holder === undefined || holder.startedAt === root.startedAt;
}

function addDescendants(members: Map<number, ProcessEntry>, table: readonly ProcessEntry[]): void {
  const children = new Map<number, ProcessEntry[]>();
  for (const entry of table) {
    const siblings = children.get(entry.parent);
    if (siblings === undefined) children.set(entry.parent, [entry]);
    else siblings.push(entry);
  }
  const unseen = [...members.keys()];
  for (let pid = unseen.pop(); pid !== undefined; pid = unseen.pop()) {
    for (const child of children.get(pid) ?? []) {
      if (members.has(child.pid)) continue;
      members.set(child.pid, child);
      unseen.push(child.pid);
    }
  }
}

/**
 * Ends a tree: SIGTERM to every process of it, SIGKILL to those left after the grace time, again and again until none is left.
 *
 * @returns How many processes could not be ended; 0 but for processes that hang in the kernel.
 */
export async function endTree(target: TreeTarget, options: EndTreeOptions): Promise<number> {
  const survivors = await terminate(target, options);
  return survivors === 0 ? 0 : killTree(target, options.giveUpMs);
}

async function terminate(target: TreeTarget, { graceMs, hurry }: EndTreeOptions): Promise<number> {
  const deadline = performance.now() + graceMs;
  const told = new Set<string>();
  for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 2, 250)) {
    const tree = await listTree(target);
    const leftMs = deadline - performance.now();
    if (tree.length === 0 || leftMs <= 0 || hurry?.aborted) return tree.length;
    for (const entry of tree) tellOnce(entry, told);
    await interruptible(Math.min(pauseMs, leftMs), hurry);
  }
}

function tellOnce(entry: ProcessEntry, told: Set<string>): void {
  const key = `${entry.pid}@${entry.startedAt}`;
  if (told.has(key)) return;
  told.add(key);
  // A stopped process would never see the SIGTERM.
  if (signalProcess(entry, "SIGTERM")) signalProcess(entry, "SIGCONT");
}

/** SIGKILL, until no process of the tree is left. @returns How many are left when giving up. */
export async function killTree(target: TreeTarget, giveUpMs = 10_000): Promise<number> {
  const deadline = performance.now() + giveUpMs;
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 100)) {
    const tree = await listTree(target);
    if (tree.length === 0 || performance.now() > deadline) return tree.length;
    // The kernel lets nothing fork out of a control group that it ends.
    for (const group of target.groups ?? []) killGroup(group);
    // Frozen first, a tree cannot fork away from the signals that follow.
    for (const entry of tree) signalProcess(entry, "SIGSTOP");
    for (const entry of tree) signalProcess(entry, "SIGKILL");
    await delay(pauseMs);
  }
}

/** Signals a process unless its number means another one by now. @returns Whether it was there and ours to signal. */
export function signalProcess(known: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isSameProcess(known)) return false;
  try {
    return process.kill(known.pid, signal);
  } catch {
    return false; // it ended by itself, or runs as another user
  }
}

async function interruptible(delayMs: number, hurry: AbortSignal | undefined): Promise<void> {
  try {
    await delay(delayMs, undefined, { signal: hurry });
  } catch {
    // hurried: the caller looks at the signal itself
  }
}
