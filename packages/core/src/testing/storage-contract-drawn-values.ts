import { expectEqual } from "./contract-assertions.ts";
import { type ContractCase, completeEnd, onOneHandle, onTwoHandles, releasedEnd } from "./storage-stage.ts";

/** Values that training code draws by itself (define-by-run). */
export const drawnValueCases: readonly ContractCase[] = [
  onOneHandle("drawn values become part of their trial, one event a call", async (stage) => {
    const ref = await stage.running();
    expectEqual((await stage.trial(ref.trial)).suggested, null, "before the first");
    const events = await stage.eventsOf(async () => {
      await stage.storage.recordValues(ref, { lr: 0.1 });
      await stage.storage.recordValues(ref, { layers: 3, optimizer: "adam", nesterov: false, seed: null });
    });
    expectEqual(events, ["values-recorded 0/0/1 -", "values-recorded 0/0/1 -"], "events");
    const all = { lr: 0.1, layers: 3, optimizer: "adam", nesterov: false, seed: null };
    expectEqual((await stage.trial(ref.trial)).suggested, all, "drawn");
  }),

  onOneHandle("the same values again are fine and leave nothing", async (stage) => {
    const ref = await stage.running();
    await stage.storage.recordValues(ref, { a: 1, b: "x" });
    await stage.expectUnchanged("repeat", () => stage.storage.recordValues(ref, { b: "x", a: 1 }));
    await stage.expectUnchanged("part of them", () => stage.storage.recordValues(ref, { a: 1 }));
    await stage.expectUnchanged("none", () => stage.storage.recordValues(ref, {}));
  }),

  onOneHandle("another value of a name is refused, and so is what came with it", async (stage) => {
    const ref = await stage.running();
    await stage.storage.recordValues(ref, { a: 1 });
    for (const other of [2, "1", true, null, 1.000_000_000_000_000_2]) {
      await stage.expectNoEffect("conflicting-report", `a: ${JSON.stringify(other)}`, () =>
        stage.storage.recordValues(ref, { b: 1, a: other }),
      );
    }
  }),

  onOneHandle("only a running attempt draws values", async (stage) => {
    const ref = await stage.running();
    await stage.storage.recordValues(ref, { a: 1 });
    await stage.storage.end(ref, releasedEnd());
    await stage.expectNoEffect("stale-attempt", "a released one", () => stage.storage.recordValues(ref, { b: 1 }));
    await stage.expectNoEffect("trial-not-found", "an unknown trial", () =>
      stage.storage.recordValues({ ...ref, trial: 9 }, { b: 1 }),
    );
  }),

  onOneHandle("the next attempt and the other replicates keep to the values drawn first", async (stage) => {
    const ref = await stage.running({ seeds: [1, 2] });
    await stage.storage.recordValues(ref, { a: 1 });
    const sibling = await stage.claim(ref.trial, 1);
    await stage.expectNoEffect("conflicting-report", "a sibling", () => stage.storage.recordValues(sibling, { a: 2 }));
    await stage.storage.recordValues(sibling, { b: 2 });
    await stage.storage.end(ref, releasedEnd());
    const again = await stage.claim(ref.trial, 0);
    await stage.expectUnchanged("again", () => stage.storage.recordValues(again, { a: 1, b: 2 }));
    await stage.storage.end(again, completeEnd(1));
    await stage.storage.end(sibling, completeEnd(2));
    expectEqual((await stage.trial(ref.trial)).suggested, { a: 1, b: 2 }, "drawn, after the end");
  }),

  onOneHandle("values that cannot be stored are refused", async (stage) => {
    const ref = await stage.running();
    const unstorable = { number: Number.NaN, text: "\u0000", surrogate: "\ud800" };
    for (const [what, value] of Object.entries(unstorable)) {
      await stage.expectNoEffect("invalid-input", what, () => stage.storage.recordValues(ref, { fine: 1, [what]: value }));
    }
  }),

  onTwoHandles("another process sees drawn values, and those of a name like __proto__ too", async (stage) => {
    const ref = await stage.running();
    const names = Object.fromEntries([
      ["__proto__", 1],
      ["constructor", "x"],
    ]);
    await stage.storage.recordValues(ref, names);
    const other = await stage.reopen();
    const seen = (await other.getTrial(stage.id, ref.trial))?.suggested;
    expectEqual(Object.entries(seen ?? {}), Object.entries(names), "seen by the other");
  }),
];
