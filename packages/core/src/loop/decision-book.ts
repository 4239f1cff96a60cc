import type { AttemptRef, Decision } from "../trial/trial.ts";
import { jobKey } from "./job-key.ts";

interface StepDecision {
  readonly step: number;
  readonly decision: Decision;
}

/** What was decided about the attempts that run here, by the policy or a person: the first decision other than continue stands. */
export class DecisionBook {
  readonly #ask: (row: number) => Decision;
  readonly #decided = new Map<string, StepDecision | { readonly fault: unknown } | null>();
  readonly #heard = new Set<string>();

  /** @param ask  Asks the policy about a row of the history. */
  constructor(ask: (row: number) => Decision) {
    this.#ask = ask;
  }

  open(ref: AttemptRef): void {
    this.#decided.set(jobKey(ref), null);
  }

  forget(ref: AttemptRef): void {
    this.#decided.delete(jobKey(ref));
    this.#heard.delete(jobKey(ref));
  }

  /** Whether it runs here and nothing was decided about it. */
  isUndecided(ref: AttemptRef): boolean {
    return this.#decided.get(jobKey(ref)) === null;
  }

  /** Takes in what another process has put on record about an attempt: it stands, whatever the policy says meanwhile. */
  hear(ref: AttemptRef, step: number, decision: Decision): void {
    const key = jobKey(ref);
    if (!this.#decided.has(key)) return;
    this.#decided.set(key, { step, decision });
    this.#heard.add(key);
  }

  /** What another process decided about an attempt. */
  heard(ref: AttemptRef): Decision | null {
    return this.#heard.has(jobKey(ref)) ? this.known(ref) : null;
  }

  /** Asks about an attempt whose report is the newest event of the history; of attempts that run elsewhere nothing is asked. */
  decide(ref: AttemptRef, step: number, row: number): void {
    const key = jobKey(ref);
    if (row < 0 || this.#decided.get(key) !== null) return;
    try {
      const decision = this.#ask(row);
      if (decision.kind !== "continue") this.#decided.set(key, { step, decision });
    } catch (fault) {
      // Whoever reported hears of it; the history it came from is whole.
      this.#decided.set(key, { fault });
    }
  }

  /** The decision about an attempt, null to continue. @throws What the policy threw. */
  of(ref: AttemptRef): StepDecision | null {
    const decided = this.#decided.get(jobKey(ref)) ?? null;
    if (decided !== null && "fault" in decided) throw decided.fault;
    return decided;
  }

  /** The decision about an attempt, null if there is none. */
  known(ref: AttemptRef): Decision | null {
    const decided = this.#decided.get(jobKey(ref)) ?? null;
    return decided === null || "fault" in decided ? null : decided.decision;
  }
}
