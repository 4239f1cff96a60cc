import { describe, expect, it } from "vitest";
import { float } from "../../parameters/build-parameter.ts";
import { TestStudy, testProblem } from "../../testing/test-study.ts";
import { Generations, noteJson, readNote } from "./generations.ts";

const config = { x: 0.5 };
const newStudy = (): TestStudy => new TestStudy(testProblem({ parameters: { x: float(0, 1) } }));
const child = (generation: number, opens = false) => ({
  config,
  note: noteJson("nsga2", { generation, parents: [0, 1], ...(opens ? { population: [0, 1], through: 3 } : {}) }),
});

describe("readNote", () => {
  it("gives back what was noted", () => {
    const small = { generation: 2, parents: [4] };
    const opening = { generation: 3, parents: [4, 7], population: [4, 7, 9], through: 31 };
    for (const note of [small, opening]) expect(readNote(noteJson("nsga2", note), "nsga2")).toEqual(note);
  });

  it.each([
    ["nothing", null],
    ["another sampler's", noteJson("nsga3", { generation: 1, parents: [] })],
    ["one without a sampler", { generation: 1, parents: [] }],
    ["one whose generation is no whole number", { sampler: "nsga2", generation: 0.5, parents: [] }],
    ["one without parents", { sampler: "nsga2", generation: 1 }],
  ])("does not know %s", (_, note) => {
    expect(readNote(note, "nsga2")).toBeNull();
  });
});

describe("Generations", () => {
  it("stand at the newest generation noted, with its ended trials", () => {
    const study = newStudy();
    const generations = new Generations("nsga2");
    generations.update(study.history);
    expect(generations.standing).toEqual({ generation: -1, endedCount: 0, openingRow: -1 });
    for (let i = 0; i < 3; i++) study.add(child(0));
    study.finish(0, { losses: [1] });
    study.add(child(1, true));
    study.add(child(1));
    study.finish(1, { losses: [1] });
    study.finish(4, { state: "failed", losses: null });
    generations.update(study.history);
    expect(generations.standing).toEqual({ generation: 1, endedCount: 1, openingRow: 3 });
    expect(generations.endedCount).toBe(3);
  });

  it("count complete, stopped and failed trials, not cancelled ones", () => {
    const study = newStudy();
    for (const state of ["complete", "stopped", "failed", "cancelled"] as const)
      study.finish(study.add(child(0)), { state, losses: null });
    const generations = new Generations("nsga2");
    generations.update(study.history);
    expect([generations.standing.endedCount, generations.endedCount]).toEqual([3, 3]);
  });

  it("count the trials of others for the whole, not for a generation", () => {
    const study = newStudy();
    study.addFinished(config, { losses: [1] });
    study.finish(study.add(child(0)), { losses: [1] });
    study.finish(study.add({ config, note: { generation: 9, parents: [] } }), { losses: [1] });
    const generations = new Generations("nsga2");
    generations.update(study.history);
    expect(generations.standing).toMatchObject({ generation: 0, endedCount: 1 });
    expect(generations.endedCount).toBe(3);
  });

  it("take the highest number for the opening trial, whenever it came to its note", () => {
    const study = newStudy();
    const enqueued = [study.add({ config: {} }, 0, "queued"), study.add({ config: {} }, 0, "queued")];
    study.add(child(1, true));
    enqueued.push(study.add({ config: {} }, 0, "queued"));
    const generations = new Generations("nsga2");
    const openingRows = enqueued.map((trial) => {
      study.history.fill(trial, config, child(1, true).note, 0);
      generations.update(study.history);
      return generations.standing.openingRow;
    });
    expect(openingRows).toEqual([2, 2, 3]);
  });

  it("begin anew with another history, and when rows mean other trials", () => {
    const study = newStudy();
    study.finish(study.add(child(4)), { losses: [1] });
    const generations = new Generations("nsga2");
    generations.update(study.history);
    const { epoch } = generations;
    generations.update(study.history);
    expect(generations.epoch).toBe(epoch);
    generations.update(newStudy().history);
    expect(generations.standing.generation).toBe(-1);
    expect(generations.epoch).not.toBe(epoch);
    generations.update(study.history);
    expect(generations.standing).toMatchObject({ generation: 4, endedCount: 1 });
  });
});
