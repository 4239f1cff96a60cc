import type { Host } from "../host.ts";

// One frame of a display: a page that is let in this often feels alive.
const breathEveryMs = 16;

/**
 * Gives the runtime a turn when it has had none for a while.
 *
 * The loop and an objective that never waits run on promises alone, which a runtime serves before any timer, click or abort: without
 * a turn in between, those would be heard only at the end.
 */
export function createBreather(host: Pick<Host, "monotonicMs" | "sleep">): () => Promise<void> {
  let lastMs = host.monotonicMs();
  return async () => {
    if (host.monotonicMs() - lastMs < breathEveryMs) return;
    await host.sleep(0);
    lastMs = host.monotonicMs();
  };
}
