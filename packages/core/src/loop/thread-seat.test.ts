import { expect, test } from "vitest";
import { webHost } from "../host.ts";
import type { Checkpoint, Job } from "./engine.ts";
import type { FromThread, ToThread } from "./thread-messages.ts";
import { ThreadSeat } from "./thread-seat.ts";

const job: Job = {
  ...{ ref: { studyId: "s", trial: 1, replicate: 0, attempt: 1 }, config: {}, suggested: {}, seed: 1, fold: null },
  ...{ target: 9, maxFidelity: 9, checkpoint: { step: 4, location: "[1]" }, decisionFidelities: [], confirm: false },
};

test("a state that a thread saves goes on record before the thread hears of it, and the one before is taken off", async () => {
  let say: (message: FromThread) => void = () => {};
  const told: ToThread[] = [];
  const thread = {
    post: (message: unknown) => void told.push(message as ToThread),
    onMessage: (listener: (message: unknown) => void) => {
      say = listener;
    },
    onExit: () => {},
    close: async () => {},
  };
  const surroundings = { objectiveNames: ["loss"], fidelityUnit: "steps", drawSeed: null, host: webHost() } as const;
  const seat = new ThreadSeat(() => thread, surroundings);
  const onRecord: Checkpoint[] = [];
  const dropped: number[] = [];
  const listener = {
    onReport: async () => ({ kind: "continue" }) as const,
    onValues: async () => {},
    onCheckpoint: async (checkpoint: Checkpoint) => void onRecord.push(checkpoint),
    onCheckpointDropped: async ({ step }: Checkpoint) => dropped.push(step) > 0,
    onEnd: async () => {},
  };
  seat.start(job, listener, () => {});
  say({ kind: "ready" });
  say({ kind: "save", id: 0, saved: { step: 5, state: [2] } });
  say({ kind: "save", id: 1, saved: { step: 6, state: { w: 3 } } });
  say({ kind: "save", id: 2, saved: { step: 7, state: Number.NaN } });
  while (told.length < 4) await webHost().sleep(1);
  expect(told[0]).toMatchObject({ kind: "start", job });
  const message = "state: NaN found; allowed: a finite number";
  expect(told.slice(1)).toEqual(
    expect.arrayContaining([
      { kind: "answer", id: 0, word: "continue" },
      { kind: "answer", id: 1, word: "continue" },
      { kind: "refusal", id: 2, message },
    ]),
  );
  expect(onRecord).toEqual([
    { step: 5, location: "[2]" },
    { step: 6, location: '{"w":3}' },
  ]);
  expect(dropped).toEqual([5]);
});
