import type { JsonObject } from "../json.ts";
import type { Config } from "../parameters/parameter.ts";
import type { Space } from "../parameters/space.ts";
import { ChangeLog } from "./change-log.ts";
import { fillPoint, growFloat64, growInt32, growUint8 } from "./columns.ts";
import { ConfigIndex } from "./config-index.ts";
import { type CurveRecorder, createCurveRecorder } from "./curve-recorder.ts";
import type { Curve, History } from "./history.ts";
import type { TrialParent } from "./trial.ts";
import { isTerminal, type TrialState, trialStateCodes } from "./trial-state.ts";
import { isWindowRefresh, keptFinished, type WindowSizes, windowSizes } from "./window.ts";

/** What the recorder must be told about a new trial. */
export interface AddedTrial {
  readonly number: number;
  readonly config: Config;
  readonly note: JsonObject | null;
  readonly bracket: number;
  /** Default null: none, or not begun yet. */
  readonly target?: number | null;
  readonly state: TrialState;
  /** Whether the sampler still has to complete the config; default: if it is incomplete. */
  readonly open?: boolean;
  /** Default: none. */
  readonly parent?: TrialParent | null;
}

/** One report as the history takes it in: losses, not metrics. */
export interface RecordedReport {
  readonly replicate: number;
  readonly attempt: number;
  readonly step: number;
  readonly fidelity: number;
  /** (m,) */
  readonly losses: readonly number[];
}

export interface FinishedTrial {
  readonly state: TrialState;
  /** (m,) null if it ended without values. */
  readonly losses: readonly number[] | null;
  readonly violation: number;
  /** Default NaN, unknown. */
  readonly durationMs?: number;
}

/** Counts of the part of a study that is not loaded. */
export interface HistoryCounts {
  readonly trialCount: number;
  readonly finishedCount: number;
  readonly completeCount: number;
}

interface Row {
  config: Config;
  note: JsonObject | null;
  bracket: number;
  curves: CurveRecorder | null;
  readonly parent: TrialParent | null;
  isHeld: boolean;
  /** Replicates with a checkpoint; null while there are none. */
  saved: Set<number> | null;
}

const unfinishedCodes: ReadonlySet<number> = new Set([trialStateCodes.queued, trialStateCodes.running, trialStateCodes.paused]);

/**
 * The history of one study under one problem revision, fed with its events in order.
 *
 * A recorder that was fed every event and one that was loaded with what is in view at the same S answer alike; to load is: the counts,
 * the trials by number, the reports that came before each one's end, the ends. Trials whose config does not fit the space (an earlier
 * revision) are left out.
 */
export class HistoryRecorder implements History {
  readonly dimensionCount: number;
  readonly objectiveCount: number;
  seq = 0;
  trialCount = 0;
  finishedCount = 0;
  completeCount = 0;
  numbers = new Int32Array(64);
  states = new Uint8Array(64);
  points: Float64Array<ArrayBuffer>;
  losses: Float64Array<ArrayBuffer>;
  violations = new Float64Array(64);
  fidelities = new Float64Array(64);
  targets = new Float64Array(64);
  finishSeqs = new Float64Array(64);
  durationsMs = new Float64Array(64);

  readonly #space: Space;
  readonly #replicateCount: number;
  readonly #sizes: WindowSizes;
  #records: Row[] = [];
  #rowByNumber = new Map<number, number>();
  readonly #configs: ConfigIndex;
  /** Room for one point. */
  readonly #point: Float64Array;
  #allRows = ascending(64);
  readonly #changes = new ChangeLog();

  constructor(space: Space, objectiveCount: number, replicateCount: number, sizes: WindowSizes = windowSizes) {
    this.#space = space;
    this.#configs = new ConfigIndex((row) => space.key(this.config(row)));
    this.#replicateCount = replicateCount;
    this.#sizes = sizes;
    this.dimensionCount = space.dimensions.length;
    this.objectiveCount = objectiveCount;
    this.points = new Float64Array(64 * this.dimensionCount);
    this.#point = new Float64Array(this.dimensionCount);
    this.losses = new Float64Array(64 * objectiveCount);
  }

  get rows(): Int32Array {
    return this.#allRows.subarray(0, this.#records.length);
  }

  rowOf(trialNumber: number): number {
    return this.#rowByNumber.get(trialNumber) ?? -1;
  }

  config(row: number): Config {
    return this.#records[row].config;
  }

