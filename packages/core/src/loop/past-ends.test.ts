import { expect, test } from "vitest";
import { createMemoryStorage } from "../index.ts";
import { float } from "../parameters/build-parameter.ts";
import { testProblem } from "../testing/test-study.ts";
import { HistoryFeed } from "./history-feed.ts";
import { finishedInView, readPastEnds } from "./past-ends.ts";

const draft = {
  revision: 1,
  historySeq: 0,
  source: "sampler",
  fixed: null,
  note: null,
  bracket: 0,
  target: null,
  seeds: [1],
  why: null,
  begin: "claimed",
} as const;

test("past ends are in the order they came, up to an event, those that do not fit any more without a config", async () => {
  const storage = createMemoryStorage({ wallClockMs: () => 0, studyId: () => "study" });
  await storage.createStudy({ name: "s", problem: {}, settings: {}, definition: null });
  await storage.addTrials(
    "study",
    [0.1, 7, 0.3, 0.4].map((x) => ({ ...draft, config: { x } })),
    null,
  );
  for (const trial of [2, 1, 0]) {
    const metrics = { loss0: trial };
    const ref = { studyId: "study", trial, replicate: 0, attempt: 1 };
    await storage.end(ref, {
      outcome: { kind: "complete", metrics },
      retry: null,
      result: { values: [trial], standardErrors: null, metrics },
    });
  }
  const feed = new HistoryFeed({ ...testProblem({ parameters: { x: float(0, 1) } }), revision: 2 });
  const all = await readPastEnds(storage, "study", feed, 1_000);
  expect(all.map(({ number, config, end }) => [number, config, end.losses])).toEqual([
    [2, { x: 0.3 }, [2]],
    [1, null, [1]],
    [0, { x: 0.1 }, [0]],
  ]);
  const [, second] = all;
  expect((await readPastEnds(storage, "study", feed, second.finishedSeq)).map(({ number }) => number)).toEqual([2, 1]);
  expect([...finishedInView(all, 1)].sort()).toEqual([0, 2]);
});
