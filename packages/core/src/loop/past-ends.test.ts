import { expect, test } from "vitest";
import { createMemoryStorage } from "../index.ts";
import { float } from "../parameters/build-parameter.ts";
import { completeEnd, newStudy, StorageStage } from "../testing/storage-stage.ts";
import { testProblem } from "../testing/test-study.ts";
import { HistoryFeed } from "./history-feed.ts";
import { finishedInView, readPastEnds } from "./past-ends.ts";

test("past ends are in the order they came, up to an event, those that do not fit any more without a config", async () => {
  const storage = createMemoryStorage({ wallClockMs: () => 0, studyId: () => "study" });
  const stage = new StorageStage(storage, await storage.createStudy(newStudy("s")), async () => storage);
  for (const x of [0.1, 7, 0.3, 0.4]) await stage.running({ config: { x } });
  for (const trial of [2, 1, 0]) await storage.end(stage.ref(trial), completeEnd(trial));
  const feed = new HistoryFeed({ ...testProblem({ parameters: { x: float(0, 1) } }), revision: 2 });
  const all = await readPastEnds(storage, stage.id, feed, 1_000);
  expect(all.map(({ number, config, end }) => [number, config, end.losses])).toEqual([
    [2, { x: 0.3 }, [2]],
    [1, null, [1]],
    [0, { x: 0.1 }, [0]],
  ]);
  const [, second] = all;
  expect((await readPastEnds(storage, stage.id, feed, second.finishedSeq)).map(({ number }) => number)).toEqual([2, 1]);
  expect([...finishedInView(all, 1)].sort()).toEqual([0, 2]);
});
