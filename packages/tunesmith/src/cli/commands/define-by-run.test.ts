import { createStudy, float, type Storage } from "@tunesmith/core";
import { beforeEach, describe, expect, test } from "vitest";
import { best } from "./best.ts";
import { exportStudyCommand } from "./export.ts";
import { show } from "./show.ts";
import { capturedContext, laterMs, stageStorage } from "./testing/command-stage.ts";
import { trials } from "./trials.ts";

describe("values that the training code drew are shown like those of the config", () => {
  let storage: Storage;

  beforeEach(async () => {
    storage = stageStorage();
    const study = await createStudy({
      ...{ name: "net", parameters: { lr: float(0, 1) }, defineByRun: true, sampler: "random", seed: 1, storage },
      ...{ budget: { trials: 2 } },
    });
    await study.enqueue([{ lr: 0.25 }, { lr: 0.75 }]);
    await study.optimize((trial) => {
      const layers = trial.suggestInt("layers", trial.number + 1, trial.number + 1);
      const width = trial.number === 0 ? trial.suggestCategorical("width", [64]) : 0;
      return trial.params.lr + layers + width / 1e3;
    });
    await study.close();
  });

  test("best, as a table, as arguments and as JSON", async () => {
    const [table, words, json, params] = [
      capturedContext(),
      capturedContext(),
      capturedContext({ json: true }),
      capturedContext(),
    ];
    await best(table, storage);
    expect(table.lines.slice(0, 2)).toEqual(["best  #0   value 1.314", "      lr 0.25   layers 1   width 64"]);
    await best(words, storage, { args: true });
    expect(words.lines).toEqual(["--lr=0.25 --layers=1 --width=64"]);
    await best(json, storage);
    expect(JSON.parse(json.lines[0]).best.config).toEqual({ lr: 0.25, layers: 1, width: 64 });
    await best(params, storage, { params: true });
    expect(params.lines).toEqual(['{"lr":0.25,"layers":1,"width":64}']);
  });

  test("trials, with a column for every name; CSV", async () => {
    const table = capturedContext();
    await trials(table, storage, { nowMs: laterMs });
    expect(table.lines).toEqual([
      "#  state       value  lr    layers  width  why       when",
      "0  complete ★  1.314  0.25  1       64     enqueued  2 m ago",
      "1  complete     2.75  0.75  2              enqueued  2 m ago",
    ]);
    const csv = capturedContext();
    await exportStudyCommand(csv, storage, { csv: true });
    const cells = csv.lines.map((line) => line.split(",").slice(-3));
    expect(cells).toEqual([
      ["params.lr", "params.layers", "params.width"],
      ["0.25", "1", "64"],
      ["0.75", "2", ""],
    ]);
  });

  test("show, of the study and of a trial beside the best; only declared ones can be enqueued", async () => {
    const study = capturedContext();
    await show(study, storage, { nowMs: laterMs });
    expect(study.lines).toContain("         lr 0.25   layers 1   width 64");
    const trial = capturedContext();
    await show(trial, storage, { trial: 1, nowMs: laterMs });
    expect(trial.lines).toContain("config   lr 0.75   layers 2");
    expect(trial.lines).toContain("         lr 0.75 ↔ 0.25   layers 2 ↔ 1   width – ↔ 64");
    expect(trial.lines.at(-1)).toBe("         tunesmith enqueue net lr=0.75");
  });
});
