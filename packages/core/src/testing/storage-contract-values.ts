import type { JsonObject } from "../json.ts";
import { expectEqual } from "./contract-assertions.ts";
import { type ContractCase, completeEnd, draft, newStudy, onOneHandle, pausedEnd } from "./storage-stage.ts";

const numbers: readonly number[] = [
  0,
  1,
  -1,
  0.1,
  1 / 3,
  5e-324,
  -5e-324,
  2.2250738585072014e-308,
  1.7976931348623157e308,
  -1.7976931348623157e308,
  1.7e308,
  2 ** 53 - 1,
  -(2 ** 53),
  2 ** 53 + 2,
  2 ** 63,
  2 ** 64,
  1e22,
  1.0000000000000002,
  123456789.12345679,
  4.35,
  1e-7,
];

const texts: Readonly<Record<string, string>> = {
  empty: "",
  emoji: "👩‍🚀 flies 🚀",
  composed: "é",
  decomposed: "e\u0301",
  scripts: "学习率 скорость μάθησης التعلم",
  quotes: 'it\'s "quoted" \\ `so` ${x} %s ; DROP TABLE trials;--',
  control: "\u0001\t\r\n\u001b[31m\u007f",
  separators: "\u2028\u2029\ufeff\ufffd\uffff",
  beyond: "\u{10ffff}\u{1f600}",
};

const unstorable: Readonly<Record<string, string>> = {
  "a NUL": "a\0b",
  "a lone high surrogate": "a\ud800b",
  "a lone low surrogate": "\udc00",
  "surrogates the wrong way round": "\udc00\ud800",
};

