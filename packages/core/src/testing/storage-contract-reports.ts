import { expectEqual } from "./contract-assertions.ts";
import { type ContractCase, completeEnd, onOneHandle, pausedEnd, releasedEnd, report } from "./storage-stage.ts";

/** Reports of running attempts. */
export const reportCases: readonly ContractCase[] = [
  onOneHandle("reports are stored with the event each of them is", async (stage) => {
    const ref = await stage.running();
    const events = await stage.eventsOf(async () => {
      expectEqual(await stage.storage.report(ref, [report(1), report(2)]), [true, true], "new");
      expectEqual(await stage.storage.report(ref, [report(3)]), [true], "new");
    });
    expectEqual(events, ["reported 0/0/1 1", "reported 0/0/1 2", "reported 0/0/1 3"], "events");
    const stored = [1, 2, 3].map((step) => ({ ...report(step), seq: step + 3, replicate: 0, attempt: 1 }));
    expectEqual(await stage.storage.getReports(stage.id, ref.trial), stored, "reports");
  }),

  onOneHandle("no reports are fine and leave nothing", async (stage) => {
    const ref = await stage.running();
    await stage.expectUnchanged("empty batch", async () => expectEqual(await stage.storage.report(ref, []), [], "new"));
  }),

  onOneHandle("an identical report again is fine and leaves nothing", async (stage) => {
    const ref = await stage.running();
    const first = { step: 1, fidelity: 1, metrics: { loss: Number.NaN, a: 1, b: Number.POSITIVE_INFINITY } };
    await stage.storage.report(ref, [first]);
    const again = { step: 1, fidelity: 1, metrics: { b: Number.POSITIVE_INFINITY, a: 1, loss: Number.NaN } };
    await stage.expectUnchanged("repeat", async () => expectEqual(await stage.storage.report(ref, [again]), [false], "new"));
  }),

  onOneHandle("a batch may repeat some reports and add others", async (stage) => {
    const ref = await stage.running();
    await stage.storage.report(ref, [report(1)]);
    const events = await stage.eventsOf(async () => {
      expectEqual(
        await stage.storage.report(ref, [report(2), report(1), report(3), report(2)]),
        [true, false, true, false],
        "new",
      );
    });
    expectEqual(events, ["reported 0/0/1 2", "reported 0/0/1 3"], "events");
  }),

  onOneHandle("a conflicting report of the same attempt is refused: the first wins", async (stage) => {
    const ref = await stage.running();
    await stage.storage.report(ref, [report(1)]);
    const conflicts = {
      "other number": { step: 1, fidelity: 1, metrics: { loss: 0.100_000_000_000_000_02 } },
      "other fidelity": { ...report(1), fidelity: 2 },
      "a metric more": { step: 1, fidelity: 1, metrics: { loss: 0.1, accuracy: 1 } },
      "a metric less": { step: 1, fidelity: 1, metrics: {} },
      "not a number": { step: 1, fidelity: 1, metrics: { loss: Number.NaN } },
    };
    for (const [what, conflict] of Object.entries(conflicts)) {
      await stage.expectNoEffect("conflicting-report", what, () => stage.storage.report(ref, [conflict]));
    }
  }),

  onOneHandle("one conflict in a batch and none of it is stored", async (stage) => {
    const ref = await stage.running();
    await stage.storage.report(ref, [report(2)]);
    await stage.expectNoEffect("conflicting-report", "with an earlier one", () =>
      stage.storage.report(ref, [report(1), report(2, 9), report(3)]),
    );
    await stage.expectNoEffect("conflicting-report", "within the batch", () =>
      stage.storage.report(ref, [report(5), report(5, 9)]),
    );
  }),

  onOneHandle("reports may come in any order of steps and are given in the order they came", async (stage) => {
    const ref = await stage.running();
    const steps = [5, 1, Number.MAX_SAFE_INTEGER, 0, 3];
    for (const step of steps) await stage.storage.report(ref, [report(step, 1)]);
    expectEqual(
      (await stage.storage.getReports(stage.id, ref.trial)).map((each) => each.step),
      steps,
      "steps",
    );
  }),

  onOneHandle("the trial's fidelity is the greatest reported one", async (stage) => {
    const ref = await stage.running();
    expectEqual((await stage.trial(ref.trial)).fidelity, null, "before the first report");
    for (const [fidelity, greatest] of [
      [0, 0],
      [2.5, 2.5],
      [1, 2.5],
      [2.75, 2.75],
    ]) {
      await stage.storage.report(ref, [{ step: fidelity * 4, fidelity, metrics: { loss: 1 } }]);
      expectEqual((await stage.trial(ref.trial)).fidelity, greatest, `after fidelity ${fidelity}`);
    }
  }),

  onOneHandle("a newer attempt may report a step again; both reports are kept", async (stage) => {
    const ref = await stage.running();
    await stage.storage.report(ref, [report(1, 0.5), report(2, 0.4)]);
    await stage.storage.end(ref, releasedEnd());
    const retried = await stage.claim(ref.trial);
    expectEqual(await stage.storage.report(retried, [report(2, 0.41), report(3, 0.3)]), [true, true], "new");
    const reports = await stage.storage.getReports(stage.id, ref.trial);
    const told = reports.map((each) => [each.attempt, each.step, each.metrics.loss]);
    expectEqual(
      told,
      [
        [1, 1, 0.5],
        [1, 2, 0.4],
        [2, 2, 0.41],
        [2, 3, 0.3],
      ],
      "reports",
    );
  }),

  onOneHandle("reports survive pause, resume and end", async (stage) => {
    const ref = await stage.running();
    await stage.storage.report(ref, [report(1)]);
    await stage.storage.end(ref, pausedEnd);
    await stage.storage.resume(stage.id, ref.trial, 9);
    const resumed = await stage.claim(ref.trial);
    await stage.storage.report(resumed, [report(2)]);
    await stage.storage.end(resumed, completeEnd(0.2));
    expectEqual(
      (await stage.storage.getReports(stage.id, ref.trial)).map((each) => each.step),
      [1, 2],
      "steps",
    );
    expectEqual((await stage.trial(ref.trial)).fidelity, 2, "fidelity");
  }),

  onOneHandle("reports after an event are those with a greater seq", async (stage) => {
    const ref = await stage.running();
    await stage.storage.report(ref, [report(1), report(2), report(3)]);
    const [first, second, third] = await stage.storage.getReports(stage.id, ref.trial);
    expectEqual(await stage.storage.getReports(stage.id, ref.trial, first.seq), [second, third], "after the first");
    expectEqual(await stage.storage.getReports(stage.id, ref.trial, third.seq), [], "after the last");
  }),

  onOneHandle("steps and fidelities that are no steps and fidelities are refused", async (stage) => {
    const ref = await stage.running();
    for (const step of [-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]) {
      await stage.expectNoEffect("invalid-input", `step ${step}`, () => stage.storage.report(ref, [{ ...report(1), step }]));
    }
    for (const fidelity of [Number.NaN, Number.POSITIVE_INFINITY]) {
      await stage.expectNoEffect("invalid-input", `fidelity ${fidelity}`, () =>
        stage.storage.report(ref, [{ ...report(1), fidelity }]),
      );
    }
  }),

  onOneHandle("parallel reports of one attempt are all stored, once each", async (stage) => {
    const ref = await stage.running();
    const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => stage.storage.report(ref, [report(i % 20)])));
    expectEqual(answers.flat().filter(Boolean).length, 20, "new reports");
    const steps = (await stage.storage.getReports(stage.id, ref.trial)).map((each) => each.step);
    expectEqual(
      steps.sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, i) => i),
      "steps",
    );
  }),

  onOneHandle("a thousand reports in one batch are stored in order", async (stage) => {
    const ref = await stage.running();
    await stage.storage.report(
      ref,
      Array.from({ length: 1_000 }, (_, i) => report(i)),
    );
    const reports = await stage.storage.getReports(stage.id, ref.trial);
    expectEqual(
      reports.map((each) => each.step),
      Array.from({ length: 1_000 }, (_, i) => i),
      "steps",
    );
    expectEqual(
      reports.map((each) => each.seq),
      Array.from({ length: 1_000 }, (_, i) => i + 4),
      "seqs",
    );
  }),
];
