import {
  type Config,
  canonicalJson,
  type History,
  type JsonObject,
  type Problem,
  problemJson,
  random,
  type Sampler,
  type SuggestContext,
  type Suggestion,
} from "@tunesmith/core";
import { type CommandSpec, commandType, ownName } from "./own-sampler-spec.ts";
import { readConfig, readReason, refusedAnswer, shown } from "./read-suggestion.ts";
import { HistoryLines, helloLine, readAnswer, suggestLine } from "./sampler-messages.ts";
import type { Reply, SamplerProcess } from "./sampler-process.ts";

/** Whoever starts and ends the processes of samplers. */
export interface SamplerProcesses {
  readonly logFile: string;
  /** A process that is nobody else's: a new one, or one taken over from whoever used it longest ago. It is to be told `hello`. */
  start(spec: CommandSpec, owner: object): SamplerProcess;
  /** Says that it is about to be asked: the one used longest ago may be ended, or taken over, to make room. */
  use(process: SamplerProcess): void;
  /** Ends one that did not answer, or not as it should. */
  drop(process: SamplerProcess): void;
  /** What the record of a trial that is suggested once more says; null for a new one. */
  recordedNote(trialNumber: number): JsonObject | null;
}

/** Why a config was drawn because none was suggested in time. */
export const timeoutCode = "own-sampler-timeout";

/** How often a process is asked for one trial while it answers what the constraints do not allow. */
const askLimit = 20;

/** Why a process cannot choose the configs of a problem; null if it can. It is not started for that. */
export function commandRefusal({ defineByRun }: Problem): string | null {
  return defineByRun ? "a sampler that is a command needs every parameter declared" : null;
}

/**
 * The sampler of a process that speaks JSON lines, see docs/own-samplers.md. It is started when it is first asked, and anew whenever
 * it is gone: it is then told everything again, so its answers do not depend on that.
 *
 * What it leaves out of a config is drawn, what is inactive is dropped. A config that violates a parameter constraint is asked for
 * again, with another seed, up to 20 times, then drawn. After `timeoutMs` without an answer the config is drawn at random, and the
 * note says so; a replay draws wherever it finds that note.
 *
 * `suggest` rejects with a `TunesmithError` `refused` when the process ends, says `error`, or answers otherwise than it may.
 */
export function commandSampler(spec: CommandSpec, processes: SamplerProcesses): Sampler {
  const { type: _, folder: __, sha256: ___, ...options } = spec;
  const talk = new Talk(spec, processes);
  return {
    type: commandType,
    version: 1,
    options,
    refuse: commandRefusal,
    async suggest(problem, history, context) {
      const lateMs = processes.recordedNote(context.trialNumber)?.timedOutAfterMs;
      if (typeof lateMs === "number") return drawnAfter(problem, history, context, lateMs);
      let last = "";
      for (let asked = 0; asked < askLimit; asked++) {
        const seed = context.rng(asked === 0 ? "own-sampler" : `own-sampler-${asked}`).uint32();
        const line = await talk.ask(problem, history, suggestLine(context.trialNumber, context.fixed, seed));
        if (line === null) return drawnAfter(problem, history, context, spec.timeoutMs);
        // Who answers the same whatever the seed will not be moved.
        if (line === last) break;
        const answer = readAnswer(line);
        if (answer.kind === "nothing-left") return null;
        const suggestion = answer.kind === "suggestion" ? suggestionOf(spec, problem, context, answer.members) : null;
        if (answer.kind === "fault") throw talk.fault(answer.fault);
        if (suggestion !== null && problem.space.satisfies(suggestion.config)) return suggestion;
        last = line;
      }
      return drawn(problem, history, context, { why: { code: "own-sampler-unfit" } });
    },
  };
}

/** The conversation with the process that is alive now. */
class Talk {
  readonly #spec: CommandSpec;
  readonly #processes: SamplerProcesses;
  #process: SamplerProcess | null = null;
  #lines = new HistoryLines();
  #problemKey = "";

  constructor(spec: CommandSpec, processes: SamplerProcesses) {
    this.#spec = spec;
    this.#processes = processes;
  }

