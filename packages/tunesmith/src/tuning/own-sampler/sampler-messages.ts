import {
  type Config,
  type Curve,
  type History,
  type Json,
  type JsonObject,
  type Problem,
  problemJson,
  toWireNumber,
  trialStateCodes,
} from "@tunesmith/core";
import { isObject, shown } from "./read-suggestion.ts";

// docs/own-samplers.md describes the protocol. One line is one JSON object with one member, which says what it is.

export const protocolVersion = 1;

/** The first line: what is to be searched, and the sampler's own options. */
export function helloLine(problem: Problem, options: JsonObject): string {
  const { space } = problem;
  const dimensions = space.dimensions.map(({ name, kind, cellCount }) => ({ name, kind, cellCount: toWireNumber(cellCount) }));
  return JSON.stringify({ hello: { protocol: protocolVersion, ...problemJson(problem), dimensions, options } });
}

export function suggestLine(trial: number, fixed: Config, seed: number): string {
  return JSON.stringify({ suggest: { trial, fixed, seed } });
}

const trialsPerLine = 200;
const words = Object.keys(trialStateCodes) as (keyof typeof trialStateCodes)[];
const stateOf = words.sort((a, b) => trialStateCodes[a] - trialStateCodes[b]);

/** Tells one process of a history, each time what changed since the last. */
export class HistoryLines {
  #history: History | null = null;
  #cursor = 0;

  /** The lines that bring it up to date; none when nothing changed. */
  next(problem: Problem, history: History): string[] {
    const isKnown = this.#history === history;
    const changes = isKnown ? history.changesSince(this.#cursor) : null;
    // Who was told nothing yet has nothing to forget.
    const restart = changes === null && this.#history !== null;
    this.#history = history;
    this.#cursor = changes?.cursor ?? history.changesSince(Number.MAX_SAFE_INTEGER)?.cursor ?? 0;
    return historyLines(problem, history, changes?.rows ?? history.rows, restart);
  }
}

function historyLines(problem: Problem, history: History, rows: Int32Array, restart: boolean): string[] {
  const lines: string[] = [];
  for (let at = 0; at < rows.length || (restart && at === 0); at += trialsPerLine) {
    const trials = Array.from(rows.subarray(at, at + trialsPerLine), (row) => trialJson(problem, history, row));
    lines.push(JSON.stringify({ history: { ...(restart && at === 0 ? { restart: true } : {}), trials } }));
  }
  return lines;
}

function trialJson({ fidelity }: Problem, history: History, row: number): JsonObject {
  const { dimensionCount: d, objectiveCount: m } = history;
  return {
    number: history.numbers[row],
    state: stateOf[history.states[row]],
    config: history.config(row),
    point: Array.from(history.points.subarray(row * d, (row + 1) * d), (u) => (Number.isNaN(u) ? null : u)),
    losses: Array.from(history.losses.subarray(row * m, (row + 1) * m), toWireNumber),
    violation: toWireNumber(history.violations[row]),
    fidelity: toWireNumber(history.fidelities[row]),
    bracket: history.bracket(row),
    note: history.note(row),
    ...(fidelity === null ? {} : { curve: curveJson(history.curve(row), m) }),
  };
}

/** `[fidelity, loss, …]` of every report, ascending. */
function curveJson({ count, fidelities, losses }: Curve, m: number): Json {
  return Array.from({ length: count }, (_, i) => [
    toWireNumber(fidelities[i]),
    ...Array.from(losses.subarray(i * m, (i + 1) * m), toWireNumber),
  ]);
}

/** What a process answered; `fault` is what is wrong with it. */
export type SamplerAnswer =
  | { readonly kind: "suggestion"; readonly members: Readonly<Record<string, unknown>> }
  | { readonly kind: "nothing-left" }
  | { readonly kind: "fault"; readonly fault: string };

const members = ["config", "point", "why", "note"];

/** Reads the one line that answers a `suggest`. */
export function readAnswer(line: string): SamplerAnswer {
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    return fault(`printed ${shown(line)}; allowed: one line of JSON for each suggest, and everything else on standard error`);
  }
  if (said === null) return { kind: "nothing-left" };
  if (!isObject(said)) return fault(`answered ${shown(said)}; allowed: { "config": … }, { "point": … }, null, { "error": … }`);
  if ("error" in said) return fault(`says: ${typeof said.error === "string" ? said.error : shown(said.error)}`);
  const unknown = Object.keys(said).filter((key) => !members.includes(key));
  if (unknown.length > 0) return fault(`answered with ${unknown.join(", ")}; allowed: ${members.join(", ")}, error`);
  if ("config" in said === "point" in said) return fault(`answered ${shown(said)}; allowed: either config or point`);
  return { kind: "suggestion", members: said };
}

function fault(what: string): SamplerAnswer {
  return { kind: "fault", fault: what };
}
