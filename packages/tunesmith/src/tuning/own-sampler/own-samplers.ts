import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import {
  canonicalJson,
  catalogue,
  type JsonObject,
  type PolicyMaker,
  policyMaker,
  type Sampler,
  TunesmithError,
} from "@tunesmith/core";
import type { Agent } from "../../training/agent.ts";
import { availableCores } from "../../training/slots.ts";
import { type Environment, slotEnvironment } from "../../training/training-environment.ts";
import { commandSampler, type SamplerProcesses } from "./command-sampler.ts";
import { moduleSampler } from "./module-sampler.ts";
import {
  type CommandSpec,
  commandElements,
  isCommandSpec,
  modulePath,
  type OwnSpec,
  ownSpecOf,
  requireSameContent,
} from "./own-sampler-spec.ts";
import { SamplerProcess } from "./sampler-process.ts";

export interface OwnSamplersOptions {
  /** Takes what processes print on standard error; begun anew with the first of them. */
  readonly logFile: string;
  /** The study's own variables, laid over the inherited environment. */
  readonly env: Environment;
  /** Whose guardian ends the processes if this process dies. Null: they end at the end of their input. */
  readonly agent: Pick<Agent, "nonce" | "started" | "gone"> | null;
  /** What the record says of a trial that is suggested once more. Default: nothing. */
  readonly recordedNote?: (trialNumber: number) => JsonObject | null;
}

/** Processes alive at a time; one that is ended to make room is started anew when it is needed. */
const mostAlive = 2;

/** The catalogue with the user's own samplers, modules and processes; has the life of the processes. */
export class OwnSamplers implements SamplerProcesses {
  readonly logFile: string;
  /** The policy of a study's settings, whosever its sampler is. Throws a `TunesmithError` when that cannot be had as it is on record. */
  readonly makePolicy: PolicyMaker;
  readonly #options: OwnSamplersOptions;
  readonly #nonce: string;
  /** By path, the content that this process has loaded: a module is loaded once. */
  readonly #loaded = new Map<string, string>();
  /** Used last stands last. */
  readonly #alive: SamplerProcess[] = [];
  readonly #endings = new Set<Promise<void>>();
  #startCount = 0;

  constructor(options: OwnSamplersOptions) {
    this.logFile = options.logFile;
    this.#options = options;
    this.#nonce = options.agent?.nonce ?? randomBytes(8).toString("hex");
    this.makePolicy = policyMaker({ ...catalogue, createSampler: (spec) => this.createSampler(spec) });
  }

  /** @throws {TunesmithError} `invalid-input`; `refused` if its files are not those on record. */
  createSampler(spec: JsonObject): Sampler {
    const own = ownSpecOf(spec);
    if (own === null) return catalogue.createSampler(spec);
    requireSameContent(own);
    if (isCommandSpec(own)) return commandSampler(own, this);
    this.#requireLoadedNow(own);
    return moduleSampler(own);
  }

  start(spec: CommandSpec, owner: object): SamplerProcess {
    const key = keyOf(spec);
    const spare = this.#alive.filter((each) => each.isAlive && !each.isBusy && each.key === key);
    const taken = this.#alive.length < mostAlive ? undefined : spare[0];
    if (taken === undefined) return this.#startNew(spec, owner);
    taken.owner = owner;
    return taken;
  }

  use(process: SamplerProcess): void {
    this.#remove(process);
    this.#alive.push(process);
    const idle = this.#alive.filter((each) => each !== process && !each.isBusy);
    for (const each of idle.slice(0, Math.max(0, this.#alive.length - mostAlive))) {
      this.#remove(each);
      this.#watchEnding(each.end());
    }
  }

  drop(process: SamplerProcess): void {
    this.#remove(process);
    this.#watchEnding(process.kill());
  }

  recordedNote(trialNumber: number): JsonObject | null {
    return this.#options.recordedNote?.(trialNumber) ?? null;
  }

  /** Ends all processes. */
  async close(): Promise<void> {
    for (const process of this.#alive.splice(0)) this.#watchEnding(process.end());
    await Promise.all(this.#endings);
  }

  #startNew(spec: CommandSpec, owner: object): SamplerProcess {
    const { agent, env } = this.#options;
    if (this.#startCount === 0) rmSync(this.logFile, { force: true });
    this.#startCount += 1;
    const slot = { index: 0, cpus: availableCores(), gpus: [] };
    const started = new SamplerProcess(
      {
        key: keyOf(spec),
        elements: commandElements(spec.command),
        folder: spec.folder,
        env: slotEnvironment(slot, { inherited: process.env, study: env, pythonClientDir: null }),
        marker: `sampler.${this.#startCount}.${this.#nonce}`,
        logFile: this.logFile,
        onStarted: (pid) => agent?.started(pid),
        onGone: (pid) => agent?.gone(pid),
      },
      owner,
    );
    this.#alive.push(started);
    return started;
  }

  #remove(process: SamplerProcess): void {
    const at = this.#alive.indexOf(process);
    if (at >= 0) this.#alive.splice(at, 1);
  }

  #watchEnding(ending: Promise<void>): void {
    const watched = ending.finally(() => this.#endings.delete(watched));
    this.#endings.add(watched);
  }

  #requireLoadedNow(spec: OwnSpec): void {
    const path = modulePath(spec);
    const loaded = this.#loaded.get(path) ?? spec.sha256;
    this.#loaded.set(path, loaded);
    if (loaded !== spec.sha256)
      throw new TunesmithError("wrong-state", `sampler ${spec.type} was changed while the study ran; run it again`);
  }
}

/** Of samplers with the same command and files, one process can serve as well as another. */
function keyOf({ command, folder, sha256 }: CommandSpec): string {
  return canonicalJson([command, folder, sha256]);
}

/** The policy of a study's settings, to see whether it can serve a problem; one whose sampler is a process cannot be asked. */
export const ownOrCataloguePolicy: PolicyMaker = policyMaker({ ...catalogue, createSampler: createUnasked });

function createUnasked(spec: JsonObject): Sampler {
  const own = ownSpecOf(spec);
  if (own === null) return catalogue.createSampler(spec);
  requireSameContent(own);
  return isCommandSpec(own) ? commandSampler(own, noProcesses) : moduleSampler(own);
}

const noProcesses: SamplerProcesses = Object.freeze({
  logFile: "",
  start(): never {
    throw new Error("a sampler that was only made to be looked at was asked");
  },
  use: () => undefined,
  drop: () => undefined,
  recordedNote: () => null,
});
