// Entry of a worker thread: gives the objective module the port that `exposeObjective` looks for, then loads it.
import { parentPort, workerData } from "node:worker_threads";
import type { ThreadPort } from "@tunesmith/core";

const port = parentPort;
if (port === null) throw new Error("this file runs in a worker thread only");
const threadPort: ThreadPort = {
  post: (message) => port.postMessage(message),
  onMessage: (listener) => void port.on("message", listener),
};
Object.defineProperty(globalThis, "tunesmithThreadPort", { value: threadPort });
await import(workerData as string);
