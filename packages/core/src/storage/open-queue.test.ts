import fc from "fast-check";
import { expect, test } from "vitest";
import { OpenQueue } from "./open-queue.ts";
import type { OpenReplicate } from "./storage.ts";

const replicate: fc.Arbitrary<OpenReplicate> = fc.record({
  trial: fc.nat(20),
  replicate: fc.nat(2),
  state: fc.constantFrom("queued" as const, "running" as const),
  attempt: fc.nat(2),
  open: fc.constant(false),
  confirm: fc.boolean(),
  reason: fc.constant(null),
});

test("the list is in order after any additions and removals", () => {
  const one = fc.uniqueArray(replicate, { selector: (each) => `${each.trial}/${each.replicate}`, maxLength: 40 });
  fc.assert(
    fc.property(one, fc.infiniteStream(fc.boolean()), (all, leaves) => {
      const queue = new OpenQueue();
      const kept: OpenReplicate[] = [];
      for (const each of all) {
        queue.add(each);
        kept.push(each);
        if (leaves.next().value && kept.length > 1) queue.remove(kept.shift() as OpenReplicate);
      }
      const order = (each: OpenReplicate): number => (each.attempt > 0 ? 0 : 1_000) + each.trial * 10 + each.replicate;
      expect(queue.list()).toEqual(kept.toSorted((a, b) => order(a) - order(b)));
    }),
  );
});
