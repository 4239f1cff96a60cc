import { threadPort, webHost } from "../host.ts";
import type { Config } from "../parameters/parameter.ts";
import type { Report } from "../trial/trial.ts";
import { LazyAbort } from "./lazy-abort.ts";
import { type DecisionWord, type Objective, runObjective } from "./objective-trial.ts";
import type { SavedState } from "./saved-state.ts";
import type { FromThread, ToThread } from "./thread-messages.ts";

/** A report, drawn values or a saved state that wait for their answer. */
interface Asked {
  answer(word: DecisionWord): void;
  refuse(error: Error): void;
}

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
  const asked = new Map<number, Asked>();
  let askedCount = 0;
  let abort = new LazyAbort();

  function ask(message: (id: number) => FromThread): Promise<DecisionWord> {
    const id = askedCount++;
    return new Promise((answer, refuse) => {
      asked.set(id, { answer, refuse });
      post(message(id));
    });
  }

  function run({ job, ...told }: Extract<ToThread, { kind: "start" }>, abort: LazyAbort): void {
    const context = {
      ...told,
      monotonicMs: webHost().monotonicMs,
      abort,
      report: (report: Report) => ask((id) => ({ kind: "report", id, report })),
      recordValues: async (values: Config) => void (await ask((id) => ({ kind: "values", id, values }))),
      saveState: async (saved: SavedState) => void (await ask((id) => ({ kind: "save", id, saved }))),
    };
    void runObjective(objective as Objective, job, context).then((outcome) => post({ kind: "end", outcome }));
  }

  function hear(message: Extract<ToThread, { id: number }>): void {
    const waiting = asked.get(message.id);
    asked.delete(message.id);
    if (message.kind === "answer") waiting?.answer(message.word);
    else waiting?.refuse(new Error(message.message));
  }

  port.onMessage((data) => {
    const message = data as ToThread;
    if (message.kind === "stop") abort.abort(message.reason);
    else if (message.kind === "start") {
      abort = new LazyAbort();
      run(message, abort);
    } else hear(message);
  });
  post({ kind: "ready" });
}
