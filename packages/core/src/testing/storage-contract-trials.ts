import type { TrialDraft } from "../storage/storage.ts";
import { expectEqual, expectRefusal, expectTrue } from "./contract-assertions.ts";
import { type ContractCase, completeEnd, draft, failedEnd, onOneHandle } from "./storage-stage.ts";

const full: TrialDraft = {
  config: { lr: 0.1, optimizer: "sgd", nesterov: false, decay: null },
  revision: 1,
  historySeq: 1,
  source: "enqueued",
  fixed: { lr: 0.1 },
  why: { code: "expected_improvement", improvement: 0.25, rivals: [1, 2] },
  note: { theta: [1, 2.5], fallback: null },
  bracket: 2,
  target: 2.5,
  seeds: [11, 12],
  begin: "queued",
};

/** Making trials, filling open ones, annotating. */
export const trialCases: readonly ContractCase[] = [
  onOneHandle("a queued trial is stored as drafted, with nothing else decided", async (stage) => {
    const number = await stage.add(full);
    const { seeds: _, target: __, begin: ___, ...drafted } = full;
    const { createdAt, replicates, ...rest } = await stage.trial(number);
    expectTrue(Number.isFinite(createdAt), "a finite createdAt");
    expectEqual(
      rest,
      {
        ...drafted,
        number: 0,
        state: "queued",
        parent: null,
        suggested: null,
        values: null,
        standardErrors: null,
        metrics: null,
        fidelity: null,
        reason: null,
        message: null,
        stopWhy: null,
        tags: [],
        createdSeq: 2,
        finishedSeq: null,
        startedAt: null,
        finishedAt: null,
      },
      "trial",
    );
    const fresh = { state: "queued", attempt: 0, confirm: false, target: 2.5, metrics: null, reason: null, message: null };
    const counters = { infraRetryCount: 0, errorRetryCount: 0 };
    expectEqual(
      replicates,
      [
        { index: 0, seed: 11, ...fresh, ...counters },
        { index: 1, seed: 12, ...fresh, ...counters },
      ],
      "replicates",
    );
  }),

  onOneHandle("trial numbers are dense from 0 over all calls", async ({ storage, id }) => {
    expectEqual(await storage.addTrials(id, [draft(), draft()], null), [0, 1], "first call");
    expectEqual(await storage.addTrials(id, [], null), [], "no drafts");
    expectEqual(await storage.addTrials(id, [draft()], null), [2], "third call");
    expectEqual(
      (await storage.getTrials(id)).map((trial) => trial.number),
      [0, 1, 2],
      "stored",
    );
  }),

  onOneHandle("each new trial is an event and its createdSeq", async (stage) => {
    const events = await stage.eventsOf(() => stage.storage.addTrials(stage.id, [draft(), draft()], null));
    expectEqual(events, ["trial-added 0/-/- -", "trial-added 1/-/- -"], "events");
    expectEqual([(await stage.trial(0)).createdSeq, (await stage.trial(1)).createdSeq], [2, 3], "createdSeq");
  }),

  onOneHandle("a trial begun as claimed runs its replicate 0 as attempt 1 while the others wait", async (stage) => {
    const events = await stage.eventsOf(() => stage.add({ begin: "claimed", seeds: [1, 2] }));
    expectEqual(events, ["trial-added 0/-/- -", "claimed 0/0/1 -"], "events");
    const { state, startedAt, replicates } = await stage.trial(0);
    expectTrue(state === "running" && startedAt !== null, "a running trial with a start");
    expectEqual(
      replicates.map((each) => [each.state, each.attempt]),
      [
        ["running", 1],
        ["queued", 0],
      ],
      "replicates",
    );
  }),

  onOneHandle("the study counts its trials by state", async (stage) => {
    await stage.add();
    await stage.running();
    await stage.paused();
    await stage.complete(1);
    await stage.storage.end(await stage.running(), failedEnd());
    await stage.storage.cancel(stage.id, await stage.add());
    const { trialCount, stateCounts } = await stage.record();
    expectEqual(trialCount, 6, "trialCount");
    expectEqual(
      stateCounts,
      { queued: 1, running: 1, paused: 1, complete: 1, stopped: 0, failed: 1, cancelled: 1 },
      "stateCounts",
    );
  }),

  onOneHandle("the trial budget is exact and a call over it makes none", async (stage) => {
    const { storage, id } = stage;
    await storage.addTrials(id, [draft(), draft()], 3);
    await stage.expectNoEffect("budget-spent", "two over a rest of one", () => storage.addTrials(id, [draft(), draft()], 3));
    expectEqual(await storage.addTrials(id, [draft()], 3), [2], "the last one");
    await stage.expectNoEffect("budget-spent", "one more", () => storage.addTrials(id, [draft()], 3));
  }),

  onOneHandle("finished trials count against the budget", async (stage) => {
    await stage.complete(1);
    await stage.storage.cancel(stage.id, await stage.add());
    await stage.expectNoEffect("budget-spent", "third of two", () => stage.storage.addTrials(stage.id, [draft()], 2));
  }),

  onOneHandle("of 100 parallel calls for the last trial of a budget exactly one gets it", async ({ storage, id }) => {
    await storage.addTrials(
      id,
      Array.from({ length: 9 }, () => draft()),
      10,
    );
    const results = await Promise.allSettled(Array.from({ length: 100 }, () => storage.addTrials(id, [draft()], 10)));
    expectEqual(
      results.filter((each) => each.status === "fulfilled").map((each) => each.value),
      [[9]],
      "successes",
    );
    for (const each of results)
      if (each.status === "rejected") expectEqual((each.reason as { code?: string }).code, "budget-spent", "refusal");
    expectEqual((await storage.getStudy(id))?.trialCount, 10, "trialCount");
  }),

  onOneHandle("100 parallel calls get 100 different dense numbers", async ({ storage, id }) => {
    const numbers = await Promise.all(Array.from({ length: 100 }, () => storage.addTrials(id, [draft()], null)));
    expectEqual(
      numbers.flat().sort((a, b) => a - b),
      Array.from({ length: 100 }, (_, i) => i),
      "numbers",
    );
  }),

  onOneHandle("one bad draft among good ones and none is made", async (stage) => {
    await stage.expectNoEffect("invalid-input", "bad second draft", () =>
      stage.storage.addTrials(stage.id, [draft(), draft({ config: { lr: Number.NaN } }), draft()], null),
    );
    await stage.expectNoEffect("invalid-input", "no seeds", () =>
      stage.storage.addTrials(stage.id, [draft(), draft({ seeds: [] })], null),
    );
  }),

  onOneHandle("an expected number that is taken is refused, the next one is fine", async (stage) => {
    const { storage, id } = stage;
    await stage.add();
    await stage.expectNoEffect("wrong-state", "taken number", () => storage.addTrials(id, [draft()], null, 0));
    await stage.expectNoEffect("wrong-state", "number with a gap", () => storage.addTrials(id, [draft()], null, 2));
    expectEqual(await storage.addTrials(id, [draft(), draft()], null, 1), [1, 2], "next numbers");
  }),

  onOneHandle("of parallel calls that expect the same number exactly one gets it", async ({ storage, id }) => {
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => storage.addTrials(id, [draft()], null, 0)));
    expectEqual(results.filter((each) => each.status === "fulfilled").length, 1, "successes");
    expectEqual((await storage.getTrials(id)).length, 1, "trials");
  }),

  onOneHandle("filling an open trial completes its config and claims it", async (stage) => {
    const { storage, id } = stage;
    const number = await stage.add({ ...full, begin: "open", config: { lr: 0.1 }, why: null, note: null });
    const filled = draft({
      config: { lr: 0.1, layers: 3 },
      revision: 1,
      historySeq: 2,
      note: { n: 1 },
      bracket: 1,
      target: 27,
      seeds: [99],
      source: "sampler",
    });
    const events = await stage.eventsOf(async () => expectEqual(await storage.fillTrial(id, number, filled), 1, "attempt"));
    expectEqual(events, ["trial-filled 0/-/- -", "claimed 0/0/1 -"], "events");
    const trial = await stage.trial(number);
    const { config, revision, historySeq, why, note, bracket } = filled;
    const stored = {
      config: trial.config,
      revision: trial.revision,
      historySeq: trial.historySeq,
      why: trial.why,
      note: trial.note,
      bracket: trial.bracket,
    };
    expectEqual(stored, { config, revision, historySeq, why, note, bracket }, "taken from the fill");
    expectEqual([trial.source, trial.fixed, trial.state], ["enqueued", { lr: 0.1 }, "running"], "kept");
    expectEqual(
      trial.replicates.map((each) => [each.seed, each.target, each.state]),
      [
        [11, 27, "running"],
        [12, 27, "queued"],
      ],
      "replicates",
    );
  }),

  onOneHandle("an open trial cannot be claimed, a filled or closed one cannot be filled", async (stage) => {
    const { storage, id } = stage;
    const open = await stage.add({ begin: "open" });
    await stage.expectNoEffect("wrong-state", "claim of an open trial", () => storage.claim(id, open, 0));
    await storage.fillTrial(id, open, draft());
    await stage.expectNoEffect("wrong-state", "second fill", () => storage.fillTrial(id, open, draft()));
    const queued = await stage.add();
    await stage.expectNoEffect("wrong-state", "fill of a queued trial", () => storage.fillTrial(id, queued, draft()));
    const cancelled = await stage.add({ begin: "open" });
    await storage.cancel(id, cancelled);
    await stage.expectNoEffect("wrong-state", "fill of a cancelled trial", () => storage.fillTrial(id, cancelled, draft()));
  }),

  onOneHandle("of parallel fills exactly one wins", async (stage) => {
    const number = await stage.add({ begin: "open" });
    const fills = Array.from({ length: 10 }, (_, i) => stage.storage.fillTrial(stage.id, number, draft({ config: { lr: i } })));
    const won = (await Promise.allSettled(fills)).map((each) => each.status === "fulfilled");
    expectEqual(won.filter(Boolean).length, 1, "fills that won");
    expectEqual((await stage.trial(number)).config, { lr: won.indexOf(true) }, "config of the winner");
  }),

  onOneHandle("tags are replaced, also on a finished trial, and each change is an event", async (stage) => {
    const number = await stage.complete(1);
    const before = await stage.trial(number);
    const events = await stage.eventsOf(async () => {
      await stage.storage.annotate(stage.id, number, ["a", "b"]);
      await stage.storage.annotate(stage.id, number, ["ü"]);
    });
    expectEqual(events, [`annotated ${number}/-/- -`, `annotated ${number}/-/- -`], "events");
    expectEqual(await stage.trial(number), { ...before, tags: ["ü"] }, "trial");
  }),

  onOneHandle("writes about a trial or replicate that is not there are refused", async (stage) => {
    const { storage, id } = stage;
    const number = await stage.add({ begin: "claimed" });
    const writes: Record<string, () => Promise<unknown>> = {
      claim: () => storage.claim(id, 9, 0),
      "claim of a replicate": () => storage.claim(id, number, 9),
      fillTrial: () => storage.fillTrial(id, 9, draft()),
      resume: () => storage.resume(id, 9, 1),
      cancel: () => storage.cancel(id, 9),
      annotate: () => storage.annotate(id, 9, []),
      addReplicates: () => storage.addReplicates(id, 9, [1]),
      report: () => storage.report(stage.ref(9), []),
      "report of a replicate": () => storage.report(stage.ref(number, 9), []),
      end: () => storage.end(stage.ref(9), completeEnd(1)),
      decide: () => storage.decide(stage.ref(9), 1, { kind: "stop", why: { code: "median" } }),
      addCheckpoint: () => storage.addCheckpoint(stage.ref(9), { step: 1, location: "x" }),
    };
    for (const [name, write] of Object.entries(writes)) await stage.expectNoEffect("trial-not-found", name, write);
  }),

  onOneHandle("reads about a trial that is not there find nothing", async ({ storage, id }) => {
    expectEqual(await storage.getTrial(id, 0), null, "getTrial");
    expectEqual(await storage.getReports(id, 0), [], "getReports");
    expectEqual(await storage.getDecisions(id, 0), [], "getDecisions");
    expectEqual(await storage.getCheckpoints(id, 0, 0), [], "getCheckpoints");
    await expectRefusal(storage.getTrials(id, { limit: 10_001 }), "invalid-input", "a page that is too large");
  }),
];
