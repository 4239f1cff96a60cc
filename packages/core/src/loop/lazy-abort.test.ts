import { expect, test } from "vitest";
import { LazyAbort } from "./lazy-abort.ts";

test.each(["before", "after"])("a signal that is asked for %s the abort is raised once, with the first reason", (when) => {
  const abort = new LazyAbort();
  const heard: unknown[] = [];
  if (when === "before") abort.signal.addEventListener("abort", () => heard.push(abort.signal.reason));
  expect(abort.aborted).toBe(false);
  abort.abort("stopped");
  abort.abort("released");
  expect([abort.aborted, abort.signal.aborted, abort.signal.reason]).toEqual([true, true, "stopped"]);
  expect(heard).toEqual(when === "before" ? ["stopped"] : []);
  expect(abort.signal).toBe(abort.signal);
});
