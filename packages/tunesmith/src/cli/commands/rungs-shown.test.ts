import { createStudy, type Metrics, type Storage, type StudyOptions } from "@tunesmith/core";
import { describe, expect, test } from "vitest";
import { ls } from "./ls.ts";
import { show } from "./show.ts";
import { capturedContext, digitsParameters, laterMs, stageStorage } from "./testing/command-stage.ts";
import { trials } from "./trials.ts";

type Options = Partial<StudyOptions<typeof digitsParameters>>;

/** Epoch by epoch, the loss is the trial's own number but for its fraction: 7.5 after 2 epochs, 7.2 after 5. */
async function study(
  storage: Storage,
  options: Options,
  metrics: (number: number, epoch: number) => Metrics = (number, epoch) => ({ loss: number + 1 / epoch }),
): Promise<void> {
  const made = await createStudy({
    ...{ name: "halved", parameters: digitsParameters, sampler: "random", seed: 1, storage },
    ...{ objective: { name: "loss", goal: "minimize" }, fidelity: { name: "epochs", min: 1, max: 9 } },
    ...options,
  } as StudyOptions<typeof digitsParameters>);
  await made.optimize(async (trial) => {
    for (const epoch of trial.steps()) {
      trial.saveCheckpoint(epoch, { epoch });
      if ((await trial.report(epoch, metrics(trial.number, epoch))) !== "continue") return;
    }
  });
  await made.close();
}

/** The lines of one label. */
function section(lines: readonly string[], label: string): readonly string[] {
  const from = lines.findIndex((line) => line.startsWith(`${label} `));
  const end = lines.findIndex((line, i) => i > from && !line.startsWith(" "));
  return from < 0 ? [] : lines.slice(from, end).map((line) => line.slice(9).trimEnd());
}

async function shown(storage: Storage, trial?: number): Promise<readonly string[]> {
  const context = capturedContext();
  await show(context, storage, { nowMs: laterMs, ...(trial === undefined ? {} : { trial }) });
  return context.lines;
}

describe("rungs of a study", () => {
  test("bracket by bracket: how far, how many came, how many went on, the best there", async () => {
    const storage = stageStorage();
    await study(storage, { scheduler: "hyperband", budget: { trials: 17 } });
    expect(section(await shown(storage), "rungs")).toEqual([
      "bracket  epochs  came  went on  best there",
      "1             1     9        3  1 #0",
      "              3     3        1  0.3333 #0",
      "              9     1           0.1111 #0",
      "2             3     5        1  9.333 #9",
      "              9     1           9.111 #9",
      "3             9     3           14.11 #14",
    ]);
  });

  test("without others there is no bracket; those that wait are counted while some do", async () => {
    const storage = stageStorage();
    const made = await createStudy({
      ...{ name: "waiting", parameters: digitsParameters, sampler: "random", seed: 1, storage },
      ...{ objective: { name: "acc", goal: "maximize" }, fidelity: { name: "epochs", min: 1, max: 9 } },
      ...{ scheduler: "asha-promotion" },
    });
    const abort = new AbortController();
    let count = 0;
    await made.optimize(
      async (trial) => {
        for (const epoch of trial.steps()) if ((await trial.report(epoch, { acc: -trial.number })) !== "continue") return;
        if (++count === 6) abort.abort();
      },
      { signal: abort.signal },
    );
    await made.close();
    expect(section(await shown(storage), "rungs")).toEqual([
      "epochs  came  went on  waiting  best there",
      "     1     5        1        4  0 #0",
      "     3     1        0        1  0 #0",
      "     9     0",
    ]);
  });

  test("more brackets than have room are told by kind", async () => {
    const storage = stageStorage();
    await study(storage, { scheduler: "hyperband", budget: { trials: 60 } });
    const table = section(await shown(storage), "rungs");
    expect(table).toEqual([
      "bracket       epochs  came  went on  best there",
      "1 and 3 more       1    36       12  1 #0",
      "                   3    12        4  0.3333 #0",
      "                   9     4           0.1111 #0",
      "2 and 2 more       3    15        3  9.333 #9",
      "                   9     3           9.111 #9",
      "3 and 2 more       9     9           14.11 #14",
    ]);
  });

  test("no rungs, no table, as words or as JSON", async () => {
    const storage = stageStorage();
    await study(storage, { scheduler: "median", budget: { trials: 3 } });
    expect(section(await shown(storage), "rungs")).toEqual([]);
    const json = capturedContext({ json: true });
    await show(json, storage);
    expect(JSON.parse(json.lines[0])).toMatchObject({ rungs: null, population: null });
  });

  test("as JSON the same counts, also where a list of rules has a scheduler with rungs", async () => {
    const storage = stageStorage();
    const scheduler = { type: "first-to-stop", rules: ["asha", "patience"] };
    await study(storage, { scheduler, budget: { trials: 6 } });
    const json = capturedContext({ json: true });
    await show(json, storage);
    expect(JSON.parse(json.lines[0]).rungs).toEqual([
      {
        bracket: 0,
        trials: 6,
        rungs: [
          { fidelity: 1, came: 6, wentOn: 2, waiting: 0, best: { trial: 0, value: 1 } },
          { fidelity: 3, came: 2, wentOn: 2, waiting: 0, best: { trial: 0, value: 1 / 3 } },
          { fidelity: 9, came: 2, wentOn: 0, waiting: 0, best: { trial: 0, value: 1 / 9 } },
        ],
      },
    ]);
  });
});

