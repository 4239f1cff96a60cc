/** One thing that is wrong with an input: where, what was found and what is allowed. */
export interface Fault {
  /** Dotted path of the offending member, e.g. `parameters.lr.min`; empty for the whole. */
  readonly path: string;
  /** What was found and what is allowed, one sentence. */
  readonly message: string;
}

export type ErrorCode =
  | "invalid-input"
  | "study-exists"
  | "study-not-found"
  | "trial-not-found"
  | "stale-attempt"
  | "conflicting-report"
  | "wrong-state"
  | "budget-spent"
  | "study-locked"
  | "storage-unusable"
  | "refused";

/** Every error that Tunesmith throws on purpose. `code` is stable, `message` is for people. */
export class TunesmithError extends Error {
  override readonly name = "TunesmithError";
  readonly code: ErrorCode;
  readonly faults: readonly Fault[];

  constructor(code: ErrorCode, message: string, faults: readonly Fault[] = []) {
    super(message);
    this.code = code;
    this.faults = faults;
  }
}

/** @throws {TunesmithError} `invalid-input` with all faults, if there are any. */
export function throwFaults(what: string, faults: readonly Fault[]): void {
  if (faults.length === 0) return;
  const lines = faults.map((fault) => (fault.path === "" ? fault.message : `${fault.path}: ${fault.message}`));
  throw new TunesmithError("invalid-input", `${what}: ${lines.join("; ")}`, faults);
}