  note(row: number): JsonObject | null {
    return this.#records[row].note;
  }

  bracket(row: number): number {
    return this.#records[row].bracket;
  }

  curve(row: number): Curve {
    return (this.#records[row].curves ?? this.#openCurves(row)).curve();
  }

  parent(row: number): number {
    return this.#records[row].parent?.trial ?? -1;
  }

  startFidelity(row: number): number {
    return this.#records[row].parent?.step ?? 0;
  }

  hasCheckpoint(row: number): boolean {
    return (this.#records[row].saved?.size ?? 0) >= this.#replicateCount;
  }

  pausedByPerson(row: number): boolean {
    return this.#records[row].isHeld && this.states[row] === trialStateCodes.paused;
  }

  hasConfig(key: string): boolean {
    return this.#configs.has(key, this.#records.length);
  }

  changesSince(cursor: number): { readonly cursor: number; readonly rows: Int32Array } | null {
    return this.#changes.since(cursor);
  }

  /** Takes in that the study has trials that were not loaded. */
  setCounts(counts: HistoryCounts): void {
    this.trialCount = counts.trialCount;
    this.finishedCount = counts.finishedCount;
    this.completeCount = counts.completeCount;
  }

  /** A trial that was not there before; `trialCount` grows. */
  add(trial: AddedTrial): void {
    this.trialCount++;
    this.load(trial);
  }

  /** A trial that is part of the counts already. */
  load(trial: AddedTrial): void {
    const isComplete = this.#space.check(trial.config).length === 0;
    // What is complete and right is right as a part, too.
    if (!isComplete && (trial.open === false || this.#space.checkPartial(trial.config).length > 0)) return;
    const row = this.#records.length;
    this.#grow(row + 1);
    const { config, note, bracket, parent = null } = trial;
    this.#records.push({ config, note, bracket, curves: null, parent, isHeld: false, saved: null });
    this.#rowByNumber.set(trial.number, row);
    this.numbers[row] = trial.number;
    this.states[row] = trialStateCodes[trial.state];
    this.losses.fill(Number.NaN, row * this.objectiveCount, (row + 1) * this.objectiveCount);
    this.violations[row] = Number.NaN;
    this.fidelities[row] = parent?.step ?? Number.NaN;
    this.targets[row] = trial.target ?? Number.NaN;
    this.finishSeqs[row] = Number.NaN;
    this.durationsMs[row] = Number.NaN;
    this.#setPoint(row, isComplete);
  }

  /** The sampler completed an enqueued config. */
  fill(trialNumber: number, config: Config, note: JsonObject | null, bracket: number, target: number | null = null): void {
    const row = this.#rowByNumber.get(trialNumber);
    if (row === undefined) return;
    const record = this.#records[row];
    record.config = config;
    record.note = note;
    record.bracket = bracket;
    this.targets[row] = target ?? Number.NaN;
    this.#configs.change(row);
    this.#setPoint(row, this.#space.check(config).length === 0);
  }

  setState(trialNumber: number, state: TrialState): void {
    const row = this.#rowByNumber.get(trialNumber);
    if (row === undefined || !unfinishedCodes.has(this.states[row])) return;
    this.states[row] = trialStateCodes[state];
    this.#changes.note(row);
  }

  /** Whether a person's word keeps it from going on, once it is paused. */
  setHeld(trialNumber: number, isHeld: boolean): void {
    const row = this.#rowByNumber.get(trialNumber);
    if (row === undefined || this.#records[row].isHeld === isHeld) return;
    this.#records[row].isHeld = isHeld;
    this.#changes.note(row);
  }

  /** One of its replicates has put a checkpoint on record. */
  addCheckpoint(trialNumber: number, replicate: number): void {
    const row = this.#rowByNumber.get(trialNumber);
    if (row === undefined || replicate >= this.#replicateCount) return;
    const record = this.#records[row];
    record.saved ??= new Set();
    record.saved.add(replicate);
    this.#changes.note(row);
  }

  /** It is started or resumed to train to `target`, and now in `state`. */
  aim(trialNumber: number, target: number | null, state: TrialState): void {
    const row = this.#rowByNumber.get(trialNumber);
    if (row === undefined || !unfinishedCodes.has(this.states[row])) return;
    this.targets[row] = target ?? Number.NaN;
    this.setState(trialNumber, state);
  }

  /** @returns Whether its fidelity is now one that all replicates have reported. */
  report(trialNumber: number, report: RecordedReport): boolean {
    const row = this.#rowByNumber.get(trialNumber);
    if (row === undefined || !unfinishedCodes.has(this.states[row])) return false;
    const curves = this.#records[row].curves ?? this.#openCurves(row);
    curves.add(report);
    const { count, fidelities, losses } = curves.curve();
    if (count > 0) {
      const m = this.objectiveCount;
      this.fidelities[row] = fidelities[count - 1];
      for (let k = 0; k < m; k++) this.losses[row * m + k] = losses[(count - 1) * m + k];
    }
    this.#changes.note(row);
    return count > 0 && fidelities.lastIndexOf(report.fidelity, count - 1) >= 0;
  }

  finish(trialNumber: number, end: FinishedTrial, seq: number): void {
    this.finishedCount++;
    if (end.state === "complete") this.completeCount++;
    this.loadFinish(trialNumber, end, seq);
    if (isWindowRefresh(this.finishedCount, this.#sizes)) this.#narrow();
  }

  /** Like `finish` for a trial that is part of the counts already. */
  loadFinish(trialNumber: number, end: FinishedTrial, seq: number): void {
    if (!isTerminal(end.state)) throw new Error(`${end.state} is not an end`);
    const row = this.#rowByNumber.get(trialNumber);
    if (row !== undefined) {
      this.states[row] = trialStateCodes[end.state];
      if (end.losses !== null) this.losses.set(end.losses, row * this.objectiveCount);
      this.violations[row] = end.violation;
      this.finishSeqs[row] = seq;
      this.durationsMs[row] = end.durationMs ?? Number.NaN;
      this.#changes.note(row);
    }
  }

  #openCurves(row: number): CurveRecorder {
    const curves = createCurveRecorder(this.objectiveCount, this.#replicateCount);
    this.#records[row].curves = curves;
    return curves;
  }

  // See `windowSizes` for the rule.
  #narrow(): void {
    const keep: number[] = [];
    const finished: number[] = [];
    for (const row of this.rows) (unfinishedCodes.has(this.states[row]) ? keep : finished).push(row);
    this.#compact(new Set([...keep, ...keptFinished(finished, this, this.#sizes)]));
  }

  #compact(keep: ReadonlySet<number>): void {
    const { dimensionCount: d, objectiveCount: m } = this;
    const records: Row[] = [];
    const kept: number[] = [];
    for (let row = 0; row < this.#records.length; row++) {
      if (!keep.has(row)) {
        this.#rowByNumber.delete(this.numbers[row]);
        continue;
      }
      const to = kept.length;
      kept.push(row);
      records.push(this.#records[row]);
      this.numbers[to] = this.numbers[row];
      this.states[to] = this.states[row];
      this.violations[to] = this.violations[row];
      this.fidelities[to] = this.fidelities[row];
      this.targets[to] = this.targets[row];
      this.finishSeqs[to] = this.finishSeqs[row];
      this.durationsMs[to] = this.durationsMs[row];
      this.points.copyWithin(to * d, row * d, (row + 1) * d);
      this.losses.copyWithin(to * m, row * m, (row + 1) * m);
      this.#rowByNumber.set(this.numbers[to], to);
    }
    this.#records = records;
    this.#configs.keep(kept);
    this.#changes.restart();
  }

  #setPoint(row: number, isComplete: boolean): void {
    const d = this.dimensionCount;
    const config = this.config(row);
    fillPoint(this.points, row * d, isComplete ? this.#space.encode(config, this.#point) : null, d);
    this.#changes.note(row);
  }

  #grow(size: number): void {
    if (size <= this.states.length) return;
    const capacity = 2 * this.states.length;
    this.#allRows = ascending(capacity);
    this.numbers = growInt32(this.numbers, capacity);
    this.states = growUint8(this.states, capacity);
    this.points = growFloat64(this.points, capacity * this.dimensionCount);
    this.losses = growFloat64(this.losses, capacity * this.objectiveCount);
    this.violations = growFloat64(this.violations, capacity);
    this.fidelities = growFloat64(this.fidelities, capacity);
    this.targets = growFloat64(this.targets, capacity);
    this.finishSeqs = growFloat64(this.finishSeqs, capacity);
    this.durationsMs = growFloat64(this.durationsMs, capacity);
  }
}

function ascending(length: number): Int32Array {
  return Int32Array.from({ length }, (_, i) => i);
}
