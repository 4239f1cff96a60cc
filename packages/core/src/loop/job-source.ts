import type { Config } from "../parameters/parameter.ts";
import type { Intent } from "../policies/policy.ts";
import type { OpenReplicate, StudyCause } from "../storage/storage.ts";
import type { AttemptRef, Decision, Trial } from "../trial/trial.ts";
import { type TrialState, trialStateCodes } from "../trial/trial-state.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import { maySuggest } from "./budget.ts";
import type { Checkpoint, Job } from "./engine.ts";
import { attemptJob, suggestContext, trialDraft } from "./next-job.ts";
import { readTrial } from "./read-trial.ts";
import type { StudySession } from "./study-session.ts";

/** A claimed attempt. */
export interface JobStep {
  readonly kind: "job";
  readonly job: Job;
  /** Recorded about an attempt whose runner died before it acted on it: nothing is to be run, only its end to be recorded. */
  readonly decided: Decision | null;
}

/** What to do with a free slot. */
export type NextStep =
  | JobStep
  /** Nothing can start now; `retryAtMs` on the host's monotonic clock if a back-off is what keeps it. */
  | { readonly kind: "wait"; readonly retryAtMs: number | null }
  /** The search may start no more trials; those that run may still end. */
  | { readonly kind: "finish"; readonly cause: StudyCause };

/**
 * Where a study's next job comes from: what waits in the queue, else what its policy suggests. Each method claims what it gives and
 * is called with the newest history, one at a time.
 *
 * All throw a `TunesmithError` `wrong-state` or `budget-spent` when another process was faster.
 */
export class JobSource {
  readonly #session: StudySession;
  readonly #onClaimed: (ref: AttemptRef) => void;
  readonly #notBeforeMs = new Map<string, number>();

  constructor(session: StudySession, onClaimed: (ref: AttemptRef) => void) {
    this.#session = session;
    this.#onClaimed = onClaimed;
  }

  async next(inOrder: boolean): Promise<NextStep> {
    const end = this.#session.budgetEnd();
    if (end !== null) return { kind: "finish", cause: end };
    const waiting = await this.#claimWaiting(false);
    if (waiting?.kind === "job" || (inOrder && waiting !== null)) return waiting;
    const suggested = await this.#suggest("sampler", null);
    return suggested.kind === "job" ? suggested : (waiting ?? suggested);
  }

  async nextToConfirm(): Promise<NextStep> {
    return (await this.#claimWaiting(true)) ?? { kind: "finish", cause: "trials" };
  }

  async ask(fixed: Config): Promise<NextStep> {
    const end = this.#session.budgetEnd();
    if (end !== null) return { kind: "finish", cause: end };
    if (Object.keys(fixed).length > 0) return this.#suggest("ask", fixed);
    const waiting = await this.#claimWaiting(false);
    return waiting?.kind === "job" ? waiting : this.#suggest("ask", null);
  }

  backOff(trial: number, replicate: number, untilMs: number): void {
    this.#notBeforeMs.set(`${trial}.${replicate}`, untilMs);
  }

  /** @returns Null if nothing waits. */
  async #claimWaiting(confirm: boolean): Promise<NextStep | null> {
    const { storage, studyId, host } = this.#session;
    let retryAtMs: number | null = null;
    for (const open of await storage.openReplicates(studyId)) {
      if (open.state !== "queued" || open.confirm !== confirm) continue;
      const key = `${open.trial}.${open.replicate}`;
      const notBeforeMs = this.#notBeforeMs.get(key) ?? Number.NEGATIVE_INFINITY;
      if (notBeforeMs > host.monotonicMs()) {
        retryAtMs = Math.min(retryAtMs ?? notBeforeMs, notBeforeMs);
        continue;
      }
      if (open.open) return this.#fill(open.trial);
      const decided = await this.#decidedOf(open);
      const attempt = await storage.claim(studyId, open.trial, open.replicate);
      this.#notBeforeMs.delete(key);
      return this.#job(open.trial, open.replicate, attempt, decided);
    }
    return retryAtMs === null ? null : { kind: "wait", retryAtMs };
  }

