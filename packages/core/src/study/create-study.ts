import { type Host, webHost } from "../host.ts";
import type { Json, JsonObject } from "../json.ts";
import { type PolicyMaker, StudySession } from "../loop/study-session.ts";
import type { Parameters } from "../parameters/parameter.ts";
import { type AnyScheduler, confirmRefusal } from "../policies/driving-scheduler.ts";
import { type Policy, requireServing } from "../policies/policy.ts";
import type { Sampler } from "../samplers/sampler.ts";
import { createMemoryStorage, type MemoryStorage } from "../storage/memory-storage.ts";
import type { Storage, StudyRecord } from "../storage/storage.ts";
import { importStudy } from "../storage/study-json.ts";
import type { Objective } from "../trial/problem.ts";
import { compileProblem, type ProblemSpec, problemJson, type SeededProblemSpec } from "../trial/problem-json.ts";
import { settingsFaults } from "../trial/settings-faults.ts";
import type { StudySettings } from "../trial/study-settings.ts";
import { type Fault, TunesmithError, throwFaults } from "../tunesmith-error.ts";
import { requireSameProblem, revisedSettings } from "./resume-study.ts";
import { type SearchOptions, settingsOf, withOwn } from "./search-options.ts";
import { Study } from "./study.ts";

type ObjectiveSpec = ProblemSpec["objectives"][number];

/** What a program says to make a study; what it leaves out has a default. */
export interface StudyOptions<P extends Parameters>
  extends Omit<Partial<ProblemSpec>, "objectives" | "parameters">,
    SearchOptions {
  /** Default `study`. */
  readonly name?: string;
  readonly parameters: P;
  /** One number to optimise; default `{ name: "value", goal: "minimize" }`. */
  readonly objective?: Partial<ObjectiveSpec> & { readonly goal: Objective["goal"] };
  /** Several; instead of `objective`. */
  readonly objectives?: readonly ObjectiveSpec[];
  /** When a study of this name is there already; default `fail`. `resume` continues it, with the search options given here. */
  readonly ifExists?: "fail" | "resume";
  /** Where it lives; default in memory. */
  readonly storage?: Storage;
  readonly host?: Host;
}

export interface OpenOptions {
  readonly host?: Host;
  /** The study's own sampler or scheduler, if the program made it itself. */
  readonly sampler?: Sampler;
  readonly scheduler?: AnyScheduler;
}

/** What study-making needs of the catalogue, which alone knows the implementations. */
export interface Catalogue {
  createSampler(spec: JsonObject): Sampler;
  createScheduler(spec: JsonObject): AnyScheduler;
  compose(sampler: Sampler, scheduler: AnyScheduler): Policy;
}

/** `createStudy` and `openStudy` over a catalogue of samplers and schedulers. */
export interface StudyMakers {
  /**
   * @throws {TunesmithError} `invalid-input`; `refused` if sampler and scheduler cannot serve the problem; `study-exists`;
   * `study-locked` while another process runs it.
   */
  createStudy<const P extends Parameters>(options: StudyOptions<P>): Promise<Study<P>>;
  /** @throws {TunesmithError} `invalid-input` if `json` is no export. */
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
      const settings = settingsOf(catalogue, options, Boolean(options.fidelity));
      throwFaults("study", [...settingsFaults(settings), ...confirmFaults(options, catalogue, settings)]);
      const problem = compileProblem(problemOf(options, host), 1, settings);
      const { name = "study", ifExists = "fail", seed } = options;
      const existing = ifExists === "resume" ? await storage.getStudy(name) : null;
      if (existing !== null) {
        requireSameProblem(existing, problemJson(problem), seed);
        return openLocked(storage, host, existing, makePolicy, async (record) => {
          const revised = revisedSettings(catalogue, record, options);
          if (revised === null) return record;
          requireServing(makePolicy(revised.settings), problem);
          return storage.reviseStudy(record.id, revised.revision);
        });
      }
      requireServing(makePolicy(settings), problem);
      const stored = { problem: problemJson(problem), settings: settings as unknown as JsonObject };
      const record = await storage.createStudy({ name, ...stored, definition: null });
      return openLocked(storage, host, record, makePolicy);
    },
    async openStudy(json, options = {}) {
      const host = options.host ?? platformHost();
      const storage = memoryStorage(host);
      const record = await importStudy(storage, json as JsonObject);
      return openLocked(storage, host, record, policyMaker(withOwn(catalogue, options)));
    },
  };
}

function confirmFaults(options: SearchOptions, catalogue: Catalogue, { scheduler, confirm }: StudySettings): Fault[] {
  if (confirm === null) return [];
  const message = confirmRefusal(withOwn(catalogue, options).createScheduler(scheduler));
  return message === null ? [] : [{ path: "confirm", message }];
}

function memoryStorage(host: Host): MemoryStorage {
  return createMemoryStorage({ wallClockMs: host.wallClockMs, studyId: () => host.entropy().toString(36) });
}

async function openLocked<P extends Parameters>(
  storage: Storage,
  host: Host,
  record: StudyRecord,
  makePolicy: PolicyMaker,
  revise: (record: StudyRecord) => Promise<StudyRecord> = async (same) => same,
): Promise<Study<P>> {
  const lock = await storage.acquireRunner(record.id);
  if (lock === null) throw new TunesmithError("study-locked", `${record.name} is being run by another process`);
  try {
    const session = await StudySession.open(storage, host, await revise(record), makePolicy);
    return new Study({ session, storage, host, lock, asked: new Map(), run: null, isClosed: false });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function problemOf<P extends Parameters>(options: StudyOptions<P>, host: Host): SeededProblemSpec {
  const { objective, objectives, seed, ...rest } = options;
  if (objective !== undefined && objectives !== undefined)
    throw new TunesmithError("invalid-input", "objective and objectives are both given; keep one");
  const single: ObjectiveSpec = { name: "value", goal: "minimize", ...objective };
  return {
    ...rest,
    objectives: objectives ?? [single],
    ...(seed === undefined ? { seed: host.entropy() % 2 ** 32, seedDrawn: true } : { seed }),
  };
}
