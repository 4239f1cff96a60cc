/**
 * What core asks of the outside world. The only file of core, beside kernels in other formats, that declares globals:
 * everything else is a pure function of its arguments or receives a `Host`.
 */

declare const performance: { now(): number };
declare const crypto: { getRandomValues(array: Uint32Array): Uint32Array };
declare function setTimeout(callback: () => void, delayMs: number): unknown;
declare function clearTimeout(timer: unknown): void;

interface MinimalAbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** The platform's own `AbortSignal` where its types are loaded, else the part of it that core listens to. */
export type AbortSignalLike = typeof globalThis extends { AbortSignal: { prototype: infer Signal } }
  ? Signal
  : MinimalAbortSignal;

declare class AbortController {
  readonly signal: AbortSignalLike;
  abort(reason?: unknown): void;
}

/** A signal and the way to raise it. */
export interface Abort {
  readonly signal: AbortSignalLike;
  abort(reason?: unknown): void;
}

export function createAbort(): Abort {
  return new AbortController();
}

/** A worker that runs an objective module in a thread of its own; created by the platform's package. */
export interface ObjectiveThread {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onExit(listener: (message: string) => void): void;
  close(): Promise<void>;
}

export interface Host {
  /** Milliseconds from an arbitrary origin that never run backwards. */
  monotonicMs(): number;
  /** Resolves after `delayMs`, or at once when `signal` aborts; never rejects. */
  sleep(delayMs: number, signal?: AbortSignalLike): Promise<void>;
  /** An unpredictable integer in [0, 2^53 − 1], to draw a seed when the user gave none. */
  entropy(): number;
  /** Milliseconds since 1970, for the instants that are stored; samplers see only how long trials took, and only where no seed was chosen. */
  wallClockMs(): number;
  /** Starts a thread for an objective module; absent where the runtime has none. */
  startThread?(objectiveModule: string): ObjectiveThread;
}

/** A thread's end of the line to whoever started it. */
export interface ThreadPort {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
}

interface WebWorkerScope {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

/** The port of the thread this runs in; null on a main thread. A platform without Web Workers puts its port at `tunesmithThreadPort`. */
export function threadPort(): ThreadPort | null {
  const scope = globalThis as unknown as Partial<WebWorkerScope> & {
    readonly tunesmithThreadPort?: ThreadPort;
    readonly WorkerGlobalScope?: unknown;
  };
  if (scope.tunesmithThreadPort !== undefined) return scope.tunesmithThreadPort;
  if (scope.WorkerGlobalScope === undefined) return null;
  const { postMessage, addEventListener } = scope as WebWorkerScope;
  return {
    post: (message) => postMessage.call(scope, message),
    onMessage: (listener) => addEventListener.call(scope, "message", ({ data }) => listener(data)),
  };
}

interface WebWorker extends WebWorkerScope {
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "error", listener: (event: { readonly message?: string }) => void): void;
  terminate(): void;
}

function startWebWorker(objectiveModule: string): ObjectiveThread {
  const { Worker } = globalThis as unknown as {
    readonly Worker: new (url: string, options: { readonly type: "module" }) => WebWorker;
  };
  const worker = new Worker(objectiveModule, { type: "module" });
  let gone: (message: string) => void = () => {};
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => worker.addEventListener("message", ({ data }) => listener(data)),
    onExit(listener) {
      gone = listener;
      worker.addEventListener("error", ({ message }) => {
        worker.terminate();
        listener(message ?? `${objectiveModule} could not be run`);
      });
    },
    async close() {
      worker.terminate();
      gone("the thread was closed");
    },
  };
}

// setTimeout treats delays above 2^31 − 1 ms as 1 ms.
const longestTimerMs = 2 ** 31 - 1;

function sleep(delayMs: number, signal?: AbortSignalLike): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const deadline = performance.now() + delayMs;
    let timer: unknown;
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    // A timer may fire a little early: then it is set again for the rest.
    const arm = (): void => {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) finish();
      else timer = setTimeout(arm, Math.min(leftMs, longestTimerMs));
    };
    signal?.addEventListener("abort", finish, { once: true });
    timer = setTimeout(arm, Math.min(delayMs, longestTimerMs));
  });
}

/** A host made of what browsers, Node and the other JavaScript runtimes share. */
export function webHost(): Host {
  return {
    monotonicMs: () => performance.now(),
    sleep,
    entropy() {
      const words = crypto.getRandomValues(new Uint32Array(2));
      return (words[0] >>> 11) * 2 ** 32 + words[1];
    },
    wallClockMs: () => globalThis.Date.now(),
    ...("Worker" in globalThis ? { startThread: startWebWorker } : {}),
  };
}
