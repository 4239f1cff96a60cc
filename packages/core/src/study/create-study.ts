import { type Host, webHost } from "../host.ts";
import type { Json, JsonObject } from "../json.ts";
import { type PolicyMaker, StudySession } from "../loop/study-session.ts";
import type { Parameters } from "../parameters/parameter.ts";
import type { Policy } from "../policies/policy.ts";
import type { Sampler } from "../samplers/sampler.ts";
import type { Scheduler } from "../schedulers/scheduler.ts";
import { createMemoryStorage } from "../storage/memory-storage.ts";
import type { Storage, StudyRecord } from "../storage/storage.ts";
import { importStudy } from "../storage/study-json.ts";
import type { Objective } from "../trial/problem.ts";
import { compileProblem, type ProblemSpec, problemJson } from "../trial/problem-json.ts";
import { type StudySettings, studySettingsDefaults } from "../trial/study-settings.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import { Study } from "./study.ts";

type ObjectiveSpec = ProblemSpec["objectives"][number];

/** What a program says to make a study; what it leaves out has a default. */
export interface StudyOptions<P extends Parameters> extends Omit<Partial<ProblemSpec>, "objectives" | "parameters"> {
  /** Default `study`. */
  readonly name?: string;
  readonly parameters: P;
  /** One number to optimise; default `{ name: "value", goal: "minimize" }`. */
  readonly objective?: Partial<ObjectiveSpec> & { readonly goal: Objective["goal"] };
  /** Several; instead of `objective`. */
  readonly objectives?: readonly ObjectiveSpec[];
  /** A sampler, its name, or `{ type, … }`; default `auto`. */
  readonly sampler?: Sampler | JsonObject | string;
  /** A scheduler, its name, or `{ type, … }`; default `auto` with a fidelity, `none` without. */
  readonly scheduler?: Scheduler | JsonObject | string;
  readonly budget?: StudySettings["budget"];
  readonly parallel?: number;
  readonly retries?: StudySettings["retries"];
  readonly confirm?: StudySettings["confirm"];
  /** When a study of this name is there already; default `fail`. `resume` continues it. */
  readonly ifExists?: "fail" | "resume";
  /** Where it lives; default in memory. */
  readonly storage?: Storage;
  readonly host?: Host;
}

export interface OpenOptions {
  readonly host?: Host;
}

/** What study-making needs of the catalogue, which alone knows the implementations. */
export interface Catalogue {
  createSampler(spec: JsonObject): Sampler;
  createScheduler(spec: JsonObject): Scheduler;
  compose(sampler: Sampler, scheduler: Scheduler): Policy;
}

/** `createStudy` and `openStudy` over a catalogue of samplers and schedulers. */
export interface StudyMakers {
  createStudy<const P extends Parameters>(options: StudyOptions<P>): Promise<Study<P>>;
  openStudy(json: Json, options?: OpenOptions): Promise<Study>;
}

/** The policy that a study's settings name. */
export function policyMaker(catalogue: Catalogue): PolicyMaker {
  return ({ sampler, scheduler }) => catalogue.compose(catalogue.createSampler(sampler), catalogue.createScheduler(scheduler));
}

export function bindCatalogue(catalogue: Catalogue, platformHost: () => Host = webHost): StudyMakers {
  return {
    async createStudy(options) {
      const makePolicy = policyMaker(withOwn(catalogue, options));
      const host = options.host ?? platformHost();
      const storage = options.storage ?? memoryStorage(host);
      const settings = settingsOf(options);
      const problem = compileProblem(problemOf(options, host), 1, settings);
      const refusal = makePolicy(settings).refuse(problem);
      if (refusal !== null) throw new TunesmithError("refused", refusal);
      const record = await makeRecord(storage, options, problemJson(problem), settings);
      return new Study(await openParts(storage, host, record, makePolicy));
    },
    async openStudy(json, options = {}) {
      const host = options.host ?? platformHost();
      const storage = memoryStorage(host);
      const record = await importStudy(storage, json as JsonObject);
      return new Study(await openParts(storage, host, record, policyMaker(catalogue)));
    },
  };
}

function memoryStorage(host: Host): ReturnType<typeof createMemoryStorage> {
  return createMemoryStorage({ wallClockMs: host.wallClockMs, studyId: () => host.entropy().toString(36) });
}

async function makeRecord<P extends Parameters>(
  storage: Storage,
  { name = "study", ifExists = "fail" }: StudyOptions<P>,
  problem: JsonObject,
  settings: StudySettings,
): Promise<StudyRecord> {
  const existing = ifExists === "resume" ? await storage.getStudy(name) : null;
  if (existing === null)
    return storage.createStudy({ name, problem, settings: settings as unknown as JsonObject, definition: null });
  const { seed: _, ...stored } = existing.problem;
  const { seed: __, ...given } = problem;
  if (JSON.stringify(stored) !== JSON.stringify(given))
    throw new TunesmithError(
      "study-exists",
      `${name} is there already with another problem; choose another name or open it as it is`,
    );
  return existing;
}

async function openParts(storage: Storage, host: Host, record: StudyRecord, makePolicy: PolicyMaker) {
  const lock = await storage.acquireRunner(record.id);
  if (lock === null) throw new TunesmithError("study-locked", `${record.name} is being run by another process`);
  try {
    const session = await StudySession.open(storage, host, record, makePolicy);
    return { session, storage, host, lock, asked: new Map() };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function problemOf<P extends Parameters>(options: StudyOptions<P>, host: Host): ProblemSpec {
  const { objective, objectives, seed, ...rest } = options;
  if (objective !== undefined && objectives !== undefined)
    throw new TunesmithError("invalid-input", "objective and objectives are both given; keep one");
  const single: ObjectiveSpec = { name: "value", goal: "minimize", ...objective };
  return { ...rest, objectives: objectives ?? [single], seed: seed ?? host.entropy() % 2 ** 32 };
}

/** The catalogue, with samplers and schedulers that the program made itself in place of those their settings name. */
function withOwn<P extends Parameters>(catalogue: Catalogue, { sampler, scheduler }: StudyOptions<P>): Catalogue {
  return {
    ...catalogue,
    ...(isInstance(sampler) ? { createSampler: () => sampler } : {}),
    ...(isInstance(scheduler) ? { createScheduler: () => scheduler } : {}),
  };
}

function isInstance<T extends Sampler | Scheduler>(given: T | JsonObject | string | undefined): given is T {
  return typeof given === "object" && "refuse" in given && typeof given.refuse === "function";
}

/** `{ type, …options }` of whatever way a sampler or scheduler was given. */
function specOf(given: Sampler | Scheduler | JsonObject | string): JsonObject {
  if (typeof given === "string") return { type: given };
  return isInstance<Sampler | Scheduler>(given) ? { ...given.options, type: given.type } : (given as JsonObject);
}

function settingsOf<P extends Parameters>(options: StudyOptions<P>): StudySettings {
  const { sampler = "auto", scheduler = options.fidelity ? "auto" : "none", budget, parallel, retries, confirm } = options;
  return {
    sampler: specOf(sampler),
    scheduler: specOf(scheduler),
    budget: budget ?? studySettingsDefaults.budget,
    parallel: parallel ?? studySettingsDefaults.parallel,
    retries: retries ?? studySettingsDefaults.retries,
    confirm: confirm ?? studySettingsDefaults.confirm,
  };
}