  /** @returns The line that answers; null if none came in time. */
  async ask(problem: Problem, history: History, question: string): Promise<string | null> {
    const isNew = !this.#knows(problem);
    const reply = await this.#exchange(problem, history, question);
    // One that died since it was last asked is replaced; one that dies at once would die again.
    const final = reply.kind === "ended" && !isNew ? await this.#exchange(problem, history, question) : reply;
    switch (final.kind) {
      case "line":
        return final.line;
      case "late":
        this.#drop();
        return null;
      case "unasked":
        throw this.fault(`printed ${shown(final.line)} without being asked; allowed: one line for each suggest`);
      case "ended":
        throw this.fault(final.how);
    }
  }

  /** The process has done what it must not, so it is ended. */
  fault(what: string): Error {
    const words = this.#process?.lastWords() ?? "";
    this.#drop();
    const log = `${words === "" ? "" : `: ${words}`}; what it printed on standard error is in ${this.#processes.logFile}`;
    return refusedAnswer(ownName(this.#spec), `${what}${log}`);
  }

  #exchange(problem: Problem, history: History, question: string): Promise<Reply> {
    const opening: string[] = [];
    if (!this.#knows(problem)) {
      this.#process = this.#ownProcess() ?? this.#processes.start(this.#spec, this);
      this.#problemKey = canonicalJson(problemJson(problem));
      this.#lines = new HistoryLines();
      opening.push(helloLine(problem, this.#spec.options));
    }
    const process = this.#process as SamplerProcess;
    this.#processes.use(process);
    return process.ask([...opening, ...this.#lines.next(problem, history), question], this.#spec.timeoutMs);
  }

  #knows(problem: Problem): boolean {
    return this.#ownProcess() !== null && this.#problemKey === canonicalJson(problemJson(problem));
  }

  #ownProcess(): SamplerProcess | null {
    const process = this.#process;
    return process?.isAlive && process.owner === this ? process : null;
  }

  #drop(): void {
    if (this.#process !== null) this.#processes.drop(this.#process);
    this.#process = null;
  }
}

/** @throws {TunesmithError} `refused` for a value that a parameter does not allow, and for a point of another length. */
function suggestionOf(
  spec: CommandSpec,
  { space }: Problem,
  { fixed, rng }: SuggestContext,
  members: Readonly<Record<string, unknown>>,
): Suggestion {
  const name = ownName(spec);
  const isPoint = "point" in members;
  const proposal = isPoint
    ? space.decode(readPoint(name, members.point, space.dimensions.length))
    : readConfig(name, members.config);
  const draws = rng("own-sampler-fill");
  const config = space.complete(proposal, fixed, (dimension) => dimension.fromPrior(draws.uniform()));
  // A value that is not allowed counts as missing to `complete`: that would hide the sampler's mistake.
  const given = { ...onlyKnownActive(proposal, config, space.parameters), ...fixed };
  // A constraint has no path; what violates one is asked for again.
  const faults = isPoint ? [] : space.checkPartial(given).filter(({ path }) => path !== "");
  if (faults.length > 0)
    throw refusedAnswer(name, `suggested ${faults.map(({ path, message }) => `${path} ${message}`.trim()).join("; ")}`);
  return { config, ...readReason(name, commandType, members) };
}

/** Without the values of parameters that are inactive in the completed config; unknown names stay, to be refused. */
function onlyKnownActive(proposal: Config, completed: Config, parameters: Problem["space"]["parameters"]): Config {
  return Object.fromEntries(Object.entries(proposal).filter(([name]) => name in completed || !(name in parameters)));
}

function readPoint(name: string, point: unknown, d: number): Float64Array {
  const isPoint =
    Array.isArray(point) && point.length === d && point.every((u) => u === null || (typeof u === "number" && u >= 0 && u <= 1));
  if (!isPoint) throw refusedAnswer(name, `gave the point ${shown(point)}; allowed: ${d} numbers in [0, 1], null for inactive`);
  return Float64Array.from(point as (number | null)[], (u) => u ?? Number.NaN);
}

function drawnAfter(
  problem: Problem,
  history: History,
  context: SuggestContext,
  timedOutAfterMs: number,
): Promise<Suggestion | null> {
  const why = { code: timeoutCode, timedOutAfterMs };
  return drawn(problem, history, context, { why, note: { timedOutAfterMs } });
}

async function drawn(
  problem: Problem,
  history: History,
  context: SuggestContext,
  reason: Pick<Suggestion, "why" | "note">,
): Promise<Suggestion | null> {
  const suggestion = await random().suggest(problem, history, context);
  return suggestion && { config: suggestion.config, ...reason };
}