  /**
   * What was decided about the replicate when its runner died, if nobody acted on it. A stop ends it for good; a pause counts only for
   * the attempt it was taken about, because a person or the policy may have resumed it since.
   */
  async #decidedOf({ trial, replicate, attempt, reason }: OpenReplicate): Promise<Decision | null> {
    if (reason !== "lease_lost" && reason !== "preempted") return null;
    const { storage, studyId } = this.#session;
    const decisions = await storage.getDecisions(studyId, trial);
    const last = decisions.findLast((each) => each.replicate === replicate);
    return last !== undefined && (last.decision.kind === "stop" || last.attempt === attempt) ? last.decision : null;
  }

  /** Lets the sampler complete an enqueued config. */
  async #fill(trialNumber: number): Promise<NextStep> {
    const { storage, studyId, policy, problem, history } = this.#session;
    const { fixed, source } = await readTrial(storage, studyId, trialNumber);
    const intent = await policy.fill(problem, history, suggestContext(problem, trialNumber, fixed ?? {}));
    if (intent.kind !== "start") return { kind: "wait", retryAtMs: null };
    const draft = trialDraft(problem, history.seq, intent, trialNumber, { source, fixed });
    return this.#job(trialNumber, 0, await storage.fillTrial(studyId, trialNumber, draft));
  }

  async #suggest(source: Trial["source"], fixed: Config | null): Promise<NextStep> {
    const { storage, studyId, policy, problem, history, settings } = this.#session;
    const isSpent = !maySuggest(settings.budget, this.#session.progress());
    // Paused trials may go on when no new one may start.
    if (isSpent && (fixed !== null || !this.#has("paused"))) return { kind: "finish", cause: "trials" };
    const trialNumber = history.trialCount;
    const context = suggestContext(problem, trialNumber, fixed ?? {});
    const suggested = fixed === null ? policy.next(problem, history, context) : policy.fill(problem, history, context);
    const intent: Intent = await suggested;
    // Once no new trial may start, only those under way could change the policy's mind.
    const isStuck = isSpent && !this.#has("running") && !this.#has("queued");
    if (intent.kind === "wait" && !isStuck) return { kind: "wait", retryAtMs: null };
    if (intent.kind === "resume") {
      await storage.resume(studyId, intent.trial, intent.target);
      return (await this.#claimWaiting(false)) ?? { kind: "wait", retryAtMs: null };
    }
    if (intent.kind === "exploit") return this.#exploit(intent, trialNumber);
    if (isSpent) return { kind: "finish", cause: "trials" };
    if (intent.kind !== "start") return { kind: "finish", cause: "exhausted" };
    const draft = trialDraft(problem, history.seq, intent, trialNumber, { source, fixed });
    await storage.addTrials(studyId, [draft], settings.budget.trials ?? null, trialNumber);
    return this.#job(trialNumber, 0, 1);
  }

  /** @throws {TunesmithError} `wrong-state` also if the parent has no checkpoint; `refused` if fidelity is not counted in steps. */
  async #exploit(intent: Extract<Intent, { kind: "exploit" }>, trialNumber: number): Promise<NextStep> {
    const { storage, studyId, problem, history } = this.#session;
    if (problem.fidelity?.unit !== "steps")
      throw new TunesmithError("refused", "a child begins at the step of a checkpoint, so the fidelity must be counted in steps");
    const { trial, parent, suggestion } = intent;
    const draft = trialDraft(problem, history.seq, intent, trialNumber, { source: "child", fixed: null });
    const childDraft = { ...draft, source: "child", begin: "claimed", parent } as const;
    await storage.exploit(studyId, trial, suggestion.why, childDraft, trialNumber);
    return this.#job(trialNumber, 0, 1);
  }

  #has(state: TrialState): boolean {
    const { rows, states } = this.#session.history;
    return rows.some((row) => states[row] === trialStateCodes[state]);
  }

  async #job(number: number, replicate: number, attempt: number, decided: Decision | null = null): Promise<JobStep> {
    const { storage, studyId, problem, policy } = this.#session;
    const ref: AttemptRef = { studyId, trial: number, replicate, attempt };
    const trial = await readTrial(storage, studyId, number);
    const checkpoint = problem.fidelity?.resume === "no" ? null : await this.#checkpointFor(trial, replicate, attempt);
    const job = attemptJob(problem, policy, ref, trial, checkpoint);
    if (!job.confirm) this.#onClaimed(ref);
    return { kind: "job", job, decided };
  }

  async #checkpointFor({ number, parent }: Trial, replicate: number, attempt: number): Promise<Checkpoint | null> {
    const { storage, studyId } = this.#session;
    const own = attempt > 1 ? await storage.getCheckpoints(studyId, number, replicate) : [];
    if (own.length > 0 || parent === null) return own[0] ?? null;
    const parents = await storage.getCheckpoints(studyId, parent.trial, replicate);
    return parents.find(({ step }) => step === parent.step) ?? null;
  }
}