/** Numbers bit for bit, text code point by code point, and what is refused. */
export const valueCases: readonly ContractCase[] = [
  onOneHandle("metrics and values come back bit for bit, NaN and the infinities too", async (stage) => {
    const all = [...numbers, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const metrics = Object.fromEntries(all.map((value, i) => [`m${i}`, value]));
    const ref = await stage.running();
    await stage.storage.report(ref, [{ step: 1, fidelity: 1, metrics }]);
    await stage.storage.end(ref, {
      outcome: { kind: "complete", metrics },
      retry: null,
      result: { values: all, standardErrors: all, metrics },
    });
    const trial = await stage.trial(ref.trial);
    expectEqual(
      [trial.values, trial.standardErrors, trial.metrics, trial.replicates[0].metrics],
      [all, all, metrics, metrics],
      "trial",
    );
    expectEqual((await stage.storage.getReports(stage.id, ref.trial))[0].metrics, metrics, "report");
  }),

  onOneHandle("−0 comes back as 0 everywhere", async (stage) => {
    const ref = await stage.running({
      config: { x: -0 },
      fixed: { x: -0 },
      note: { deep: [{ x: -0 }] },
      why: { code: "c", x: -0 },
      target: -0,
    });
    await stage.storage.report(ref, [{ step: -0, fidelity: -0, metrics: { loss: -0 } }]);
    const metrics = { loss: -0 };
    await stage.storage.end(ref, {
      outcome: { kind: "complete", metrics },
      retry: null,
      result: { values: [-0], standardErrors: [-0], metrics },
    });
    const trial = await stage.trial(ref.trial);
    expectEqual(
      [trial.config, trial.fixed, trial.note, trial.why],
      [{ x: 0 }, { x: 0 }, { deep: [{ x: 0 }] }, { code: "c", x: 0 }],
      "draft",
    );
    expectEqual([trial.values, trial.standardErrors, trial.metrics, trial.fidelity], [[0], [0], { loss: 0 }, 0], "trial");
    expectEqual([trial.replicates[0].metrics, trial.replicates[0].target], [{ loss: 0 }, 0], "replicate");
    const [{ step, fidelity, metrics: reported }] = await stage.storage.getReports(stage.id, ref.trial);
    expectEqual([step, fidelity, reported], [0, 0, { loss: 0 }], "report");
  }),

  onOneHandle("numbers in configs, notes, targets and fidelities come back bit for bit", async (stage) => {
    const config = Object.fromEntries(numbers.map((value, i) => [`p${i}`, value]));
    for (const target of numbers) {
      const ref = await stage.running({ config, fixed: config, note: { values: numbers }, target });
      await stage.storage.report(ref, [{ step: 1, fidelity: target, metrics: {} }]);
      const trial = await stage.trial(ref.trial);
      expectEqual([trial.config, trial.fixed, trial.note], [config, config, { values: numbers }], "draft");
      expectEqual([trial.replicates[0].target, trial.fidelity], [target, target], `target and fidelity ${target}`);
    }
  }),

  onOneHandle("whole and fractional numbers in a config stay numbers, text that looks like one stays text", async (stage) => {
    const config = {
      one: 1,
      half: 0.5,
      text: "1",
      word: "NaN",
      infinity: "Infinity",
      yes: true,
      no: false,
      nothing: null,
      truth: "true",
    };
    expectEqual((await stage.trial(await stage.add({ config }))).config, config, "config");
  }),

  onOneHandle("the greatest seeds and steps come back", async (stage) => {
    const greatest = Number.MAX_SAFE_INTEGER;
    const ref = await stage.running({ seeds: [greatest, 0], historySeq: greatest });
    await stage.storage.report(ref, [{ step: greatest, fidelity: 1, metrics: {} }]);
    await stage.storage.addCheckpoint(ref, { step: greatest, location: "x" });
    expectEqual(
      (await stage.trial(ref.trial)).replicates.map((each) => each.seed),
      [greatest, 0],
      "seeds",
    );
    expectEqual((await stage.storage.getReports(stage.id, ref.trial))[0].step, greatest, "step");
    expectEqual((await stage.storage.getCheckpoints(stage.id, ref.trial, 0))[0].step, greatest, "checkpoint");
    expectEqual((await stage.events()).at(-1), `checkpoint 0/0/1 ${greatest}`, "ref");
  }),

  onOneHandle("text comes back code point by code point wherever it is kept", async (stage) => {
    const { storage, id } = stage;
    for (const [what, text] of Object.entries(texts)) {
      const study = await storage.createStudy({
        name: `name ${text}`,
        problem: { [text]: text },
        settings: { t: text },
        definition: text,
      });
      expectEqual(await storage.getStudy(`name ${text}`), study, `${what}: study`);
      await storage.setStudyState(study.id, "paused", "breaker", text);
      expectEqual((await storage.getStudy(study.id))?.message, text, `${what}: message`);
      const ref = await stage.running({ config: { [text]: text }, why: { code: "c", [text]: text }, note: { [text]: [text] } });
      await storage.report(ref, [{ step: 1, fidelity: 1, metrics: { [text]: 1 } }]);
      await storage.addCheckpoint(ref, { step: 1, location: text });
      await storage.annotate(id, ref.trial, [text]);
      await storage.end(ref, { outcome: { kind: "failed", reason: "error", message: text }, retry: null, result: null });
      const { config, why, note, tags, message } = await stage.trial(ref.trial);
      expectEqual([config, note, tags, message], [{ [text]: text }, { [text]: [text] }, [text], text], what);
      expectEqual(why, { code: "c", [text]: text }, `${what}: why`);
      expectEqual((await storage.getReports(id, ref.trial))[0].metrics, { [text]: 1 }, `${what}: metric`);
      expectEqual((await storage.getCheckpoints(id, ref.trial, 0))[0].location, text, `${what}: location`);
    }
  }),

  onOneHandle("composed and decomposed text are different names", async (stage) => {
    const { composed, decomposed } = texts;
    const first = await stage.storage.createStudy(newStudy(composed));
    const second = await stage.storage.createStudy(newStudy(decomposed));
    expectEqual((await stage.storage.getStudy(composed))?.id, first.id, "composed");
    expectEqual((await stage.storage.getStudy(decomposed))?.id, second.id, "decomposed");
    const ref = await stage.running({ config: { [composed]: 1, [decomposed]: 2 } });
    await stage.storage.report(ref, [{ step: 1, fidelity: 1, metrics: { [composed]: 1, [decomposed]: 2 } }]);
    expectEqual((await stage.trial(ref.trial)).config, { [composed]: 1, [decomposed]: 2 }, "config");
    expectEqual((await stage.storage.getReports(stage.id, ref.trial))[0].metrics, { [composed]: 1, [decomposed]: 2 }, "metrics");
  }),

  onOneHandle("study names are told apart by case and by spaces at their ends", async ({ storage }) => {
    for (const name of ["Digits", "digits ", " digits", "DIGITS"]) await storage.createStudy(newStudy(name));
    expectEqual((await storage.listStudies()).length, 5, "studies");
  }),

  onOneHandle("names that mean something to JavaScript are names like others", async (stage) => {
    const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "length", "0", "-1"];
    const metrics = Object.fromEntries(names.map((name, i) => [name, i]));
    const ref = await stage.running({ config: metrics, fixed: metrics, note: metrics, why: { code: "c", ...metrics } });
    await stage.storage.report(ref, [{ step: 1, fidelity: 1, metrics }]);
    await stage.storage.end(ref, {
      outcome: { kind: "complete", metrics },
      retry: null,
      result: { values: null, standardErrors: null, metrics },
    });
    const trial = await stage.trial(ref.trial);
    expectEqual(
      [trial.config, trial.fixed, trial.note, trial.metrics, trial.replicates[0].metrics],
      Array(5).fill(metrics),
      "trial",
    );
    expectEqual((await stage.storage.getReports(stage.id, ref.trial))[0].metrics, metrics, "report");
    expectEqual(await stage.storage.getStudy("__proto__"), null, "a study of such a name");
    const study = await stage.storage.createStudy({ ...newStudy("__proto__"), problem: metrics });
    expectEqual((await stage.storage.getStudy("__proto__"))?.problem, metrics, "a study made under such a name");
    expectEqual((await stage.storage.getStudy(study.id))?.name, "__proto__", "its name");
  }),

  onOneHandle("names keep the order in which they were given", async (stage) => {
    const config = { zeta: 1, alpha: 2, Mu: 3 };
    const ref = await stage.running({ config });
    await stage.storage.report(ref, [{ step: 1, fidelity: 1, metrics: { loss: 1, accuracy: 2 } }]);
    expectEqual(Object.keys((await stage.trial(ref.trial)).config), ["zeta", "alpha", "Mu"], "config");
    expectEqual(Object.keys((await stage.storage.getReports(stage.id, ref.trial))[0].metrics), ["loss", "accuracy"], "metrics");
  }),

  ...Object.entries(unstorable).map(([what, text]) =>
    onOneHandle(`text with ${what} is refused wherever it is given`, async (stage) => {
      const { storage, id } = stage;
      const ref = await stage.running();
      const complete = (metrics: { [name: string]: number }) => ({
        ...completeEnd(1),
        outcome: { kind: "complete" as const, metrics },
      });
      const why = { code: "c", [text]: 1 };
      const writes: Record<string, () => Promise<unknown>> = {
        "study name": () => storage.createStudy(newStudy(text)),
        problem: () => storage.createStudy({ ...newStudy("new"), problem: { a: [text] } }),
        settings: () => storage.createStudy({ ...newStudy("new"), settings: { [text]: 1 } }),
        definition: () => storage.createStudy({ ...newStudy("new"), definition: text }),
        revision: () => storage.reviseStudy(id, { ...newStudy("new"), problem: { a: text }, silent: false, reason: "r" }),
        message: () => storage.setStudyState(id, "paused", "breaker", text),
        "parameter name": () => storage.addTrials(id, [draft({ config: { [text]: 1 } })], null),
        "parameter value": () => storage.addTrials(id, [draft({ config: { x: text } })], null),
        fixed: () => storage.addTrials(id, [draft({ fixed: { x: text } })], null),
        why: () => storage.addTrials(id, [draft({ why })], null),
        note: () => storage.addTrials(id, [draft({ note: { a: { b: text } } })], null),
        "metric name": () => storage.report(ref, [{ step: 1, fidelity: 1, metrics: { [text]: 1 } }]),
        decision: () => storage.decide(ref, 1, { kind: "stop", why }),
        "final metric name": () => storage.end(ref, complete({ [text]: 1 })),
        "failure message": () =>
          storage.end(ref, { outcome: { kind: "failed", reason: "error", message: text }, retry: null, result: null }),
        location: () => storage.addCheckpoint(ref, { step: 1, location: text }),
        tag: () => storage.annotate(id, ref.trial, ["fine", text]),
      };
      for (const [name, write] of Object.entries(writes)) await stage.expectNoEffect("invalid-input", name, write);
    }),
  ),

  onOneHandle("numbers that JSON cannot carry are refused where only JSON is kept", async (stage) => {
    const { storage, id } = stage;
    for (const number of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const drafts = {
        config: draft({ config: { x: number } }),
        note: draft({ note: { a: [number] } }),
        why: draft({ why: { code: "c", x: number } }),
        target: draft({ target: number }),
      };
      for (const [name, bad] of Object.entries(drafts)) {
        await stage.expectNoEffect("invalid-input", `${name} ${number}`, () => storage.addTrials(id, [bad], null));
      }
      await stage.expectNoEffect("invalid-input", `problem ${number}`, () =>
        storage.createStudy({ ...newStudy("new"), problem: { number } }),
      );
    }
    const paused = await stage.running();
    await storage.end(paused, pausedEnd);
    await stage.expectNoEffect("invalid-input", "target NaN", () => storage.resume(id, paused.trial, Number.NaN));
  }),

  onOneHandle("seeds that are no integers in [0, 2^53 − 1] are refused", async (stage) => {
    for (const seed of [-1, 0.5, 2 ** 53, Number.NaN]) {
      await stage.expectNoEffect("invalid-input", `seed ${seed}`, () =>
        stage.storage.addTrials(stage.id, [draft({ seeds: [seed] })], null),
      );
    }
  }),

  onOneHandle("JSON nested without end is refused", async (stage) => {
    let deep: JsonObject = {};
    for (let i = 0; i < 5_000; i++) deep = { deep };
    await stage.expectNoEffect("invalid-input", "5,000 levels", () =>
      stage.storage.addTrials(stage.id, [draft({ note: deep })], null),
    );
  }),
];
