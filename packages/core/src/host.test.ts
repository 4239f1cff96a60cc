import { afterEach, describe, expect, test, vi } from "vitest";
import { createAbort, threadPort, webHost } from "./host.ts";

afterEach(() => vi.unstubAllGlobals());

describe("webHost", () => {
  test("its sleep lasts, ends at once when told to, and never overflows a timer", async () => {
    const host = webHost();
    const startedMs = host.monotonicMs();
    await host.sleep(15);
    expect(host.monotonicMs() - startedMs).toBeGreaterThanOrEqual(14);
    const told = createAbort();
    let isOver = false;
    const long = host.sleep(2 ** 40, told.signal).then(() => {
      isOver = true;
    });
    await host.sleep(20);
    expect(isOver).toBe(false);
    told.abort("enough");
    await long;
    await host.sleep(2 ** 40, told.signal);
    expect([told.signal.aborted, told.signal.reason]).toEqual([true, "enough"]);
  });

  test("its entropy is a whole number below 2^53 and differs", () => {
    const drawn = Array.from({ length: 200 }, webHost().entropy);
    expect(new Set(drawn).size).toBe(200);
    expect(drawn.every((value) => Number.isSafeInteger(value) && value >= 0)).toBe(true);
    expect(Math.max(...drawn)).toBeGreaterThan(2 ** 50);
  });

  test("has threads where the runtime has Web Workers, and only there", () => {
    vi.stubGlobal("Worker", FakeWorker);
    expect(webHost().startThread).toBeTypeOf("function");
    vi.unstubAllGlobals();
    if (!("Worker" in globalThis)) expect(webHost().startThread).toBeUndefined();
  });

  test("a Web Worker's messages come through; its error and its end are told as an exit", async () => {
    vi.stubGlobal("Worker", FakeWorker);
    const thread = webHost().startThread?.("./train.js");
    const [worker] = FakeWorker.made.splice(0);
    const heard: unknown[] = [];
    thread?.onMessage((message) => heard.push(message));
    thread?.onExit((message) => heard.push(`exit: ${message}`));
    thread?.post("hello");
    worker.emit("message", { data: { kind: "ready" } });
    worker.emit("error", { message: "no such module" });
    worker.emit("error", {});
    expect([worker.url, worker.posted, worker.isTerminated]).toEqual(["./train.js", ["hello"], true]);
    expect(heard).toEqual([{ kind: "ready" }, "exit: no such module", "exit: ./train.js could not be run"]);
    await thread?.close();
    expect(heard.at(-1)).toBe("exit: the thread was closed");
  });
});

describe("threadPort", () => {
  test("is null on a main thread", () => {
    expect(threadPort()).toBeNull();
  });

  test("is the platform's own where there is one, else that of the Web Worker", () => {
    const port = { post: () => {}, onMessage: () => {} };
    vi.stubGlobal("tunesmithThreadPort", port);
    expect(threadPort()).toBe(port);
    vi.unstubAllGlobals();
    const posted: unknown[] = [];
    const listeners: ((event: { data: unknown }) => void)[] = [];
    vi.stubGlobal("WorkerGlobalScope", class {});
    vi.stubGlobal("postMessage", (message: unknown) => posted.push(message));
    vi.stubGlobal("addEventListener", (_: string, listener: (event: { data: unknown }) => void) => listeners.push(listener));
    const heard: unknown[] = [];
    threadPort()?.post("hello");
    threadPort()?.onMessage((message) => heard.push(message));
    listeners[0]({ data: 7 });
    expect([posted, heard]).toEqual([["hello"], [7]]);
  });
});

/** What a runtime's Web Worker shows of itself. */
class FakeWorker {
  static readonly made: FakeWorker[] = [];
  readonly posted: unknown[] = [];
  readonly url: string;
  isTerminated = false;
  readonly #listeners: [string, (event: object) => void][] = [];

  constructor(url: string) {
    this.url = url;
    FakeWorker.made.push(this);
  }

  postMessage(message: unknown): void {
    this.posted.push(message);
  }

  addEventListener(type: string, listener: (event: object) => void): void {
    this.#listeners.push([type, listener]);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  emit(type: string, event: object): void {
    for (const [of, listener] of this.#listeners) if (of === type) listener(event);
  }
}
