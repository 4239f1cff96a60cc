import type { StudyTotals } from "../storage/storage.ts";
import { expectEqual } from "./contract-assertions.ts";
import {
  type ContractCase,
  completeEnd,
  failedEnd,
  onOneHandle,
  report,
  type StorageStage,
  stoppedEnd,
} from "./storage-stage.ts";

/** What all trials of a study come to. */
export const totalCases: readonly ContractCase[] = [
  onOneHandle("a study without finished trials comes to nothing", async (stage) => {
    await stage.add();
    await expectTotals(stage, { fidelitySum: 0, best: null, sinceBestCount: 0 });
  }),

  onOneHandle("fidelities of all trials add up, each to the greatest it reported", async (stage) => {
    const first = await stage.running();
    await stage.storage.report(first, [report(1), { ...report(2), fidelity: 2.5 }]);
    await stage.storage.end(first, failedEnd());
    await stage.storage.report(await stage.running(), [report(4), report(3)]);
    await stage.complete(1);
    const { fidelitySum } = await stage.storage.getTotals(stage.id, "minimize");
    expectEqual(fidelitySum, 6.5, "sum");
  }),

  onOneHandle("the best is the first to finish among equals, whatever its number", async (stage) => {
    const late = await stage.running();
    const early = await stage.running();
    await stage.complete(3);
    await stage.storage.end(early, completeEnd(2));
    await stage.storage.end(late, completeEnd(2));
    await stage.complete(5);
    await expectTotals(stage, { best: early.trial, sinceBestCount: 2 });
    await expectTotals(stage, { best: 5 - 2, sinceBestCount: 0 }, "maximize");
  }),

  onOneHandle("stopped and failed trials count as later ones, cancelled and unfinished ones do not", async (stage) => {
    const best = await stage.complete(1);
    await stage.storage.end(await stage.running(), stoppedEnd(0));
    await stage.storage.end(await stage.running(), failedEnd());
    await stage.storage.cancel(stage.id, await stage.add());
    await stage.running();
    await expectTotals(stage, { best, sinceBestCount: 2 });
  }),

  onOneHandle("without a best every finished trial counts", async (stage) => {
    await stage.complete(Number.NaN);
    await stage.storage.end(await stage.running(), stoppedEnd(0));
    await expectTotals(stage, { best: null, sinceBestCount: 2 });
  }),

  onOneHandle("a best may be infinite and is never NaN", async (stage) => {
    await stage.complete(Number.NaN);
    const infinite = await stage.complete(Number.POSITIVE_INFINITY);
    await expectTotals(stage, { best: infinite, sinceBestCount: 0 });
    const negative = await stage.complete(Number.NEGATIVE_INFINITY);
    await stage.complete(1);
    await expectTotals(stage, { best: negative, sinceBestCount: 1 });
    await expectTotals(stage, { best: infinite, sinceBestCount: 2 }, "maximize");
  }),
];

interface ExpectedTotals extends Partial<Omit<StudyTotals, "best">> {
  /** Number of the best trial. */
  readonly best: number | null;
}

async function expectTotals(
  stage: StorageStage,
  expected: ExpectedTotals,
  goal: "minimize" | "maximize" = "minimize",
): Promise<void> {
  const { seq } = await stage.record();
  const { best, ...counts } = await stage.storage.getTotals(stage.id, goal);
  const trial = expected.best === null ? null : await stage.trial(expected.best);
  expectEqual({ fidelitySum: 0, ...expected, seq, best: trial }, { ...counts, best }, `totals to ${goal}`);
}
