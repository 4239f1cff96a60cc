import { expect, test } from "vitest";
import { storageContract } from "../testing/storage-contract.ts";
import { createMemoryStorage, type MemoryStorage } from "./memory-storage.ts";

function open(): MemoryStorage {
  let studyCount = 0;
  let nowMs = 1_700_000_000_000;
  return createMemoryStorage({ wallClockMs: () => nowMs++, studyId: () => `study-${studyCount++}` });
}

for (const { name, run } of storageContract()) {
  test(name, async () => {
    let place = open();
    await run({
      open: async () => {
        place = open();
        return place;
      },
      reopen: async () => place.connect(),
    });
  });
}

test("the cases of the contract have names of their own", () => {
  const names = storageContract().map((each) => each.name);
  expect(new Set(names).size).toBe(names.length);
});
