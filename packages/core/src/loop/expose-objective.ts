import { createAbort, threadPort } from "../host.ts";
import type { Decision } from "../trial/trial.ts";
import { type Objective, runObjective } from "./objective-trial.ts";
import type { FromThread, ToThread } from "./thread-engine.ts";

/**
 * Makes this module's thread run `objective` for the study that started it:
 *
 * ```ts
 * // train.js, for study.optimize(new URL("./train.js", import.meta.url))
 * exposeObjective(async (trial) => { … })
 * ```
 * Works in worker threads of Node and in Web Workers; on a main thread it does nothing.
 */
export function exposeObjective<Params>(objective: Objective<Params>): void {
  const port = threadPort();
  if (port === null) return;
  const post = (message: FromThread): void => port.post(message);
  let abort = createAbort();
  let decide: (decision: Decision) => void = () => {};
  port.onMessage((data) => {
    const message = data as ToThread;
    if (message.kind === "stop") abort.abort(message.reason);
    else if (message.kind === "decision") decide(message.decision);
    else {
      abort = createAbort();
      const context = {
        objectiveNames: message.objectiveNames,
        signal: abort.signal,
        report: (report: Extract<FromThread, { kind: "report" }>["report"]) =>
          new Promise<Decision>((resolve) => {
            decide = resolve;
            post({ kind: "report", report });
          }),
      };
      void runObjective(objective as Objective, message.job, context).then((outcome) => post({ kind: "end", outcome }));
    }
  });
  post({ kind: "ready" });
}
