import type { Job } from "../loop/engine.ts";
import type { DecisionWord } from "../loop/objective-trial.ts";
import type { Config } from "../parameters/parameter.ts";
import type { Metrics, Outcome, Trial } from "../trial/trial.ts";
import { TunesmithError, throwFaults } from "../tunesmith-error.ts";
import type { StudyParts } from "./study.ts";

/** A trial that the caller trains by itself and then tells. */
export interface AskedTrial<Params> {
  readonly number: number;
  readonly params: Params;
  readonly seed: number;
  readonly target: number | null;
  report(step: number, metrics: Metrics | number): Promise<DecisionWord>;
}

export type TellResult = number | Metrics | { readonly failed: string };

export async function ask<Params>(parts: StudyParts, fixed: Config): Promise<AskedTrial<Params>> {
  const { session, asked } = parts;
  throwFaults("ask", session.problem.space.checkPartial(fixed));
  const next = await session.ask(fixed);
  if (next.kind !== "job") throw new TunesmithError("budget-spent", `${session.record.name} has nothing left to try`);
  const { job } = next;
  asked.set(job.ref.trial, job);
  return {
    number: job.ref.trial,
    params: job.config as unknown as Params,
    seed: job.seed,
    target: job.target,
    async report(step, said) {
      const metrics = typeof said === "number" ? { [session.problem.objectives[0].name]: said } : said;
      return (await session.report(job, [{ step, fidelity: step, metrics }])).kind;
    },
  };
}

export async function tell(parts: StudyParts, number: number, result: TellResult | undefined): Promise<Trial> {
  const job = parts.asked.get(number);
  if (job === undefined) throw new TunesmithError("wrong-state", `trial ${number} was not asked for, or is told already`);
  const { trial } = await parts.session.end(job, outcomeOf(parts, job, result), null);
  parts.asked.delete(number);
  return trial;
}

function outcomeOf({ session }: StudyParts, job: Job, result: TellResult | undefined): Outcome {
  if (result === undefined) return { kind: "complete", metrics: {} };
  if (typeof result === "object" && "failed" in result && typeof result.failed === "string")
    return { kind: "failed", reason: "error", message: result.failed };
  const { objectives } = session.problem;
  if (typeof result === "number") {
    if (objectives.length !== 1)
      throw new TunesmithError(
        "invalid-input",
        `trial ${job.ref.trial}: one number for ${objectives.length} objectives; name them`,
      );
    return { kind: "complete", metrics: { [objectives[0].name]: result } };
  }
  return { kind: "complete", metrics: result as Metrics };
}
