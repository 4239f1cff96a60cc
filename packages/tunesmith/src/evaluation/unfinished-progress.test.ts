import { expect, test } from "vitest";
import { isUnfinishedProgress } from "./unfinished-progress.ts";

test.each([
  " 12/100 ━━━ loss: 0.5",
  "Train Epoch: 1 [640/60000 (1%)]\tLoss: 2.2",
  "Epoch: [0][ 11/5005]\tLoss 6.9",
  "Epoch [1/2], Step [100/300], Loss: 0.9",
  "epoch 1 batch 3/10 loss=0.3",
  "Iter: 3/10",
])("unfinished: %s", (line) => expect(isUnfinishedProgress(line, "epoch")).toBe(true));

test.each([
  "100/100 ━━━ loss: 0.5",
  "Epoch 3/10 val_loss=0.3",
  "Epoch [3/10] val_loss=0.3",
  "Epoch [1/2], Step [300/300], Loss: 0.6",
  "val_loss=0.3",
  "train/loss=0.3",
  "Test set: Average loss: 0.04, Accuracy: 9843/10000 (98%)",
])("finished: %s", (line) => expect(isUnfinishedProgress(line, "epoch")).toBe(false));

test("the step's own count is no progress inside it", () => {
  expect(isUnfinishedProgress("Step 3/10 loss=0.3", "step")).toBe(false);
  expect(isUnfinishedProgress("Step 3/10 loss=0.3", "epoch")).toBe(true);
});
