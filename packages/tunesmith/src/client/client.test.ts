import { expect, test } from "vitest";
import * as client from "./client.ts";

test("the functions of a training script, outside a study", async () => {
  const done: number[] = [];
  for (const step of client.steps(2)) {
    await client.save(step, () => {});
    expect(await client.report(step, { val_loss: 0.5 })).toBe("continue");
    done.push(step);
  }
  expect(done).toEqual([1, 2]);
  expect(client.params({ lr: 0.001, optimizer: "adam" })).toEqual({ lr: 0.001, optimizer: "adam" });
  expect([client.checkpoint(), client.shouldStop(), client.trialNumber(), client.seed()]).toEqual([
    undefined,
    false,
    undefined,
    0,
  ]);
});
