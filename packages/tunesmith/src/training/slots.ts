import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** A place where one attempt runs at a time. */
export interface Slot {
  /** From 0. */
  readonly index: number;
  /** Cores it may keep busy, at least 1. */
  readonly cpus: number;
  /** Ids as `CUDA_VISIBLE_DEVICES` takes them; empty without a request for GPUs. */
  readonly gpus: readonly string[];
}

/** What a machine has. */
export interface MachineResources {
  readonly cores: number;
  readonly gpus: readonly string[];
}

/** What one attempt asks for. */
export interface ResourceRequest {
  /** Null: whatever is left when the cores are shared evenly, and 1 for `parallel: auto`. */
  readonly cpus: number | null;
  readonly gpus: number;
  /** How many attempts may share one GPU. */
  readonly gpusSharedBy: number;
}

/**
 * Divides a machine into slots.
 *
 * `auto` makes as many as the cores allow, and as the GPUs allow where some are asked for; at least 1 in any case: a machine that
 * has less than asked for runs one attempt at a time. A number is taken as it is. GPUs go round: slot i gets the next `gpus` places.
 */
export function planSlots(machine: MachineResources, request: ResourceRequest, parallel: number | "auto"): readonly Slot[] {
  const places = machine.gpus.flatMap((gpu) => Array.from({ length: request.gpusSharedBy }, () => gpu));
  const byCores = Math.floor(machine.cores / (request.cpus ?? 1));
  const byGpus = request.gpus === 0 ? Number.POSITIVE_INFINITY : Math.floor(places.length / request.gpus);
  const count = parallel === "auto" ? Math.max(1, Math.min(byCores, byGpus)) : parallel;
  const cpus = Math.max(1, Math.floor(request.cpus ?? machine.cores / count));
  return Array.from({ length: count }, (_, index) => ({ index, cpus, gpus: gpusOf(index, request.gpus, machine.gpus) }));
}

function gpusOf(slotIndex: number, wanted: number, gpus: readonly string[]): readonly string[] {
  const taken = Math.min(wanted, gpus.length);
  return Array.from({ length: taken }, (_, place) => gpus[(slotIndex * taken + place) % gpus.length]);
}

/** Cores this process may use: those of its affinity mask, and no more than its control group pays for. */
export function availableCores(): number {
  const quota = readCpuQuota("/sys/fs/cgroup/cpu.max");
  return Math.max(1, Math.min(availableParallelism(), quota === null ? Number.POSITIVE_INFINITY : Math.floor(quota)));
}

/** `cpu.max` of cgroup v2 holds "quota period" in microseconds, or "max period". */
function readCpuQuota(file: string): number | null {
  try {
    const [quota, period] = readFileSync(file, "latin1").trim().split(" ").map(Number);
    return quota / period > 0 ? quota / period : null;
  } catch {
    return null;
  }
}

/** Hands out slots, the lowest free one first. */
export interface SlotPool {
  /** Null when none is free. */
  take(): Slot | null;
  giveBack(slot: Slot): void;
}

export function createSlotPool(slots: readonly Slot[]): SlotPool {
  const free = [...slots];
  return {
    take: () => free.shift() ?? null,
    giveBack(slot) {
      const at = free.findIndex((other) => other.index > slot.index);
      free.splice(at < 0 ? free.length : at, 0, slot);
    },
  };
}
