import { describe, expect, it } from "vitest";
import { availableCores, createSlotPool, planSlots } from "./slots.ts";
import { slotEnvironment } from "./training-environment.ts";

const plain = { cpus: null, gpus: 0, gpusSharedBy: 1 };

describe("planSlots", () => {
  it.each([
    ["one core each by default", { cores: 4, gpus: [] }, plain, "auto", 4, 1],
    ["as many as the cores allow", { cores: 8, gpus: [] }, { ...plain, cpus: 3 }, "auto", 2, 3],
    ["one where there is less than asked for", { cores: 2, gpus: [] }, { ...plain, cpus: 16 }, "auto", 1, 16],
    ["cores shared evenly when the number is given", { cores: 8, gpus: [] }, plain, 3, 3, 2],
    ["a core each even when they are too many", { cores: 2, gpus: [] }, plain, 8, 8, 1],
  ] as const)("%s", (_, machine, request, parallel, count, cpus) => {
    const slots = planSlots(machine, request, parallel);
    expect(slots.map((slot) => slot.cpus)).toEqual(Array.from({ length: count }, () => cpus));
    expect(slots.map((slot) => slot.index)).toEqual(Array.from({ length: count }, (_, index) => index));
  });

  it("divides GPUs among slots, shared ones going round", () => {
    const machine = { cores: 16, gpus: ["0", "1", "2", "3"] };
    expect(planSlots(machine, { cpus: null, gpus: 2, gpusSharedBy: 1 }, "auto").map(({ gpus }) => gpus)).toEqual([
      ["0", "1"],
      ["2", "3"],
    ]);
    expect(
      planSlots({ ...machine, gpus: ["a", "b"] }, { cpus: null, gpus: 1, gpusSharedBy: 2 }, "auto").map(({ gpus }) => gpus),
    ).toEqual([["a"], ["b"], ["a"], ["b"]]);
    expect(planSlots({ ...machine, gpus: [] }, { cpus: null, gpus: 1, gpusSharedBy: 1 }, "auto")).toEqual([
      { index: 0, cpus: 16, gpus: [] },
    ]);
  });
});

it("availableCores is at least one", () => {
  expect(availableCores()).toBeGreaterThanOrEqual(1);
});

it("a pool hands out the lowest free slot", () => {
  const slots = planSlots({ cores: 3, gpus: [] }, plain, "auto");
  const pool = createSlotPool(slots);
  expect([pool.take(), pool.take(), pool.take(), pool.take()]).toEqual([...slots, null]);
  pool.giveBack(slots[2]);
  pool.giveBack(slots[0]);
  expect([pool.take(), pool.take()]).toEqual([slots[0], slots[2]]);
});

describe("slotEnvironment", () => {
  const slot = { index: 0, cpus: 3, gpus: ["1", "2"] };

  it("sets threads, devices and Python's manner unless someone else has", () => {
    const env = slotEnvironment(slot, {
      inherited: { OMP_NUM_THREADS: "1", PYTHONPATH: "/p" },
      study: { PYTHONUNBUFFERED: "0" },
      pythonClientDir: "/client",
    });
    expect(env).toMatchObject({
      OMP_NUM_THREADS: "1",
      MKL_NUM_THREADS: "3",
      CUDA_VISIBLE_DEVICES: "1,2",
      PYTHONUNBUFFERED: "0",
      PYTHONPATH: "/p:/client",
    });
  });

  it("hands on neither our secrets nor another attempt's variables, but the home folder", () => {
    const ours = {
      TUNESMITH_TOKEN_FILE: "a",
      TUNESMITH_DB: "b",
      TUNESMITH_ATTEMPT: "c",
      TUNESMITH_PARAM_LR: "d",
      TUNESMITH_HOME: "e",
    };
    const env = slotEnvironment({ ...slot, gpus: [] }, { inherited: ours, study: {}, pythonClientDir: null });
    expect(Object.keys(env).filter((name) => name.startsWith("TUNESMITH"))).toEqual(["TUNESMITH_HOME"]);
    expect(env).not.toHaveProperty("CUDA_VISIBLE_DEVICES");
  });
});
