import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { type Host, type ObjectiveThread, webHost } from "@tunesmith/core";

/** The host of Node: what all runtimes share, and worker threads. */
export function nodeHost(): Host {
  return { ...webHost(), startThread: startWorkerThread };
}

/** An unguessable name that is safe as a file name: 80 random bits. */
export function randomId(): string {
  return randomBytes(10).toString("hex");
}

function startWorkerThread(objectiveModule: string): ObjectiveThread {
  const worker = new Worker(fileURLToPath(new URL("./objective-thread.js", import.meta.url)), { workerData: objectiveModule });
  let cause: string | null = null;
  worker.on("error", (error: unknown) => {
    cause = error instanceof Error ? error.message : String(error);
  });
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => void worker.on("message", listener),
    onExit(listener) {
      worker.on("exit", (code) => listener(cause ?? exitMessage(objectiveModule, code)));
    },
    async close() {
      await worker.terminate();
    },
  };
}

function exitMessage(objectiveModule: string, code: number): string {
  if (code !== 0) return `the thread ended with exit code ${code}`;
  return `the thread of ${objectiveModule} ended; does the module call exposeObjective?`;
}
