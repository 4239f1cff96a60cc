import type { JsonObject } from "../json.ts";
import { expectEqual, expectRefusal, expectTrue } from "./contract-assertions.ts";
import { type ContractCase, newStudy, onOneHandle, pausedEnd } from "./storage-stage.ts";

/** Studies: making, finding, revising, ending and deleting them. */
export const studyCases: readonly ContractCase[] = [
  onOneHandle("a new study is active, at revision 1, without trials", async ({ study }) => {
    const { id, createdAt, ...rest } = study;
    expectTrue(id.length > 0 && !id.includes("digits"), "an id that is not derived from the name");
    expectTrue(Number.isFinite(createdAt), "a finite createdAt");
    expectEqual(
      rest,
      {
        ...newStudy("digits"),
        state: "active",
        cause: null,
        message: null,
        revision: 1,
        activeMs: 0,
        seq: 1,
        trialCount: 0,
        childCount: 0,
        stateCounts: { queued: 0, running: 0, paused: 0, complete: 0, stopped: 0, failed: 0, cancelled: 0 },
        deletedAt: null,
      },
      "new study",
    );
  }),

  onOneHandle("a study is found by name and by id, and what is not there is null", async ({ storage, study, id }) => {
    expectEqual(await storage.getStudy("digits"), study, "by name");
    expectEqual(await storage.getStudy(id), study, "by id");
    expectEqual(await storage.getStudy("other"), null, "unknown");
  }),

  onOneHandle("a second study of the same name is refused and nothing is made", async ({ storage }) => {
    await expectRefusal(storage.createStudy(newStudy("digits")), "study-exists", "same name");
    expectEqual((await storage.listStudies()).length, 1, "number of studies");
  }),

  onOneHandle("of studies made at the same time under one name exactly one is", async ({ storage }) => {
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => storage.createStudy(newStudy("same"))));
    expectEqual(results.filter((each) => each.status === "fulfilled").length, 1, "studies made");
  }),

  onOneHandle("studies are listed newest first", async ({ storage }) => {
    await storage.createStudy(newStudy("second"));
    await storage.createStudy(newStudy("third"));
    expectEqual(
      (await storage.listStudies()).map((study) => study.name),
      ["third", "second", "digits"],
      "names",
    );
  }),

  onOneHandle("studies do not share trials or events", async (stage) => {
    const other = await stage.storage.createStudy(newStudy("other"));
    await stage.complete(1);
    expectEqual(await stage.storage.getStudy(other.id), other, "the other study");
    expectEqual(await stage.storage.getTrials(other.id), [], "the other study's trials");
  }),

  onOneHandle("problem, settings and definition come back with every kind of JSON", async ({ storage }) => {
    const json = { text: "ü😀", list: [1, [true, null, {}], "x"], nested: { deep: { number: 1e-300 } }, empty: [] };
    const study = await storage.createStudy({ name: "json", problem: json, settings: json, definition: [json] });
    const found = await storage.getStudy(study.id);
    expectEqual([found?.problem, found?.settings, found?.definition], [json, json, [json]], "JSON");
    expectEqual(await storage.getRevision(study.id, 1), json, "revision 1");
  }),

  onOneHandle("a revision is numbered, recorded as an event, and earlier ones stay on record", async (stage) => {
    const { storage, id } = stage;
    const revision = { problem: { b: 2 }, settings: { s: 2 }, definition: "file", silent: false, reason: "new sampler" };
    const events = await stage.eventsOf(async () => {
      const record = await storage.reviseStudy(id, revision);
      expectEqual(
        [record.revision, record.problem, record.settings, record.definition],
        [2, { b: 2 }, { s: 2 }, "file"],
        "revised",
      );
    });
    expectEqual(events, ["study-revised -/-/- 2"], "events");
    expectEqual(await storage.getRevision(id, 1), newStudy("digits").problem, "revision 1");
    expectEqual(await storage.getRevision(id, 2), { b: 2 }, "revision 2");
    expectEqual((await stage.record()).problem, { b: 2 }, "stored problem");
  }),

  onOneHandle("a silent revision replaces the newest one; its event names the same number", async (stage) => {
    const { storage, id } = stage;
    const events = await stage.eventsOf(() =>
      storage.reviseStudy(id, { problem: { c: 3 }, settings: { s: 3 }, definition: 3, silent: true, reason: "budget" }),
    );
    const { revision, problem, settings, definition } = await stage.record();
    expectEqual(events, ["study-revised -/-/- 1"], "events");
    expectEqual([revision, problem, settings, definition], [1, { c: 3 }, { s: 3 }, 3], "revised");
    expectEqual(await storage.getRevision(id, 1), { c: 3 }, "revision 1");
  }),

  onOneHandle(
    "a revision that changes how many trials the study may make, or how many run at a time, tells what it was",
    async (stage) => {
      const { storage, id } = stage;
      const revise = (settings: JsonObject, silent: boolean) =>
        storage.reviseStudy(id, { problem: {}, settings, definition: null, silent, reason: "budget" });
      await revise({ budget: {}, parallel: 1 }, true);
      const events = await stage.eventsOf(async () => {
        await revise({ budget: { trials: 2 ** 40 }, parallel: 1 }, true);
        await revise({ budget: { trials: 9 }, parallel: 4 }, false);
        await revise({ budget: { trials: 9, steps: 5 }, parallel: 4 }, true);
        await revise({ parallel: 1 }, true);
      });
      expectEqual(
        events,
        [
          ...["study-revised -/-/- 1", "trial-budget-changed -/-/- -"],
          ...["study-revised -/-/- 2", `trial-budget-changed -/-/- ${2 ** 40}`, "parallel-changed -/-/- 1"],
          "study-revised -/-/- 2",
          ...["study-revised -/-/- 2", "trial-budget-changed -/-/- 9", "parallel-changed -/-/- 4"],
        ],
        "events",
      );
    },
  ),

  onOneHandle("a revision that does not exist is refused", async ({ storage, id }) => {
    await expectRefusal(storage.getRevision(id, 2), "invalid-input", "revision 2");
    await expectRefusal(storage.getRevision(id, 0), "invalid-input", "revision 0");
  }),

  onOneHandle("a study's state, cause and message are kept, each change is an event", async (stage) => {
    const { storage, id } = stage;
    const events = await stage.eventsOf(async () => {
      await storage.setStudyState(id, "paused", "breaker", "the first 5 trials failed alike");
      const { state, cause, message } = await stage.record();
      expectEqual([state, cause, message], ["paused", "breaker", "the first 5 trials failed alike"], "paused");
      await storage.setStudyState(id, "active", null);
    });
    const { state, cause, message } = await stage.record();
    expectEqual([state, cause, message], ["active", null, null], "active again");
    expectEqual(events, ["study-state -/-/- -", "study-state -/-/- -"], "events");
  }),

  onOneHandle("done stops paused trials with the code budget and leaves queued and running ones", async (stage) => {
    const { storage, id } = stage;
    const queued = await stage.add();
    const running = await stage.running();
    const first = await stage.paused();
    const second = await stage.paused();
    await storage.resume(id, second.trial, 27);
    await storage.end(await stage.claim(second.trial), pausedEnd);
    const events = await stage.eventsOf(() => storage.setStudyState(id, "done", "trials"));
    expectEqual(
      events,
      ["study-state -/-/- -", `trial-finished ${first.trial}/-/- -`, `trial-finished ${second.trial}/-/- -`],
      "events",
    );
    const stopped = await stage.trial(first.trial);
    const { seq } = await stage.record();
    expectEqual([stopped.state, stopped.stopWhy, stopped.finishedSeq], ["stopped", { code: "budget" }, seq - 1], "paused trial");
    expectEqual(stopped.replicates[0].state, "stopped", "its replicate");
    expectEqual((await stage.trial(queued)).state, "queued", "queued trial");
    expectEqual((await stage.trial(running.trial)).state, "running", "running trial");
  }),

  onOneHandle("done because a person stopped it also cancels queued trials, open ones too", async (stage) => {
    const { storage, id } = stage;
    const queued = await stage.add();
    const open = await stage.add({ begin: "open" });
    const paused = await stage.paused();
    const running = await stage.running();
    const events = await stage.eventsOf(() => storage.setStudyState(id, "done", "stopped"));
    expectEqual(
      events,
      ["study-state -/-/- -", ...[queued, open, paused.trial].map((number) => `trial-finished ${number}/-/- -`)],
      "events",
    );
    const states = (await storage.getTrials(id)).map((trial) => trial.state);
    expectEqual(states, ["cancelled", "cancelled", "stopped", "running"], "states");
    expectEqual(
      (await storage.openReplicates(id)).map((each) => each.trial),
      [running.trial],
      "open replicates",
    );
  }),

  onOneHandle("done because a person stopped it cancels queued confirmation replicates", async (stage) => {
    const { storage, id } = stage;
    const trial = await stage.complete(1);
    await storage.addReplicates(id, trial, [1, 2]);
    await stage.claim(trial, 1);
    const events = await stage.eventsOf(() => storage.setStudyState(id, "done", "stopped"));
    expectEqual(events, ["study-state -/-/- -"], "events");
    const { state, replicates } = await stage.trial(trial);
    expectEqual([state, ...replicates.map((each) => each.state)], ["complete", "complete", "running", "cancelled"], "states");
  }),

  onOneHandle("active time adds up without an event", async (stage) => {
    const events = await stage.eventsOf(async () => {
      await stage.storage.addActiveTime(stage.id, 1_500);
      await stage.storage.addActiveTime(stage.id, 250.5);
    });
    expectEqual((await stage.record()).activeMs, 1_750.5, "activeMs");
    expectEqual(events, [], "events");
  }),

  onOneHandle("a deleted study frees its name, leaves the list and stays readable by id", async (stage) => {
    const { storage, id } = stage;
    await stage.complete(1);
    await storage.deleteStudy(id);
    expectEqual(await storage.getStudy("digits"), null, "by name");
    expectEqual(await storage.listStudies(), [], "list");
    expectTrue(Number.isFinite((await stage.record()).deletedAt), "a finite deletedAt");
    expectEqual((await storage.getTrials(id)).length, 1, "its trials");
    const again = await storage.createStudy(newStudy("digits"));
    expectTrue(again.id !== id, "a new id for the new study");
    expectEqual((await storage.getStudy("digits"))?.id, again.id, "the name's new holder");
  }),

  onOneHandle("deleting a study twice is one event", async (stage) => {
    const events = await stage.eventsOf(async () => {
      await stage.storage.deleteStudy(stage.id);
      await stage.storage.deleteStudy(stage.id);
    });
    expectEqual(events, ["study-state -/-/- -"], "events");
  }),

  onOneHandle("an unknown study is refused by reads and writes", async ({ storage }) => {
    const attempt = { studyId: "none", trial: 0, replicate: 0, attempt: 1 };
    const calls: Record<string, () => Promise<unknown>> = {
      getRevision: () => storage.getRevision("none", 1),
      setStudyState: () => storage.setStudyState("none", "paused", "person"),
      deleteStudy: () => storage.deleteStudy("none"),
      addActiveTime: () => storage.addActiveTime("none", 1),
      acquireRunner: () => storage.acquireRunner("none"),
      addTrials: () => storage.addTrials("none", [], null),
      claim: () => storage.claim("none", 0, 0),
      report: () => storage.report(attempt, []),
      cancel: () => storage.cancel("none", 0),
      getTrial: () => storage.getTrial("none", 0),
      getTrials: () => storage.getTrials("none"),
      bestTrials: () => storage.bestTrials("none", 0, "minimize", 1),
      eventsAfter: () => storage.eventsAfter("none", 0, 1),
      openReplicates: () => storage.openReplicates("none"),
      readWindow: () => storage.readWindow("none", [1]),
    };
    for (const [name, call] of Object.entries(calls)) await expectRefusal(call(), "study-not-found", name);
  }),
];
