import { expect, test } from "vitest";
import type { Json } from "../json.ts";
import type { Checkpoint } from "./engine.ts";
import { createStateSaver, savedStateOf } from "./saved-state.ts";

/** A saver, and what is on record; `needed` are steps that a child may need. */
function stage(needed: readonly number[] = []) {
  const onRecord: Checkpoint[] = [];
  const save = createStateSaver({
    async onCheckpoint(checkpoint) {
      onRecord.push(checkpoint);
    },
    async onCheckpointDropped({ step }) {
      if (needed.includes(step)) return false;
      onRecord.splice(
        onRecord.findIndex((each) => each.step === step),
        1,
      );
      return true;
    },
  });
  return { onRecord, save, steps: () => onRecord.map(({ step }) => step) };
}

test("a state comes back as it was", async () => {
  const { onRecord, save } = stage();
  const state = { numbers: [5e-324, -1.5, 2 ** 53], text: "\ud83d\ude00", nothing: null };
  await save({ step: 3, state });
  expect(savedStateOf(onRecord[0])).toEqual({ step: 3, state });
  expect(savedStateOf(null)).toBeNull();
});

test("the newest state is kept, and what a child may need", async () => {
  const { save, steps } = stage([2]);
  for (const step of [1, 2, 3, 4]) await save({ step, state: step });
  expect(steps()).toEqual([2, 4]);
});

test("states that are saved at once leave the last one", async () => {
  const { save, steps } = stage();
  await Promise.all([1, 2, 3].map((step) => save({ step, state: step })));
  expect(steps()).toEqual([3]);
});

test.each<[string, unknown]>([
  ["a number that JSON does not know", [Number.NaN]],
  ["nothing", undefined],
  ["a function", { train: () => 1 }],
  ["a bigint", 1n],
])("%s is refused and not on record", async (_, state) => {
  const { save, steps } = stage();
  await expect(save({ step: 1, state: state as Json })).rejects.toMatchObject({ code: "invalid-input" });
  expect(steps()).toEqual([]);
});