describe("a trial at rungs", () => {
  test("its bracket, its place at each rung, and whether it went on", async () => {
    const storage = stageStorage();
    await study(storage, { scheduler: "hyperband", budget: { trials: 17 } });
    expect(section(await shown(storage, 2), "rungs")).toEqual([
      "bracket 1, 9 trials",
      "epochs 1      3  place 3 of 9  went on, one of 3",
      "epochs 3  2.333  place 3 of 3  not farther, 1 went on",
    ]);
    expect(section(await shown(storage, 0), "rungs").slice(1)).toEqual([
      "epochs 1       1  place 1 of 9  went on, one of 3",
      "epochs 3  0.3333  place 1 of 3  went on, the only one",
      "epochs 9  0.1111  place 1 of 1",
    ]);
  });

  test("judged in passing, its place is that among those that had come by then", async () => {
    const storage = stageStorage();
    await study(storage, { scheduler: "asha", budget: { trials: 7 } }, (number, epoch) => ({ loss: 10 - number + 1 / epoch }));
    expect(section(await shown(storage, 6), "rungs")).toEqual([
      "epochs 1      5  place 1 of 7 so far  went on, the best 2 go on",
      "epochs 3  4.333  place 1 of 7 so far  went on, the best 2 go on",
      "epochs 9  4.111  place 1 of 7 so far",
    ]);
    const json = capturedContext({ json: true });
    await show(json, storage, { trial: 0 });
    expect(JSON.parse(json.lines[0]).rungs[0]).toEqual({ fidelity: 1, value: 11, place: 1, of: 1, kept: 1, fate: "on" });
  });
});

describe("what waited when the study ended", () => {
  test("shows the last value that it reported, in the list, as CSV, as JSON and by itself", async () => {
    const storage = stageStorage();
    await study(storage, { scheduler: "asha-promotion", budget: { trials: 4 } });
    const table = capturedContext({ width: 60 });
    await trials(table, storage, { nowMs: laterMs });
    expect(table.lines.map((line) => line.slice(0, 34).trimEnd())).toEqual([
      "#  state            loss  epochs  ".trimEnd(),
      "0  complete ★     0.1111       9",
      "1  stopped early       2       1",
      "2  stopped early       3       1",
      "3  stopped early       4       1",
    ]);
    const csv = capturedContext();
    await trials(csv, storage, { csv: true });
    expect(csv.lines.map((line) => line.split(",").slice(0, 4).join())).toEqual([
      "number,state,loss,fidelity",
      `0,complete,${1 / 9},9`,
      "1,stopped,2,1",
      "2,stopped,3,1",
      "3,stopped,4,1",
    ]);
    const json = capturedContext({ json: true });
    await trials(json, storage);
    expect(json.lines.map((line) => JSON.parse(line).lastValues)).toEqual([[1 / 9], [2], [3], [4]]);
    expect((await shown(storage, 3))[0]).toBe("halved #3   stopped early   loss 4   2 m ago");
  });
});

describe("a population", () => {
  const scheduler = { type: "pbt", population: 4, interval: 2, quantile: 0.25 };

  test("its members, each a chain of trials, how far they are, their newest score", async () => {
    const storage = stageStorage();
    await study(storage, { scheduler });
    const context = capturedContext();
    await show(context, storage, { nowMs: laterMs });
    const members = section(context.lines, "members");
    expect(members[0]).toBe("4 members, 3 copies made");
    expect(members.slice(1)).toEqual([
      "member  trials        epochs    loss  state",
      "     1  #0               9/9  0.1111  complete",
      "     2  #1               9/9   1.111  complete",
      "     3  #2 → #5          9/9   5.111  complete",
      "     4  #3 → #4 → #6     9/9   6.111  complete",
    ]);
  });

  test("a copy says of which and in place of which; the list of studies counts copies, not stops", async () => {
    const storage = stageStorage();
    await study(storage, { scheduler });
    const lines = await shown(storage, 4);
    expect(lines[2]).toBe("why      copy of trial 0, in place of trial 3: loss 0.5 against 3.5, which was place 4 of 4");
    expect(lines[3]).toBe("lineage  from #0 at epochs 4");
    const listed = capturedContext();
    await ls(listed, storage, { nowMs: laterMs });
    expect(listed.lines[1]).toBe("halved  done   7       0.1111 #0  2 m ago  nothing is left to try, 3 copies made");
    const json = capturedContext({ json: true });
    await show(json, storage);
    expect(JSON.parse(json.lines[0]).population[3]).toEqual({
      ...{ member: 4, trials: [3, 4, 6], state: "complete", reached: 9, score: 6 + 1 / 9 },
    });
  });
});
